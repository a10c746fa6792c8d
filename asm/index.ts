/**
 * The kernels: loops over batches that TypeScript would run too slowly.
 *
 * AssemblyScript, so `u32` and `usize` are types, and `load` and `store` are memory accesses. A kernel
 * is given addresses of regions that its caller (src/kernels/wasm.ts) has laid out and sized; it
 * allocates nothing and grows nothing. What each one does is told by its twin in src/kernels/js/.
 */

export { transcodeItems } from "./items";
export { transcodeMessages } from "./messages";
export { sha256 } from "./sha256";
export { writeTexts } from "./texts";

/** The first address that callers may use. */
export const heapBase: usize = __heap_base;
