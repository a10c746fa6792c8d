/**
 * The rows that the store keeps beside the versioned ones. They have no timestamp behind the key and
 * no header before the value, so they must be told apart by the stored key before anything else.
 *
 * @module
 */

import { startsWith } from "../bytes/compare.ts";

/** The four rows about the store itself; each value is a little-endian u64 of 8 bytes. */
export const META_KEYS = [
  "_meta_applied_index",
  "_meta_last_commit_ts",
  "_meta_min_retained_ts",
  "_meta_pending_min_retained_ts",
] as const;

/** One of {@link META_KEYS}. */
export type MetaKey = (typeof META_KEYS)[number];

const encoder = new TextEncoder();
const metaKeys = META_KEYS.map((name) => encoder.encode(name));

/** Which of the four the stored key `bytes[start, end)` is: nothing but equality counts. */
export function metaKey(bytes: Uint8Array, start: number, end: number): MetaKey | undefined {
  if (bytes[start] !== 0x5f) return undefined;
  const at = metaKeys.findIndex((key) =>
    key.length === end - start && startsWith(bytes, key, start, end)
  );
  return META_KEYS[at];
}

// "!encryption|writers|" ‖ key id (u32 BE) ‖ "|" ‖ short node id (u16 BE)
const WRITERS = encoder.encode("!encryption|writers|");
const WRITER_KEY_BYTES = 27;
const SEPARATOR_AT = 24;

/**
 * Whether the stored key `bytes[start, end)` is a row of the registry of nodes that encrypt: which
 * node used which data key. It holds no user data.
 */
export function isWriterKey(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === WRITER_KEY_BYTES && startsWith(bytes, WRITERS, start, end) &&
    bytes[start + SEPARATOR_AT] === 0x7c;
}
