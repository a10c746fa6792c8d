/** The memory of a module, filled with a pattern around the rooms that a kernel is given. */

import { Buffer } from "node:buffer";
import { strictEqual } from "node:assert/strict";
import type { WasmMemory } from "../../src/kernels/wasm_memory.ts";
import { WASM_MODULE } from "../../src/kernels/wasm_module.ts";

const GUARD = 64;
const PATTERN = 0xa5;
const PAGES = 300;

/** An instance of the module with nothing around it. */
export async function rawKernels<Exports extends WasmMemory>(): Promise<Exports> {
  const { instance } = await WebAssembly.instantiate(Uint8Array.fromBase64(WASM_MODULE));
  const exports = instance.exports as unknown as Exports;
  exports.memory.grow(PAGES);
  return exports;
}

/** Gives rooms, and finds out whether anything else was written to. */
export class GuardedMemory {
  readonly #whole: Uint8Array;
  readonly #base: number;
  #end: number;
  readonly #writable: [start: number, end: number][] = [];
  #before: Uint8Array | undefined;

  /** What lies below the first address that callers may use is the kernel's own. */
  constructor({ memory, heapBase }: WasmMemory) {
    this.#whole = new Uint8Array(memory.buffer);
    this.#base = this.#end = 16 * Math.ceil(heapBase.value / 16);
    this.#whole.fill(PATTERN, this.#base);
  }

  /** The address of a room with these contents, to be read. */
  readable(contents: Uint8Array): number {
    const start = this.#room(contents.length);
    this.#whole.set(contents, start);
    return start;
  }

  /** The address of a room for so many bytes, to be written to; or of one with contents. */
  writable(size: number | Uint8Array): number {
    const length = typeof size === "number" ? size : size.length;
    const start = this.#room(length);
    if (typeof size !== "number") this.#whole.set(size, start);
    this.#writable.push([start, start + length]);
    return start;
  }

  /** Remembers what is there. */
  watch(): void {
    this.#before = this.#whole.slice();
  }

  /** Everything but the rooms that may be written to is what it was. */
  check(): void {
    const before = this.#before!;
    for (const [start, end] of this.#writable) before.set(this.#whole.subarray(start, end), start);
    strictEqual(
      Buffer.compare(before.subarray(this.#base), this.#whole.subarray(this.#base)),
      0,
      "something outside was overwritten",
    );
  }

  #room(length: number): number {
    const start = this.#end + GUARD;
    this.#end = 16 * Math.ceil((start + length + GUARD) / 16);
    return start;
  }
}

/** Numbers as their bytes. */
export function u32Bytes(numbers: Iterable<number>): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}
