/**
 * A table of any number of items that are nowhere: each is made when its bytes are read. All frames of a
 * run of items have one length, so that an offset says which item it is in.
 *
 * ```text
 * "EKVPBBL1" ‖ commit time │ run of items │ … │ schema
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../../src/bytes/builder.ts";
import type { Source } from "../../../src/sources/source.ts";
import { concat, text, u64le } from "../../support/generator/encoding.ts";
import { storedKey, storedValue, type TestEntry } from "../../support/stream.ts";
import {
  type Item,
  itemKey,
  itemValue,
  orderedPayload,
  tableRow,
  type TableShape,
} from "./rows.ts";

/** Items of one generation. */
export interface Run {
  count: number;
  generation: number;
  /** Whether the keys are base64. */
  legacy: boolean;
  /** Attributes besides the key. */
  more: Item;
  /** The number of the first item; 0. */
  first?: number;
  /** From one item's number to the next one's; 1. */
  step?: number;
}

/**
 * The binary key of item `n`: what eight decimal digits are as base64. So the keys of both kinds are in
 * the order of their numbers, and no byte of them is 0.
 */
export function keyOf(n: number): string {
  return String(n).padStart(8, "0");
}

function frame(entry: TestEntry): Uint8Array {
  const key = storedKey(entry.key, 1n);
  const value = storedValue(entry);
  return concat(u64le(key.length), key, u64le(value.length), value);
}

function frameOf(table: string, { generation, legacy, more }: Run, n: number): Uint8Array {
  const id = { B: keyOf(n) };
  const payload = legacy ? `${keyOf(n)}|` : orderedPayload([id]);
  return frame({ key: itemKey(table, generation, payload), value: itemValue({ ...more, id }) });
}

/** Frames of one run: the first one with the places in which others differ. */
class Frames {
  readonly length: number;
  readonly size: number;
  readonly #run: Run;
  readonly #template: Uint8Array;
  /** Where the six bytes of the key are, or their eight digits. */
  readonly #places: { at: number; digits: boolean }[] = [];

  constructor(table: string, run: Run) {
    this.#run = run;
    this.#template = frameOf(table, run, 0);
    this.length = this.#template.length;
    this.size = this.length * run.count;
    const zero = Uint8Array.fromBase64(keyOf(0));
    for (let at = 0; at + 6 <= this.length; at++) {
      const isAt = (part: Uint8Array): boolean =>
        part.every((b, i) => this.#template[at + i] === b);
      if (isAt(zero)) this.#places.push({ at, digits: false });
      if (run.legacy && isAt(text(`|${keyOf(0)}|`))) {
        this.#places.push({ at: at + 1, digits: true });
      }
    }
  }

  /** Writes the frame of the run's item `i`. */
  write(i: number, out: Uint8Array): void {
    out.set(this.#template);
    const digits = keyOf((this.#run.first ?? 0) + i * (this.#run.step ?? 1));
    const raw = Uint8Array.fromBase64(digits);
    for (const place of this.#places) out.set(place.digits ? text(digits) : raw, place.at);
  }
}

/** The snapshot of such a table. */
export class GeneratedTable implements Source {
  readonly name = "generated.fsm";
  readonly size: number;
  readonly #runs: Frames[];
  readonly #head = concat("EKVPBBL1", u64le(1));
  readonly #tail: Uint8Array;

  /** @param runs In the order of their keys. */
  constructor(table: string, shape: TableShape, runs: Run[]) {
    this.#runs = runs.map((run) => new Frames(table, run));
    this.#tail = frame(tableRow(table, shape));
    this.size = this.#runs.reduce((sum, { size }) => sum + size, this.#head.length) +
      this.#tail.length;
  }

  read(offset: number, into: Uint8Array): number {
    const end = Math.min(this.size, offset + into.length);
    let at = offset;
    const copy = (part: Uint8Array, start: number): void => {
      if (at < start || at >= start + part.length || at >= end) return;
      const piece = part.subarray(at - start, Math.min(part.length, end - start));
      into.set(piece, at - offset);
      at += piece.length;
    };
    copy(this.#head, 0);
    let start = this.#head.length;
    const one = new ByteBuilder();
    for (const run of this.#runs) {
      one.clear().reserve(run.length);
      const bytes = one.bytes.subarray(0, run.length);
      while (at >= start && at < start + run.size && at < end) {
        const i = Math.floor((at - start) / run.length);
        run.write(i, bytes);
        copy(bytes, start + i * run.length);
      }
      start += run.size;
    }
    copy(this.#tail, start);
    return end - offset;
  }

  close(): void {}
}
