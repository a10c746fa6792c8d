/**
 * Kernels are the loops that see every byte of a snapshot. Each exists twice: in plain TypeScript
 * (`js/`), to be read and to be compared with, and in WebAssembly (`asm/`), to be fast. Both give the
 * same bytes.
 *
 * Kernels work on batches, synchronously; what they return is the caller's own.
 *
 * @module
 */

import { parseItemKeys, type Rows } from "./js/item_keys.ts";
import { type CanonicalNumbers, canonicalNumbers } from "./js/numbers.ts";
import { WasmKernels } from "./wasm.ts";

export * from "./codes.ts";
export type { CanonicalNumbers, Rows };

/** One implementation of all kernels. Not to be shared between threads; cheap to load in each. */
export interface Kernels {
  /** WebAssembly or plain TypeScript. */
  readonly name: "wasm" | "js";

  /**
   * Brings number literals to lowest terms, `1.50` → `3/2`: the form in which file names hold them.
   *
   * `ranges` has two for each literal, offsets in `bytes`: start and end. The texts come out in the
   * same order. The output of one call is bounded: when `count` is less than was asked for, call again
   * with the rest, `ranges.subarray(2 * count)`. At least one literal is done in each call.
   */
  canonicalNumbers(bytes: Uint8Array, ranges: Uint32Array): CanonicalNumbers;

  /**
   * Takes the keys of DynamoDB items apart. The table has `ITEM_KEY_COLUMNS` columns for each row:
   * status (an `ITEM_KEY_…` code), then segmentStart, segmentEnd, generationHigh, generationLow and
   * payloadStart. The starts and ends are offsets in `rows.bytes`. The segment is the table's name in
   * canonical base64url; the payload ends where the key ends. Where the status is not `ITEM_KEY_OK`,
   * the others are 0.
   */
  parseItemKeys(rows: Rows): Uint32Array;
}

/** The kernels in plain TypeScript. */
const JS_KERNELS: Kernels = { name: "js", canonicalNumbers, parseItemKeys };

/**
 * Loads the kernels: WebAssembly, or TypeScript where the platform or a page's rules do not let
 * WebAssembly run. Rejects only when "wasm" is asked for by name and cannot be had.
 *
 * @example
 * ```ts
 * const kernels = await loadKernels();
 * const text = new TextEncoder().encode("1.50");
 * const { bytes } = kernels.canonicalNumbers(text, new Uint32Array([0, text.length]));
 * new TextDecoder().decode(bytes); // "3/2"
 * ```
 */
export async function loadKernels(kind?: Kernels["name"]): Promise<Kernels> {
  if (kind === "js") return JS_KERNELS;
  try {
    return await WasmKernels.load();
  } catch (error) {
    if (kind === "wasm") throw error;
    return JS_KERNELS;
  }
}
