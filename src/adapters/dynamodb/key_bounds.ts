/**
 * Parts of tables: items from one key to another. What is compared is the payload of stored keys, which
 * stands behind the generation:
 *
 * ```text
 * !ddb|item| ‖ table ‖ | ‖ generation ‖ | ‖ payload
 * ```
 *
 * In tables of ordered keys, that is the order of the key attributes, and of all numbers that are not
 * negative. In tables of legacy keys it is the order of base64. Items that are still to be moved to ordered
 * keys count by the keys that they will get; those that cannot be moved are before all others.
 *
 * @module
 */

import { compareBytes, successor } from "../../bytes/compare.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { appendName } from "../../keyspace/base64_names.ts";
import { orderedPayload } from "../../keyspace/dynamodb_keys.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { joined, type KeyRange } from "../../mvcc/key_range.ts";
import type { AdapterContext } from "../context.ts";
import type { Generation, Table, Tables } from "./scopes.ts";

const NOTHING = new Uint8Array(0);
const SLASH = 0x2f;

/** Payloads of keys; all that are not bounded. */
export interface KeyBounds {
  /** Not below this one. */
  from?: Uint8Array;
  /** Below this one. */
  to?: Uint8Array;
  /** What the hash attribute begins with: in tables where such items lie together, only these. */
  prefix?: Uint8Array;
}

/** Whether a payload is within bounds. */
export function isWithin({ from, to }: KeyBounds, payload: Uint8Array): boolean {
  return (!from || compareBytes(payload, from) >= 0) && (!to || compareBytes(payload, to) < 0);
}

/** Whether there are any bounds. */
export function isBounded({ from, to }: KeyBounds): boolean {
  return from !== undefined || to !== undefined;
}

/** Where the keys of the wanted tables lie, in stored order. There may be some more among them. */
export async function itemRanges(
  context: AdapterContext,
  tables: Tables,
  bounds: KeyBounds,
): Promise<KeyRange[]> {
  const { prefix } = bounds;
  if (!isBounded(bounds) && !prefix) return context.wanted.rangesOf(FAMILY["ddb-item"]);
  const ranges: KeyRange[] = [];
  for await (const { table, name } of tables.rows()) {
    const within = prefix ? prefixBounds(table, prefix) : bounds;
    const own = generationRanges(name, table.active, within);
    if (prefix && within.from) {
      const others = table.range ? [...hashesBefore(prefix)].map(hashBounds) : [];
      for (const bounds of [...others, NUMBERS]) {
        own.push(...generationRanges(name, table.active, bounds).slice(1));
      }
    }
    // Numbers with zeros before them are in the first range, whichever they are.
    if (table.source) own.push(...generationRanges(name, table.source, {}).slice(1));
    ranges.push(...own);
  }
  return joined(ranges);
}

/** Where the payloads lie whose hash attributes are numbers, in tables that declare another type, too. */
const NUMBERS: KeyBounds = { from: Uint8Array.of(0, 0xff), to: Uint8Array.of(3) };

/** Where the payloads of a table lie whose hash attributes begin alike, if they lie together. */
function prefixBounds({ hash, keyEncodingVersion }: Table, prefix: Uint8Array): KeyBounds {
  // Numbers have another order.
  if (keyEncodingVersion < 2n || hash.type === "N") return {};
  const from = orderedPayload([prefix]).subarray(0, -2);
  return { from, to: successor(from) };
}

/** Where the payloads of one hash attribute lie. */
function hashBounds(hash: Uint8Array): KeyBounds {
  const from = orderedPayload([hash]);
  return { from, to: successor(from) };
}

/**
 * The whole hash attributes of keys that begin with some bytes: each ends before a `/`, behind which is the
 * range attribute. An empty one is always among them: the path of such an item begins with its range attribute.
 */
function* hashesBefore(prefix: Uint8Array): Generator<Uint8Array> {
  yield NOTHING;
  for (let at = 1; at < prefix.length; at++) {
    if (prefix[at] === SLASH) yield prefix.subarray(0, at);
  }
}

/**
 * Where the keys of a generation lie. Its number may have zeros before it: the first range has the keys of
 * all such numbers.
 */
export function generationRanges(
  table: Uint8Array,
  { high, low }: Generation,
  { from, to }: KeyBounds,
): KeyRange[] {
  const digits = String((BigInt(high) << 32n) | BigInt(low));
  const zeros = keyStart(table, "0");
  const ranges: KeyRange[] = [{ from: zeros, to: successor(zeros) }];
  if (digits === "0") return ranges;
  const prefix = keyStart(table, `${digits}|`);
  const key = (payload: Uint8Array): Uint8Array =>
    new ByteBuilder().append(prefix).append(payload).take();
  ranges.push({ from: from ? key(from) : prefix, to: to ? key(to) : successor(prefix) });
  return ranges;
}

function keyStart(table: Uint8Array, rest: string): Uint8Array {
  const out = new ByteBuilder().append(FAMILY["ddb-item"].bytes);
  appendName(out, table);
  return out.ascii("|").ascii(rest).take();
}
