/**
 * Opens the snapshots of an elastickv node and gives what is in them: DynamoDB items, S3 objects, Redis
 * keys, SQS messages, or a dump of ordinary files. Runs in Deno, in Node and in browsers.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * const snap = await openSnapshot(await Deno.readFile("0000000000000235.fsm"));
 * for await (const item of snap.dynamodb.table("orders").items()) console.log(item);
 * ```
 *
 * @module
 */

export * from "./src/errors.ts";
export * from "./src/version.ts";

export { OpenSnapshot, openSnapshot } from "./src/commands/open_snapshot.ts";
export type { OpenSnapshotOptions } from "./src/commands/open_snapshot.ts";
export type { Input } from "./src/commands/open_input.ts";
export type { InputInfo, OpenOptions, SnapshotInfo, SnapshotParts } from "./src/mvcc/snapshot.ts";
export { Snapshot } from "./src/mvcc/snapshot.ts";
export { prefixRange } from "./src/mvcc/key_range.ts";
export { loadKeyring } from "./src/mvcc/keyring.ts";

export { decode } from "./src/commands/decode.ts";
export { decodeRecords } from "./src/commands/decode_records.ts";
export { inspect } from "./src/commands/inspect.ts";
export { itemKey, legacyPayload, orderedPayload, tableKey } from "./src/keyspace/dynamodb_keys.ts";
export { orderedNumber } from "./src/keyspace/ordered_number.ts";
export { MemorySink } from "./src/sinks/memory_sink.ts";

// What the signatures above are made of.
export type { RecordSink } from "./src/adapters/adapter.ts";
export type { AdapterOptions, WalkOptions, WarningFields } from "./src/adapters/context.ts";
export type { Problem } from "./src/mvcc/problems.ts";
export type { AttributeValue, Item } from "./src/adapters/dynamodb/item_objects.ts";
export type { ItemKey, KeyValue } from "./src/adapters/dynamodb/keys.ts";
export type { DynamoTable, DynamoTables, ItemsOptions } from "./src/adapters/dynamodb/library.ts";
export type { Index, KeyNames, TableSchema } from "./src/adapters/dynamodb/schema.ts";
export type {
  ACCEPTABLE,
  Accepted,
  Account,
  Fate,
  LossKind,
  Reason,
  REASONS,
} from "./src/adapters/ledger.ts";
export type { RedisKey, RedisKeys, RedisKeysOptions } from "./src/adapters/redis/library.ts";
export type { Body } from "./src/adapters/s3/body.ts";
export type { S3Bucket, S3Buckets, S3Object, S3ObjectRange } from "./src/adapters/s3/library.ts";
export type { BucketMeta, ObjectHeaders } from "./src/adapters/s3/values.ts";
export type { SqsQueue, SqsQueues } from "./src/adapters/sqs/library.ts";
export type { SqsMessage } from "./src/adapters/sqs/messages.ts";
export type { QueueAttributes, QueueThrottle } from "./src/adapters/sqs/queue_value.ts";
export type { DecodeOptions } from "./src/commands/decode_options.ts";
export type { DecodeReport, Warning } from "./src/commands/decode_report.ts";
export type { Assumption, Example, Loss } from "./src/commands/losses.ts";
export type {
  InspectedInput,
  InspectedProblem,
  InspectedScope,
  InspectReport,
  Moment,
} from "./src/commands/inspect.ts";
export type { EntryBatch, EntryStream } from "./src/container/entry_batch.ts";
export type {
  EntryPlace,
  EntryTable,
  Origin,
  ReadOptions,
  StoredRange,
} from "./src/container/entry_table.ts";
export type { Header } from "./src/container/header.ts";
export type { PayloadKind } from "./src/container/file_start.ts";
export type { FileVerdict, FooterState } from "./src/container/file_sums.ts";
export type { SnapshotFile } from "./src/container/snapshot_file.ts";
export type { SparseIndex } from "./src/container/sparse_index.ts";
export type { BlockDigests } from "./src/sources/block_digests.ts";
export type {
  Adapter,
  ADAPTER_NAMES,
  AdapterName,
  Family,
  FAMILY_TABLE,
  FamilyId,
  Kind,
  Scope,
} from "./src/keyspace/families.ts";
export type { META_KEYS, MetaKey } from "./src/keyspace/meta_rows.ts";
export type { Groups } from "./src/mvcc/groups.ts";
export type { KeyRange } from "./src/mvcc/key_range.ts";
export type { Keyring } from "./src/mvcc/keyring.ts";
export type { KeyExample } from "./src/mvcc/examples.ts";
export type { MetaRows } from "./src/mvcc/file_moments.ts";
export type { Readable, ReadMoment } from "./src/mvcc/moments.ts";
export type { Opener } from "./src/mvcc/opener.ts";
export type { Proof } from "./src/mvcc/resolver.ts";
export type { Row, RowBatch, RowHandle } from "./src/mvcc/row_batch.ts";
export type { Counts } from "./src/mvcc/survey.ts";
export type {
  HistoryOptions,
  LookupOptions,
  ReadTimes,
  Rows,
  ScanOptions,
  Version,
} from "./src/mvcc/rows.ts";
export type { Totals } from "./src/mvcc/survey.ts";
export type { Times } from "./src/mvcc/times.ts";
export type { Transactions } from "./src/mvcc/transactions.ts";
export type { BlockCache } from "./src/sources/block_cache.ts";
export type { Scratch, ScratchFile } from "./src/sources/scratch.ts";
export type { MaybePromise, Source } from "./src/sources/source.ts";
export type { Sink, SinkFile } from "./src/tree/sink.ts";
