import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { OutputError } from "../../src/errors.ts";
import { MEMORY_SCRATCH_LIMIT, MemoryScratch } from "../../src/sources/scratch.ts";
import { Random } from "../support/generator/random.ts";

Deno.test("what was appended is read back at any offset, across the file's blocks", () => {
  const random = new Random(20260822);
  const file = new MemoryScratch().create();
  const whole: number[] = [];
  for (let i = 0; i < 60; i++) {
    const piece = new Uint8Array(random.pick([0, 1, 10, 5000, 65_535, 65_536, 70_000])).fill(i);
    file.append(piece);
    for (const b of piece) whole.push(b);
    piece.fill(0xee);
    strictEqual(file.size, whole.length);
  }
  const bytes = Uint8Array.from(whole);
  for (let i = 0; i < 300; i++) {
    const offset = random.below(bytes.length + 10);
    const into = new Uint8Array(random.pick([0, 1, 100, 65_536, 200_000]));
    const part = bytes.subarray(offset, offset + into.length);
    strictEqual(file.read(offset, into), part.length);
    deepStrictEqual(into.subarray(0, part.length), part);
    ok(into.subarray(part.length).every((b) => b === 0));
  }
});

function isLimit(error: unknown): true {
  ok(error instanceof OutputError && error.code === "spool-needed", String(error));
  ok(error.option === "scratch");
  return true;
}

Deno.test("all files together stay below the limit, and one byte more is refused", () => {
  const scratch = new MemoryScratch(100);
  const [a, b] = [scratch.create(), scratch.create()];
  a.append(new Uint8Array(60));
  b.append(new Uint8Array(40));
  throws(() => b.append(new Uint8Array(1)), isLimit);
  throws(() => a.append(new Uint8Array(1)), isLimit);
});

Deno.test("closing a file gives its room back, and what was refused takes none", () => {
  const scratch = new MemoryScratch(100);
  const file = scratch.create();
  file.append(new Uint8Array(60));
  throws(() => file.append(new Uint8Array(41)), isLimit);
  strictEqual(file.size, 60);
  file.append(new Uint8Array(40));
  file.close();
  strictEqual(file.size, 0);
  scratch.create().append(new Uint8Array(100));
});

Deno.test("the limit is 64 MiB unless another is given, and is named in MiB", () => {
  strictEqual(MEMORY_SCRATCH_LIMIT, 64 * 1024 * 1024);
  const file = new MemoryScratch().create();
  const piece = new Uint8Array(1 << 20);
  for (let i = 0; i < 64; i++) file.append(piece);
  throws(() => file.append(Uint8Array.of(1)), /more than 64 MiB/);
});
