/** What is done to a snapshot: each change is one that a damaged disk, a bug or an attacker could make. @module */

import { concat, u64be, u64le } from "../support/generator/encoding.ts";
import type { Random } from "../support/generator/mod.ts";
import { latin1 } from "../support/naive/parse.ts";
import type { ModelEntry, ModelFile } from "./snapshot_model.ts";

const MAX_TIME = 0xffff_ffff_ffff_ffffn;
const SPECIAL = [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn]
  .concat([1n << 47n, 1n << 48n, 1n << 53n, (1n << 53n) + 1n, 1n << 62n])
  .concat([(1n << 63n) - 1n, 1n << 63n, MAX_TIME - 1n, MAX_TIME]);
const PREFIXES = [
  ...["!ddb|meta|table|", "!ddb|meta|gen|", "!ddb|item|", "!ddb|gsi|", "!s3|bucket|meta|"],
  ...["!s3|bucket|gen|", "!s3|obj|head|", "!s3|blob|", "!s3|chunkref|", "!s3|chunkblob|"],
  ...["!s3|upload|meta|", "!s3|upload|part|", "!redis|str|", "!redis|hll|", "!redis|ttl|"],
  ...["!redis|hash|", "!hs|meta|", "!hs|meta|d|", "!hs|fld|", "!st|meta|", "!st|mem|"],
  ...["!zs|meta|", "!zs|mem|", "!zs|scr|", "!lst|meta|", "!lst|itm|", "!stream|meta|"],
  ...[
    "!stream|entry|",
    "!sqs|queue|meta|",
    "!sqs|queue|gen|",
    "!sqs|msg|data|",
    "!sqs|msg|data|p|",
  ],
  ...["!txn|lock|", "!txn|int|", "!txn|cmt|", "!txn|rb|", "!dist|route|", "!fs|ino|", "!", ""],
];
const TRANSACTIONS = ["!txn|lock|", "!txn|int|", "!txn|cmt|", "!txn|rb|"];
const WHOLE_KEYS = ["_meta_last_commit_ts", "_meta_min_retained_ts", "!encryption|writers|"];

type Change = (random: Random, file: ModelFile, all: ModelFile[]) => void;

/** By name, and how often each is chosen in relation to the others. */
const CHANGES: Record<string, [number, Change]> = {
  "drop an entry": [
    3,
    (random, { entries }) => void entries.splice(random.below(entries.length), 1),
  ],
  "drop entries in a row": [1, (random, { entries }) => {
    entries.splice(random.below(entries.length), random.between(1, 20));
  }],
  "swap two entries": [1, (random, file) => {
    const { entries } = file;
    const [a, b] = [random.below(entries.length), random.below(entries.length)];
    [entries[a], entries[b]] = [entries[b], entries[a]];
    file.unsorted = true;
  }],
  "repeat an entry": [1, (random, file) => {
    const at = random.below(file.entries.length);
    file.entries.splice(at, 0, copyOf(file.entries[at]));
    file.unsorted = true;
  }],
  "copy an entry into another file": [2, (random, { entries }, all) => {
    random.pick(all).entries.push(copyOf(random.pick(entries)));
  }],
  "add a version": [6, (random, { entries }) => {
    const entry = copyOf(random.pick(entries));
    setTime(entry, timeNear(random, entries));
    if (random.chance(0.4)) changeValue(random, entry, entries);
    entries.push(entry);
  }],
  "add a tombstone": [3, (random, { entries }) => {
    const { key } = random.pick(entries);
    const entry = { key: key.slice(), value: concat(1, u64le(0n)) };
    setTime(entry, timeNear(random, entries));
    entries.push(entry);
  }],
  "change a time": [4, (random, { entries }) => {
    setTime(random.pick(entries), timeNear(random, entries));
  }],
  "change a key": [4, (random, { entries }) => {
    const entry = random.pick(entries);
    entry.key = changeBytes(random, entry.key);
  }],
  "lengthen a user key": [3, (random, { entries }) => {
    const entry = random.pick(entries);
    const at = entry.key.length - 8;
    entry.key = concat(entry.key.slice(0, at), special(random), entry.key.slice(at));
  }],
  "give a key another family": [2, (random, { entries }) => {
    const entry = random.pick(entries);
    const prefix = PREFIXES.filter((p) => latin1(entry.key).startsWith(p))
      .reduce((a, b) => b.length > a.length ? b : a, "");
    entry.key = concat(random.pick(PREFIXES), entry.key.slice(prefix.length));
  }],
  "make an entry the store's own": [1, (random, { entries }) => {
    const entry = random.pick(entries);
    entries.push({ key: concat(random.pick(WHOLE_KEYS)), value: entry.value.slice() });
  }],
  "change a value": [8, (random, { entries }) => {
    changeValue(random, random.pick(entries), entries);
  }],
  "change flags": [4, (random, { entries }) => {
    const { value } = random.pick(entries);
    if (value.length > 0) {
      value[0] = random.chance(0.6) ? value[0] ^ random.pick([1, 2, 4]) : random.below(256);
    }
  }],
  "change an expiry": [4, (random, file) => {
    const { value } = random.pick(file.entries);
    if (value.length < 9) return;
    value.set(u64le(random.chance(0.5) ? timeNear(random, file.entries) : random.pick(SPECIAL)), 1);
  }],
  "swap two values": [2, (random, { entries }) => {
    const [a, b] = [random.pick(entries), random.pick(entries)];
    [a.value, b.value] = [b.value, a.value];
  }],
  "mix up a transaction": [5, (random, { entries }) => {
    const rows = entries.filter(({ key }) => latin1(key).startsWith("!txn|"));
    if (rows.length === 0) return;
    const [row, other] = [random.pick(rows), random.pick(rows)];
    switch (random.below(4)) {
      case 0:
        return void entries.splice(entries.indexOf(row), 1);
      case 1: // the start time, or that of the commit
        row.value = concat(row.value.slice(0, 10), other.value.slice(10, 18), row.value.slice(18));
        return;
      case 2:
        row.value = other.value.slice();
        return;
      default:
        row.key = concat(
          random.pick(TRANSACTIONS),
          row.key.slice(latin1(row.key).indexOf("|", 5) + 1),
        );
    }
  }],
  "change a length": [1, (random, { entries }) => {
    const entry = random.pick(entries);
    const which = random.pick(["key", "value"] as const);
    const near = BigInt.asUintN(64, BigInt(entry[which].length + random.between(-9, 9)));
    entry[`${which}Length`] = random.chance(0.5) ? near : random.pick(SPECIAL);
  }],
  "change the last commit": [2, (random, file) => {
    file.last = random.chance(0.7) ? timeNear(random, file.entries) : random.pick(SPECIAL);
  }],
  "change the header": [1, (random, file) => {
    file.header = random.chance(0.5)
      ? changeBytes(random, file.header)
      : random.pick([new Uint8Array(0), concat("EKVTHLC1", special(random))]);
  }],
  "change the checksum": [1, (random, file) => {
    file.footer = random.pick(["mended", "broken", "none"]);
  }],
  "cut the end off": [1, (random, file) => {
    const part = random.u32() / 2 ** 32;
    file.finish = (payload) => payload.slice(0, Math.floor(payload.length * part));
  }],
  "change bytes anywhere": [1, (random, file) => {
    const [at, bit] = [random.u32() / 2 ** 32, random.below(8)];
    file.finish = (payload) => {
      payload[Math.floor(payload.length * at)] ^= 1 << bit;
      return payload;
    };
  }],
};
const NAMES = Object.entries(CHANGES).flatMap(([name, [weight]]) =>
  Array<string>(weight).fill(name)
);

/** Changes some files, and says how. */
export function change(random: Random, files: ModelFile[]): string[] {
  const done: string[] = [];
  const count = random.pick([1, 1, 2, 3, 5, 10]);
  for (let i = 0; i < count; i++) {
    const file = random.pick(files);
    if (file.entries.length === 0) break;
    const name = random.pick(NAMES);
    CHANGES[name][1](random, file, files);
    done.push(name);
  }
  return done;
}

function copyOf({ key, value }: ModelEntry): ModelEntry {
  return { key: key.slice(), value: value.slice() };
}

function timeOf({ key }: ModelEntry): bigint {
  if (key.length < 8) return 0n;
  return MAX_TIME - new DataView(key.buffer, key.byteOffset + key.length - 8).getBigUint64(0);
}

function setTime(entry: ModelEntry, time: bigint): void {
  if (entry.key.length >= 8) entry.key.set(u64be(MAX_TIME - time), entry.key.length - 8);
}

/** The time of an entry, or one beside it. */
function timeNear(random: Random, entries: readonly ModelEntry[]): bigint {
  return BigInt.asUintN(
    64,
    timeOf(random.pick(entries)) + random.pick([0n, 0n, 1n, -1n, 1n << 16n]),
  );
}

/** A number, in either order and of any width, or a few bytes of any kind. */
function special(random: Random): Uint8Array {
  if (random.chance(0.3)) return random.bytes(random.between(1, 4));
  const n = random.pick(SPECIAL);
  return (random.chance(0.5) ? u64be(n) : u64le(n)).slice(0, random.pick([1, 2, 4, 8]));
}

function changeValue(random: Random, entry: ModelEntry, entries: readonly ModelEntry[]): void {
  const head = entry.value.slice(0, 9);
  const body = entry.value.slice(9);
  if (random.chance(0.15)) entry.value = concat(head, random.pick(entries).value.slice(9));
  else if (random.chance(0.05)) entry.value = changeBytes(random, entry.value);
  else {entry.value = concat(
      head,
      random.chance(0.4) ? changeText(random, body) : changeBytes(random, body),
    );}
}

/** Flips, sets, cuts, inserts or repeats. */
function changeBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.between(1, 8));
  const [before, piece, after] = [bytes.slice(0, at), bytes.slice(at, end), bytes.slice(end)];
  switch (random.below(6)) {
    case 0:
      return concat(before, piece.map((b) => b ^ 1 << random.below(8)), after);
    case 1:
      return concat(before, special(random).slice(0, piece.length), after);
    case 2:
      return before;
    case 3:
      return concat(before, after);
    case 4:
      return concat(before, special(random), piece, after);
    default:
      return concat(before, piece, piece, after);
  }
}

/** Changes a number or a name of JSON or other text; the length of the whole may change. */
function changeText(random: Random, bytes: Uint8Array): Uint8Array {
  const text = latin1(bytes);
  const tokens = [...text.matchAll(/-?\d+|"[^"]*"|[a-z]+/g)];
  if (tokens.length === 0) return changeBytes(random, bytes);
  const token = random.pick(tokens);
  const other = random.pick(tokens)[0];
  const n = random.pick(SPECIAL);
  const replaced = random.pick([
    other,
    String(n),
    String(-n),
    `"${n}"`,
    "null",
    "true",
    '""',
    "[]",
    "{}",
  ]);
  const end = token.index + token[0].length;
  return Uint8Array.from(
    text.slice(0, token.index) + replaced + text.slice(end),
    (c) => c.charCodeAt(0),
  );
}
