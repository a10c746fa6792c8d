/** The numbers of a small protobuf message. @module */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/**
 * The varint fields of a message by field number, as unsigned 64-bit values; the last of several
 * counts, other fields are skipped. `undefined` when the bytes are no message.
 */
export function varintFields(message: Uint8Array): Map<number, bigint> | undefined {
  const fields = new Map<number, bigint>();
  const reader = new BinaryReader(message);
  try {
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (type === WireType.Varint) fields.set(number, BigInt(reader.uint64()));
      else reader.skip(type, number);
    }
  } catch {
    return undefined;
  }
  return reader.pos === reader.len ? fields : undefined;
}
