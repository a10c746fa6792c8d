/** Keys of items as programs give them, and the stored keys under which such an item lies. @module */

import { fromBase64, STANDARD } from "../../bytes/base64.ts";
import { UsageError } from "../../errors.ts";
import { itemKey, legacyPayload, orderedPayload } from "../../keyspace/dynamodb_keys.ts";
import { orderedNumber } from "../../keyspace/ordered_number.ts";
import { decodeUtf8, encodeUtf8 } from "../../text/utf8.ts";
import type { KeyAttribute, Table } from "./scopes.ts";

/**
 * A key attribute as DynamoDB JSON, or plain. Plain text is of the type that the table declares: a text, or
 * the digits of a number. A number that is no safe integer is given by its digits.
 */
export type KeyValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | string
  | number
  | bigint
  | Uint8Array;

/** The key attributes of an item, by their names. */
export type ItemKey = { readonly [name: string]: KeyValue };

/** A key attribute as keys hold it: a number by its digits, or bytes. */
type Part = { digits: string } | Uint8Array;

const NOTHING = new Uint8Array(0);

/**
 * The stored keys under which an item can lie, in the order in which a server looks there: one, or two in
 * a table that is being moved.
 *
 * @param name Raw name of the table.
 * @throws {UsageError} when no item of the table can have such a key.
 */
export function storedKeys(table: Table, name: Uint8Array, key: ItemKey): Uint8Array[] {
  const parts = partsOf(table, key);
  if (table.range && parts.length < 2) throw wrongNames(table);
  const keys: Uint8Array[] = [];
  const isOrdered = table.keyEncodingVersion >= 2n;
  const payload = isOrdered ? orderedOf(parts) : legacyOf(parts);
  if (payload) keys.push(itemKey(name, table.generation, payload));
  // An old item can have a number that no new key holds.
  if (table.source) keys.push(itemKey(name, table.source.number, legacyOf(parts)));
  if (keys.length === 0) throw noNumber();
  return keys;
}

/**
 * The payload from which the items of a key begin. The range attribute may be left out.
 *
 * @throws {UsageError} when no item of the table can have such a key.
 */
export function payloadOf(table: Table, key: ItemKey | Uint8Array): Uint8Array {
  if (key instanceof Uint8Array) return key;
  const parts = partsOf(table, key);
  if (table.keyEncodingVersion < 2n) return legacyOf(parts);
  const payload = orderedOf(parts);
  if (!payload) throw noNumber();
  return payload;
}

/**
 * A key by the texts of its attributes, each of the type that the table declares: a text, the digits of a
 * number, or base64.
 *
 * @throws {UsageError} when the table has another number of key attributes.
 */
export function itemKeyOf(table: Table, texts: readonly string[]): ItemKey {
  const attributes = table.range ? [table.hash, table.range] : [table.hash];
  // A text may have slashes, if it is the only one.
  const values = attributes.length === 1 ? [texts.join("/")] : texts;
  if (values.length !== attributes.length) throw wrongNames(table);
  return Object.fromEntries(
    attributes.map(({ name, type }, i) => [
      decodeUtf8(name)!,
      type === "B" ? { B: values[i] } : values[i],
    ]),
  );
}

/**
 * What the payloads of all items with a hash attribute begin with.
 *
 * @throws {UsageError} when the key is anything else than the hash attribute, or no item can have it.
 */
export function hashPayload(table: Table, key: ItemKey): Uint8Array {
  const alone = { ...table, range: undefined };
  partsOf(alone, key);
  return payloadOf(alone, key);
}

/** The attributes of a key in the order of the table's; the range attribute may be left out. */
function partsOf(table: Table, key: ItemKey): Part[] {
  const { hash, range } = table;
  const names = Object.keys(key);
  const attributes = range && names.length > 1 ? [hash, range] : [hash];
  const isKey = names.length === attributes.length &&
    attributes.every(({ name }) => Object.hasOwn(key, decodeUtf8(name)!));
  if (!isKey) throw wrongNames(table);
  return attributes.map((attribute) => partOf(attribute, key[decodeUtf8(attribute.name)!]));
}

function partOf({ name, type }: KeyAttribute, value: KeyValue): Part {
  const shown = JSON.stringify(decodeUtf8(name)!);
  if (value instanceof Uint8Array) return value;
  if (typeof value === "bigint" || typeof value === "number") {
    if (type === "S" || type === "B") {
      throw new UsageError(`the key attribute ${shown} is ${type === "S" ? "text" : "binary"}`, {
        hint: "give what the table declares, or DynamoDB JSON if the item has another type",
      });
    }
    if (typeof value === "bigint") return { digits: String(value) };
    if (Number.isSafeInteger(value)) return { digits: String(value) };
    throw new UsageError(`the key attribute ${shown} is a number that is not exact`, {
      hint: 'give its digits as text: { N: "0.1" }',
    });
  }
  if (typeof value === "string") {
    if (type === "N") return { digits: value };
    if (type !== "B") return textOf(value, shown);
    throw new UsageError(`the key attribute ${shown} is binary`, {
      hint: "give its bytes, or { B: … } with base64",
    });
  }
  if (typeof value !== "object" || value === null) {
    throw new UsageError(`the key attribute ${shown} has no value`);
  }
  // Whoever writes JSON may write anything.
  const [[member, content], ...others] = [...Object.entries(value), ["", undefined]] as const;
  if (typeof content !== "string" || !["S", "N", "B"].includes(member) || others.length > 1) {
    throw new UsageError(`the key attribute ${shown} is neither text, number nor binary`, {
      hint: `as in {"S":"a"}, {"N":"0.5"} with the digits as text, {"B":"AAE="} with base64`,
    });
  }
  if (member === "N") return { digits: content };
  if (member === "S") return textOf(content, shown);
  const bytes = fromBase64(STANDARD, encodeUtf8(content));
  if (bytes) return bytes;
  throw new UsageError(`the key attribute ${shown} is not base64`);
}

function textOf(text: string, shown: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return encodeUtf8(text);
  throw new UsageError(
    `the key attribute ${shown} has half a surrogate pair, which no stored text has`,
  );
}

/** Strings and binary as they are, numbers in the form that sorts; `undefined` if one has none. */
function orderedOf(parts: readonly Part[]): Uint8Array | undefined {
  const ordered: Uint8Array[] = [];
  for (const part of parts) {
    const bytes = part instanceof Uint8Array ? part : orderedNumber(part.digits);
    if (!bytes) return undefined;
    ordered.push(bytes);
  }
  return orderedPayload(ordered);
}

/** Numbers are as a client spelled them. */
function legacyOf([hash, range = NOTHING]: readonly Part[]): Uint8Array {
  const raw = (part: Part): Uint8Array =>
    part instanceof Uint8Array ? part : encodeUtf8(part.digits);
  return legacyPayload([raw(hash), raw(range)]);
}

function wrongNames({ shownName, hash, range }: Table): UsageError {
  const names = [hash, range].flatMap((one) => one ? [JSON.stringify(decodeUtf8(one.name)!)] : []);
  return new UsageError(
    `a key of the table ${JSON.stringify(shownName)} has ${names.join(" and ")}, and nothing else`,
  );
}

function noNumber(): UsageError {
  return new UsageError("a key attribute is no number that the server takes in keys");
}
