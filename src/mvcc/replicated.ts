/** Which entries are part of the state that all replicas of a group have in common. @module */

import { startsWith } from "../bytes/compare.ts";
import { FAMILY } from "../keyspace/families.ts";
import { isWriterKey, metaKey } from "../keyspace/meta_rows.ts";
import { isTimeless, TIMESTAMP_LENGTH } from "./resolver.ts";

const CATALOG = FAMILY.dist.bytes;

/**
 * Whether the entry of the stored key `bytes[start, end)` is, and not a node's own: a row of the store
 * itself, a chunk of an object, or the first rows of the catalog of routes, which have the time 1.
 */
export function isReplicated(bytes: Uint8Array, start: number, end: number): boolean {
  const keyEnd = end - TIMESTAMP_LENGTH;
  return keyEnd >= start && !metaKey(bytes, start, end) && !isWriterKey(bytes, start, end) &&
    !isTimeless(bytes, start, keyEnd) && !isOfBootstrap(bytes, start, end);
}

/** Whether it is a row of the catalog that is no later than time 1, the inverse of which is FF … FE. */
function isOfBootstrap(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[end - 1] < 0xfe || !startsWith(bytes, CATALOG, start, end)) return false;
  for (let i = end - TIMESTAMP_LENGTH; i < end - 1; i++) if (bytes[i] !== 0xff) return false;
  return true;
}
