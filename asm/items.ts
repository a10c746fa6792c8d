/**
 * DynamoDB items from protocol buffers to JSON. The twin, src/kernels/js/items.ts, tells the rules.
 *
 * Only what servers write is known here, to the byte: anything else makes a function return 0, and the
 * item is left to the adapter.
 */

import {
  ITEM_COLUMNS,
  ITEM_HTML,
  ITEM_INDENTED,
  ITEM_KEYED,
  ITEM_LEFT,
  ITEM_LEVELS,
  ITEM_NAME_LEFT,
  ITEM_NAME_RESPELLED,
  ITEM_NAMED,
  ITEM_PLAIN,
  ITEM_SLACK,
  ITEM_TEXT_LIMIT,
  ITEM_WRITTEN,
  ITEMS_NAMES_LIMIT,
  ITEMS_OUTPUT_LIMIT,
} from "../src/kernels/codes";
import { isLess } from "./json_texts";
import { canonicalNumber, LONGEST_NUMBER } from "./numbers";
import { copyText, JSON_GROWTH, writeBase64, writeJson, writePercent } from "./text";

const MAGIC: u32 = 0x0149_4400;

// A field is its tag, the length of its contents, and these.
const TAG_NAME: u32 = 0x0a; // and elements
const TAG_VALUE: u32 = 0x12;
const TAG_S: u32 = 0x0a;
const TAG_N: u32 = 0x12;
const TAG_B: u32 = 0x1a;
const TAG_BOOL: u32 = 0x20;
const TAG_NULL: u32 = 0x28;
const TAG_SS: u32 = 0x32;
const TAG_NS: u32 = 0x3a;
const TAG_BS: u32 = 0x42;
const TAG_L: u32 = 0x4a;
const TAG_M: u32 = 0x52;

/** For each kind, from 1 on: `"S":` and a space, in eight bytes. */
const KIND_TEXTS: usize = memory.data<u64>([
  0,
  0x203a_2253_22,
  0x203a_224e_22,
  0x203a_2242_22,
  0x203a_224c_4f4f_4222,
  0x203a_224c_4c55_4e22,
  0x203a_2253_5322,
  0x203a_2253_4e22,
  0x203a_2253_4222,
  0x203a_224c_22,
  0x203a_224d_22,
]);
/** How long these are without the space. */
const KIND_LENGTHS: usize = memory.data<u8>([0, 4, 4, 4, 7, 7, 5, 5, 5, 4, 4]);

/** The longest segment of a path. */
const SEGMENT: usize = 240;
const NUMBER: usize = memory.data(1024);

let plain: bool = false;
let indented: bool = false;
let html: bool = false;
/** No text may go on behind this address. */
let limit: usize = 0;
/** Where the contents of the last field begin. */
let contents: usize = 0;

let hashKind: u32 = 0;
let hashAt: usize = 0;
let hashEnd: usize = 0;
let rangeKind: u32 = 0;
let rangeAt: usize = 0;
let rangeEnd: usize = 0;

/**
 * `ranges` has two u32 for each of `count` rows: where its value begins and ends in `bytes`. `how` is
 * a sum of the flags ITEM_PLAIN and so on. `frame` has start and end, addresses, of seven texts:
 *
 *   0 name of the hash attribute, 1 of the range attribute (empty: none)
 *   2 what stands before an item, 3 between its key and itself, 4 behind it
 *   5 what stands before a file name, 6 behind it
 *
 * `table` gets ITEM_COLUMNS u32 a row: status; start and end of the text in `output`; kind, start and
 * end in `bytes` of the hash attribute, and of the range attribute; flags, start and end of the name
 * in `names`. For items that are left, all but the status are 0.
 *
 * Returns how many rows were done. `output` has room for ITEMS_OUTPUT_LIMIT and ITEM_TEXT_LIMIT more,
 * `names` for ITEMS_NAMES_LIMIT and one name, twice SEGMENT and more.
 */
export function transcodeItems(
  bytes: usize,
  ranges: usize,
  count: u32,
  how: u32,
  frame: usize,
  output: usize,
  names: usize,
  table: usize,
): u32 {
  plain = (how & ITEM_PLAIN) != 0;
  indented = (how & ITEM_INDENTED) != 0;
  html = (how & ITEM_HTML) != 0;
  const keyed = (how & ITEM_KEYED) != 0;
  const named = (how & ITEM_NAMED) != 0;
  let to = output;
  let name = names;
  for (let row: u32 = 0; row < count; row++) {
    if (to - output >= <usize> ITEMS_OUTPUT_LIMIT || name - names >= <usize> ITEMS_NAMES_LIMIT) {
      return row;
    }
    for (let column: usize = 0; column < 4 * ITEM_COLUMNS; column += 16) {
      v128.store(table + column, i32x4.splat(0));
    }
    limit = to + <usize> ITEM_TEXT_LIMIT;
    const at = bytes + load<u32>(ranges);
    const end = bytes + load<u32>(ranges, 4);
    const written = writeItem(at, end, to, frame, keyed);
    if (written == 0) {
      store<u32>(table, ITEM_LEFT);
    } else {
      store<u32>(table, ITEM_WRITTEN);
      store<u32>(table, to - output, 4);
      store<u32>(table, written - output, 8);
      store<u32>(table, hashKind, 12);
      store<u32>(table, hashAt - bytes, 16);
      store<u32>(table, hashEnd - bytes, 20);
      if (rangeKind != 0) {
        store<u32>(table, rangeKind, 24);
        store<u32>(table, rangeAt - bytes, 28);
        store<u32>(table, rangeEnd - bytes, 32);
      }
      to = written;
      if (named) {
        respelled = 0;
        const nameEnd = writeName(name, frame);
        if (nameEnd == 0) {
          store<u32>(table, ITEM_NAME_LEFT, 36);
        } else {
          store<u32>(table, respelled, 36);
          store<u32>(table, name - names, 40);
          store<u32>(table, nameEnd - names, 44);
          name = nameEnd;
        }
      }
    }
    ranges += 8;
    table += 4 * ITEM_COLUMNS;
  }
  return count;
}

/** Writes an item with what stands around it. */
function writeItem(at: usize, end: usize, to: usize, frame: usize, keyed: bool): usize {
  if (end - at < 4 || load<u32>(at) != MAGIC) return 0;
  at += 4;
  if (!findKey(at, end, frame)) return 0;
  to = writeText(frame + 16, to);
  if (to == 0) return 0;
  if (keyed) {
    to = writeKey(to, frame);
    if (to != 0) to = writeText(frame + 24, to);
    if (to == 0) return 0;
  }
  to = writeMembers(at, end, to, 0, 0);
  return to == 0 ? 0 : writeText(frame + 32, to);
}

/** Writes a text of the frame. */
function writeText(text: usize, to: usize): usize {
  const start = load<u32>(text);
  const end = load<u32>(text, 4);
  return fits(to, end - start) ? copyText(start, end, to) : 0;
}

/** Whether there is room for `n` bytes, and for all that is written without asking. */

function fits(to: usize, n: usize): bool {
  return to + n + <usize> ITEM_SLACK <= limit;
}

/** The end of a field with this tag, or 0 if there is another, or it is cut. */

function field(at: usize, end: usize, tag: u32): usize {
  if (end - at < 2 || load<u8>(at) != tag) return 0;
  const length: usize = load<u8>(at, 1);
  if (length > 127) return longField(at + 2, end, length & 127);
  contents = at + 2;
  return length <= end - contents ? contents + length : 0;
}

/** The same, where the length goes on at `at`, to four bytes in all. */
function longField(at: usize, end: usize, length: usize): usize {
  for (let shift = 7; shift < 28; shift += 7) {
    if (at == end) return 0;
    const b: usize = load<u8>(at++);
    length |= (b & 127) << shift;
    if (b < 128) {
      contents = at;
      return length <= end - at ? at + length : 0;
    }
  }
  return 0;
}

/** Finds the key attributes among the entries of an item. */
function findKey(at: usize, end: usize, frame: usize): bool {
  const hashName = load<u32>(frame);
  const hashLength = load<u32>(frame, 4) - hashName;
  const rangeName = load<u32>(frame, 8);
  const rangeLength = load<u32>(frame, 12) - rangeName;
  hashKind = rangeKind = 0;
  while (at < end) {
    const next = field(at, end, TAG_NAME);
    if (next == 0) return false;
    const nameEnd = field(contents, next, TAG_NAME);
    if (nameEnd == 0) return false;
    const name = contents;
    if (nameEnd - name == hashLength && memory.compare(name, hashName, hashLength) == 0) {
      hashKind = keyValue(nameEnd, next);
      if (hashKind == 0) return false;
      hashAt = contents;
      hashEnd = next;
    } else if (
      rangeLength != 0 && nameEnd - name == rangeLength &&
      memory.compare(name, rangeName, rangeLength) == 0
    ) {
      rangeKind = keyValue(nameEnd, next);
      if (rangeKind == 0) return false;
      rangeAt = contents;
      rangeEnd = next;
    }
    at = next;
  }
  return hashKind != 0 && (rangeKind != 0 || rangeLength == 0);
}

/** The kind of a value that is S, N or B and goes to `end`, or 0. */
function keyValue(at: usize, end: usize): u32 {
  if (field(at, end, TAG_VALUE) != end || contents == end) return 0;
  const tag: u32 = load<u8>(contents);
  if (tag != TAG_S && tag != TAG_N && tag != TAG_B) return 0;
  return field(contents, end, tag) == end ? tag >> 3 : 0;
}

/** Writes the key attributes as an object. */
function writeKey(to: usize, frame: usize): usize {
  if (!fits(to, 0)) return 0;
  store<u8>(to++, 0x7b);
  to = writeMember(load<u32>(frame), load<u32>(frame, 4), to, 0);
  if (to != 0) to = writeScalar(hashKind, hashAt, hashEnd, to, 1);
  if (to != 0 && rangeKind != 0) {
    store<u8>(to++, 0x2c);
    to = writeMember(load<u32>(frame, 8), load<u32>(frame, 12), to, 0);
    if (to != 0) to = writeScalar(rangeKind, rangeAt, rangeEnd, to, 1);
  }
  return to == 0 ? 0 : close(to, 0, 0x7d);
}

/** Writes a line feed and two spaces a level, where lines are wanted. */

function line(to: usize, depth: usize): usize {
  if (!indented) return fits(to, 0) ? to : 0;
  return indent(to, depth);
}

function indent(to: usize, depth: usize): usize {
  if (!fits(to, 2 * depth)) return 0;
  store<u8>(to++, 0x0a);
  const end = to + 2 * depth;
  for (; to < end; to += 16) v128.store(to, i8x16.splat(0x20));
  return end;
}

/** Ends an object or an array that is not empty. */

function close(to: usize, depth: usize, bracket: u32): usize {
  to = line(to, depth);
  if (to == 0) return 0;
  store<u8>(to, bracket);
  return to + 1;
}

/** Writes the name of a member in an object at `depth`. */
function writeMember(at: usize, end: usize, to: usize, depth: usize): usize {
  to = line(to, depth + 1);
  if (to != 0) to = writeString(at, end, to);
  if (to == 0) return 0;
  store<u16>(to, 0x203a);
  return to + 1 + <usize> indented;
}

/** Writes a text with its quotes. */
function writeString(at: usize, end: usize, to: usize): usize {
  if (!fits(to, JSON_GROWTH * (end - at))) return 0;
  store<u8>(to, 0x22);
  to = writeJson(at, end, to + 1, html);
  if (to == 0) return 0;
  store<u8>(to, 0x22);
  return to + 1;
}

/** Writes the entries of a map as an object. */
function writeMembers(at: usize, end: usize, to: usize, depth: usize, level: u32): usize {
  if (!fits(to, 0)) return 0;
  store<u8>(to++, 0x7b);
  if (at == end) {
    store<u8>(to, 0x7d);
    return to + 1;
  }
  let lastName: usize = 0;
  let lastEnd: usize = 0;
  while (at < end) {
    const next = field(at, end, TAG_NAME);
    if (next == 0) return 0;
    const nameEnd = field(contents, next, TAG_NAME);
    if (nameEnd == 0) return 0;
    const name = contents;
    if (lastName != 0) {
      if (!isLess(lastName, lastEnd, name, nameEnd)) return 0;
      store<u8>(to++, 0x2c);
    }
    if (field(nameEnd, next, TAG_VALUE) != next) return 0;
    const value = contents;
    to = writeMember(name, nameEnd, to, depth);
    if (to == 0) return 0;
    to = writeValue(value, next, to, depth + 1, level + 1);
    if (to == 0) return 0;
    lastName = name;
    lastEnd = nameEnd;
    at = next;
  }
  return close(to, depth, 0x7d);
}

/** Writes a value, which must be one member that fills it. */
function writeValue(at: usize, end: usize, to: usize, depth: usize, level: u32): usize {
  if (at == end || level > <u32> ITEM_LEVELS) return 0;
  const tag: u32 = load<u8>(at);
  const kind = tag >> 3;
  switch (tag) {
    case TAG_S:
    case TAG_N:
    case TAG_B:
      return field(at, end, tag) == end ? writeScalar(kind, contents, end, to, depth) : 0;
    case TAG_BOOL: {
      if (end - at != 2 || load<u8>(at, 1) > 1) return 0;
      return writeLiteral(kind, load<u8>(at, 1) != 0 ? 0x6575_7274 : 0, to, depth);
    }
    case TAG_NULL: {
      if (end - at != 2 || load<u8>(at, 1) != 1) return 0;
      return writeLiteral(kind, plain ? 0x6c6c_756e : 0x6575_7274, to, depth);
    }
    case TAG_SS:
    case TAG_NS:
    case TAG_BS:
    case TAG_L:
    case TAG_M:
      break;
    default:
      return 0;
  }
  if (field(at, end, tag) != end) return 0;
  at = contents;
  let inner = depth;
  if (!plain) {
    to = openType(kind, to, depth);
    inner++;
  }
  if (to == 0) return 0;
  if (tag == TAG_M) to = writeMembers(at, end, to, inner, level);
  else if (tag == TAG_L) to = writeList(at, end, to, inner, level);
  else to = writeSet(tag, at, end, to, inner);
  if (to == 0 || plain) return to;
  return close(to, depth, 0x7d);
}

/** Writes `{"S":` */

function openType(kind: u32, to: usize, depth: usize): usize {
  if (!fits(to, 0)) return 0;
  store<u8>(to++, 0x7b);
  to = line(to, depth + 1);
  if (to == 0) return 0;
  store<u64>(to, load<u64>(KIND_TEXTS + 8 * kind));
  return to + load<u8>(KIND_LENGTHS + kind) + <usize> indented;
}

/** Writes `true` and `null` from their four letters, `false` from 0. */
function writeLiteral(kind: u32, letters: u32, to: usize, depth: usize): usize {
  if (!plain) to = openType(kind, to, depth);
  if (to == 0 || !fits(to, 0)) return 0;
  if (letters != 0) {
    store<u32>(to, letters);
    to += 4;
  } else {
    store<u64>(to, 0x65_736c_6166);
    to += 5;
  }
  return plain ? to : close(to, depth, 0x7d);
}

/** Writes a text, number or binary with its type. */
function writeScalar(kind: u32, at: usize, end: usize, to: usize, depth: usize): usize {
  if (!plain) to = openType(kind, to, depth);
  if (to != 0) to = writeContents(kind, at, end, to);
  if (to == 0 || plain) return to;
  return close(to, depth, 0x7d);
}

/** Writes a text, number or binary: kind 1, 2 or 3. */
function writeContents(kind: u32, at: usize, end: usize, to: usize): usize {
  if (kind == 3) {
    if (!fits(to, (end - at) / 3 * 4)) return 0;
    store<u8>(to, 0x22);
    to = writeBase64(at, end, to + 1, false);
    store<u8>(to, 0x22);
    return to + 1;
  }
  if (kind == 2 && plain && isJsonNumber(at, end)) {
    if (!fits(to, end - at)) return 0;
    return copyText(at, end, to);
  }
  return writeString(at, end, to);
}

/** Writes the elements of a list. */
function writeList(at: usize, end: usize, to: usize, depth: usize, level: u32): usize {
  if (!fits(to, 0)) return 0;
  store<u8>(to++, 0x5b);
  if (at == end) {
    store<u8>(to, 0x5d);
    return to + 1;
  }
  const first = at;
  while (at < end) {
    const next = field(at, end, TAG_NAME);
    if (next == 0) return 0;
    const value = contents;
    if (at != first) store<u8>(to++, 0x2c);
    to = line(to, depth + 1);
    if (to != 0) to = writeValue(value, next, to, depth + 1, level + 1);
    if (to == 0) return 0;
    at = next;
  }
  return close(to, depth, 0x5d);
}

/** Writes the elements of a set, which has at least one. */
function writeSet(tag: u32, at: usize, end: usize, to: usize, depth: usize): usize {
  if (at == end) return 0;
  if (!fits(to, 0)) return 0;
  store<u8>(to++, 0x5b);
  const kind = (tag >> 3) - 5;
  const first = at;
  while (at < end) {
    const next = field(at, end, TAG_NAME);
    if (next == 0) return 0;
    const element = contents;
    if (at != first) store<u8>(to++, 0x2c);
    to = line(to, depth + 1);
    if (to != 0) to = writeContents(kind, element, next, to);
    if (to == 0) return 0;
    at = next;
  }
  return close(to, depth, 0x5d);
}

/** Whether a literal of at most 1,024 bytes is a number in JSON as well. */
function isJsonNumber(at: usize, end: usize): bool {
  if (end - at > 1024) return false;
  if (at < end && load<u8>(at) == 0x2d) at++;
  const first = at;
  at = digitsEnd(at, end);
  if (at == first || (load<u8>(first) == 0x30 && at > first + 1)) return false;
  if (at < end && load<u8>(at) == 0x2e) {
    const places = at + 1;
    at = digitsEnd(places, end);
    if (at == places) return false;
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (at < end && (load<u8>(at) == 0x2b || load<u8>(at) == 0x2d)) at++;
    const exponent = at;
    at = digitsEnd(exponent, end);
    if (at == exponent) return false;
  }
  return at == end;
}

function digitsEnd(at: usize, end: usize): usize {
  while (at < end && <u32> load<u8>(at) - 0x30 < 10) at++;
  return at;
}

let respelled: u32 = 0;

/** Writes the file name of an item, or returns 0: it is one for the twin. */
function writeName(to: usize, frame: usize): usize {
  if (hashAt == hashEnd) return 0;
  to = copyText(load<u32>(frame, 40), load<u32>(frame, 44), to);
  to = writeSegment(hashKind, hashAt, hashEnd, to);
  if (to != 0 && rangeKind != 0) {
    store<u8>(to++, 0x2f);
    to = writeSegment(rangeKind, rangeAt, rangeEnd, to);
  }
  return to == 0 ? 0 : copyText(load<u32>(frame, 48), load<u32>(frame, 52), to);
}

function writeSegment(kind: u32, at: usize, end: usize, to: usize): usize {
  if (kind == 3) {
    if (end - at > SEGMENT / 4 * 3 - 3) return 0;
    store<u32>(to, 0x2e34_3662);
    return writeBase64(at, end, to + 4, true);
  }
  if (end - at > SEGMENT) return 0;
  if (kind == 2) {
    const length = canonicalNumber(at, end, NUMBER) - NUMBER;
    if (length > LONGEST_NUMBER) return 0;
    if (length != end - at || memory.compare(NUMBER, at, length) != 0) {
      respelled = ITEM_NAME_RESPELLED;
    }
    at = NUMBER;
    end = NUMBER + length;
  }
  const segmentEnd = writePercent(at, end, to, SEGMENT);
  if (segmentEnd == 0) return 0;
  // What looks like another form is hashed; dots alone are escaped.
  const length = segmentEnd - to;
  if (length < 4) return length < 3 && length > 0 && load<u8>(to) == 0x2e ? 0 : segmentEnd;
  if (load<u32>(to) == 0x2e34_3662) return 0;
  return length >= 34 && load<u16>(to, 32) == 0x5f5f ? 0 : segmentEnd;
}
