/**
 * Opens files whose keys alternate and walks over all their rows, and prints what an open snapshot holds
 * and how far the process grew.
 *
 *   deno run -A --v8-flags=--expose-gc files_program.ts FILES BYTES VALUE
 *
 * @module
 */

import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { NumberedFile } from "./numbered_file.ts";

const [files, size, valueLength] = Deno.args.map(Number);
const { gc } = globalThis as unknown as { gc: () => void };

/** Bytes that are in use: what is let go of is counted some time after a collection. */
async function used(): Promise<number> {
  for (let last = Infinity;;) {
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { heapUsed, external } = Deno.memoryUsage();
    if (heapUsed + external >= last) return last;
    last = heapUsed + external;
  }
}

/** Opens such files and walks over them. What the open snapshot holds is looked at in between. */
async function open(files: number, size: number): Promise<{ rows: number; held: number }> {
  const before = await used();
  const sources = Array.from(
    { length: files },
    (_, i) => new NumberedFile(size, i, files, valueLength),
  );
  const inputs = sources.map((source, i) => ({ source, group: BigInt(i) }));
  const snapshot = await openSnapshotInputs(inputs);
  const held = await used() - before;
  let rows = 0;
  for await (const batch of snapshot.scan({ from: new Uint8Array(0) })) rows += batch.count;
  const expected = sources.reduce((n, source) => n + source.rows, 0);
  if (rows !== expected) throw new Error(`${rows} rows of ${expected}`);
  return { rows, held };
}

// What is compiled and loaded once is no part of it.
await open(2, 1 << 20);
const before = Deno.memoryUsage().rss;
let taken = 0;
const timer = setInterval(() => taken = Math.max(taken, Deno.memoryUsage().rss - before), 20);
const { rows, held } = await open(files, size);
clearInterval(timer);
console.log(JSON.stringify({ rows, held, taken }));
