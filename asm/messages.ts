/**
 * SQS messages from their rows to the lines of a dump; src/kernels/js/messages.ts tells the rules. Only what servers write is known here, to the byte: anything else makes a function return 0,
 * and the message is left to the adapter.
 */

import {
  MEMBER_ATTRIBUTES,
  MEMBER_BODY,
  MEMBER_GENERATION,
  MEMBER_HIDDEN,
  MEMBER_ID,
  MEMBER_REQUIRED,
  MEMBER_SENT,
  MEMBER_SEQUENCE,
  MEMBER_TEXT,
  MEMBER_TOKEN,
  MEMBER_ZERO,
  MESSAGE_COLUMNS,
  MESSAGE_ID_LIMIT,
  MESSAGE_LEFT,
  MESSAGE_WRITTEN,
  MESSAGES_OUTPUT_LIMIT,
} from "../src/kernels/codes";
import { decodeBase64, quote } from "./base64_decoder";
import { attributesEnd, plainEnd } from "./json_texts";
import { copyText, writeBase64, writeJson } from "./text";

const MAGIC: u32 = 0x014d_5300;
/** Digits of integers that are below 2^63 whatever they are. */
const DIGITS: usize = 18;
/** Base64 of a message id. */
const ID: usize = memory.data(128, 16);

/** Where a message id is. */
let id: usize = 0;
let idEnd: usize = 0;
let sent: u64 = 0;
let sequence: u64 = 0;
/** The last integer. */
let number: u64 = 0;
/** Where the value that was written ends in the row. */
let next: usize = 0;

/**
 * `ranges` has four u32 for each of `count` rows, offsets in `bytes`: key and value. Bodies are decoded
 * in place: what is in `bytes` is overwritten.
 *
 * `members` describes each of `memberCount` members in four u32: start and end, addresses, of what
 * stands before its value; its type, MEMBER_ID and so on; and its use, MEMBER_OPTIONAL and so on.
 * `frame` has start and end of two texts: the digits of the generation, and what ends a document.
 * `idAt` is where the base64 of the id begins in keys.
 *
 * `table` gets MESSAGE_COLUMNS u32 a row: status, start and end of the document in `output`, start and
 * end of what it is sorted by in `orders`; for messages that are left, all but the status are 0.
 *
 * Returns how many rows were done. `output` has room for MESSAGES_OUTPUT_LIMIT, six times the longest
 * value, and what ends a document; `orders` for 32 bytes and MESSAGE_ID_LIMIT a row.
 */
export function transcodeMessages(
  bytes: usize,
  ranges: usize,
  count: u32,
  idAt: u32,
  members: usize,
  memberCount: u32,
  frame: usize,
  output: usize,
  orders: usize,
  table: usize,
): u32 {
  let to = output;
  let order = orders;
  const membersEnd = members + 16 * memberCount;
  for (let row: u32 = 0; row < count; row++) {
    if (to - output >= <usize> MESSAGES_OUTPUT_LIMIT) return row;
    memory.fill(table, 0, 4 * MESSAGE_COLUMNS);
    const key = bytes + load<u32>(ranges) + idAt;
    const keyEnd = bytes + load<u32>(ranges, 4);
    const at = bytes + load<u32>(ranges, 8);
    const end = bytes + load<u32>(ranges, 12);
    const written = writeMessage(at, end, members, membersEnd, frame, to);
    if (written == 0 || !isIdOf(key, keyEnd)) {
      store<u32>(table, MESSAGE_LEFT);
    } else {
      store<u32>(table, MESSAGE_WRITTEN);
      store<u32>(table, to - output, 4);
      store<u32>(table, written - output, 8);
      store<u32>(table, order - orders, 12);
      store<u64>(order, bswap<u64>(sent ^ 0x8000_0000_0000_0000));
      store<u64>(order, bswap<u64>(sequence), 8);
      order = copyText(id, idEnd, order + 16);
      store<u32>(table, order - orders, 16);
      to = written;
    }
    ranges += 16;
    table += 4 * MESSAGE_COLUMNS;
  }
  return count;
}

/** Whether the base64 in a key, without padding, stands for the id. */
function isIdOf(key: usize, keyEnd: usize): bool {
  if (idEnd == id || idEnd - id > <usize> MESSAGE_ID_LIMIT || key > keyEnd) return false;
  const length = writeBase64(id, idEnd, ID, true) - ID;
  return length == keyEnd - key && memory.compare(ID, key, length) == 0;
}

function writeMessage(
  at: usize,
  end: usize,
  members: usize,
  membersEnd: usize,
  frame: usize,
  to: usize,
): usize {
  if (end - at < 4 || load<u32>(at) != MAGIC) return 0;
  at += 4;
  sequence = 0;
  for (let member = members; member < membersEnd; member += 16) {
    const name: usize = load<u32>(member);
    const length: usize = load<u32>(member, 4) - name;
    const type = load<u32>(member, 8);
    const use = load<u32>(member, 12);
    if (end - at <= length || memory.compare(at, name, length) != 0) {
      if (use == MEMBER_REQUIRED || use == MEMBER_ZERO) return 0;
      continue;
    }
    at += length;
    const value = copyText(name, name + length, to);
    const written = writeValue(type, at, end, value, frame);
    if (written == 0) return 0;
    at = next;
    if (use == MEMBER_ZERO) {
      store<u8>(value, 0x30);
      to = value + 1;
    } else if (use != MEMBER_HIDDEN && (use == MEMBER_REQUIRED || !isZero(value, written))) {
      to = written;
    }
  }
  if (end - at != 1 || load<u8>(at) != 0x7d) return 0;
  return copyText(load<u32>(frame, 8), load<u32>(frame, 12), to);
}

/** Whether a value is `0` or `""`. */

function isZero(at: usize, end: usize): bool {
  const length = end - at;
  return (length == 1 && load<u8>(at) == 0x30) || (length == 2 && load<u16>(at) == 0x2222);
}

function writeValue(type: u32, at: usize, end: usize, to: usize, frame: usize): usize {
  switch (type) {
    case MEMBER_BODY:
      return writeBody(at, end, to);
    case MEMBER_TOKEN: {
      if (load<u8>(at) != 0x22) return 0;
      const decoded = decodeBase64(at + 1, end, at + 1);
      if (decoded == 0) return 0;
      next = quote + 1;
      store<u8>(to, 0x22);
      to = writeBase64(at + 1, decoded, to + 1, false);
      store<u8>(to, 0x22);
      return to + 1;
    }
    case MEMBER_ID:
    case MEMBER_TEXT: {
      if (load<u8>(at) != 0x22) return 0;
      const last = plainEnd(at + 1, end);
      if (last == 0) return 0;
      if (type == MEMBER_ID) {
        id = at + 1;
        idEnd = last;
      }
      next = last + 1;
      return copyText(at, next, to);
    }
    case MEMBER_ATTRIBUTES: {
      next = attributesEnd(at, end);
      return next == 0 ? 0 : copyText(at, next, to);
    }
  }
  next = integerEnd(at, end);
  if (next == 0) return 0;
  if (type == MEMBER_SENT) sent = number;
  if (type == MEMBER_SEQUENCE) sequence = number;
  if (type == MEMBER_GENERATION) {
    const digits: usize = load<u32>(frame);
    const length: usize = load<u32>(frame, 4) - digits;
    if (next - at != length || memory.compare(at, digits, length) != 0) return 0;
  }
  return copyText(at, next, to);
}

/** Writes a body as text, or as base64 of the other alphabet if it is none. */
function writeBody(at: usize, end: usize, to: usize): usize {
  if (load<u8>(at) != 0x22) return 0;
  const decoded = decodeBase64(at + 1, end, at + 1);
  if (decoded == 0) return 0;
  next = quote + 1;
  store<u8>(to, 0x22);
  const written = writeJson(at + 1, decoded, to + 1, true);
  if (written != 0) {
    store<u8>(written, 0x22);
    return written + 1;
  }
  store<u64>(to, 0x3665_7361_6222_7b); // {"base6
  store<u32>(to, 0x22_3a22_34, 7); // 4":"
  to = writeBase64(at + 1, decoded, to + 11, true);
  store<u16>(to, 0x7d22);
  return to + 2;
}

/** The end of an integer of at most DIGITS digits, or 0. */
function integerEnd(at: usize, end: usize): usize {
  const first = at;
  let n: u64 = 0;
  while (at < end && <u32> load<u8>(at) - 0x30 < 10) n = 10 * n + (load<u8>(at++) - 0x30);
  if (at == first || at - first > DIGITS || (load<u8>(first) == 0x30 && at > first + 1)) return 0;
  number = n;
  return at;
}
