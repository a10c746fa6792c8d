/**
 * The kernel of digests: SHA-256 of four values at a time. Its memory has one size for all calls, some
 * 0.4 MiB.
 *
 * @module
 */

import { sha256Of } from "../bytes/digest.ts";
import { DIGEST_LENGTH } from "./codes.ts";
import type { Rows } from "./js/rows.ts";
import { layOut, u32s, type WasmMemory } from "./wasm_memory.ts";

/** What asm/index.ts exports for digests. All numbers are u32: addresses, indexes and counts. */
export interface DigestExports extends WasmMemory {
  /** See asm/sha256.ts. */
  sha256(bytes: number, ranges: number, stride: number, count: number, digests: number): void;
}

/** Rows that are done in one call, and bytes of their values and what stands between these. */
const MOST_ROWS = 2048;
const MOST_BYTES = 0x4_0000;
/** Two numbers of 4 bytes. */
const RANGE = 8;

/** Digests in WebAssembly. */
export class WasmDigests {
  readonly #exports: DigestExports;
  #memory: { ranges: Uint32Array; values: Uint8Array; digests: Uint8Array } | undefined;

  /** Takes no memory yet. */
  constructor(exports: DigestExports) {
    this.#exports = exports;
  }

  /** As `digestValues` in js/digests.ts. */
  digest({ bytes, ranges, count }: Rows): Uint8Array {
    const memory = this.#memory ??= this.#layOut();
    const digests = new Uint8Array(DIGEST_LENGTH * count);
    for (let first = 0; first < count;) {
      const start = ranges[4 * first + 2];
      let end = start;
      let n = 0;
      for (; n < MOST_ROWS && first + n < count; n++) {
        const r = 4 * (first + n);
        if (ranges[r + 2] < end || ranges[r + 3] - start > MOST_BYTES) break;
        memory.ranges[2 * n] = ranges[r + 2];
        memory.ranges[2 * n + 1] = end = ranges[r + 3];
      }
      if (n === 0) {
        // A long one.
        const value = bytes.subarray(start, ranges[4 * first + 3]);
        digests.set(sha256Of(value), DIGEST_LENGTH * first++);
        continue;
      }
      memory.values.set(bytes.subarray(start, end));
      this.#exports.sha256(
        memory.values.byteOffset - start, // offsets count from where `bytes` would begin
        memory.ranges.byteOffset,
        RANGE,
        n,
        memory.digests.byteOffset,
      );
      digests.set(memory.digests.subarray(0, DIGEST_LENGTH * n), DIGEST_LENGTH * first);
      first += n;
    }
    return digests;
  }

  #layOut() {
    const { ranges, values, digests } = layOut(this.#exports, {
      ranges: RANGE * MOST_ROWS,
      values: MOST_BYTES,
      digests: DIGEST_LENGTH * MOST_ROWS,
    });
    return { ranges: u32s(ranges), values, digests };
  }
}
