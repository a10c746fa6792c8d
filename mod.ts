/**
 * Opens the snapshots of an elastickv node and gives what is in them: DynamoDB items, S3 objects, Redis
 * keys, SQS messages, or a dump of ordinary files. Runs in Deno, in Node and in browsers.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * using snap = await openSnapshot("0000000000000235.fsm");
 * const order = await snap.dynamodb.table("orders").get({ id: "17" });
 * for await (const { key, body } of snap.s3.bucket("photos").objects()) console.log(key, body.size);
 * ```
 *
 * @module
 */

export { type OpenSnapshot, openSnapshot } from "./src/commands/open_snapshot.ts";
export { verifyTree as verifyDump } from "./src/commands/verify_tree.ts";
export { prefixRange } from "./src/mvcc/key_range.ts";
export { loadKeyring } from "./src/mvcc/keyring.ts";
export { MemorySink } from "./src/sinks/memory_sink.ts";
export { TarSink } from "./src/sinks/tar_sink.ts";
export { MemoryScratch } from "./src/sources/scratch.ts";
export { VERSION } from "./src/version.ts";
export {
  AbortedError,
  CODES,
  DecantError,
  MismatchError,
  NothingSelectedError,
  OutputError,
  PermissionError,
  SourceChangedError,
  UnsoundError,
  UnsupportedError,
  UsageError,
} from "./src/errors.ts";

/** The keys of rows as the store has them, for `get` and `history` of a snapshot. */
export * as keys from "./src/keyspace/builders.ts";

// What the signatures above are made of.
export type { Code, CodeOf, CutKey, HintedOption, Place } from "./src/errors.ts";
export type { RecordSink } from "./src/adapters/adapter.ts";
export type { AdapterOptions, WalkOptions, WarningFields } from "./src/adapters/context.ts";
export type { AttributeValue, Item } from "./src/adapters/dynamodb/item_objects.ts";
export type { ItemKey, KeyValue } from "./src/adapters/dynamodb/keys.ts";
export type {
  DynamoTable,
  DynamoTables,
  ItemsOptions,
  ItemVersion,
  QueryOptions,
} from "./src/adapters/dynamodb/library.ts";
export type { Index, KeyNames, TableSchema } from "./src/adapters/dynamodb/schema.ts";
export type { Accepted, Account, Fate, LossKind, Reason } from "./src/adapters/ledger.ts";
export type { RedisKey, RedisKeys, RedisKeysOptions } from "./src/adapters/redis/library.ts";
export type { Body } from "./src/adapters/s3/body.ts";
export type { S3Bucket, S3Buckets, S3Object, S3ObjectRange } from "./src/adapters/s3/library.ts";
export type { BucketMeta, ObjectHeaders } from "./src/adapters/s3/values.ts";
export type { SqsQueue, SqsQueues } from "./src/adapters/sqs/library.ts";
export type { SqsMessage } from "./src/adapters/sqs/messages.ts";
export type { QueueAttributes, QueueThrottle } from "./src/adapters/sqs/queue_value.ts";
export type { DecodeOptions } from "./src/commands/decode_options.ts";
export type { DecodeReport, Warning } from "./src/commands/decode_report.ts";
export type { RecordVersion } from "./src/commands/history.ts";
export type { ListOptions } from "./src/commands/list.ts";
export type { RunOptions } from "./src/commands/look.ts";
export type { SelectOptions } from "./src/commands/select_options.ts";
export type {
  Change,
  Difference,
  Differences,
  DiffOptions,
  ScopeChanges,
} from "./src/commands/diff.ts";
export type { Fault, FaultKind } from "./src/commands/faults.ts";
export type {
  InspectedInput,
  InspectedProblem,
  InspectedScope,
  InspectReport,
  Moment,
} from "./src/commands/inspect.ts";
export type { Assumption, Example, Loss } from "./src/commands/losses.ts";
export type { LookOptions } from "./src/commands/looking.ts";
export type { Input } from "./src/commands/open_input.ts";
export type { OpenSnapshotOptions } from "./src/commands/open_snapshot.ts";
export type { SearchMatch, Wanted } from "./src/commands/search.ts";
export type { NameUsage, ScopeUsage, UsageOptions, UsageReport } from "./src/commands/usage.ts";
export type { Measure, Usage } from "./src/commands/usage_meter.ts";
export type { AgainstReport, VerifyAgainstOptions } from "./src/commands/verify_against.ts";
export type { TreeReport, VerifyOptions } from "./src/commands/verify_tree.ts";
export type { DirectoryWarning } from "./src/container/data_directory.ts";
export type { PayloadKind } from "./src/container/file_start.ts";
export type { FooterState } from "./src/container/file_sums.ts";
export type { Adapter, AdapterName } from "./src/keyspace/families.ts";
export type { KeyExample } from "./src/mvcc/examples.ts";
export type { KeyRange } from "./src/mvcc/key_range.ts";
export type { Keyring } from "./src/mvcc/keyring.ts";
export type { ReadMoment } from "./src/mvcc/moments.ts";
export type { Problem } from "./src/mvcc/problems.ts";
export type { Row } from "./src/mvcc/row_batch.ts";
export type { HistoryOptions, LookupOptions, Version } from "./src/mvcc/rows.ts";
export type { OpenOptions } from "./src/mvcc/snapshot.ts";
export type {
  Directory,
  DirectoryEntry,
  DirectoryName,
  WholeDirectory,
} from "./src/sources/directory.ts";
export type { SeenFile } from "./src/sinks/look_sink.ts";
export type { Scratch, ScratchFile } from "./src/sources/scratch.ts";
export type { MaybePromise, Source } from "./src/sources/source.ts";
export type { Completeness, NamedLoss } from "./src/tree/completeness.ts";
export type {
  AdapterScopes,
  Balance,
  Exclusions,
  Manifest,
  ManifestInput,
  ManifestLive,
  ManifestSource,
  ScopeBalance,
} from "./src/tree/manifest.ts";
export type { FileAbout, FileWriter, OpenFolder, Sink, SinkFile } from "./src/tree/sink.ts";
