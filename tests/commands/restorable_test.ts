/** Dumps with `_unrestorable/`: what verifies them, who may ask for them, and where long files wait. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import { verifyAgainst } from "../../src/commands/verify_against.ts";
import { verifyTree } from "../../src/commands/verify_tree.ts";
import { UsageError } from "../../src/errors.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { keyOf, type Row, valueOf } from "../adapters/redis/test_rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { inTempFolder } from "../sinks/support.ts";
import { ROUTE, stream } from "../support/stream.ts";
import { decodeDump, edit, forgeChecksums, openBytes } from "./dumps.ts";

const BYTES = stream([
  ROUTE,
  ...bucketRows("b"),
  ...objectRows("photos/", "data"),
  ...objectRows("fine", "data"),
]);

/** Changes a dump and verifies it in both ways; returns what is wrong. */
async function faultsAfter(change: (root: string, body: string) => void): Promise<string[]> {
  const found: string[] = [];
  await inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    await decodeDump(root, BYTES, { restorable: true });
    const [name] = [...Deno.readDirSync(`${root}/_unrestorable/s3/b`)].map(({ name }) => name)
      .filter((name) => name.endsWith("__photos%2F"));
    change(root, `_unrestorable/s3/b/${name}`);
    const tree = await verifyTree(new DenoDirectory(root));
    const against = await verifyAgainst(new DenoDirectory(root), await openBytes(BYTES));
    for (const { kind, path } of [...tree.faults, ...against.faults]) {
      found.push(`${kind} ${path.replace(/[0-9a-f]{32}/, "…")}`);
    }
  });
  return found;
}

Deno.test("a dump that can be restored is whole, and is what its snapshot holds", async () => {
  deepStrictEqual(await faultsAfter(() => {}), []);
});

Deno.test("what is put apart is verified like all else", async () => {
  const path = "_unrestorable/s3/b/…__photos%2F";
  deepStrictEqual(
    await faultsAfter((root, body) => edit(`${root}/${body}`, "data", "date")),
    [`changed ${path}`],
  );
  deepStrictEqual(
    await faultsAfter((root, body) => {
      edit(`${root}/${body}`, "data", "longer");
      forgeChecksums(root);
    }),
    [`size ${path}`, `changed ${path}`],
  );
  deepStrictEqual(
    await faultsAfter((root) => {
      edit(`${root}/MANIFEST.json`, '  "restorable": true,\n', "");
      forgeChecksums(root);
    }),
    ["extra _unrestorable/s3/b/", "missing s3/b/"].flatMap((what) =>
      // The digits that are left out sort before K.
      ["…__photos%2F", "…__photos%2F.elastickv-meta.json", "KEYMAP.jsonl"].map((name) =>
        what + name
      )
    ),
  );
});

Deno.test("options with which nothing can be restored are refused, and nothing is written", async () => {
  const wrong: DecodeOptions[] = [
    { dynamodbBundleMode: "jsonl" },
    { includeIncompleteUploads: true },
    { includeOrphans: true },
    { preserveSqsVisibility: true },
    { includeSqsSideRecords: true },
  ];
  for (const options of wrong) {
    const sink = new MemorySink();
    const snapshot = await openBytes(BYTES);
    await rejects(decode(snapshot, sink, { ...options, restorable: true }), UsageError);
    strictEqual(sink.files.size, 0);
    await decode(await openBytes(BYTES), new MemorySink(), options);
  }
});

Deno.test("a long collection waits in scratch space until all of it was seen", async () => {
  const count = 40_000;
  const rows: Row[] = ["bad", "good"].flatMap((name): Row[] => [
    { is: "meta", type: "zset", name, length: BigInt(count), head: 0n, last: [0n, 0n] },
    ...Array.from({ length: count }, (_, i): Row => ({
      is: "scored",
      name,
      member: `member ${i}`,
      // The last one that is read tells.
      score: name === "bad" && i === 9999 ? NaN : i,
    })),
  ]);
  const file = stream([ROUTE, ...rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }))]);
  const trees = [];
  for (const restorable of [false, true]) {
    const sink = new MemorySink();
    const scratch = new MemoryScratch(1 << 30);
    await decode(await openBytes(file), sink, { restorable }, scratch);
    trees.push(sink.files);
  }
  const [plain, apart] = trees;
  ok(plain.get("redis/db_0/zsets/bad.json")!.length > 1 << 20);
  strictEqual(apart.has("redis/db_0/zsets/bad.json"), false);
  deepStrictEqual(
    apart.get("_unrestorable/redis/db_0/zsets/bad.json"),
    plain.get("redis/db_0/zsets/bad.json"),
  );
  deepStrictEqual(
    apart.get("redis/db_0/zsets/good.json"),
    plain.get("redis/db_0/zsets/good.json"),
  );
});
