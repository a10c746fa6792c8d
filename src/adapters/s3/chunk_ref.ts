/**
 * The value of a chunk reference: where a piece of a body lies that is stored by its digest.
 *
 * ```text
 * version(1) sha256(32) size(8) peer                    version 1
 * version(1) sha256(32) size(8) peer count(2) { node address }*    version 2
 * ```
 *
 * Integers are big-endian; `peer`, `node` and `address` are a length of two bytes and that many bytes.
 *
 * @module
 */

import { u64be } from "../../bytes/integers.ts";
import { printable } from "../../text/printable.ts";

/** What a reference says. */
export interface ChunkRef {
  /** SHA-256 of the piece, a view. */
  digest: Uint8Array;
  /** Bytes of the piece. */
  size: bigint;
  /** The nodes that had the piece, for messages. */
  replicas: string[];
}

const SIZE_AT = 33;
const PEER_AT = 41;

/** The reference that the value `bytes[start, end)` holds, or what is wrong with it. */
export function parseChunkRef(bytes: Uint8Array, start: number, end: number): ChunkRef | string {
  if (end - start < PEER_AT + 2) return "the reference is cut off";
  const version = bytes[start];
  if (version !== 1 && version !== 2) return `version ${version} of references is unknown`;
  let at = start + PEER_AT;
  let whole = true;
  const u16 = (): number => {
    whole &&= at + 2 <= end;
    at += 2;
    return whole ? (bytes[at - 2] << 8) | bytes[at - 1] : 0;
  };
  const name = (): string => {
    const length = u16();
    whole &&= at + length <= end;
    at += length;
    return whole ? printable(bytes.subarray(at - length, at)) : "";
  };
  name();
  const replicas: string[] = [];
  const count = version === 2 ? u16() : 0;
  if (whole && count > (end - at) / 4) return "the reference has more replicas than bytes for them";
  for (let i = 0; i < count; i++) replicas.push(`${name()} at ${name()}`);
  if (!whole) return "the reference is cut off";
  if (at !== end) return `unexpected bytes at the end of the reference: ${end - at}`;
  return {
    digest: bytes.subarray(start + 1, start + SIZE_AT),
    size: u64be(bytes, start + SIZE_AT),
    replicas,
  };
}
