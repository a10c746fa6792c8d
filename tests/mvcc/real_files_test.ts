import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { equalBytes } from "../../src/bytes/compare.ts";
import type { SnapshotFile } from "../../src/container/snapshot_file.ts";
import { readFile } from "../support/read_file.ts";
import { loadKeyring } from "../../src/mvcc/keyring.ts";
import { Resolver } from "../../src/mvcc/resolver.ts";
import { rowCommitTs, rowKey, rowValue } from "../../src/mvcc/row_batch.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { Survey } from "../../src/mvcc/survey.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { agree } from "../support/naive/agree.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { NaiveSnapshot } from "../support/naive/resolve.ts";

/** Small cases are in the repository; all of them lie beside it on some machines. */
const FOLDERS = [
  new URL("../fixtures/real/", import.meta.url).pathname,
  new URL("../../../shared/corpus/real/", import.meta.url).pathname,
];

interface Stats {
  size: number;
  header: { version: number; ceiling_ms: number };
  last_commit_ts: string;
  footer: string;
  entries: number;
  meta: Record<string, string>;
  registry: unknown[];
  max_version_ts: string;
  families: Record<string, { versions: number; keys: number; live: number }>;
}

/** The path of a case's file, from the first folder that has it. */
function find(name: string): string | undefined {
  for (const folder of FOLDERS) {
    for (const path of [folder + name, `${folder + name}.gz`]) {
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // It is looked for elsewhere.
      }
    }
  }
  return undefined;
}

async function read(name: string): Promise<Uint8Array> {
  const path = find(name)!;
  const bytes = Deno.readFileSync(path);
  if (!path.endsWith(".gz")) return bytes;
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** Numbers above 2⁵³ as the text that stands there. */
async function statsOf(name: string): Promise<Stats> {
  const text = new TextDecoder().decode(await read(`${name}.stats.json`));
  return JSON.parse(
    text.replace(/("(?:last_commit_ts|max_version_ts|_meta_\w+)": )(\d+)/g, '$1"$2"'),
  );
}

async function keysOf(folder: string): Promise<ReadonlyMap<number, Uint8Array> | undefined> {
  if (!find(`${folder}/kek.bin`)) return undefined;
  return loadKeyring(await read(`${folder}/keys.json`), await read(`${folder}/kek.bin`));
}

const FILES = [
  "ddb-basic/snapshot.fsm",
  "ddb-history/snapshot.fsm",
  "encrypted/snapshot.fsm",
  "encrypted-raft-envelope/snapshot.fsm",
  "interleaved/snapshot.fsm",
  "legacy-forged/snapshot.fsm",
  "mixed/snapshot.fsm",
  "multi-group/group-0.fsm",
  "multi-group/group-1.fsm",
  "multi-group/group-2.fsm",
  "multi-group/group-3.fsm",
  "multi-group-crash/group-1.fsm",
  "multi-group-crash/group-2.fsm",
  "multi-group-crash/group-3.fsm",
  "redis-all/snapshot.fsm",
  "s3-basic/snapshot.fsm",
  "s3-hostile-keys/snapshot.fsm",
  "s3-multipart/snapshot.fsm",
  "sqs-all/snapshot.fsm",
  "sst-ingest/same-data.fsm",
  "three-node/snapshot.fsm",
];

type Counts = Record<string, { versions: number; keys: number; live: number }>;

/** The statistics tell apart what is one family here: partitioned queues, and rows of the catalog. */
function ourName(family: string): string {
  return /^!dist\|(?!route)/.test(family)
    ? "!dist|"
    : family.replace(/^(!sqs\|msg\|\w+\|)p\|$/, "$1");
}

function counted(survey: Survey): Counts {
  const counts: Counts = {};
  for (const { family, versions, keys, live } of survey.totals) {
    const name = family.prefix === "" ? "(bare)" : family.prefix;
    const sum = counts[name] ??= { versions: 0, keys: 0, live: 0 };
    sum.versions += versions;
    sum.keys += keys;
    sum.live += live;
  }
  return counts;
}

for (const name of FILES) {
  Deno.test({
    name: `the counts of real/${name} are those that were taken when it was captured`,
    ignore: !find(name) || !find(`${name}.stats.json`),
    fn: async () => {
      const stats = await statsOf(name);
      const { meta, registry: writers } = stats;
      const bytes = await read(name);
      const survey = new Survey();
      const resolver = new Resolver();
      let entries = 0;
      const file: SnapshotFile = await readFile(new BytesSource(bytes), {
        onBatch: (batch) => {
          entries += batch.count;
          resolver.resolve(batch);
          survey.add(batch, resolver.verdicts);
        },
      });
      deepStrictEqual(file.problems, []);
      deepStrictEqual(
        {
          size: file.size,
          version: file.header.version,
          ceiling: Number(file.header.ceilingMs),
          last: String(file.lastCommitTs),
          footer: file.footer,
          crc32c: file.crc32c,
          entries,
          system: survey.systemRows,
          greatest: String(survey.lastCommitTs),
        },
        {
          size: stats.size,
          version: stats.header.version,
          ceiling: stats.header.ceiling_ms,
          last: String(stats.last_commit_ts),
          footer: "verified",
          crc32c: stats.footer,
          entries: stats.entries,
          system: Object.keys(meta).length + writers.length,
          greatest: String(stats.max_version_ts),
        },
      );
      const expected: Counts = {};
      for (const [family, { versions, keys, live }] of Object.entries(stats.families)) {
        const sum = expected[ourName(family)] ??= {
          versions: 0,
          keys: 0,
          live: 0,
        };
        sum.versions += versions;
        sum.keys += keys;
        sum.live += live;
      }
      deepStrictEqual(counted(survey), expected);
    },
  });
}

/** Every row of the program has the bytes that the naive decoder finds, and there are no more. */
async function compareAll(snapshot: Snapshot, naive: NaiveSnapshot): Promise<number> {
  const expected = naive.keys.filter((key) => naive.deciding(key).state === "live");
  let count = 0;
  for await (const batch of snapshot.scan({ from: new Uint8Array(0) })) {
    for (let i = 0; i < batch.count; i++) {
      const key = latin1(rowKey(batch, i));
      const { version, state } = naive.deciding(key);
      strictEqual(state, "live", key);
      strictEqual(rowCommitTs(batch, i), version!.ts);
      const isClear = (version!.value[0] & 2) === 0;
      const body = isClear ? version!.value.subarray(9) : bytesOf(naive.open(version!));
      ok(equalBytes(rowValue(batch, i), body), `value of ${key}`);
      count++;
    }
  }
  strictEqual(count, expected.length);
  return count;
}

/** The cases, by the files that make one snapshot. */
const SNAPSHOTS: [name: string, files: string[]][] = [
  ...FILES.filter((name) => !name.startsWith("multi-group")).map((name): [string, string[]] => [
    name,
    [name],
  ]),
  ["multi-group", [0, 1, 2, 3].map((n) => `multi-group/group-${n}.fsm`)],
  ["multi-group-crash", [1, 2, 3].map((n) => `multi-group-crash/group-${n}.fsm`)],
  ["three-node", ["snapshot", "snapshot-n1", "snapshot-n3"].map((n) => `three-node/${n}.fsm`)],
];

for (const [name, files] of SNAPSHOTS) {
  Deno.test({
    name: `the rows of real/${name} are those that the naive decoder finds`,
    ignore: !files.every(find),
    fn: async () => {
      const keys = await keysOf(name.split("/")[0]);
      const inputs = await Promise.all(files.map(async (file) => ({
        bytes: await read(file),
        group: /group-(\d)/.test(file) ? BigInt(/group-(\d)/.exec(file)![1]) : undefined,
      })));
      const snapshot = await openSnapshotInputs(
        inputs.map(({ bytes, group }) => ({ source: new BytesSource(bytes), group })),
        { keys },
      );
      const naive = new NaiveSnapshot(inputs, { keys });
      deepStrictEqual(snapshot.info.problems, []);
      strictEqual(snapshot.info.copies, naive.copies);
      deepStrictEqual(snapshot.info.transactions, naive.transactions);
      const live = snapshot.info.totals.reduce((sum, totals) => sum + totals.live, 0);
      strictEqual(await compareAll(snapshot, naive), live);
    },
  });
}

Deno.test({
  name:
    "of transactions that a crash cut short, the committed ones are applied and the open ones left",
  ignore: !find("multi-group-crash/group-1.fsm"),
  fn: async () => {
    const inputs = await Promise.all(
      [1, 2, 3].map(async (n) => ({
        bytes: await read(`multi-group-crash/group-${n}.fsm`),
        group: BigInt(n),
      })),
    );
    const naive = await agree(inputs, { gets: false });
    ok(typeof naive !== "string");
    const { applied, undecidedLocks } = naive.transactions;
    deepStrictEqual([applied, undecidedLocks], [2, 6]);
    // With one group alone, nobody can tell what became of transactions that began in another.
    const open = await Promise.all(inputs.map(async (input) => {
      const alone = await agree([input], { gets: false });
      ok(typeof alone !== "string");
      return alone.transactions.undecidedLocks;
    }));
    strictEqual(open.reduce((a, b) => a + b), applied + undecidedLocks);
  },
});

for (const folder of ["encrypted", "encrypted-raft-envelope"]) {
  Deno.test({
    name: `real/${folder} can be surveyed without keys, and its rows need them`,
    ignore: !find(`${folder}/snapshot.fsm`),
    fn: async () => {
      const bytes = await read(`${folder}/snapshot.fsm`);
      const { info } = await openSnapshotInputs([{ source: new BytesSource(bytes) }]);
      ok(info.keyIds.size >= 2 && [...info.keyIds.values()].every((n) => n > 0));
      strictEqual(await agree([{ bytes }], { gets: false }), "encrypted");
    },
  });
}

Deno.test({
  name: "every key of small real files is found, with its history, now and at earlier moments",
  ignore: !find("interleaved/snapshot.fsm"),
  fn: async () => {
    for (const name of ["ddb-history", "interleaved", "legacy-forged"]) {
      const bytes = await read(`${name}/snapshot.fsm`);
      const naive = await agree([{ bytes }]);
      ok(typeof naive !== "string");
      const times = [...naive.versions.values()].flat().map(({ ts }) => ts).sort((a, b) =>
        a < b ? -1 : 1
      );
      for (const part of [0.2, 0.6]) {
        await agree([{ bytes }], { at: times[Math.floor(times.length * part)] });
      }
    }
  },
});
