/**
 * A look at a message before generated code reads it. A reader of protocol buffers skips a field that
 * has another wire type than it is declared with, and refuses a varint of more than ten bytes or a
 * field that goes over the end of its message. Generated code does none of this: it would read other
 * things than are there. So all three are refused.
 *
 * @module
 */

import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";

/** What a field holds: a scalar of a wire type, or a message, whose fields hold what they say. */
type Contents = number | ((field: number) => Contents | undefined);

/** Whether generated code reads the message `bytes[start, end)` as it is meant. */
export function isReadable(
  message: DescMessage,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return fits(bytes, start, end, fieldsOf(message));
}

function fits(
  bytes: Uint8Array,
  start: number,
  end: number,
  contentsOf: (field: number) => Contents | undefined,
): boolean {
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.next()) {
    const contents = contentsOf(reader.field);
    if (contents === undefined) continue;
    if (reader.wire !== (typeof contents === "number" ? contents : Wire.BYTES)) return false;
    if (typeof contents === "number") continue;
    if (!fits(bytes, reader.start, reader.end, contents)) return false;
  }
  return !reader.malformed;
}

function fieldsOf(message: DescMessage): (field: number) => Contents | undefined {
  return (number) => {
    const field = message.fields.find((field) => field.number === number);
    if (field?.fieldKind !== "map") return field && contentsOf(field);
    // An entry of a map is a message of a key and a value.
    return (entry) =>
      entry === 1 ? wireOf(field.mapKey) : entry === 2 ? contentsOf(field) : undefined;
  };
}

function contentsOf(field: DescField): Contents {
  return field.message ? fieldsOf(field.message) : wireOf(field.scalar);
}

function wireOf(scalar: ScalarType | undefined): number {
  return scalar === ScalarType.STRING || scalar === ScalarType.BYTES ? Wire.BYTES : Wire.VARINT;
}
