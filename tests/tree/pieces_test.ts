import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { type Pieces } from "../../src/text/json_writer.ts";
import { type Make, TreeOutput } from "../../src/tree/output.ts";
import { pour, writeAll } from "../../src/tree/pieces.ts";

/** Writes each text and pauses behind each but the last. */
function* texts(out: ByteBuilder, ...list: string[]): Pieces {
  for (const [i, text] of list.entries()) {
    if (i > 0) yield;
    out.text(text);
  }
}

const decoder = new TextDecoder();

for (const how of ["now", "later"]) {
  Deno.test(`pieces are handed on one by one, in order, when they are taken ${how}`, async () => {
    const out = new ByteBuilder(4);
    const taken: string[] = [];
    await pour(texts(out, "one", "two", "three"), out, (bytes) => {
      if (how === "now") return void taken.push(decoder.decode(bytes));
      return Promise.resolve().then(() => void taken.push(decoder.decode(bytes)));
    });
    deepStrictEqual([taken, decoder.decode(out.view())], [["one", "two"], "three"]);
  });
}

Deno.test("a writer that fails, or whose piece is refused, stops", async () => {
  const out = new ByteBuilder();
  const refuse = (): Promise<void> => Promise.reject(new Error("full"));
  const error = await Promise.resolve(pour(texts(out, "a", "b"), out, refuse)).catch((e) => e);
  strictEqual(error.message, "full");
});

Deno.test("a short text is written in one go", () => {
  const out = new ByteBuilder();
  writeAll(texts(out, "one", "two"));
  strictEqual(decoder.decode(out.view()), "onetwo");
});

for (const list of [["short"], ["long", "er", " text"]]) {
  Deno.test(`a text of ${list.length} pieces goes to the first place that is free`, async () => {
    const sink = new MemorySink();
    const output = new TreeOutput(sink, new MemoryScratch());
    await output.putNew("taken", new Uint8Array(1));
    const place = async <T>(make: Make<T>): Promise<T | undefined> =>
      await make("taken") || await make("free") || undefined;
    const out = new ByteBuilder();
    strictEqual(await output.putPieces(texts(out, ...list), out, place), true);
    strictEqual(decoder.decode(sink.files.get("free")), list.join(""));
    deepStrictEqual([output.files, output.bytes], [2, 1 + list.join("").length]);

    const nowhere = <T>(make: Make<T>): Promise<T | undefined> =>
      Promise.resolve(make("taken")).then((made) => made || undefined);
    strictEqual(await output.putPieces(texts(out.clear(), ...list), out, nowhere), false);
    ok(output.files === 2);
  });
}
