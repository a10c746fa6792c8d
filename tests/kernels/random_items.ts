/** Items for the kernel's tests: what servers write, what nobody writes, and what either should become. */

import { type AttributeValue, type Item, itemValue } from "../adapters/dynamodb/rows.ts";
import { compare, text } from "../support/generator/encoding.ts";
import type { Random } from "../support/generator/random.ts";
import type { ItemForm } from "../../src/kernels/kernels.ts";

const TEXTS = [
  "",
  "a",
  "order-17",
  "0123456789abcde",
  "0123456789abcdef",
  "0123456789abcdef0",
  'say "hi" \\ and \b\f\n\r\t\v\0\x1f\x7f/',
  "<b>&amp;</b>",
  "Grüße, 世界 🌍 \u2028\u2029\u202a\ue000\uffff\u{10000}\u{10ffff}\ufeff",
  "世".repeat(40),
  "x".repeat(200) + "\n" + "y".repeat(77),
];
const NUMBERS = [
  ..."0 1 -1 1.50 1e3 -0 007 .5 5. 0x10 1/2 NaN 1E+2 1e -12.25e-130 +7".split(" "),
  " 7 ",
  "9".repeat(38),
  "9".repeat(70),
  "1e30000",
];
const KEYS = [
  ...TEXTS,
  ..."a/b a.b . .. ... b64.x .json".split(" "),
  "0123456789abcdef0123456789abcdef__x",
  "ä".repeat(41),
  "k".repeat(240),
  "k".repeat(241),
];

function textOf(random: Random): string {
  if (random.chance(0.5)) return random.pick(TEXTS);
  const alphabet = random.pick(["abcdefghijklmnop", 'a"\\<>&\n\u0001é世🌍\u2028', "ä€x"]);
  return Array.from({ length: random.below(70) }, () => random.pick([...alphabet])).join("");
}

function valueOf(random: Random, depth: number): AttributeValue {
  const some = <T>(least: number, make: () => T): T[] =>
    Array.from({ length: random.between(least, 4) }, make);
  const binary = () => random.bytes(random.below(40)).toBase64();
  switch (random.below(depth > 5 ? 8 : 10)) {
    case 0:
      return { N: random.pick(NUMBERS) };
    case 1:
      return { B: binary() };
    case 2:
      return { BOOL: random.chance(0.5) };
    case 3:
      return { NULL: random.chance(0.9) };
    case 4:
      return { SS: some(random.chance(0.9) ? 1 : 0, () => textOf(random)) };
    case 5:
      return { NS: some(1, () => random.pick(NUMBERS)) };
    case 6:
      return { BS: some(1, binary) };
    case 7:
      return { S: textOf(random) };
    case 8:
      return { L: some(0, () => valueOf(random, depth + 1)) };
    default:
      return { M: mapOf(random, depth + 1) };
  }
}

function mapOf(random: Random, depth: number): Item {
  const map: Item = {};
  for (let i = random.below(5); i > 0; i--) map[textOf(random)] = valueOf(random, depth);
  return map;
}

/** An item with the key attributes `id` and, nearly always, `sk`. */
export function randomItem(random: Random): Item {
  const key = (): AttributeValue => {
    const kind = random.below(20);
    if (kind < 10) return { S: random.chance(0.7) ? random.pick(KEYS) : textOf(random) };
    if (kind < 15) return { N: random.pick(NUMBERS) };
    if (kind < 19) return { B: random.bytes(random.below(random.pick([4, 40, 250]))).toBase64() };
    return valueOf(random, 0);
  };
  const item: Item = { ...mapOf(random, 0), id: key() };
  if (random.chance(0.95)) item.sk = key();
  return item;
}

/** A stored value that is damaged in some way, or a strange spelling of a message. */
export function damaged(random: Random, value: Uint8Array): Uint8Array {
  let bytes = [...value];
  for (let n = random.between(1, 3); n > 0; n--) {
    const at = random.below(bytes.length + 1);
    switch (random.below(7)) {
      case 0:
        bytes = bytes.slice(0, at);
        break;
      case 1:
        if (at < bytes.length) bytes[at] ^= 1 << random.below(8);
        break;
      case 2:
        bytes.splice(at, 0, random.pick([0, 1, 0x0a, 0x12, 0x1a, 0x28, 0x7f, 0x80, 0xff]));
        break;
      case 3:
        bytes.splice(at, random.below(3));
        break;
      case 4:
        if (at < bytes.length) bytes[at] = random.pick([0, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x4a]);
        break;
      case 5: // something twice
        bytes.push(...bytes.slice(Math.min(at, 4)));
        break;
      default: // a field that nobody knows
        bytes.push(0x7a, 1, 0x30);
    }
  }
  return Uint8Array.from(bytes);
}

/** The stored value of an item. */
export { itemValue };

/** Any of the forms that outputs want, and others. */
export function randomForm(random: Random): ItemForm {
  return {
    hash: text("id"),
    range: random.chance(0.7) ? text("sk") : undefined,
    plain: random.chance(0.4),
    indent: random.chance(0.5),
    html: random.chance(0.5),
    before: text(random.pick(["", '{"Item":', '{"adapter":"dynamodb","scope":"é","key":'])),
    between: random.chance(0.4) ? text(',"value":') : undefined,
    behind: text(random.pick(["", "}\n"])),
    name: random.chance(0.6) ? { before: text("items/"), behind: text(".json") } : undefined,
  };
}

/** What an item becomes, made from objects: only for values that a server writes. */
export function naiveText(item: Item, form: ItemForm): string {
  const whole = (value: unknown): string => {
    const json = JSON.stringify(value, null, form.indent ? 2 : 0);
    // Numbers that are plain have no quotes; a mark tells them.
    const numbers = json.replaceAll(/"\u0080(.*?)"/g, "$1");
    const lines = numbers.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
    const escaped = (c: string) => "\\u00" + c.charCodeAt(0).toString(16);
    return form.html ? lines.replaceAll(/[<>&]/g, escaped) : lines;
  };
  const plain = (value: AttributeValue): unknown => {
    if (!form.plain) {
      return "M" in value
        ? { M: members(value.M) }
        : "L" in value
        ? { L: value.L.map(plain) }
        : value;
    }
    if ("N" in value) return plainNumber(value.N);
    if ("NS" in value) return value.NS.map(plainNumber);
    if ("NULL" in value) return null;
    if ("L" in value) return value.L.map(plain);
    if ("M" in value) return members(value.M);
    return Object.values(value)[0];
  };
  // Objects of JavaScript have an order of their own: a Map keeps ours.
  const members = (map: Item): unknown => {
    const names = Object.keys(map).sort((a, b) => compare(text(a), text(b)));
    return Object.fromEntries(names.map((name) => [name, plain(map[name])]));
  };
  const key = { id: item.id, ...(form.range ? { sk: item.sk } : {}) };
  const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const keyed = form.between ? whole(members(key)) + decode(form.between) : "";
  return decode(form.before) + keyed + whole(members(item)) + decode(form.behind);
}

function plainNumber(literal: string): string {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(literal) ? "\u0080" + literal : literal;
}
