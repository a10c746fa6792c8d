/** The members of objects in the order of their names, without an object for each of them. @module */

import { compareBytes } from "../bytes/compare.ts";
import { sortOffsets } from "../bytes/offset_sort.ts";
import { asStringBytes, type JsonMember, type JsonNode, memberAt, members } from "./json_reader.ts";

/**
 * The members of some objects, which stand in the same bytes and are gone through again, as if they were one: in the order of
 * their names' UTF-8, each name once; the last one counts. Eight bytes a member are kept where they are
 * not in that order anyway.
 */
export function* sortedMembers(objects: Iterable<JsonNode>): Generator<JsonMember, void> {
  let count = 0;
  let isSorted = true;
  let last: Uint8Array | undefined;
  let bytes!: Uint8Array;
  for (const object of objects) {
    bytes = object.bytes;
    for (const { name } of members(object)) {
      const text = asStringBytes(name)!;
      if (last && compareBytes(last, text) >= 0) isSorted = false;
      last = text;
      count++;
    }
  }
  if (isSorted) {
    for (const object of objects) yield* members(object);
    return;
  }
  const places = new Uint32Array(count);
  let filled = 0;
  for (const object of objects) {
    for (const { name } of members(object)) places[filled++] = name.start;
  }
  const compare = (a: number, b: number): number =>
    compareBytes(nameAt(bytes, a), nameAt(bytes, b));
  sortOffsets(places, compare);
  for (let i = 0; i < count; i++) {
    // Sorting has kept the order of members with one name.
    if (i + 1 < count && compare(places[i], places[i + 1]) === 0) continue;
    yield memberAt(bytes, places[i]);
  }
}

function nameAt(bytes: Uint8Array, at: number): Uint8Array {
  return asStringBytes(memberAt(bytes, at).name)!;
}
