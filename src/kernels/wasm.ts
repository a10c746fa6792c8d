/**
 * The kernels in WebAssembly. A batch is copied into the module's memory, worked on in one call, and
 * what comes out is copied away. For a call, memory is laid out like this:
 *
 * ```
 * heapBase: bytes of the batch | ranges, u32 each | what comes out
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { ITEM_KEY_COLUMNS, NUMBERS_OUTPUT_LIMIT } from "./codes.ts";
import type { Rows } from "./js/item_keys.ts";
import { appendCanonicalNumber, type CanonicalNumbers } from "./js/numbers.ts";
import { WASM_MODULE } from "./wasm_module.ts";

/** What asm/index.ts exports. All numbers are u32: addresses, indexes and counts. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: WebAssembly.Global;
  canonicalNumbers(
    bytes: number,
    ranges: number,
    first: number,
    count: number,
    output: number,
    at: number,
  ): number;
  parseItemKeys(bytes: number, ranges: number, count: number, table: number): void;
}

const PAGE = 0x1_0000;
/** No text that the numbers kernel writes is longer. */
const LONGEST_NUMBER = 1024;

/** The kernels of one module instance. Its memory grows to what the largest batch has needed. */
export class WasmKernels {
  /** Which kernels these are. */
  readonly name = "wasm";
  readonly #exports: Exports;

  /** Compiles the module. Rejects where a page's rules forbid WebAssembly. */
  static async load(): Promise<WasmKernels> {
    const module = Uint8Array.from(atob(WASM_MODULE), (c) => c.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(module);
    return new WasmKernels(instance.exports as unknown as Exports);
  }

  private constructor(exports: Exports) {
    this.#exports = exports;
  }

  /** As `canonicalNumbers` in js/numbers.ts. Literals that the kernel does not know go to the twin. */
  canonicalNumbers(bytes: Uint8Array, ranges: Uint32Array): CanonicalNumbers {
    const { canonicalNumbers } = this.#exports;
    const count = ranges.length / 2;
    const [input, table, output] = this.#place(bytes, ranges);
    this.#reserve(output + NUMBERS_OUTPUT_LIMIT + LONGEST_NUMBER);
    const status = new Uint8Array(count);
    const text = new ByteBuilder();
    let done = 0;
    let at = 0;
    while (true) {
      done = canonicalNumbers(input, table, done, count, output, at);
      if (done > 0) at = this.#u32(table, 2 * done)[2 * done - 1];
      if (done === count || at >= NUMBERS_OUTPUT_LIMIT) break;

      status[done] = appendCanonicalNumber(
        text.clear(),
        bytes,
        ranges[2 * done],
        ranges[2 * done + 1],
      );
      this.#reserve(output + at + text.length);
      this.#u8(output + at, text.length).set(text.view());
      this.#u32(table + 8 * done, 2).set([at, at + text.length]);
      at += text.length;
      done++;
    }
    return {
      count: done,
      bytes: this.#u8(output, at).slice(),
      ranges: this.#u32(table, 2 * done).slice(),
      status: status.subarray(0, done),
    };
  }

  /** As `parseItemKeys` in js/item_keys.ts. */
  parseItemKeys(rows: Rows): Uint32Array {
    const [input, ranges, output] = this.#place(
      rows.bytes,
      rows.ranges.subarray(0, 4 * rows.count),
    );
    const columns = rows.count * ITEM_KEY_COLUMNS;
    this.#reserve(output + 4 * columns);
    this.#u32(output, columns).fill(0);
    this.#exports.parseItemKeys(input, ranges, rows.count, output);
    return this.#u32(output, columns).slice();
  }

  /** Copies a batch in; the addresses of its bytes, of its ranges, and behind them. */
  #place(bytes: Uint8Array, ranges: Uint32Array): [input: number, ranges: number, output: number] {
    const input = this.#exports.heapBase.value;
    const table = 8 * Math.ceil((input + bytes.length) / 8);
    const output = table + 4 * ranges.length;
    this.#reserve(output);
    this.#u8(input, bytes.length).set(bytes);
    this.#u32(table, ranges.length).set(ranges);
    return [input, table, output];
  }

  /** Makes memory reach to `end`. Every view that was made before is dead after it. */
  #reserve(end: number): void {
    const { memory } = this.#exports;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  }

  #u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, address, length);
  }

  #u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, address, length);
  }
}
