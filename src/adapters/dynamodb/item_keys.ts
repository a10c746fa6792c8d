/** The key attributes of items. @module */

import { orderedNumber } from "../../keyspace/ordered_number.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { type Attribute, attributeOf } from "./item.ts";
import type { ParsedItem } from "./item_values.ts";
import type { Table } from "./tables.ts";

/** An item's key attributes. */
export interface ItemKeyAttributes {
  hash: Attribute;
  range?: Attribute;
}

/** The key attributes of an item, or what is wrong with them. */
export function keyAttributes(table: Table, item: ParsedItem): ItemKeyAttributes | string {
  const hash = keyAttribute(item, table.hash.name, "hash");
  if (typeof hash === "string" || !table.range) return typeof hash === "string" ? hash : { hash };
  const range = keyAttribute(item, table.range.name, "range");
  return typeof range === "string" ? range : { hash, range };
}

function keyAttribute(item: ParsedItem, name: Uint8Array, which: string): Attribute | string {
  const attribute = attributeOf(item.bytes, item.start, item.end, name);
  const kind = attribute?.kind;
  if (kind === "S" || kind === "N" || kind === "B") return attribute!;
  const shown = JSON.stringify(decodeUtf8(name));
  return attribute
    ? `the ${which} key attribute ${shown} is of type ${kind || "NULL"}`
    : `the item has no ${which} key attribute ${shown}`;
}

/**
 * What an attribute is in an ordered key, or `undefined` if it cannot be in one: it is missing, of
 * another type than S, N and B, or a number that the server refuses in keys.
 */
export function keyPart(item: ParsedItem, name: Uint8Array): Uint8Array | undefined {
  const attribute = attributeOf(item.bytes, item.start, item.end, name);
  if (!attribute) return undefined;
  const contents = item.bytes.subarray(attribute.start, attribute.end);
  switch (attribute.kind) {
    case "S":
    case "B":
      return contents;
    case "N":
      return orderedNumber(decodeUtf8(contents)!);
    default:
      return undefined;
  }
}
