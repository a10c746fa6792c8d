/** Memory of kernels that are given the same parts of it in each call. @module */

/** What every instance of the module exports. */
export interface WasmMemory {
  /** The memory. */
  readonly memory: WebAssembly.Memory;
  /** The first address that may be used. */
  readonly heapBase: WebAssembly.Global;
}

const PAGE = 0x1_0000;
const ALIGNMENT = 16;

/**
 * Makes memory large enough for parts of these sizes, and gives the parts. They stay what they are as
 * long as memory does not grow again.
 */
export function layOut<Part extends string>(
  { memory, heapBase }: WasmMemory,
  sizes: Readonly<Record<Part, number>>,
): Readonly<Record<Part, Uint8Array>> {
  const places: [part: Part, start: number, size: number][] = [];
  let end = aligned(heapBase.value);
  for (const part of Object.keys(sizes) as Part[]) {
    places.push([part, end, sizes[part]]);
    end = aligned(end + sizes[part]);
  }
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const parts = places.map(([part, start, size]) => [
    part,
    new Uint8Array(memory.buffer, start, size),
  ]);
  return Object.fromEntries(parts) as Record<Part, Uint8Array>;
}

/** A part as numbers. */
export function u32s({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

function aligned(address: number): number {
  return ALIGNMENT * Math.ceil(address / ALIGNMENT);
}
