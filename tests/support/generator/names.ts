/** Names that break programs. @module */

import { concat, text } from "./encoding.ts";
import type { Random } from "./random.ts";

const TEXTS = [
  "a",
  "A",
  "b64.x",
  "%41",
  "a b",
  "ünïcödé",
  "日本語",
  "\u{1f600}",
  "\ufeffbom",
  "a\tb\nc",
  "\u202egnp.exe",
  "CON",
  "con.txt ",
  "...",
  "-rf",
  "KEYMAP.jsonl",
  "_bucket.json",
  "_schema.json",
  "x.elastickv-meta.json",
  "x.elastickv-leaf-data",
  "d|list",
  "p|queue",
  "0123456789abcdef0123456789abcdef__x",
  "e\u0301",
  "é",
  "\u2028\u2029",
  "\u007f",
  '"\\',
  "<&>",
];

const PATHS = [
  "",
  ".",
  "..",
  "a/b",
  "a",
  "a/",
  "/a",
  "a//b",
  "../../x",
  "a/../b",
  "\\",
  "\0",
  "a\0b",
];

/** Any length, never empty, never only dots: for tables and queues. */
export function niceName(random: Random, prefix: string): string {
  if (random.chance(0.5)) return `${prefix}-${random.below(100)}`;
  if (random.chance(0.1)) return prefix.padEnd(random.pick([80, 250]), "x") + random.below(10);
  return random.pick(TEXTS) + (random.chance(0.5) ? random.below(10) : "x");
}

/** Any bytes: for what clients name freely. */
export function anyName(random: Random): Uint8Array {
  switch (random.below(8)) {
    case 0:
      return text(random.pick(PATHS));
    case 1:
      return text(random.pick(TEXTS));
    case 2:
      return random.bytes(random.below(12));
    case 3:
      // Looks like what follows a key: the inverse of a timestamp.
      return concat(random.pick([0xfe, 0xff, 0x00]), random.bytes(7));
    case 4:
      return random.chance(0.2)
        ? text("long/".repeat(random.pick([48, 60, 205])))
        : Uint8Array.of(0xff, 0xc3, 0x28);
    default:
      return text(`user:${random.below(40)}`);
  }
}

/** A name that extends another, by nothing or by what looks like the inverse of a timestamp. */
export function extended(random: Random, name: Uint8Array): Uint8Array {
  return concat(
    name,
    random.pick([
      new Uint8Array(0),
      Uint8Array.of(0xff),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0xfe, 0x61, 0x8f, 0xbb),
      Uint8Array.of(0),
      Uint8Array.of(0, 0, 0, 0, 0, 0xf),
      text("x"),
    ]),
  );
}
