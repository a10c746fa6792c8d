/** What a result says of its own completeness, wherever it says it. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { Accepted } from "../../src/adapters/ledger.ts";
import { decode } from "../../src/commands/decode.ts";
import { decodeRecords, decodeStream } from "../../src/commands/decode_records.ts";
import { completenessOf, type DecodeReport } from "../../src/commands/decode_report.ts";
import { verifyAgainst } from "../../src/commands/verify_against.ts";
import { verifyTree } from "../../src/commands/verify_tree.ts";
import { lossesText } from "../../src/cli/show_losses.ts";
import { decodeJson } from "../../src/cli/show_report.ts";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { writeResp } from "../../src/adapters/redis/mod.ts";
import { crc32c, digestOf } from "../../src/bytes/digest.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { buildLock, lockKey } from "../../src/keyspace/txn_keys.ts";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { withFolder } from "../cli/run.ts";
import { blobRow } from "../adapters/s3/support.ts";
import { generate } from "../support/generator/mod.ts";
import { bytesOf, nodeFile, nodeStream, stream, type TestEntry } from "../support/stream.ts";
import { decodeDump, openBytes } from "./dumps.ts";

const FOOTER = 4;
/** A node's file without routes. */
const NO_ROUTES = { kind: "groups", count: undefined, accepted: false, examples: [] };

/** Rows of which only the first five are named. */
const seven = (row: (i: number) => TestEntry): TestEntry[] => [0, 1, 2, 3, 4, 5, 6].map(row);

const LOST: { readonly [kind in Accepted]?: TestEntry[] } = {
  unknown: seven((i) => ({ key: `!fs|ino|${i}`, value: "x" })),
  bare: seven((i) => ({ key: `bare${i}`, value: "x" })),
  orphans: seven((i) => blobRow(`o${i}`, "body", { bucket: "gone" })),
  transactions: seven((i) => ({
    key: lockKey("txn-lock", bytesOf(`k${i}`)),
    value: buildLock({
      startTime: 1n,
      primaryKey: bytesOf(`k${i}`),
      primary: true,
      expiry: 9n,
    }),
  })),
};

for (const [kind, rows] of Object.entries(LOST)) {
  Deno.test(`rows that are lost are named, and stay lost when they are accepted: ${kind}`, async () => {
    const bytes = stream(rows);
    const report = await decode(await openBytes(bytes), new MemorySink());
    deepStrictEqual(report.losses, [{
      kind,
      count: 7,
      accepted: false,
      examples: rows.slice(0, 5).map(({ key }) => ({ key: bytesOf(key) })),
    }]);
    deepStrictEqual([report.complete, report.exitCode], [false, 8]);

    const accept = [kind as Accepted];
    const accepted = await decode(await openBytes(bytes), new MemorySink(), { accept });
    deepStrictEqual([accepted.complete, accepted.exitCode], [false, 0]);
    const facts = { complete: false, losses: [{ kind, count: 7 }], accepted: [kind] };
    deepStrictEqual(completenessOf(accepted), { ...facts, assumed: ["groups", "checksum"] });
  });
}

Deno.test("of a long key the beginning is named, its length and its SHA-256", async () => {
  const key = "x".repeat(5000);
  const report = await decode(await openBytes(stream([{ key, value: "" }])), new MemorySink());
  const cut = { length: 5000, sha256: sha256Hex(bytesOf(key)) };
  deepStrictEqual(report.losses[0].examples, [{ key: bytesOf("x".repeat(1024)), cut }]);
  const [{ examples: [example] }] = JSON.parse(decodeJson(report)).losses;
  deepStrictEqual([example.key_length, example.key_sha256], [5000, cut.sha256]);
  match(lossesText(report), /^ {12}"x+… \(5000 bytes\)"$/m);
});

Deno.test("the manifest, the end of a stream and the report say the same of completeness", async () => {
  const bytes = stream([...LOST.bare!, ...LOST.unknown!]);
  const accept: Accepted[] = ["bare", "orphans"];
  const facts = {
    complete: false,
    losses: [{ kind: "unknown", count: 7 }, { kind: "bare", count: 7 }],
    accepted: ["bare"],
    assumed: ["groups", "checksum"],
  };
  const sink = new MemorySink();
  const report = await decode(await openBytes(bytes), sink, { accept });
  const { complete, losses, accepted, assumed } = JSON.parse(
    new TextDecoder().decode(sink.files.get("MANIFEST.json")),
  );
  deepStrictEqual({ complete, losses, accepted, assumed }, facts);

  let lines = "";
  await decodeRecords(await openBytes(bytes), {
    write: (bytes) => void (lines += new TextDecoder().decode(bytes)),
  }, { accept });
  deepStrictEqual(JSON.parse(lines.trimEnd().split("\n").at(-1)!).value, facts);

  const json = JSON.parse(decodeJson(report));
  deepStrictEqual(
    { complete: json.complete, accepted: json.accepted, assumed: json.assumed },
    { complete: false, accepted: facts.accepted, assumed: facts.assumed },
  );
  deepStrictEqual(json.losses[1], {
    kind: "bare",
    count: 7,
    accepted: true,
    examples: seven((i) => ({ key: `bare${i}` })).slice(0, 5)
      .map(({ key }) => ({ key_b64: btoa(key as string) })),
  });
});

Deno.test("what no Redis server can be given is named by its Redis key", async () => {
  const snapshot = await openBytes(Deno.readFileSync(
    new URL("../fixtures/defects/redis-nan-score/input.fsm", import.meta.url),
  ));
  const report = await decodeStream(
    snapshot,
    { write: () => {} },
    { adapters: ["redis"] },
    undefined,
    (_, ...parts) => writeResp(...parts),
  );
  deepStrictEqual(report.losses, [{
    kind: "not-loadable",
    count: 1,
    accepted: false,
    examples: [{ key: bytesOf("k") }],
  }]);
});

Deno.test("a node's file that is cut behind any of its entries has lost its checksum", async () => {
  const rows = seven((i) => ({ key: `!redis|str|${i}`, value: "x" }));
  const whole = nodeFile(stream(rows));
  const ends = rows.map((_, i) => nodeFile(stream(rows.slice(0, i))).length - FOOTER);
  for (const end of [...ends, whole.length - FOOTER]) {
    const accept: Accepted[] = ["checksum", "groups"];
    const lost = await decode(await openBytes(whole.slice(0, end)), new MemorySink());
    // Behind the header of a stream there may be no entry at all.
    deepStrictEqual(lost.losses, [NO_ROUTES, {
      kind: "checksum",
      count: 1,
      accepted: false,
      examples: [{ file: "/data/0.fsm" }],
    }], `cut at ${end}`);
    deepStrictEqual([lost.complete, lost.exitCode], [false, 8]);
    const known = await decode(await openBytes(whole.slice(0, end)), new MemorySink(), { accept });
    deepStrictEqual([known.complete, known.exitCode], [false, 0]);
  }
  const { losses, assumed } = await decode(await openBytes(whole), new MemorySink());
  deepStrictEqual([losses, assumed], [[NO_ROUTES], []]);
});

Deno.test("a node's file without routes may have lost groups, and a stream is taken as whole", async () => {
  const rows = seven((i) => ({ key: `!redis|str|${i}`, value: "x" }));
  const meta = { _meta_applied_index: 7n };
  const nodes: Record<string, Uint8Array> = {
    "with a header and a checksum": nodeFile(stream(rows)),
    "without rows": nodeFile(stream([])),
    "without a header": nodeFile(stream(rows)).slice(16),
    "with the store's own rows alone": nodeStream([], meta),
    "an empty store": Uint8Array.of(0, 0, 0, 0),
    "a clock": fromHex("0000019e70449b887e1eda19")!,
  };
  // What stands before the payload is under the checksum, too.
  const headless = nodes["without a header"];
  headless.set(digestOf(crc32c, headless.subarray(0, -4)), headless.length - 4);
  for (const [name, bytes] of Object.entries(nodes)) {
    const report = await decode(await openBytes(bytes), new MemorySink());
    const [groups] = report.losses;
    deepStrictEqual(groups, NO_ROUTES, name);
    deepStrictEqual([report.complete, report.exitCode, report.assumed.includes("groups")], [
      false,
      8,
      false,
    ]);
    const accept: Accepted[] = ["groups"];
    const known = await decode(await openBytes(bytes), new MemorySink(), { accept });
    deepStrictEqual(known.losses[0], { ...NO_ROUTES, accepted: true }, name);
    strictEqual(known.complete, false);
  }
  const bare = await decode(await openBytes(stream(rows)), new MemorySink());
  deepStrictEqual([bare.losses, bare.complete, bare.exitCode], [[], true, 0]);
  deepStrictEqual(bare.assumed, ["groups", "checksum"]);
});

Deno.test("a dump whose losses were all accepted verifies with 0, one with another loss with 8", async () => {
  await withFolder(async (folder) => {
    const bytes = stream([...LOST.bare!, ...LOST.unknown!]);
    for (
      const [name, accept, code] of [["some", ["bare"], 8], [
        "all",
        ["bare", "unknown"],
        0,
      ]] as const
    ) {
      const root = `${folder}/${name}`;
      strictEqual((await decodeDump(root, bytes, { accept })).exitCode, code);
      const directory = new DenoDirectory(root);
      strictEqual((await verifyTree(directory)).exitCode, code);
      const against = await verifyAgainst(directory, await openBytes(bytes));
      deepStrictEqual([against.exitCode, against.faults], [code, []]);
    }
  });
});

Deno.test("without a SHA-256 the manifest has none, and inputs are known by size and CRC32C", async () => {
  await withFolder(async (folder) => {
    const root = `${folder}/dump`;
    const bytes = generate(1, { families: ["redis"] }).file({ footer: true });
    await decodeWithoutHash(root, bytes);
    const manifest = JSON.parse(Deno.readTextFileSync(`${root}/MANIFEST.json`));
    const [input] = manifest.inputs;
    deepStrictEqual(Object.keys(input).slice(0, 3), ["name", "size", "fsm_crc32c"]);
    strictEqual("sha256" in input, false);
    deepStrictEqual(Object.keys(manifest.source), ["fsm_path", "fsm_crc32c"]);
    for (const hash of [true, false]) {
      const same = await verifyAgainst(
        new DenoDirectory(root),
        await openBytes(bytes, undefined, hash),
      );
      deepStrictEqual([same.exitCode, same.faults], [0, []]);
    }
    const other = generate(2, { families: ["redis"] }).file({ footer: true });
    const differs = await verifyAgainst(new DenoDirectory(root), await openBytes(other));
    strictEqual(differs.exitCode, 7);
    const said = differs.faults.map(({ detail }) => detail ?? "");
    match(said[0], /^made from 0\.fsm, \d+ bytes with the checksum [0-9a-f]{8}: not given$/);
    match(said[1], /^not made from 0\.fsm, [0-9a-f]{64}$/);
  });
});

async function decodeWithoutHash(root: string, bytes: Uint8Array): Promise<DecodeReport> {
  return await decode(await openBytes(bytes, undefined, false), new DenoDirectorySink(root));
}
