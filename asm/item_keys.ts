/** The keys of DynamoDB items; see src/kernels/js/item_keys.ts for the grammar. */

import {
  ITEM_KEY_BAD_GENERATION,
  ITEM_KEY_BAD_TABLE,
  ITEM_KEY_COLUMNS,
  ITEM_KEY_NO_GENERATION,
  ITEM_KEY_NO_PAYLOAD,
  ITEM_KEY_NO_TABLE,
  ITEM_KEY_OK,
  ITEM_KEY_PREFIX,
} from "../src/kernels/codes";

// The prefix as the little-endian integers that loading it gives: "!ddb|ite" and "m|".
const PREFIX_HEAD: u64 = 0x6574_697c_6264_6421;
const PREFIX_TAIL: u16 = 0x7c6d;
const PREFIX_LENGTH: usize = 10;
const PIPE: u32 = 0x7c;

/**
 * `ranges` has four u32 a row: keyStart, keyEnd (offsets in `bytes`) and two that are not read.
 * `table` gets six u32 a row, all zero before: status, segmentStart, segmentEnd, generationHigh,
 * generationLow, payloadStart.
 */
export function parseItemKeys(bytes: usize, ranges: usize, count: u32, table: usize): void {
  for (let row: u32 = 0; row < count; row++) {
    store<u32>(table, parseItemKey(bytes, load<u32>(ranges), load<u32>(ranges, 4), table));
    ranges += 16;
    table += 4 * ITEM_KEY_COLUMNS;
  }
}

function parseItemKey(bytes: usize, keyStart: usize, keyEnd: usize, table: usize): u32 {
  const key = bytes + keyStart;
  const end = bytes + keyEnd;
  if (
    end - key < PREFIX_LENGTH || load<u64>(key) != PREFIX_HEAD || load<u16>(key, 8) != PREFIX_TAIL
  ) return ITEM_KEY_PREFIX;

  // One pass over the segment: its end, and whether it is base64url.
  const segment = key + PREFIX_LENGTH;
  let at = segment;
  let value: u32 = 0;
  let every: u32 = 0;
  for (; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (c == PIPE) break;
    value = sextet(c);
    every |= value;
  }
  if (at == end || at == segment) return ITEM_KEY_NO_TABLE;
  if (every > 63) return ITEM_KEY_BAD_TABLE;
  // The last digit of 2 has four bits that are not used, the last of 3 has two.
  const over = (at - segment) & 3;
  if (over == 1 || (over == 2 && (value & 15) != 0) || (over == 3 && (value & 3) != 0)) {
    return ITEM_KEY_BAD_TABLE;
  }
  const segmentEnd = at;

  // A generation that is malformed matters only if a `|` follows it.
  const digits = ++at;
  let generation: u64 = 0;
  let sound = true;
  for (; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (c == PIPE) break;
    const digit: u64 = c - 0x30;
    if (c - 0x30 > 9 || generation > (u64.MAX_VALUE - digit) / 10) sound = false;
    generation = generation * 10 + digit;
  }
  if (at == end || at == digits) return ITEM_KEY_NO_GENERATION;
  if (!sound) return ITEM_KEY_BAD_GENERATION;
  if (++at == end) return ITEM_KEY_NO_PAYLOAD;

  store<u32>(table, segment - bytes, 4);
  store<u32>(table, segmentEnd - bytes, 8);
  store<u32>(table, <u32> (generation >> 32), 12);
  store<u32>(table, <u32> generation, 16);
  store<u32>(table, at - bytes, 20);
  return ITEM_KEY_OK;
}

/** What a base64url digit stands for; 64 for any other byte. */
function sextet(c: u32): u32 {
  const letter = (c | 0x20) - 0x61;
  if (letter < 26) return c < 0x61 ? letter : letter + 26;
  if (c - 0x30 < 10) return c - 0x30 + 52;
  return c == 0x2d ? 62 : c == 0x5f ? 63 : 64;
}
