/**
 * The order in which keys are walked: shorter names first, names of one length by their bytes.
 *
 * ```text
 * length u32 BE ‖ name ‖ what belongs to the name
 * ```
 *
 * That is how most Redis rows begin after their prefix, so all rows of one name lie together in the
 * snapshot already, and names come in this order. Whatever else is known by name is sorted into it.
 *
 * @module
 */

import type { ByteBuilder } from "../../bytes/builder.ts";
import { u32be } from "../../bytes/integers.ts";
import { equalBytes, startsWith } from "../../bytes/compare.ts";
import { appendU32 } from "../../keyspace/fields.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { SortedRecord, SortedRecords } from "../../sources/spill_sorter.ts";

/** Appends the sized form of the name `bytes[start, end)`. */
export function appendName(
  out: ByteBuilder,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  appendU32(out, end - start).append(bytes, start, end);
}

/** Bytes that the sized name at the beginning of `key` takes. */
export function nameLength(key: Uint8Array): number {
  return 4 + u32be(key, 0);
}

/** Compares the sized names at the beginnings of two keys. */
export function compareNames(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(nameLength(a), nameLength(b));
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** Whether a cursor over elements stands on those of a sized name. */
export function isAt({ name: at }: { name: Uint8Array | undefined }, name: Uint8Array): boolean {
  return at !== undefined && equalBytes(at, name);
}

/** Sorted records with a view of the next one. */
export class Cursor {
  readonly #records: SortedRecords;
  /** The record that the cursor stands on. Nothing before the first {@link advance}. */
  current: SortedRecord | undefined;

  /** Made before the first of some records. */
  constructor(records: SortedRecords) {
    this.#records = records;
  }

  /** Goes to the next record. */
  advance(): MaybePromise<void> {
    const next = this.#records.next();
    if (isPromise(next)) return next.then((record) => void (this.current = record));
    this.current = next;
  }

  /** Whether the cursor stands on a record of a sized name. */
  isAt(name: Uint8Array): boolean {
    return this.current !== undefined && startsWith(this.current.key, name);
  }
}
