/**
 * The kernels in WebAssembly. What a kernel looks at is copied into the module's memory, worked on in
 * one call, and what comes out is copied away. For a call, memory is laid out like this:
 *
 * ```
 * heapBase: bytes | ranges, u32 each | what comes out
 * ```
 *
 * Memory can grow and never shrinks. So what is copied ends with the last thing that the kernel looks
 * at, and what is longer than 4 MiB is left to the twin.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { ITEM_KEY_COLUMNS, NUMBERS_OUTPUT_LIMIT } from "./codes.ts";
import type { MessageForm, TranscodedMessages } from "./js/messages.ts";
import { type ItemExports, WasmItems } from "./wasm_items.ts";
import { type MessageExports, WasmMessages } from "./wasm_messages.ts";
import { parseItemKeys, type Rows } from "./js/item_keys.ts";
import type { ItemForm, TranscodedItems } from "./js/items.ts";
import { appendCanonicalNumber, type CanonicalNumbers, canonicalNumbers } from "./js/numbers.ts";
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

/** Bytes that are copied in at once: more than batches have from their first key to their last. */
const LONGEST_INPUT = 4 << 20;

/** The kernels of one module instance. Its memory grows to what the largest call has needed. */
export class WasmKernels {
  /** Which kernels these are. */
  readonly name = "wasm";
  readonly #exports: Exports;
  readonly #items: WasmItems;
  readonly #messages: WasmMessages;

  /** Compiles the module. Rejects where a page's rules forbid WebAssembly. */
  static async load(): Promise<WasmKernels> {
    const code = Uint8Array.from(atob(WASM_MODULE), (c) => c.charCodeAt(0));
    const { instance, module } = await WebAssembly.instantiate(code);
    // With a memory of its own each: what is in it stays valid while other kernels run. Made here, as
    // the page of a browser may have to wait for an instance.
    const [items, messages] = await Promise.all([
      WebAssembly.instantiate(module),
      WebAssembly.instantiate(module),
    ]);
    return new WasmKernels(
      instance.exports as unknown as Exports,
      new WasmItems(items.exports as unknown as ItemExports),
      new WasmMessages(messages.exports as unknown as MessageExports),
    );
  }

  private constructor(exports: Exports, items: WasmItems, messages: WasmMessages) {
    this.#exports = exports;
    this.#items = items;
    this.#messages = messages;
  }

  /** As `transcodeItems` in js/items.ts. */
  transcodeItems(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: ItemForm,
  ): TranscodedItems {
    return this.#items.transcode(rows, places, first, form);
  }

  /** As `transcodeMessages` in js/messages.ts. */
  transcodeMessages(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: MessageForm,
  ): TranscodedMessages {
    return this.#messages.transcode(rows, places, first, form);
  }

  /** As `canonicalNumbers` in js/numbers.ts. Literals that the kernel does not know go to the twin. */
  canonicalNumbers(bytes: Uint8Array, ranges: Uint32Array): CanonicalNumbers {
    if (bytes.length > LONGEST_INPUT) return canonicalNumbers(bytes, ranges);
    const count = ranges.length / 2;
    const input = this.#exports.heapBase.value;
    const table = behind(input + bytes.length);
    const output = table + 4 * ranges.length;
    this.#reserve(output + NUMBERS_OUTPUT_LIMIT + LONGEST_NUMBER);
    this.#u8(input, bytes.length).set(bytes);
    this.#u32(table, ranges.length).set(ranges);
    const status = new Uint8Array(count);
    const text = new ByteBuilder();
    let done = 0;
    let at = 0;
    while (true) {
      done = this.#exports.canonicalNumbers(input, table, done, count, output, at);
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
    const { bytes, count } = rows;
    if (count === 0) return new Uint32Array(0);
    const ranges = rows.ranges.subarray(0, 4 * count);
    // A batch with a long value has no other row: it ends with the key.
    const first = ranges[0];
    const length = ranges[4 * count - 3] - first;
    if (length > LONGEST_INPUT) return parseItemKeys(rows);
    const input = this.#exports.heapBase.value;
    const table = behind(input + length);
    const output = table + 4 * ranges.length;
    const columns = count * ITEM_KEY_COLUMNS;
    this.#reserve(output + 4 * columns);
    this.#u8(input, length).set(bytes.subarray(first, first + length));
    this.#u32(table, ranges.length).set(ranges);
    this.#u32(output, columns).fill(0);
    // Offsets count from where `bytes` would begin.
    this.#exports.parseItemKeys(input - first, table, count, output);
    return this.#u32(output, columns).slice();
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

/** The first address at or behind `end` that may hold numbers. */
function behind(end: number): number {
  return 8 * Math.ceil(end / 8);
}
