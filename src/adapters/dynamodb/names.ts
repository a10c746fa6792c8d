/**
 * File names of items. A name is made of the key attributes: strings percent-encoded, numbers in
 * lowest terms, binary in base64 behind `b64.`.
 *
 * Two items of a table with ordered keys can only get one name when their key attributes are not of
 * the types that the table declares, or when an empty hash puts an item beside the folders of others.
 * In tables with legacy keys, `1` and `1.0` are two items with one name. Such items are told apart
 * here: which of two gets the plain name must not depend on anything but the keys.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { appendCanonicalNumber } from "../../kernels/js/numbers.ts";
import {
  ITEM_COLUMNS,
  ITEM_NAME_OUT_OF_BOUNDS,
  ITEM_NAME_RESPELLED,
  type ItemForm,
  NUMBER_OUT_OF_BOUNDS,
} from "../../kernels/kernels.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { FileNames } from "../../tree/file_names.ts";
import { namesAt } from "../../tree/segment_prefix.ts";
import { clashSegments, escapeDotSegment } from "../../tree/segment.ts";
import { ITEM_HASH, ITEM_NAME, ITEM_RANGE } from "./item_columns.ts";
import { KINDS } from "./item_message.ts";
import type { Table } from "./scopes.ts";
import type { Items } from "./values.ts";

/** What stands behind the name of an item. */
export const ITEM_ENDING = ".json";

const NOTHING = new Uint8Array(0);
const SLASH = 0x2f;

/** What the hash attributes begin with of items whose paths begin alike below their table's folder. */
export function keysAt(path: string): Uint8Array {
  const [folder, segment] = path.split("/");
  return folder === "items" && segment !== undefined
    ? namesAt(segment, [ITEM_ENDING, "~"])
    : NOTHING;
}

/** Where an item goes. */
export interface ItemName {
  path: string;
  /** Whether another item could have the same path. */
  mayClash: boolean;
  /** Whether a number was too large to be brought to lowest terms. */
  outOfBounds: boolean;
}

/** Names the items of one table: `<folder><hash>.json`, or `<folder><hash>/<range>.json`. */
export class ItemNames {
  /** The folder of the items, with its `/`. */
  readonly folder: string;
  /** How the kernel is to name items; it knows the plain rule only. */
  readonly form: ItemForm["name"];
  readonly #names: FileNames;
  readonly #table: Table;

  /** @param names The rule that is followed. */
  constructor(names: FileNames, table: Table, folder: string) {
    this.#names = names;
    this.#table = table;
    this.folder = folder;
    const around = { before: encodeUtf8(folder), behind: encodeUtf8(ITEM_ENDING) };
    this.form = names.portable ? undefined : around;
  }

  /** How items are read by those who want their names. */
  get readerForm(): ItemForm {
    const { keyNames } = this.#table;
    const text = { plain: false, indent: false, html: false, before: NOTHING, behind: NOTHING };
    return { ...keyNames, ...text, name: this.form };
  }

  /** The key of item `i` for people and patterns: its hash attribute, and behind a slash its range attribute. */
  keyOf({ bytes, table }: Items, i: number): Uint8Array {
    const key = new ByteBuilder();
    const append = (column: number): void => {
      const raw = bytes.subarray(table[column + 1], table[column + 2]);
      if (KINDS[table[column]] !== "N") key.append(raw);
      else appendCanonicalNumber(key, raw, 0, raw.length);
    };
    append(i * ITEM_COLUMNS + ITEM_HASH);
    if (this.#table.range) {
      key.byte(SLASH);
      append(i * ITEM_COLUMNS + ITEM_RANGE);
    }
    return key.view();
  }

  /**
   * The natural name of item `i`.
   *
   * @param legacyKeys Whether the items' rows have legacy keys.
   */
  of(items: Items, i: number, legacyKeys: boolean): ItemName {
    const { table } = items;
    const at = i * ITEM_COLUMNS;
    const name = this.form
      ? {
        flags: table[at + ITEM_NAME],
        path: items.names.slice(table[at + ITEM_NAME + 1], table[at + ITEM_NAME + 2]),
      }
      : this.#nameOf(items, at, (kind, raw) =>
        escapeDotSegment(
          kind === "B" ? this.#names.binarySegment(raw) : this.#names.segment(raw),
        ));
    const { path, flags } = name;
    return {
      path,
      mayClash: this.#isOdd(items, at, path) ||
        (legacyKeys && (flags & ITEM_NAME_RESPELLED) !== 0),
      outOfBounds: (flags & ITEM_NAME_OUT_OF_BOUNDS) !== 0,
    };
  }

  /** The paths of an item whose natural one another item has, to be tried one after the other. */
  others(path: string, key: Uint8Array): string[] {
    const { folder } = this;
    const [first, second] = path.slice(folder.length, -ITEM_ENDING.length).split("/");
    const others = (segment: string): string[] => clashSegments(segment, key);
    const names = second === undefined
      ? others(first)
      : others(second).flatMap((file, i) => [`${first}/${file}`, `${others(first)[i]}/${second}`]);
    return names.map((name) => folder + name + ITEM_ENDING);
  }

  /** The path of an item whose natural one would be a twin of another one's. */
  hashed(items: Items, i: number): string {
    return this.#nameOf(items, i * ITEM_COLUMNS, (_, raw) => this.#names.hashed(raw)).path;
  }

  /** Whether key attributes have another type than the table declares, or there is no folder for the hash. */
  #isOdd({ table }: Items, at: number, path: string): boolean {
    const { hash, range } = this.#table;
    if (KINDS[table[at + ITEM_HASH]] !== hash.type) return true;
    return range !== undefined &&
      (KINDS[table[at + ITEM_RANGE]] !== range.type || !path.includes("/", this.folder.length));
  }

  #nameOf(
    { bytes, table }: Items,
    at: number,
    segmentOf: (kind: string, raw: Uint8Array) => string,
  ): { path: string; flags: number } {
    let flags = 0;
    const segment = (column: number): string => {
      const kind = KINDS[table[column]];
      const raw = bytes.subarray(table[column + 1], table[column + 2]);
      if (kind !== "N") return segmentOf(kind, raw);
      const number = new ByteBuilder();
      const status = appendCanonicalNumber(number, raw, 0, raw.length);
      if (status === NUMBER_OUT_OF_BOUNDS) flags |= ITEM_NAME_OUT_OF_BOUNDS;
      if (!equalBytes(number.view(), raw)) flags |= ITEM_NAME_RESPELLED;
      return segmentOf(kind, number.view());
    };
    const hash = segment(at + ITEM_HASH);
    const range = this.#table.range && segment(at + ITEM_RANGE);
    // A range attribute with an empty hash stands beside the folders.
    const name = range === undefined ? hash : hash === "" ? range : `${hash}/${range}`;
    return { path: this.folder + name + ITEM_ENDING, flags };
  }
}
