/**
 * Which items AWS would not take, and why: a node stores more than AWS does. The
 * limits are those that AWS names in "Quotas in Amazon DynamoDB" and in the rules of data types.
 *
 * @module
 */

import { encodeUtf8 } from "../../text/utf8.ts";
import { fromBase64, STANDARD } from "../../bytes/base64.ts";
import type { AttributeValue, Item } from "./item_objects.ts";
import type { TableSchema } from "./schema.ts";

/** Why AWS refuses an item; the first that applies. */
export type AwsReason =
  | "attribute-name"
  | "empty-set"
  | "index-key"
  | "key-empty"
  | "key-too-long"
  | "key-type"
  | "not-null"
  | "number"
  | "repeated-element"
  | "too-deep"
  | "too-large";

/** What each reason means. */
export const AWS_REASONS: { readonly [reason in AwsReason]: string } = {
  "attribute-name": "an attribute whose name is empty or longer than 65,535 bytes",
  "empty-set": "a set without elements",
  "index-key": "a key attribute of an index that is empty or of another type than declared",
  "key-empty": "an empty key attribute",
  "key-too-long":
    "a hash attribute of more than 2,048 bytes, or a range attribute of more than 1,024",
  "key-type": "a key attribute of another type than declared",
  "not-null": "a null that says that it is none",
  "number": "a number of more than 38 digits, or too great or too small",
  "repeated-element": "a set that has an element twice",
  "too-deep": "lists and maps nested in more than 32 levels",
  "too-large": "more than 400 KB",
};

const MAX_ITEM = 400 * 1024;
const MAX_NAME = 65_535;
const MAX_DEPTH = 32;
const MAX_DIGITS = 38;
const MAX_HASH = 2048;
const MAX_RANGE = 1024;

/** Why AWS would refuse an item, or `undefined`. */
export function whyAwsRefuses(item: Item, schema: TableSchema): AwsReason | undefined {
  const { key: { hash, range }, attributeTypes, indexes } = schema;
  for (const [name, longest] of [[hash, MAX_HASH], [range, MAX_RANGE]] as const) {
    if (name === "") continue;
    const value = item[name];
    if (!value || !isOfType(value, attributeTypes.get(name))) return "key-type";
    const length = keyLength(value);
    if (length === 0) return "key-empty";
    if (length > longest) return "key-too-long";
  }
  for (const { key } of indexes) {
    for (const name of [key.hash, key.range]) {
      const value = name === "" ? undefined : item[name];
      if (!value) continue;
      if (!isOfType(value, attributeTypes.get(name)) || keyLength(value) === 0) return "index-key";
    }
  }
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    const found = sizeOf(value, 1);
    if (typeof found === "string") return found;
    const length = encodeUtf8(name).length;
    if (length === 0 || length > MAX_NAME) return "attribute-name";
    size += length + found;
  }
  return size > MAX_ITEM ? "too-large" : undefined;
}

function isOfType(value: AttributeValue, type: string | undefined): boolean {
  return type !== undefined && type in value;
}

/** Bytes of a key attribute, roughly for numbers, which are never too long. */
function keyLength(value: AttributeValue): number {
  if ("S" in value) return encodeUtf8(value.S).length;
  if ("B" in value) return binaryLength(value.B);
  return 1;
}

function binaryLength(base64: string): number {
  return fromBase64(STANDARD, encodeUtf8(base64))!.length;
}

/** Bytes that AWS counts for a value, or why it does not take it. */
function sizeOf(value: AttributeValue, depth: number): number | AwsReason {
  const [[kind, content]] = Object.entries(value);
  switch (kind) {
    case "S":
      return encodeUtf8(content).length;
    case "B":
      return binaryLength(content);
    case "N":
      return numberSize(content);
    case "BOOL":
      return 1;
    case "NULL":
      return content === true ? 1 : "not-null";
    case "SS":
    case "NS":
    case "BS":
      return setSize(kind, content);
    default:
      return depth > MAX_DEPTH ? "too-deep" : nestedSize(content, depth);
  }
}

function setSize(kind: "SS" | "NS" | "BS", elements: readonly string[]): number | AwsReason {
  if (elements.length === 0) return "empty-set";
  let size = 0;
  const seen = new Set<string>();
  for (const element of elements) {
    const one = sizeOf({ [kind[0]]: element } as AttributeValue, 0);
    if (typeof one === "string") return one;
    size += one;
    seen.add(kind === "NS" ? shortest(element) : element);
  }
  return seen.size < elements.length ? "repeated-element" : size;
}

function nestedSize(
  content: readonly AttributeValue[] | Item,
  depth: number,
): number | AwsReason {
  let size = 3;
  for (const [name, value] of Object.entries(content)) {
    const one = sizeOf(value, depth + 1);
    if (typeof one === "string") return one;
    const isNamed = !Array.isArray(content);
    if (isNamed && encodeUtf8(name).length > MAX_NAME) return "attribute-name";
    size += 1 + one + (isNamed ? encodeUtf8(name).length : 0);
  }
  return size;
}

const NUMBER = /^[+-]?0*([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?$/;

/** Digits without zeros before and behind them, and the exponent of the first one; `undefined` for none. */
function significant(text: string): { digits: string; exponent: number } | undefined {
  const [all, whole, fraction = "", power = "0"] = NUMBER.exec(text) ?? [];
  if (all === undefined) return undefined;
  const digits = whole + fraction;
  const zeros = /^0*/.exec(digits)![0].length;
  return {
    digits: digits.slice(zeros).replace(/0+$/, ""),
    exponent: whole.length - zeros - 1 + Number(power),
  };
}

function numberSize(text: string): number | AwsReason {
  const number = significant(text);
  if (!number) return "number";
  const { digits, exponent } = number;
  const isFit = digits.length <= MAX_DIGITS &&
    (digits === "" || exponent >= -130 && exponent <= 125);
  return isFit ? Math.ceil(digits.length / 2) + 1 : "number";
}

/** One spelling of all that mean one number. */
function shortest(text: string): string {
  const { digits, exponent } = significant(text)!;
  return digits === "" ? "0" : `${text.startsWith("-") ? "-" : ""}${digits}e${exponent}`;
}
