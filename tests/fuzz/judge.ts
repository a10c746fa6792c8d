/**
 * Says whether the program reads a case rightly. The naive decoder says which rows there are. A file
 * with just these rows, one version each, must then become the same dump and the same lines: whatever is
 * hidden, expired, locked or encrypted in the case must make no difference.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Problem } from "../../src/mvcc/problems.ts";
import type { Account } from "../../src/adapters/ledger.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import type { Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { Random } from "../support/generator/mod.ts";
import { agree, openInputs, thrownBy } from "../support/naive/agree.ts";
import { bytesOf } from "../support/naive/parse.ts";
import { NaiveSnapshot } from "../support/naive/resolve.ts";
import { nodeFile, rawStream } from "../support/stream.ts";
import { concat, u64be, u64le } from "../support/generator/encoding.ts";
import type { FuzzCase } from "./fuzz_case.ts";
import { sourceOf } from "./sources.ts";
import { unfounded } from "./naive_records.ts";

/** With more keys, not every one is asked for. */
const MANY = 400;

/**
 * Judges a case. Returns in a word what became of it.
 *
 * @throws {Error} when something is wrong with the program, or with the naive decoder.
 */
export async function judge(fuzzed: FuzzCase): Promise<string> {
  const { keys, seed } = fuzzed;
  const at = momentOf(fuzzed);
  const files = fuzzed.files.map((file) => ({
    ...file,
    source: sourceOf(fuzzed.way, file.name, file.bytes),
  }));
  const sizes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  // Whether damaged files are still of one history has an oracle of its own.
  if (files.length > 1) {
    const refusal = await thrownBy(async () => (await openInputs(files, { keys, at })).close());
    if (refusal === "another-history" || refusal === "another-moment") return refusal;
  }
  let naive: NaiveSnapshot | string;
  try {
    naive = await agree(files, { keys, at, gets: seed % 3 === 0 && sizes < MANY * 100 });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("not modelled")) return "not modelled";
    throw error;
  }
  if (typeof naive === "string") return naive;
  if (!hasExpiredPieces(naive)) await compareDumps({ ...fuzzed, files, at }, naive);
  return naive.problems.length === 0 ? "sound" : [...new Set(naive.problems)].sort().join("+");
}

/** Pieces of S3 objects are proven by their digests, so that one is read although it has expired. */
function hasExpiredPieces(naive: NaiveSnapshot): boolean {
  return naive.keys.some((key) =>
    key.startsWith("!s3|chunkblob|") && naive.deciding(key).state === "expired"
  );
}

/** The moment that shall be read, if it can be. */
function momentOf({ files, keys, at }: FuzzCase): bigint | undefined {
  if (at === undefined) return undefined;
  try {
    const { from, last } = new NaiveSnapshot(files, { keys, at });
    return at >= from && at <= last ? at : undefined;
  } catch {
    return undefined;
  }
}

async function compareDumps(
  { files, keys, at, seed }: FuzzCase,
  naive: NaiveSnapshot,
): Promise<void> {
  const random = new Random(seed);
  const options: DecodeOptions = {
    keepGoing: random.chance(0.8),
    raw: random.chance(0.3),
    includeOrphans: random.chance(0.5),
    includeIncompleteUploads: random.chance(0.5),
    redisBareStrings: random.chance(0.3),
    includeSqsSideRecords: random.chance(0.3),
    preserveSqsVisibility: random.chance(0.5),
    renameCollisions: random.chance(0.9),
    dynamodbBundleMode: random.pick(["per-item", "jsonl"]),
    bodies: random.chance(0.5),
    // A plain file is no node's: it has neither.
    accept: ["checksum", "groups"],
  };
  const single = files.length === 1;
  const plain = {
    bytes: plainFile(naive, files[0].bytes, at),
    name: files[0].name,
    group: single ? files[0].group : undefined,
  };
  const actual = await dump(() => openInputs(files, { keys, at }), { ...options, kernel: "wasm" });
  const expected = await dump(() => openInputs([plain]), {
    ...options,
    kernel: "js",
  });

  // What is wrong with the files themselves is not in the plain one; what transactions say still is.
  const before = naive.problems.length;
  const after = new NaiveSnapshot([plain]).problems.length;
  const isDamaged = before > 0;
  deepStrictEqual(
    actual.report.problems.slice(before).map(toldOf),
    expected.report.problems.slice(after).map(toldOf),
    "problems",
  );
  // Which transactions are decided depends on the groups that are there, and a plain file is of one.
  const ofClients = ({ adapter }: Account): boolean => single || adapter !== "system";
  deepStrictEqual(
    actual.report.accounts.filter(ofClients).map(booksOf),
    expected.report.accounts.filter(ofClients).map(booksOf),
    "books",
  );
  if (isDamaged && !options.keepGoing) {
    deepStrictEqual([actual.report.exitCode, actual.files.size], [4, 0]);
    return;
  }
  deepStrictEqual(actual.files, expected.files, "files");
  deepStrictEqual(actual.lines, expected.lines, "lines");
  strictEqual(unfounded(actual.lines, naive.live()), undefined, "a line that no row has");
  ok(!actual.report.complete || !isDamaged);
  if (single && !isDamaged) {
    strictEqual(actual.report.exitCode, expected.report.exitCode, "exit code");
  }
}

interface Dumped {
  report: DecodeReport;
  /** Path → contents, but for what speaks of the snapshot as a whole. */
  files: Map<string, string>;
  lines: string[];
}

async function dump(open: () => Promise<Snapshot>, options: DecodeOptions): Promise<Dumped> {
  const sink = new MemorySink();
  const report = await decode(await open(), sink, options);
  const files = new Map<string, string>();
  for (const path of [...sink.files.keys()].sort()) {
    if (!OF_THE_WHOLE.has(path)) files.set(path, text(sink.files.get(path)!));
  }
  let lines = "";
  const records = await decodeRecords(
    await open(),
    { write: (b) => void (lines += text(b)) },
    options,
  );
  // Only files have names.
  const inLines = report.problems.filter(({ error }) => error.code !== "name-collision");
  deepStrictEqual(records.problems.map(toldOf), inLines.map(toldOf), "problems of records");
  return { report, files, lines: lines.split("\n").filter((line) => !line.startsWith(END)) };
}

const OF_THE_WHOLE = new Set(["MANIFEST.json", "CHECKSUMS", "ERRORS.jsonl"]);
const END = '{"adapter":"decant"';

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function toldOf({ error: { code, key }, adapter }: Problem): string {
  return `${adapter} ${code} ${key?.toHex()}`;
}

function booksOf({ adapter, scope, live, fates }: Account): unknown {
  return { adapter, scope: scope?.toHex(), live, fates };
}

/**
 * The rows that a reader sees, one version each, in a file of the same kind; and what hides the writes of
 * transactions, whose rows are there too.
 */
function plainFile(naive: NaiveSnapshot, like: Uint8Array, at?: bigint): Uint8Array {
  const rows = naive.live().map(({ key, value, ts, expireAt }): [Uint8Array, Uint8Array] => [
    concat(bytesOf(key), u64be(~ts)),
    concat(0, u64le(expireAt), bytesOf(value)),
  ]);
  for (const key of naive.keys) {
    const { version, state } = naive.deciding(key);
    if (!["deleted", "expired"].includes(state) || !naive.versions.has("!txn|int|" + key)) continue;
    rows.push([bytesOf(version!.stored), concat(1, u64le(0n))]);
  }
  rows.sort(([a], [b]) => compareBytes(a, b));
  const stream = rawStream(rows, at ?? naive.last);
  return text(like.subarray(0, 7)) === "EKVTHLC" ? nodeFile(stream) : stream;
}
