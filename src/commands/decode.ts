/** Decodes a snapshot into a tree of ordinary files. @module */

import { STANDARD } from "../bytes/base64.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import type { Problem } from "../adapters/context.ts";
import { type Account, type Reason, REASONS } from "../adapters/ledger.ts";
import { UsageError } from "../errors.ts";
import { type RowBatch, rowCommitTs, rowExpireAt, rowKey, rowValue } from "../mvcc/row_batch.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";
import { JsonWriter } from "../text/json_writer.ts";
import { printable } from "../text/printable.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import type { AdapterName, AdapterScopes, Manifest, ScopeBalance } from "../tree/manifest.ts";
import { type SortedLines, TreeOutput } from "../tree/output.ts";
import { rfc3339FromMs } from "../text/rfc3339.ts";
import type { Sink } from "../tree/sink.ts";
import { VERSION } from "../version.ts";
import type { DecodeOptions } from "./decode_options.ts";
import { type DecodeReport, DecodeRun } from "./decode_run.ts";

/** Items above which one file an item must be asked for by name. */
export const MANY_FILES = 1_000_000;

/** List of what is wrong, in a dump that was published all the same. */
export const ERRORS_FILE = "ERRORS.jsonl";
/** Rows that nothing else has. */
export const RAW_FILE = "_raw/records.jsonl";

/**
 * Writes the dump of a snapshot.
 *
 * When something is unsound and `keepGoing` was not asked for, everything is read and listed, and the
 * sink is told to take back what it got: `report.exitCode` is 4 then. So it is when a selection matches
 * nothing: 9.
 *
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @throws {UsageError} `too-many-files`.
 * @throws {DecantError} when the input is encrypted, the output fails or the signal fires. After any
 *   error the sink has taken back what it got.
 */
export async function decode(
  snapshot: Snapshot,
  sink: Sink,
  options: DecodeOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<DecodeReport> {
  const output = new TreeOutput(sink, scratch);
  try {
    const run = new DecodeRun(snapshot, options);
    refuseTooManyFiles(run);
    const raw = options.raw ? new RawRows(output.lines(RAW_FILE)) : undefined;
    const writeRaw = raw && ((batch: RowBatch, i: number) => raw.add(batch, i));
    const context = await run.context(scratch, writeRaw);
    const adapters: Manifest["adapters"] = {};
    for (const adapter of run.adapters) {
      adapters[adapter.name] = scopeLists(
        adapter.name,
        await adapter.writeTree(context, output),
      );
    }
    await run.bookOthers(context, writeRaw);
    await raw?.close();
    const report = run.report({ files: 0, bytes: 0 });
    if (report.exitCode === 4 || report.exitCode === 9) {
      await output.abort();
      return report;
    }
    if (report.problems.length > 0) await writeErrors(output, report.problems);
    await output.finish(manifestOf(run, report, adapters));
    return { ...report, files: output.files, bytes: output.bytes };
  } catch (error) {
    try {
      await output.abort();
    } catch {
      // The first error says why.
    }
    throw error;
  }
}

function refuseTooManyFiles({ snapshot, options, adapters }: DecodeRun): void {
  if (options.dynamodbBundleMode !== undefined) return;
  if (!adapters.some(({ name }) => name === "dynamodb")) return;
  const names = options.scopes?.dynamodb;
  let items = 0;
  for (const { family, scope, live } of snapshot.info.totals) {
    if (family.id !== "ddb-item" || !scope) continue;
    if (!names || names.includes(decodeUtf8(scope) ?? "")) items += live;
  }
  if (items <= MANY_FILES) return;
  throw new UsageError(
    `there are ${items} DynamoDB items, and each would be a file of its own`,
    {
      hint: "choose --dynamodb-bundle-mode jsonl for files of many items, or " +
        "--dynamodb-bundle-mode per-item if that is meant",
    },
    "too-many-files",
  );
}

/** Rows as they are stored, in the order of their keys. */
class RawRows {
  readonly #lines: SortedLines;
  readonly #out = new ByteBuilder();

  constructor(lines: SortedLines) {
    this.#lines = lines;
  }

  add(batch: RowBatch, i: number): MaybePromise<void> {
    const json = new JsonWriter(this.#out.clear(), { indent: false, html: false });
    json.beginObject();
    json.name("key_b64").base64(STANDARD, rowKey(batch, i));
    json.name("value_b64").base64(STANDARD, rowValue(batch, i));
    json.name("commit_ts").integer(rowCommitTs(batch, i));
    json.name("expire_at").integer(rowExpireAt(batch, i));
    json.endObject();
    this.#out.byte(0x0a);
    return this.#lines.add(rowKey(batch, i), this.#out.view());
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}

async function writeErrors(output: TreeOutput, problems: readonly Problem[]): Promise<void> {
  const lines = output.lines(ERRORS_FILE);
  for (const problem of problems) {
    const line = new ByteBuilder();
    writeProblem(new JsonWriter(line, { indent: false, html: false }), problem);
    line.byte(0x0a);
    await lines.add(line.view(), line.view());
  }
  await lines.close();
}

/** Writes a problem as an object: `code`, `file`, `offset`, `key_b64`, `adapter`, `scope`, `message`. */
export function writeProblem(json: JsonWriter, { error, adapter, scope }: Problem): void {
  json.beginObject().name("code").string(error.code);
  // Where the file lay is no part of it: the same snapshot must give the same bytes.
  if (error.file !== undefined) json.name("file").string(baseName(error.file));
  if (error.offset !== undefined) json.name("offset").integer(error.offset);
  if (error.key !== undefined) json.name("key_b64").base64(STANDARD, error.key);
  if (adapter !== "") json.name("adapter").string(adapter);
  if (scope !== undefined) json.name("scope").string(scopeName(scope));
  json.name("message").string(error.message).endObject();
}

/** A scope's name as text; bytes that are no text are escaped. */
export function scopeName(scope: Uint8Array): string {
  return decodeUtf8(scope) ?? printable(scope, scope.length);
}

function scopeLists(adapter: AdapterName, scopes: Uint8Array[]): AdapterScopes {
  const names = scopes.map(scopeName).sort();
  switch (adapter) {
    case "dynamodb":
      return { tables: names };
    case "s3":
      return { buckets: names };
    case "redis":
      return { databases: names.map(Number) };
    case "sqs":
      return { queues: names };
  }
}

function manifestOf(
  run: DecodeRun,
  report: DecodeReport,
  adapters: Manifest["adapters"],
): Manifest {
  const { options, snapshot: { info } } = run;
  const inputs = info.inputs.map(({ name, file, group }) => ({
    name: baseName(name),
    size: file.size,
    sha256: file.sha256 ?? "",
    fsm_crc32c: file.footer === "verified" ? file.crc32c : undefined,
    group,
  }));
  const [first] = inputs;
  const index = inputs.length === 1 ? snapshotIndex(first.name) : undefined;
  return {
    phase: "phase0-snapshot-decode",
    elastickv_version: `decant ${VERSION}`,
    cluster_id: options.clusterId,
    snapshot_index: index,
    last_commit_ts: info.lastCommitTs,
    wall_time_iso: options.wallTime ?? rfc3339FromMs(Date.now()),
    source: {
      fsm_path: first.name,
      fsm_crc32c: first.fsm_crc32c,
      sha256: first.sha256,
    },
    adapters,
    exclusions: {
      include_incomplete_uploads: options.includeIncompleteUploads ?? false,
      include_orphans: options.includeOrphans ?? false,
      preserve_sqs_visibility: options.preserveSqsVisibility ?? false,
      include_sqs_side_records: options.includeSqsSideRecords ?? false,
      rename_s3_collisions: options.renameCollisions ?? true,
      redis_bare_strings: options.redisBareStrings ?? false,
      include_raw: options.raw ?? false,
    },
    dynamodb_layout: options.dynamodbBundleMode ?? "per-item",
    dynamodb_bundle_size: options.dynamodbBundleSize,
    read_ts: info.at,
    selection: selectionOf(run),
    inputs,
    complete: report.complete,
    problems: report.problems.length,
    balance: {
      ...report.balance,
      scopes: report.accounts.map(scopeBalance),
    },
  };
}

function selectionOf(run: DecodeRun): Manifest["selection"] {
  if (!run.selective) return undefined;
  const selection: { [option: string]: string[] } = {
    adapter: run.adapters.map(({ name }) => name),
  };
  const scopes = Object.entries(run.options.scopes ?? {}).flatMap(([adapter, names]) =>
    names.map((name) => `${adapter}=${name}`)
  );
  if (scopes.length > 0) selection.scope = scopes;
  return selection;
}

/** What became of a scope's live rows, as the manifest says it. */
export function scopeBalance({ adapter, scope, live, fates }: Account): ScopeBalance {
  const left_out: { [reason: string]: number } = {};
  for (const reason of Object.keys(REASONS) as Reason[]) {
    if (fates[reason]) left_out[reason] = fates[reason];
  }
  return {
    adapter,
    scope: scope ? scopeName(scope) : "",
    live,
    written: fates.written ?? 0,
    derivable: fates.derivable ?? 0,
    operational: fates.operational ?? 0,
    left_out,
  };
}

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** A node names its files by the index, as 16 hexadecimal digits. */
function snapshotIndex(name: string): bigint | undefined {
  const digits = /^([0-9a-f]{16})\.fsm(\.gz|\.zst)?$/.exec(name)?.[1];
  return digits === undefined ? undefined : BigInt("0x" + digits);
}
