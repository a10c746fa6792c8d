/** What is decoded of a snapshot when only some paths or keys are wanted: the files of the whole dump. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import type { Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { SIDECAR_SUFFIX } from "../../src/tree/object_files.ts";
import { hostileSnapshot } from "../support/hostile_names.ts";
import { forSeeds, generate, Random } from "../support/generator/mod.ts";
import { costOf } from "../support/cost.ts";
import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { stream, type TestEntry } from "../support/stream.ts";
import { openBytes } from "./dumps.ts";

interface Dump {
  files: Map<string, Uint8Array>;
  report: DecodeReport;
}

async function dump(snapshot: Snapshot, options: DecodeOptions): Promise<Dump> {
  const sink = new MemorySink();
  const settings = { dynamodbBundleMode: "per-item", keepGoing: true, ...options } as const;
  const report = await decode(snapshot, sink, settings);
  return { files: sink.files, report };
}

/** A file of one record. The others are written with their records, and hold parts of many. */
function isRecord(path: string): boolean {
  return !/(^|\/)(MANIFEST\.json|CHECKSUMS|ERRORS\.jsonl|KEYMAP\.jsonl|_schema\.json|_bucket\.json|_queue\.json|(strings|hll)_ttl\.jsonl)$/
    .test(path) && !/^(_extra|_raw)\//.test(path);
}

/** A body comes with its headers, and they with it. */
function companion(path: string): string {
  return path.endsWith(SIDECAR_SUFFIX)
    ? path.slice(0, -SIDECAR_SUFFIX.length)
    : path + SIDECAR_SUFFIX;
}

function quoted(path: string): string {
  return path.replace(/[*?[\]\\]/g, "\\$&");
}

/** Decodes what has a path with some beginning, and compares it with the same files of the whole dump. */
async function compare(snapshot: Snapshot, whole: Dump, start: string): Promise<void> {
  const part = await dump(snapshot, { only: [`${quoted(start)}**`], allowEmpty: true });
  const expected = [...whole.files.keys()].filter((path) =>
    isRecord(path) && (path.startsWith(start) || (path.startsWith("s3/") &&
      whole.files.has(companion(path)) && companion(path).startsWith(start)))
  );
  const found = [...part.files.keys()].filter(isRecord);
  deepStrictEqual(found.sort(), expected.sort(), `paths that begin with ${JSON.stringify(start)}`);
  for (const path of found) deepStrictEqual(part.files.get(path), whole.files.get(path), path);
  deepStrictEqual(
    part.report.problems.filter(({ error }) => error.code === "unbalanced"),
    [],
    start,
  );
}

async function compareSome(snapshot: Snapshot, random: Random, times: number): Promise<void> {
  const whole = await dump(snapshot, {});
  const paths = [...whole.files.keys()].filter(isRecord);
  for (let i = 0; i < times && paths.length > 0; i++) {
    const path = paths[random.below(paths.length)];
    const cut = random.below(3) === 0 ? path.length : random.below(path.length);
    // Half a character is no text.
    await compare(snapshot, whole, path.slice(0, cut).replace(/[\ud800-\udbff]$/, ""));
  }
}

Deno.test("of generated snapshots, every beginning of a path selects what has it", async () => {
  await forSeeds(4100, 6, async (seed) => {
    const snapshot = await openBytes(generate(seed, { size: 12 }).file());
    await compareSome(snapshot, new Random(seed), 12);
    snapshot.close();
  });
});

Deno.test("names that are renamed, hashed or clash select what they name", async () => {
  const snapshot = await openBytes(hostileSnapshot());
  await compareSome(snapshot, new Random(7), 40);
});

Deno.test("a list of all paths selects everything, and each of them what it names", async () => {
  const snapshot = await openBytes(hostileSnapshot());
  const whole = await dump(snapshot, {});
  const all = await dump(snapshot, { paths: [...whole.files.keys()] });
  deepStrictEqual([...all.files.keys()].sort(), [...whole.files.keys()].sort());
});

Deno.test("items that clash are selected by the paths that they have in the whole dump", async () => {
  const rows = [
    tableRow("t"),
    ...["1", "2", "3"].map((id) => itemRow("t", { id: { S: id } })),
    // Their keys are not of the type that the table declares.
    ...["1", "2", "4"].map((id) => itemRow("t", { id: { N: id } })),
  ];
  const snapshot = await openBytes(stream(rows));
  const whole = await dump(snapshot, {});
  const all = [...whole.files.keys()].filter(isRecord);
  deepStrictEqual(all.filter((path) => path.includes("~")).length, 2, all.join());
  for (const path of all) {
    for (const options of [{ paths: [path] }, { only: [path] }]) {
      const one = await dump(snapshot, options);
      deepStrictEqual([...one.files.keys()].filter(isRecord), [path]);
      deepStrictEqual(one.files.get(path), whole.files.get(path));
    }
  }
});

Deno.test("numbers are selected by path and key where the table declares texts", async () => {
  for (const key of ["S", "B"]) {
    const rows = [
      tableRow("t", { types: { id: key } }),
      ...["-17", "17.5", "0", "x"].map((id) =>
        itemRow("t", { id: id === "x" ? { S: id } : { N: id } })
      ),
    ];
    const snapshot = await openBytes(stream(rows));
    const path = "dynamodb/t/items/-17.json";
    for (const options of [{ paths: [path] }, { only: [path] }, { keyPrefix: "-1" }]) {
      const { files } = await dump(snapshot, options);
      deepStrictEqual([...files.keys()].filter(isRecord), [path], JSON.stringify(options));
    }
  }
});

Deno.test("what cannot be restored of a part is what cannot be of the whole", async () => {
  const rows = [
    tableRow("t", { version: 1, types: { id: "N" } }),
    ...["1", "1.0", "5", "7"].map((id) => itemRow("t", { id: { N: id } }, { version: 1 })),
  ];
  const snapshot = await openBytes(stream(rows));
  const apart = async (options: DecodeOptions): Promise<string[]> => {
    const { files } = await dump(snapshot, { restorable: true, ...options });
    return [...files].filter(([path]) => isRecord(path) && path.startsWith("_unrestorable/"))
      .map(([, bytes]) => new TextDecoder().decode(bytes));
  };
  const whole = await apart({});
  deepStrictEqual(whole.map((item) => JSON.parse(item).id.N), ["1.0"]);
  for (const left of ["1", "5", "7"]) {
    deepStrictEqual(await apart({ exclude: [`dynamodb/t/items/${left}.json`] }), whole, left);
  }
});

const ROWS: TestEntry[] = [
  tableRow("orders"),
  ...["ab", "abc", "b"].map((id) => itemRow("orders", { id: { S: id } })),
  tableRow("other"),
  itemRow("other", { id: { S: "abd" } }),
  ...bucketRows("b"),
  ...["abx", "aby/z", "c"].flatMap((key) => objectRows(key, key)),
  ...["abk", "k"].map((key) => ({ key: `!redis|str|${key}`, value: "v" })),
];

/** The paths of records that options select. */
async function paths(options: DecodeOptions): Promise<string[]> {
  const { files } = await dump(await openBytes(stream(ROWS)), options);
  return [...files.keys()].filter((path) => isRecord(path) && !path.endsWith(SIDECAR_SUFFIX))
    .sort();
}

Deno.test("keys are selected by their beginning, in every adapter that has keys", async () => {
  const found = await paths({ keyPrefix: "ab" });
  deepStrictEqual(found, [
    "dynamodb/orders/items/ab.json",
    "dynamodb/orders/items/abc.json",
    "dynamodb/other/items/abd.json",
    "redis/db_0/strings/abk.bin",
    "s3/b/abx",
    "s3/b/aby/z",
  ]);
  deepStrictEqual(await paths({ keyRegex: "^ab.?$", adapters: ["dynamodb"] }), [
    "dynamodb/orders/items/ab.json",
    "dynamodb/orders/items/abc.json",
    "dynamodb/other/items/abd.json",
  ]);
});

Deno.test("a key goes on behind a slash with the range attribute", async () => {
  const pairs = { range: "at" };
  const table = (name: string, types: Record<string, "S" | "N" | "B">): TestEntry[] => [
    tableRow(name, { ...pairs, types }),
    ...["a", "a/b", "", "b"].flatMap((id) =>
      ["", "1", "7/x", "b/1"].filter((at) => types.at === "S" || at === "1").map((at) =>
        itemRow(name, { id: { S: id }, at: types.at === "S" ? { S: at } : { N: at } }, pairs)
      )
    ),
  ];
  const snapshot = await openBytes(
    stream([...table("n", { id: "S", at: "N" }), ...table("s", { id: "S", at: "S" })]),
  );
  const whole = await dump(snapshot, {});
  const keys = new Map(
    [...whole.files].filter(([path]) => isRecord(path)).map(([path, bytes]) => {
      const { id, at } = JSON.parse(new TextDecoder().decode(bytes));
      return [path, `${id.S}/${at.S ?? at.N}`];
    }),
  );
  strictEqual(keys.size, 20);
  for (
    const keyPrefix of ["a", "a/", "a/b", "a/b/", "a/b/1", "a/1", "a/7/", "/", "/1", "/b/", "b"]
  ) {
    const { files } = await dump(snapshot, { keyPrefix });
    const expected = [...keys].filter(([, key]) => key.startsWith(keyPrefix)).map(([path]) => path);
    deepStrictEqual([...files.keys()].filter(isRecord).sort(), expected.sort(), keyPrefix);
  }
});

Deno.test("an object is left out by the path of its body", async () => {
  deepStrictEqual(await paths({ only: ["s3"], exclude: ["s3/b/abx"] }), ["s3/b/aby/z", "s3/b/c"]);
  deepStrictEqual(await paths({ only: ["s3"], exclude: ["s3/b/ab*", "**/z"] }), ["s3/b/c"]);
  // Headers alone are no record.
  deepStrictEqual(await paths({ only: ["s3"], exclude: [`**/*${SIDECAR_SUFFIX}`] }), [
    "s3/b/abx",
    "s3/b/aby/z",
    "s3/b/c",
  ]);
  deepStrictEqual(await paths({ only: [`s3/b/c${SIDECAR_SUFFIX}`], exclude: ["s3/b/c"] }), []);
});

Deno.test("what is given narrows the rest", async () => {
  deepStrictEqual(await paths({ only: ["dynamodb", "s3"], exclude: ["**/ab*"] }), [
    "dynamodb/orders/items/b.json",
    "s3/b/c",
  ]);
  deepStrictEqual(await paths({ scopes: { dynamodb: ["o*"] }, exclude: ["dynamodb/other"] }), [
    "dynamodb/orders/items/ab.json",
    "dynamodb/orders/items/abc.json",
    "dynamodb/orders/items/b.json",
  ]);
  deepStrictEqual(await paths({ only: ["**/abc.json"], keyPrefix: "ab" }), [
    "dynamodb/orders/items/abc.json",
  ]);
});

Deno.test("record lines have what the same options write as files", async () => {
  const snapshot = await openBytes(stream(ROWS));
  const parts: string[] = [];
  const report = await decodeRecords(snapshot, {
    write: (bytes) => void parts.push(new TextDecoder().decode(bytes)),
  }, { only: ["dynamodb/orders/items/ab*", "s3/b/aby"] });
  const lines = parts.join("").trimEnd().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(
    lines.filter(({ type }) => type === "item" || type === "object").map(({ key, value }) =>
      key ?? value
    ).length,
    3,
  );
  strictEqual(report.exitCode, 0);
});

Deno.test("where nothing is selected, the report has the names that come near", async () => {
  const snapshot = await openBytes(stream(ROWS));
  const near = async (options: DecodeOptions): Promise<string[] | undefined> => {
    const { report, files } = await dump(snapshot, options);
    deepStrictEqual([report.exitCode, files.size], [9, 0]);
    return report.nearest;
  };
  deepStrictEqual(await near({ only: ["dynamodb/ordres"] }), ["dynamodb/orders", "dynamodb/other"]);
  strictEqual(
    (await near({ only: ["dynamodb/orders/items/abd.json"] }))![0],
    "dynamodb/orders/items/ab.json",
  );
  ok((await near({ keyPrefix: "zz" }))!.length > 0);
  const empty = await dump(snapshot, { only: ["s3/b/nothing"], allowEmpty: true });
  deepStrictEqual([empty.report.exitCode, empty.files.has("MANIFEST.json")], [0, true]);
  await rejects(dump(snapshot, { keyRegex: "(" }), { code: "usage" });
  await rejects(dump(snapshot, { only: ["/abs"] }), { code: "usage" });
});

const BLOCK = "0123456789abcdef".repeat(256);
const many = (n: number, make: (i: number) => TestEntry[]): TestEntry[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat();

Deno.test("of one prefix of keys, only its ranges are read", async () => {
  const of = (n: number): TestEntry[] => [
    tableRow("t"),
    ...many(n, (i) => [itemRow("t", { id: { S: `${i % 10}-${i}` }, body: { S: BLOCK } })]),
    ...bucketRows("b"),
    ...many(n, (i) => objectRows(`${i % 10}-${i}`, BLOCK)),
    ...many(n, (i) => [{ key: `!redis|str|${i % 10}-${i}`, value: BLOCK }]),
  ];
  const selections: DecodeOptions[] = [
    { keyPrefix: "7-" },
    { only: ["dynamodb/t/items/7-*", "s3/b/7-*", "redis/db_0/strings/7-*"] },
  ];
  for (const options of selections) {
    const { result, bytes, given, size } = await costOf(
      of(1000),
      (snapshot) => decode(snapshot, new MemorySink(), options),
    );
    strictEqual(result.accounts.reduce((n, { fates }) => n + (fates.written ?? 0), 0), 402);
    ok(given < 0.15 * size, `${given} bytes of rows, of ${size}`);
    ok(bytes < 0.25 * size + (1 << 20), `${bytes} bytes read, of ${size}`);
  }
});
