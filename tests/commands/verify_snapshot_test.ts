import type { Accepted } from "../../src/adapters/ledger.ts";
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { verifySnapshot } from "../../src/commands/verify_snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { generate } from "../support/generator/mod.ts";
import { openBytes } from "./dumps.ts";

Deno.test("a sound snapshot is found sound, and says what decoding it says", async () => {
  for (const seed of [1, 2, 3]) {
    const bytes = generate(seed).file();
    const report = await verifySnapshot(await openBytes(bytes));
    const decoded = await decode(await openBytes(bytes), new MemorySink(), {
      dynamodbBundleMode: "jsonl",
      wallTime: "2026-01-01T00:00:00Z",
    });
    deepStrictEqual(report.problems, []);
    ok(report.balance.live > 0);
    const { bytes: _, ...rest } = report; // the manifest has another time
    const { bytes: __, ...expected } = decoded;
    deepStrictEqual(rest, expected);
  }
});

Deno.test("losses are counted unless they are accepted", async () => {
  const bytes = generate(1).file();
  const lossy = await verifySnapshot(await openBytes(bytes));
  strictEqual(lossy.exitCode, 8);
  ok(lossy.losses.length > 0);
  const accept = lossy.losses.map(({ kind }) => kind as Accepted);
  strictEqual((await verifySnapshot(await openBytes(bytes), { accept })).exitCode, 0);
});

Deno.test("a changed byte is unsound", async () => {
  const bytes = generate(1, { families: ["dynamodb"] }).file({ footer: true });
  for (const at of [100, bytes.length >> 1, bytes.length - 1]) {
    const changed = bytes.slice();
    changed[at] ^= 0x40;
    const found = await openBytes(changed).then(
      async (snapshot) => await verifySnapshot(snapshot),
      (error) => ({ exitCode: error.exitCode as number, problems: [error] }),
    );
    strictEqual(found.exitCode, 4, `byte ${at}`);
    ok(found.problems.length > 0);
  }
});

Deno.test("a node's file without its checksum is a loss", async () => {
  for (const footer of [true, false]) {
    const bytes = generate(1).file({ header: 1, footer });
    const { losses } = await verifySnapshot(await openBytes(bytes));
    strictEqual(losses.some(({ kind }) => kind === "checksum"), !footer);
  }
});

Deno.test("verifying can be interrupted", async () => {
  const snapshot = await openBytes(generate(1).file());
  const options = { signal: AbortSignal.abort() };
  await rejects(verifySnapshot(snapshot, options), { code: "aborted" });
});
