import { rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { generate } from "../support/generator/mod.ts";
import { openBytes } from "./dumps.ts";

Deno.test("options that cannot be followed leave nothing behind", async () => {
  const sink = new MemorySink();
  let taken = 0;
  const abort = sink.abort.bind(sink);
  sink.abort = () => {
    taken++;
    abort();
  };
  const snapshot = await openBytes(generate(1).file());
  await rejects(decode(snapshot, sink, { adapters: [] }), { code: "usage" });
  strictEqual(taken, 1);
});
