/**
 * Redis values that are protobuf messages behind a few magic bytes. They are walked without making
 * objects, because one can hold millions of members.
 *
 * ```text
 * hash    00 52 48 01     { repeated 1: { 1: field   2: value } }
 * set     00 52 53 01     { repeated 1: member }
 * zset    00 52 5A 01     { repeated 1: { 1: member  2: score, a little-endian double } }
 * stream  00 52 58 01     { repeated 1: an entry as below }
 * entry   00 52 58 45 01  { 1: id  repeated 2: name, value, name, value, … }
 * ```
 *
 * The first four hold a whole collection; an empty value is an empty one. HyperLogLogs have the
 * form of sets. All text must be UTF-8, absent members are empty or zero, unknown ones are skipped,
 * and of a member that comes twice the last counts.
 *
 * @module
 */

import { startsWith } from "../../bytes/compare.ts";
import { ProtobufReader, Wire } from "../../bytes/protobuf.ts";
import { isUtf8 } from "../../text/utf8.ts";
import { SCORE_SIZE } from "./values.ts";

/** A collection that can be one value. */
export type BlobType = "hash" | "set" | "zset";

/** An element as its row would hold it, in views that are valid until the next one. */
export interface BlobElement {
  /** Field or member. */
  name: Uint8Array;
  /** Value; score as eight big-endian bytes; empty for a set. */
  value: Uint8Array;
}

const MAGIC = {
  hash: Uint8Array.of(0, 0x52, 0x48, 1),
  set: Uint8Array.of(0, 0x52, 0x53, 1),
  zset: Uint8Array.of(0, 0x52, 0x5a, 1),
  stream: Uint8Array.of(0, 0x52, 0x58, 1),
};
const ENTRY_MAGIC = Uint8Array.of(0, 0x52, 0x58, 0x45, 1);

const NO_MAGIC = "the value does not begin with its magic bytes";
const NO_MESSAGE = "the value is not a protobuf message";
const NO_TEXT = "the value has text that is not UTF-8";

const NOTHING = new Uint8Array(0);

/** The elements of `bytes[start, end)` in the order in which they stand; returns what is wrong. */
export function* blobElements(
  type: BlobType,
  bytes: Uint8Array,
  start: number,
  end: number,
): Generator<BlobElement, string | undefined> {
  if (start === end) return undefined;
  if (!startsWith(bytes, MAGIC[type], start, end)) return NO_MAGIC;
  const message = new ProtobufReader().reset(bytes, start + MAGIC[type].length, end);
  const entry = new ProtobufReader();
  const found: BlobElement = { name: NOTHING, value: NOTHING };
  while (message.next()) {
    if (message.field !== 1 || message.wire !== Wire.BYTES) continue;
    if (type === "set") {
      found.name = bytes.subarray(message.start, message.end);
      if (!isUtf8(found.name)) return NO_TEXT;
    } else {
      entry.reset(bytes, message.start, message.end);
      const defect = type === "hash" ? readField(entry, found) : readMember(entry, found);
      if (defect !== undefined) return defect;
    }
    yield found;
  }
  return message.malformed ? NO_MESSAGE : undefined;
}

/** What is wrong with a whole collection, if anything is. */
export function blobDefect(
  type: BlobType,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const elements = blobElements(type, bytes, start, end);
  for (;;) {
    const { done, value } = elements.next();
    if (done) return value;
  }
}

function readField(entry: ProtobufReader, into: BlobElement): string | undefined {
  into.name = NOTHING;
  into.value = NOTHING;
  while (entry.next()) {
    if (entry.wire !== Wire.BYTES || entry.field > 2) continue;
    const text = entry.bytes.subarray(entry.start, entry.end);
    if (!isUtf8(text)) return NO_TEXT;
    if (entry.field === 1) into.name = text;
    else into.value = text;
  }
  return entry.malformed ? NO_MESSAGE : undefined;
}

function readMember(entry: ProtobufReader, into: BlobElement): string | undefined {
  const score = new Uint8Array(SCORE_SIZE);
  into.name = NOTHING;
  into.value = score;
  while (entry.next()) {
    if (entry.field === 1 && entry.wire === Wire.BYTES) {
      into.name = entry.bytes.subarray(entry.start, entry.end);
      if (!isUtf8(into.name)) return NO_TEXT;
    } else if (entry.field === 2 && entry.wire === Wire.FIXED64) {
      score.set(entry.bytes.subarray(entry.start, entry.end));
      score.reverse();
    }
  }
  return entry.malformed ? NO_MESSAGE : undefined;
}

/** The members of a HyperLogLog, in views; `undefined` if its payload is not such a message. */
export function hllMembers(payload: Uint8Array): Iterable<Uint8Array> | undefined {
  if (blobDefect("set", payload, 0, payload.length) !== undefined) return undefined;
  return names(blobElements("set", payload, 0, payload.length));
}

function* names(elements: Iterable<BlobElement>): Generator<Uint8Array> {
  for (const { name } of elements) yield name;
}

/** Entries of a legacy stream, as far as they can be counted. */
export function countStreamEntries(bytes: Uint8Array, start: number, end: number): number {
  if (!startsWith(bytes, MAGIC.stream, start, end)) return 0;
  const message = new ProtobufReader().reset(bytes, start + MAGIC.stream.length, end);
  let entries = 0;
  while (message.next()) if (message.field === 1 && message.wire === Wire.BYTES) entries++;
  return entries;
}

const entryReader = new ProtobufReader();

/**
 * Puts into `fields` where the names and values of the stream entry `bytes[start, end)` begin and
 * end: four offsets a pair. Returns what is wrong with the entry.
 */
export function readStreamEntry(
  bytes: Uint8Array,
  start: number,
  end: number,
  fields: number[],
): string | undefined {
  fields.length = 0;
  if (!startsWith(bytes, ENTRY_MAGIC, start, end)) return NO_MAGIC;
  const message = entryReader.reset(bytes, start + ENTRY_MAGIC.length, end);
  while (message.next()) {
    if (message.wire !== Wire.BYTES || message.field > 2) continue;
    if (!isUtf8(bytes, message.start, message.end)) return NO_TEXT;
    if (message.field === 2) fields.push(message.start, message.end);
  }
  if (message.malformed) return NO_MESSAGE;
  return fields.length % 4 === 0 ? undefined : "a field of the entry has no value";
}
