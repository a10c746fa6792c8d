/**
 * Which names are wanted, and where their rows lie.
 *
 * Most families have the length of the name before the name, so that a range of names is a range of
 * keys for each length. Which lengths there are is found by leaping from one to the next.
 *
 * @module
 */

import { compareBytes, successor } from "../../bytes/compare.ts";
import { u32be } from "../../bytes/integers.ts";
import { FAMILY, type Family, type FamilyId, familyRanges } from "../../keyspace/families.ts";
import { hasSizedName, SEQUENCE_SIZE } from "../../keyspace/redis_keys.ts";
import { type KeyRange, prefixesOfEnd } from "../../mvcc/key_range.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { listItems } from "./list_items.ts";
import { COLLECTION_TYPES, COLLECTIONS } from "./types.ts";

/** The names from one on, and below another. */
export class WantedNames {
  /** The least name. */
  readonly from: Uint8Array;
  /** The least name that is too great; absent: none is. */
  readonly to: Uint8Array | undefined;
  /** Whether all names are wanted. */
  readonly all: boolean;

  /** As they are selected. */
  constructor({ from = new Uint8Array(0), to }: RecordSelection) {
    this.from = from;
    this.to = to;
    this.all = from.length === 0 && to === undefined;
  }

  /** Whether the name `bytes[start, end)` is one of them. */
  has(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.all) return true;
    const name = bytes.subarray(start, end);
    return compareBytes(name, this.from) >= 0 && (!this.to || compareBytes(name, this.to) < 0);
  }

  /** The length of the names, where only one name is wanted. */
  get onlyLength(): number | undefined {
    const { from, to } = this;
    const isNext = to?.length === from.length + 1 && to[from.length] === 0 &&
      compareBytes(to.subarray(0, from.length), from) === 0;
    return isNext ? from.length : undefined;
  }
}

/**
 * The live rows of a family that can have wanted names, in stored order. Others may come between them.
 * With those of a meta come the deltas.
 */
export async function* rowsOf(
  context: AdapterContext,
  family: FamilyId,
  names: WantedNames,
): AsyncGenerator<RowBatch> {
  if (context.wanted.rangesOf(FAMILY[family]).length === 0) return;
  if (names.all) yield* context.scan(family);
  else if (family === "list-item" && names.onlyLength !== undefined) {
    yield* listItems(context, names.from);
  } else yield* context.scanRanges(await rangesOf(context, FAMILY[family], names));
}

/** The same for rows without a family, whose keys are names. */
export function bareRowsOf(context: AdapterContext, names: WantedNames): AsyncGenerator<RowBatch> {
  const ranges = familyRanges(FAMILY.bare).map(({ from, to }): KeyRange => ({
    from: compareBytes(from, names.from) < 0 ? names.from : from,
    to: least(to, names.to),
  }));
  return context.scanRanges(ranges, false);
}

async function rangesOf(
  context: AdapterContext,
  family: Family,
  names: WantedNames,
): Promise<KeyRange[]> {
  const own = hasSizedName(family)
    ? await sizedRanges(context, family, names)
    : [unsizedRange(family, names)];
  const type = COLLECTION_TYPES.find((type) => COLLECTIONS[type].meta === family.id);
  const delta = type && COLLECTIONS[type].delta;
  if (!delta) return own;
  return united([...own, ...await sizedRanges(context, FAMILY[delta], names)]);
}

/** Keys that are a prefix and a name, and the place of an item where the family is that of items. */
function unsizedRange({ id, bytes }: Family, { from, to }: WantedNames): KeyRange {
  if (!to) return { from: joined(bytes, from), to: successor(bytes) };
  const prefixes = id === "list-item" ? prefixesOfEnd({ from, to }) : undefined;
  let end = joined(bytes, to);
  if (prefixes) {
    // The items of a list can lie behind keys that begin with the list's name.
    const places = new Uint8Array(SEQUENCE_SIZE + 1).fill(0xff, 0, SEQUENCE_SIZE);
    const behind = joined(bytes, to.subarray(0, prefixes[0]), places);
    if (compareBytes(behind, end) > 0) end = behind;
  }
  return { from: joined(bytes, from), to: end };
}

/** Keys that are a prefix, the length of the name, the name, and anything. */
async function sizedRanges(
  context: AdapterContext,
  { bytes }: Family,
  names: WantedNames,
): Promise<KeyRange[]> {
  const { from, to, onlyLength } = names;
  const lengths = onlyLength === undefined ? await nameLengths(context, bytes) : [onlyLength];
  return lengths.map((length): KeyRange => {
    const prefix = joined(bytes, u32(length));
    // A name that `to` begins with is below it, and so are its rows, whatever follows in their keys.
    const end = to && to.length <= length
      ? joined(prefix, to)
      : successor(to ? joined(prefix, to.subarray(0, length)) : prefix);
    return { from: joined(prefix, from), to: end };
  }).filter(({ from, to }) => !to || compareBytes(from, to) < 0);
}

/** Bytes of the longest name: keys of more than 1 MiB cannot be. */
const LONGEST_NAME = 1 << 20;

/** The lengths of the names below a prefix, ascending. Keys that are malformed are not looked for. */
async function nameLengths(context: AdapterContext, prefix: Uint8Array): Promise<number[]> {
  const lengths: number[] = [];
  let from: Uint8Array | undefined = prefix;
  while (from) {
    const range: KeyRange = { from, to: joined(prefix, u32(LONGEST_NAME + 1)) };
    from = undefined;
    for await (const batch of context.scanRanges([range], false)) {
      if (takeLengths(batch, prefix.length, lengths)) continue;
      // All of this batch has the last length: what is behind it is leapt to.
      from = joined(prefix, u32(lengths.at(-1)! + 1));
      break;
    }
  }
  return lengths;
}

/** Adds the lengths that are new; `false` if none is, and one was known before. */
function takeLengths({ bytes, ranges, count }: RowBatch, at: number, lengths: number[]): boolean {
  const known = lengths.length;
  for (let i = 0; i < count; i++) {
    const start = ranges[i * 4] + at;
    if (ranges[i * 4 + 1] < start + 4) continue;
    const length = u32be(bytes, start);
    if (length > (lengths.at(-1) ?? -1)) lengths.push(length);
  }
  return known === 0 || lengths.length > known;
}

/** Ascending ranges with the same keys, each once. */
function united(ranges: KeyRange[]): KeyRange[] {
  const all: KeyRange[] = [];
  for (const range of ranges.sort((a, b) => compareBytes(a.from, b.from))) {
    const last = all.at(-1);
    if (!last || (last.to && compareBytes(last.to, range.from) < 0)) all.push(range);
    else {all[all.length - 1] = {
        from: last.from,
        to: last.to && range.to && most(last.to, range.to),
      };}
  }
  return all;
}

function most(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) < 0 ? b : a;
}

function least(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a && b ? compareBytes(a, b) < 0 ? a : b : a ?? b;
}

function u32(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
