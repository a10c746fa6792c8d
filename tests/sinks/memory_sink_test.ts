import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { OutlineSink } from "../../src/sinks/outline_sink.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import type { Sink } from "../../src/tree/sink.ts";
import { utf8, writeFile } from "./support.ts";

Deno.test("a dump in memory has its files in the order of writing, and its directories", async () => {
  const sink = new MemorySink();
  const bytes = utf8("one");
  ok(sink.put("b/x/1", bytes));
  bytes.fill(0); // the caller may reuse its buffer
  ok(await writeFile(sink, "a", [utf8("t"), utf8("wo")]));
  ok(await writeFile(sink, "b/empty", []));
  sink.directory("c/d");
  deepStrictEqual([...sink.files], [
    ["b/x/1", utf8("one")],
    ["a", utf8("two")],
    ["b/empty", utf8("")],
  ]);
  deepStrictEqual([...sink.directories].sort(), ["b", "b/x", "c", "c/d"]);
  strictEqual(sink.finished, false);
  sink.finish();
  strictEqual(sink.finished, true);
});

Deno.test("a file that is taken back leaves no directory behind that was made for it", () => {
  const sink = new MemorySink();
  ok(sink.put("a/1", utf8("1")));
  for (const path of ["a/b/c/2", "a/2", "x/y", "top"]) {
    const file = sink.create(path)!;
    file.write(utf8("begun"));
    file.discard!();
    deepStrictEqual([[...sink.files.keys()], [...sink.directories]], [["a/1"], ["a"]], path);
  }
  const file = sink.create("n/m/1")!;
  ok(sink.put("n/2", utf8("2")));
  file.discard!();
  deepStrictEqual([...sink.directories].sort(), ["a", "n"]);
  ok(sink.put("n/m/1", utf8("new")));
});

Deno.test("an aborted dump in memory is empty and not finished", () => {
  const sink = new MemorySink();
  sink.put("a/b", utf8("x"));
  sink.abort();
  deepStrictEqual([sink.files.size, sink.directories.size, sink.finished], [0, 0, false]);
});

const SINKS: [string, () => Sink][] = [
  ["in memory", () => new MemorySink()],
  ["of which the end is kept", () => new OutlineSink(new MemoryScratch())],
];
for (const [name, make] of SINKS) {
  Deno.test(`a dump ${name} has each name once, and no file on the way to another`, async () => {
    const sink = make();
    strictEqual(await sink.put("a/b", utf8("1")), true);
    strictEqual(await sink.put("a/b", utf8("2")), false);
    strictEqual(await writeFile(sink, "a/b", []), false);
    strictEqual(await sink.put("a", utf8("3")), false);
    strictEqual(await sink.put("a/b/c", utf8("4")), false);
    strictEqual(await writeFile(sink, "a/b/c/d", []), false);
    await sink.directory("e/f");
    strictEqual(await sink.put("e/f", utf8("5")), false);
    strictEqual(await writeFile(sink, "e", []), false);
    strictEqual(await writeFile(sink, "e/f/g", [utf8("6")]), true);
    const open = await sink.create("open");
    strictEqual(await sink.put("open", utf8("7")), false);
    await open!.close();
    await sink.finish();
    await sink.abort();
  });
}

Deno.test("of a dump that goes nowhere the two files that close it can be kept", async () => {
  const sink = new OutlineSink(new MemoryScratch());
  const manifest = utf8("{}");
  ok(await sink.put("a/MANIFEST.json", utf8("no")));
  ok(await writeFile(sink, "a/CHECKSUMS", [utf8("no")]));
  ok(await sink.put("MANIFEST.json", manifest));
  manifest.fill(0);
  const parts = Array.from({ length: 30 }, (_, i) => utf8(`${i}`.repeat(20_000)));
  ok(await writeFile(sink, "CHECKSUMS", parts));
  deepStrictEqual(sink.manifest, utf8("{}"));
  let kept = "";
  for await (const chunk of sink.checksums.chunks()) kept += new TextDecoder().decode(chunk);
  strictEqual(kept, parts.map((part) => new TextDecoder().decode(part)).join(""));
  sink.checksums.close();
});
