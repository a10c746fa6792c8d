/** The history of a record is what decodes at its commits write, and nothing changes in between. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { parseAddress } from "../../src/commands/address.ts";
import type { Address } from "../../src/commands/address.ts";
import { decode } from "../../src/commands/decode.ts";
import { recordHistory, type RecordVersion } from "../../src/commands/history.ts";
import { list } from "../../src/commands/list.ts";
import type { Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { lineDiff } from "../../src/text/line_diff.ts";
import { SIDECAR_SUFFIX } from "../../src/tree/object_files.ts";
import { forSeeds, generate } from "../support/generator/mod.ts";
import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { stream } from "../support/stream.ts";
import { openBytes } from "./dumps.ts";

async function versions(snapshot: Snapshot, address: Address): Promise<RecordVersion[]> {
  const found: RecordVersion[] = [];
  for await (const version of recordHistory(snapshot, address)) found.push(version);
  return found;
}

async function filesAt(bytes: Uint8Array, at: bigint): Promise<Map<string, Uint8Array>> {
  const snapshot = await openBytes(bytes, at);
  const sink = new MemorySink();
  await decode(snapshot, sink, { dynamodbBundleMode: "per-item", keepGoing: true });
  snapshot.close();
  return sink.files;
}

/** Records that are there at some moment, by the paths of the files that tell their history. */
async function recordsOf(snapshot: Snapshot): Promise<Map<string, Address>> {
  const records = new Map<string, Address>();
  await list(snapshot, ({ path, about }) => {
    // Items that clash have another path at another moment.
    if (
      about?.type === "table" || about?.type === "queue" || about?.type === "bucket" ||
      (about?.type === "item" && !path.includes("~"))
    ) {
      const adapter = path.split("/")[0] as "dynamodb";
      records.set(path, { kind: "path", adapter, path });
    } else if (about?.type === "object" && path.endsWith(new TextDecoder().decode(about.key))) {
      records.set(path + SIDECAR_SUFFIX, parseAddress(path));
    } else if (path.startsWith("redis/") && about?.key && !about.hidden) {
      records.set(path, { kind: "redis", key: about.key });
    }
  }, { allowEmpty: true });
  return records;
}

Deno.test("on generated histories, each version is what a decode at its commit writes", async () => {
  let compared = 0;
  await forSeeds(8200, 4, async (seed) => {
    const generated = generate(seed, {
      size: 8,
      families: ["dynamodb", "s3", "redis", "sqs"],
      clock: "hybrid",
    });
    const bytes = generated.file();
    const snapshot = await openBytes(bytes);
    const moments = generated.moments.filter((_, i, { length }) => i % Math.ceil(length / 8) === 0);
    const { from } = snapshot.info.readable;
    const dumps = new Map<bigint, Map<string, Uint8Array>>();
    for (const at of moments) if (at >= from) dumps.set(at, await filesAt(bytes, at));
    for (const [path, address] of await recordsOf(snapshot)) {
      const found = await versions(snapshot, address);
      deepStrictEqual(
        found.map(({ commitTs }) => commitTs),
        found.map(({ commitTs }) => commitTs).toSorted((a, b) => a < b ? 1 : -1),
      );
      for (const [at, files] of dumps) {
        const then = found.find(({ commitTs }) => commitTs <= at);
        // Of a key of Redis that had another type, the file was another one.
        if (!files.has(path) && then?.bytes) continue;
        deepStrictEqual(then?.bytes, files.get(path), `${path} at ${at}`);
        compared++;
      }
    }
    snapshot.close();
  });
  ok(compared > 100, `${compared} comparisons`);
});

const TIMES = [10n, 20n, 30n, 40n].map((ms) => (1_780_000_000_000n + ms) << 16n);
const ROWS = [
  { ...tableRow("orders"), ts: TIMES[0] },
  { ...itemRow("orders", { id: { S: "17" }, n: { N: "1" } }), ts: TIMES[1] },
  { ...itemRow("orders", { id: { S: "17" }, n: { N: "2" } }), ts: TIMES[2] },
  { key: itemRow("orders", { id: { S: "17" } }).key, ts: TIMES[3] },
];

Deno.test("versions come newest first, and deletions are among them", async () => {
  const snapshot = await openBytes(stream(ROWS, TIMES[3]));
  const found = await versions(snapshot, parseAddress("dynamodb/orders/17"));
  deepStrictEqual(
    found.map(({ commitTs, bytes }) => [
      commitTs,
      bytes && JSON.parse(new TextDecoder().decode(bytes)).n.N,
    ]),
    [[TIMES[3], undefined], [TIMES[2], "2"], [TIMES[1], "1"]],
  );
  strictEqual((await versions(snapshot, parseAddress("dynamodb/orders"))).length, 1);
  await rejects(versions(snapshot, parseAddress("dynamodb/orders/18")), {
    code: "nothing-selected",
  });
  const earlier = await openBytes(stream(ROWS, TIMES[3]), TIMES[2]);
  strictEqual((await versions(earlier, parseAddress("dynamodb/orders/17")))[0].commitTs, TIMES[2]);
});

Deno.test("an object that is called like a file of a table or queue is an object", async () => {
  const keys = ["_schema.json", "_queue.json"];
  const snapshot = await openBytes(
    stream([...bucketRows("b"), ...keys.flatMap((key) => objectRows(key, "x"))]),
  );
  for (const key of keys) {
    const [{ bytes }] = await versions(snapshot, parseAddress(`s3/b/${key}`));
    ok(new TextDecoder().decode(bytes).includes('"size_bytes": 1'));
  }
});

Deno.test("the difference of two texts turns the one into the other", () => {
  const texts = ["", "a", "a\nb\nc", "a\nc", "b\na\nc\nd", "x\nb\nc"];
  for (const a of texts) {
    for (const b of texts) {
      const changed = lineDiff(a, b);
      const left = (a === "" ? [] : a.split("\n")).length;
      const minus = changed.filter(({ sign }) => sign === "-").length;
      const plus = changed.length - minus;
      strictEqual(left - minus + plus, (b === "" ? [] : b.split("\n")).length, `${a} ${b}`);
      strictEqual(changed.length === 0, a === b);
    }
  }
  deepStrictEqual(lineDiff("a\nb\nc", "a\nx\nc").map(({ sign, line }) => sign + line), [
    "-b",
    "+x",
  ]);
});
