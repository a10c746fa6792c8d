/**
 * File names of items. A name is made of the key attributes: strings percent-encoded, numbers in
 * lowest terms, binary in base64 behind `b64.`.
 *
 * Two items of a table with ordered keys can only get one name when their key attributes are not of
 * the types that the table declares, or when an empty hash puts an item beside the folders of others.
 * In tables with legacy keys, `1` and `1.0` are two items with one name. Such items are told apart
 * here, so that they can be written last and in order: which of two gets the plain name must not
 * depend on anything but the keys.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { type Kernels, NUMBER_OUT_OF_BOUNDS } from "../../kernels/kernels.ts";
import { encodeBinarySegment, encodeSegment, escapeDotSegment } from "../../tree/segment.ts";
import type { Attribute } from "./item.ts";
import type { ItemKeyAttributes } from "./item_keys.ts";
import type { Table } from "./tables.ts";

/** An item whose name is wanted. */
export interface Nameable {
  bytes: Uint8Array;
  key: ItemKeyAttributes;
  /** Whether the item's row has a legacy key. */
  legacyKey: boolean;
}

/** A file name, without its ending. */
export interface ItemName {
  /** Folder; absent in tables without a range key. */
  folder?: string;
  file: string;
  /** Whether another item could have the same name. */
  mayClash: boolean;
  /** Whether a number was too large to be brought to lowest terms. */
  outOfBounds: boolean;
}

/** The names of some items of one table. Numbers are brought to lowest terms in one go. */
export function itemNames(kernels: Kernels, table: Table, items: readonly Nameable[]): ItemName[] {
  const numbers = new Numbers(kernels);
  for (const { bytes, key } of items) {
    numbers.add(bytes, key.hash);
    if (key.range) numbers.add(bytes, key.range);
  }
  numbers.run();
  const hashType = table.hash.type;
  const rangeType = table.range?.type;
  return items.map(({ bytes, key, legacyKey }) => {
    numbers.outOfBounds = numbers.respelled = false;
    const hash = segmentOf(numbers, bytes, key.hash);
    const range = key.range && segmentOf(numbers, bytes, key.range);
    const mayClash = key.hash.kind !== hashType ||
      (key.range !== undefined && (key.range.kind !== rangeType || hash === "")) ||
      (legacyKey && numbers.respelled);
    const { outOfBounds } = numbers;
    // A range attribute with an empty hash stands beside the folders.
    return range === undefined || hash === ""
      ? { file: range ?? hash, mayClash, outOfBounds }
      : { folder: hash, file: range, mayClash, outOfBounds };
  });
}

function segmentOf(numbers: Numbers, bytes: Uint8Array, attribute: Attribute): string {
  const { kind, start, end } = attribute;
  const raw = kind === "N" ? numbers.take(bytes.subarray(start, end)) : bytes.subarray(start, end);
  return escapeDotSegment(kind === "B" ? encodeBinarySegment(raw) : encodeSegment(raw));
}

/** The number literals of some items, taken in the order in which they were added. */
class Numbers {
  outOfBounds = false;
  respelled = false;
  readonly #kernels: Kernels;
  readonly #literals = new ByteBuilder();
  readonly #offsets: number[] = [];
  readonly #texts: Uint8Array[] = [];
  readonly #beyond: boolean[] = [];
  #taken = 0;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  add(bytes: Uint8Array, { kind, start, end }: Attribute): void {
    if (kind !== "N") return;
    this.#offsets.push(this.#literals.length, this.#literals.length + end - start);
    this.#literals.append(bytes, start, end);
  }

  run(): void {
    let rest = Uint32Array.from(this.#offsets);
    while (rest.length > 0) {
      const { count, bytes, ranges, status } = this.#kernels.canonicalNumbers(
        this.#literals.view(),
        rest,
      );
      for (let i = 0; i < count; i++) {
        this.#texts.push(bytes.subarray(ranges[2 * i], ranges[2 * i + 1]));
        this.#beyond.push(status[i] === NUMBER_OUT_OF_BOUNDS);
      }
      rest = rest.subarray(2 * count);
    }
  }

  take(literal: Uint8Array): Uint8Array {
    const at = this.#taken++;
    if (this.#beyond[at]) this.outOfBounds = true;
    if (!equalBytes(this.#texts[at], literal)) this.respelled = true;
    return this.#texts[at];
  }
}
