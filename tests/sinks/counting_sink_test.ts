import { ok, strictEqual } from "node:assert/strict";
import { CountingSink } from "../../src/sinks/counting_sink.ts";

Deno.test("a dump that goes nowhere has the same names taken as one in a folder", () => {
  const sink = new CountingSink();
  strictEqual(sink.put("a/b", new Uint8Array(0)), true);
  strictEqual(sink.put("a/b", new Uint8Array(0)), false);
  strictEqual(sink.create("a/b"), undefined);
  strictEqual(sink.create("a"), undefined);
  strictEqual(sink.put("a/b/c", new Uint8Array(0)), false);
  ok(sink.create("a/c"));
});
