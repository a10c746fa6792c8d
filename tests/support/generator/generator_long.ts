import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { AdapterModule } from "../../../src/adapters/adapter.ts";
import { dynamodb } from "../../../src/adapters/dynamodb/mod.ts";
import { redis } from "../../../src/adapters/redis/mod.ts";
import { s3 } from "../../../src/adapters/s3/mod.ts";
import { sqs } from "../../../src/adapters/sqs/mod.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { FAMILIES } from "../../../src/keyspace/families.ts";
import { type Decoded, decodeWith } from "../decode.ts";
import { agree, openInputs } from "../naive/agree.ts";
import { concat } from "./encoding.ts";
import { generateLarge, type LargeFile, type LargeKind } from "./large.ts";
import { generate } from "./mod.ts";
import { forSeeds } from "./seeds.ts";

const ADAPTERS: AdapterModule[] = [dynamodb, s3, redis, sqs];

function digests({ files }: Decoded): [string, string][] {
  return [...files].map(([path, bytes]): [string, string] => [path, sha256Hex(bytes)])
    .sort(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("a seed gives the same snapshot each time, and another seed another one", () => {
  const file = (seed: number): string =>
    sha256Hex(generate(seed, { transactions: 2, encrypted: true }).file());
  strictEqual(file(1), file(1));
  strictEqual(new Set([1, 2, 3, 4].map(file)).size, 4);
});

Deno.test("generated snapshots have rows of every family", async () => {
  const seen = new Set<string>();
  await forSeeds(0, 40, async (seed) => {
    const generated = generate(seed, { size: 40, transactions: 6 });
    const { info } = await openInputs([{ bytes: generated.file() }]);
    for (const { family, live } of info.totals) if (live > 0) seen.add(family.id);
  });
  // Of these the server writes none, and of encryption only rows that are no versions.
  const never = ["s3-chunkref-count", "s3-chunkblob-gc", "s3-route", "encryption", "fs"];
  deepStrictEqual(FAMILIES.map(({ id }) => id).filter((id) => !seen.has(id)), never);
});

Deno.test("a node's file, the files of groups and the bare stream of it decode to one tree, without problems", async () => {
  const files = new Map<string, number>();
  await forSeeds(70_000, 12, async (seed) => {
    const generated = generate(seed, { size: 20, groups: 2, transactions: 3 });
    const { moments } = generated;
    for (const at of [undefined, moments[moments.length >> 1]]) {
      const groups = generated.groupFiles().map(({ bytes }) => bytes);
      for (const adapter of ADAPTERS) {
        const whole = await decodeWith(adapter, generated.file(), { at });
        deepStrictEqual(whole.problems.map(({ error }) => error.message), []);
        deepStrictEqual(whole.unbalanced, []);
        deepStrictEqual(digests(await decodeWith(adapter, groups, { at })), digests(whole));
        deepStrictEqual(digests(await decodeWith(adapter, generated.bare(at))), digests(whole));
        files.set(adapter.name, (files.get(adapter.name) ?? 0) + whole.files.size);
      }
    }
  });
  for (const { name } of ADAPTERS) ok(files.get(name)! > 50, `${files.get(name)} files of ${name}`);
});

const KINDS: [kind: LargeKind, adapter: AdapterModule, least: number][] = [
  ["items", dynamodb, 700],
  ["large-items", dynamodb, 8],
  ["small-objects", s3, 180],
  ["huge-objects", s3, 1],
  ["huge-list", redis, 2000],
  ["huge-hash", redis, 2000],
  ["huge-queue", sqs, 300],
  ["ttls", redis, 1800],
];

function large(size: number, kind: LargeKind): LargeFile & { file: Uint8Array } {
  const pieces: Uint8Array[] = [];
  const facts = generateLarge((b) => pieces.push(b.slice()), size, kind);
  return { file: concat(...pieces), ...facts };
}

for (const [kind, adapter, least] of KINDS) {
  Deno.test(`a large file of ${kind} is a sound snapshot in which every row is live`, async () => {
    const size = kind === "huge-objects" ? 3_300_000 : kind === "large-items" ? 2_000_000 : 300_000;
    const { file, bytes, entries, things } = large(size, kind);
    strictEqual(file.length, bytes);
    ok(Math.abs(bytes - size) < size / 3, `${bytes} bytes`);
    ok(things >= least, `${things} things`);
    const naive = await agree([{ bytes: file }], { gets: false });
    ok(typeof naive !== "string");
    strictEqual(naive.live().length, entries);
    const decoded = await decodeWith(adapter, file);
    deepStrictEqual([decoded.problems, decoded.unbalanced, decoded.warnings], [[], [], []]);
  });
}

Deno.test("a large file of all four services is sound, and every row in it is live", async () => {
  const { file, entries, things } = large(600_000, "mixed");
  const naive = await agree([{ bytes: file }], { gets: false });
  ok(typeof naive !== "string");
  strictEqual(naive.live().length, entries);
  const decoded = await Promise.all(ADAPTERS.map((adapter) => decodeWith(adapter, file)));
  deepStrictEqual(decoded.map(({ problems }) => problems), [[], [], [], []]);
  ok(things > 1000);
});

Deno.test("a large file of versions has three of each item, of which a quarter is deleted", async () => {
  const { file, entries, things } = large(300_000, "versions");
  const naive = await agree([{ bytes: file }], { gets: false });
  ok(typeof naive !== "string");
  const tableRows = 2;
  strictEqual(entries, 4 * things + tableRows);
  strictEqual(naive.live().length, things + tableRows);
});
