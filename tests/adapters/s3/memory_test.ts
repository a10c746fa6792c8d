/** The memory that a huge object takes: by construction none, whatever its size. */

import { deepStrictEqual, ok } from "node:assert/strict";

/** 1 GiB takes a few seconds; 10,240 is the object of 10 GiB that must work as well. */
const CHUNKS = 1024;
const MIB = 1 << 20;

Deno.test("an object of any size is streamed", async () => {
  // In a process of its own: other tests take memory, too.
  const program = new URL("./memory_program.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", program, String(CHUNKS)],
  }).output();
  const text = new TextDecoder();
  deepStrictEqual([code, text.decode(stderr)], [0, ""]);
  const { exit, fates, size, wrong, longest, read, taken } = JSON.parse(text.decode(stdout));
  deepStrictEqual([exit, fates], [0, { written: CHUNKS + 2, operational: 1 }]);
  deepStrictEqual([size, wrong], [CHUNKS * MIB, 0]);
  ok(longest === MIB, "it is written in the pieces in which it is stored");
  // Its chunks are read once.
  ok(read < 1.1 * CHUNKS * MIB, `${read / MIB} MiB read`);
  ok(taken < 128 * MIB, `the process grew by ${taken / MIB} MiB`);
});
