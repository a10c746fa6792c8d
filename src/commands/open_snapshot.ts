/** Snapshots for programs: what `import { openSnapshot }` gives. @module */

import type { RecordSink } from "../adapters/adapter.ts";
import { AdapterContext } from "../adapters/context.ts";
import { DynamoTables } from "../adapters/dynamodb/library.ts";
import { Ledger } from "../adapters/ledger.ts";
import { RedisKeys } from "../adapters/redis/library.ts";
import { S3Buckets } from "../adapters/s3/library.ts";
import { SqsQueues } from "../adapters/sqs/library.ts";
import type { UnsoundError } from "../errors.ts";
import { type Kernels, loadKernels } from "../kernels/kernels.ts";
import type { KeyRange } from "../mvcc/key_range.ts";
import { copyRow, type Row } from "../mvcc/row_batch.ts";
import type { HistoryOptions, LookupOptions, Version } from "../mvcc/rows.ts";
import { type OpenOptions, readSnapshot, Snapshot } from "../mvcc/snapshot.ts";
import type { DirectoryWarning } from "../container/data_directory.ts";
import type { Directory, WholeDirectory } from "../sources/directory.ts";
import { MemoryScratch, type Scratch, stoppable } from "../sources/scratch.ts";
import type { Sink } from "../tree/sink.ts";
import type { ItemKey } from "../adapters/dynamodb/keys.ts";
import type { SeenFile } from "../sinks/look_sink.ts";
import { parseAddress } from "./address.ts";
import { cat } from "./cat.ts";
import { decode } from "./decode.ts";
import { recordHistory, type RecordVersion } from "./history.ts";
import { list, type ListOptions } from "./list.ts";
import type { RunOptions } from "./look.ts";
import { pulled } from "./pulled.ts";
import type { DecodeOptions } from "./decode_options.ts";
import { decodeRecords } from "./decode_records.ts";
import type { DecodeReport } from "./decode_report.ts";
import { diff, type Differences, type DiffOptions } from "./diff.ts";
import { inspect, type InspectReport } from "./inspect.ts";
import { type Input, openInputs } from "./open_input.ts";
import { search, type SearchMatch, type Wanted } from "./search.ts";
import type { LookOptions } from "./looking.ts";
import { usage, type UsageOptions, type UsageReport } from "./usage.ts";
import { type AgainstReport, verifyAgainst, type VerifyAgainstOptions } from "./verify_against.ts";
import { verifySnapshot } from "./verify_snapshot.ts";

/**
 * An open snapshot: what clients of the server could read. Things are read when they are asked for; close
 * it when nothing more is.
 */
export class OpenSnapshot implements Disposable {
  readonly #snapshot: Snapshot;
  readonly #kernels: Kernels;
  readonly #scratch: Scratch;
  readonly #signal: AbortSignal | undefined;
  /** What was passed over in data directories that were given, and what is newer than their snapshots. */
  readonly passedOver: readonly DirectoryWarning[];

  /** Made by {@link openSnapshot}. */
  private constructor(
    snapshot: Snapshot,
    kernels: Kernels,
    { scratch, signal, passedOver }: {
      scratch: Scratch;
      signal?: AbortSignal;
      passedOver: readonly DirectoryWarning[];
    },
  ) {
    this.#snapshot = snapshot;
    this.#kernels = kernels;
    this.#scratch = scratch;
    this.#signal = signal;
    this.passedOver = passedOver;
  }

  /** See {@link openSnapshot}. */
  static async open(
    inputs: readonly (Input | Directory)[],
    options: OpenSnapshotOptions,
  ): Promise<OpenSnapshot> {
    const { allowRatio, signal, groups = [], scratch = new MemoryScratch() } = options;
    const kernels = await loadKernels();
    const opened = await openInputs(inputs, scratch, { allowRatio, signal });
    const parts = await readSnapshot(opened.files, {
      ...options,
      groups: [...groups, ...opened.groups],
      scratch,
    });
    const passedOver = opened.warnings;
    return new OpenSnapshot(new Snapshot(parts), kernels, { scratch, signal, passedOver });
  }

  /** DynamoDB tables and their items. */
  get dynamodb(): DynamoTables {
    return new DynamoTables(this.#context());
  }

  /** S3 buckets and their objects. */
  get s3(): S3Buckets {
    return new S3Buckets(this.#context());
  }

  /** Redis keys. */
  get redis(): RedisKeys {
    return new RedisKeys(this.#context());
  }

  /** SQS queues and their messages. */
  get sqs(): SqsQueues {
    return new SqsQueues(this.#context());
  }

  /** What is wrong with the files: at most 10,000 defects. Empty means that they are sound. */
  get problems(): readonly UnsoundError[] {
    return this.#snapshot.info.problems;
  }

  /** What is known after the one reading: files, moments, groups, and what there is of each scope. */
  inspect(): Promise<InspectReport> {
    return inspect(this.#snapshot, this.#signal);
  }

  /**
   * Writes everything, or what is selected, as files; `DenoDirectorySink`, {@link TarSink} and
   * {@link MemorySink} take them.
   *
   * When something is unsound and `keepGoing` was not asked for, everything is read and listed, and the
   * sink is told to take back what it got: `report.exitCode` is 4 then. So it is when a selection matches
   * nothing: 9.
   *
   * @throws {UsageError} `too-many-files`.
   * @throws {DecantError} when the input is encrypted, the output fails or the signal fires.
   */
  decode(sink: Sink, options: DecodeOptions = {}): Promise<DecodeReport> {
    return decode(this.#snapshot, sink, this.#stoppable(options), sink.scratch ?? this.#scratch);
  }

  /** Writes the same as one JSON object a line. Nothing can be taken back: the last line says that all is there. */
  writeRecords(sink: RecordSink, options: DecodeOptions = {}): Promise<DecodeReport> {
    return decodeRecords(this.#snapshot, sink, this.#stoppable(options), this.#scratch);
  }

  /** Decodes everything to nowhere, and says what would come of it. */
  verify(options: DecodeOptions = {}): Promise<DecodeReport> {
    return verifySnapshot(this.#snapshot, this.#stoppable(options), this.#scratch);
  }

  /** Compares a dump with what it was made from. The snapshot must have been opened with `hash`. */
  verifyDump(dump: WholeDirectory, options: VerifyAgainstOptions = {}): Promise<AgainstReport> {
    return verifyAgainst(dump, this.#snapshot, this.#stoppable(options), this.#scratch);
  }

  /**
   * Lists the files that {@link OpenSnapshot.decode} would write into a folder that keeps every name, but
   * for `MANIFEST.json` and `CHECKSUMS`, as they are found. Bodies of S3 objects are not read; what is
   * unsound is left out. Who leaves the loop ends the reading.
   *
   * @example
   * ```ts
   * import { openSnapshot } from "@ekv/decant";
   *
   * using snap = await openSnapshot("0000000000000235.fsm");
   * for await (const { path, size } of snap.list({ only: ["s3/photos/2026/*"] })) console.log(path, size);
   * ```
   *
   * @throws {NothingSelectedError} when nothing is selected, unless that is allowed.
   */
  list(options: ListOptions = {}): AsyncGenerator<SeenFile> {
    const own = this.#stoppable(options);
    return pulled((take) => list(this.#snapshot, take, own, this.#scratch));
  }

  /**
   * The bytes of one such file, by the address of its record as clients write it (`dynamodb/orders/17`,
   * `s3://photos/a.jpg`, `redis/session:1`, `sqs/jobs`) or by its path, in pieces that are valid until the
   * next one is asked for.
   *
   * @param key Of an item, where `address` is its table.
   * @throws {NothingSelectedError} when there is no such record.
   * @throws {UnsoundError} when it is damaged: then none of its bytes came.
   */
  read(address: string, key?: ItemKey, options: RunOptions = {}): AsyncGenerator<Uint8Array> {
    const parsed = parseAddress(address, key);
    const own = this.#stoppable(options);
    return pulled((take) => cat(this.#snapshot, parsed, take, own, this.#scratch));
  }

  /**
   * The retained versions of such a record, newest first: what a decode at each of its commits writes.
   * Other than {@link OpenSnapshot.history} this is about records and not about rows.
   *
   * @param key Of an item, where `address` is its table.
   * @throws {NothingSelectedError} when nothing is retained of it.
   */
  recordHistory(
    address: string,
    key?: ItemKey,
    options: RunOptions = {},
  ): AsyncGenerator<RecordVersion> {
    const parsed = parseAddress(address, key);
    return recordHistory(this.#snapshot, parsed, this.#stoppable(options), this.#scratch);
  }

  /**
   * The row of a stored key, which {@link keys} makes; `undefined` where a client would have found
   * nothing, if there are no {@link problems}: a file that was cut off may have had it.
   *
   * @throws {UnsoundError} when nobody knows what it is.
   */
  get(key: Uint8Array, options?: LookupOptions): Promise<Row | undefined> {
    return this.#snapshot.get(key, this.#stoppable(options));
  }

  /**
   * The versions of a stored key that the node still had, newest first, deletions among them.
   *
   * @throws {UnsoundError} when one is malformed, unless that is to be told.
   */
  history(key: Uint8Array, options?: HistoryOptions): AsyncGenerator<Version> {
    return this.#snapshot.history(key, this.#stoppable(options));
  }

  /**
   * The rows of a range of stored keys, in the order of the store.
   *
   * @throws {UnsoundError} at the first one that is malformed.
   */
  async *rows(range: KeyRange, options?: LookupOptions): AsyncGenerator<Row> {
    for await (const batch of this.#snapshot.scan(range, this.#stoppable(options))) {
      for (let i = 0; i < batch.count; i++) yield copyRow(batch, i);
    }
  }

  /** What takes up the space: the largest scopes, beginnings of names, and keys. */
  usage(options: UsageOptions = {}): Promise<UsageReport> {
    return usage(this.#snapshot, this.#stoppable(options));
  }

  /**
   * What became of the records from this snapshot to a newer one, or to another moment of it. What is
   * stored in another way and reads the same is no change.
   *
   * @example
   * ```ts
   * import { openSnapshot } from "@ekv/decant";
   *
   * using older = await openSnapshot("monday.fsm");
   * using newer = await openSnapshot("tuesday.fsm");
   * using found = await older.diff(newer);
   * for await (const { change, scope, key } of found.differences()) console.log(change, scope, key);
   * ```
   *
   * @throws {UnsoundError} at the first row of either that is malformed, unless `onProblem` takes it.
   */
  diff(newer: OpenSnapshot, options: DiffOptions = {}): Promise<Differences> {
    return diff(this.#snapshot, newer.#snapshot, this.#stoppable(options), this.#scratch);
  }

  /**
   * Finds the records whose key or value contains a text, bytes, or what a regular expression matches.
   *
   * @throws {UnsoundError} at the first row that is malformed, unless `onProblem` takes it.
   */
  search(wanted: Wanted, options: LookOptions = {}): AsyncGenerator<SearchMatch> {
    return search(this.#snapshot, wanted, this.#stoppable(options), this.#scratch);
  }

  /** Lets go of the files. */
  close(): void {
    this.#snapshot.close();
  }

  /** The same, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #stoppable<T extends { signal?: AbortSignal }>(options?: T): T {
    return { ...options, signal: options?.signal ?? this.#signal } as T;
  }

  /** The first row that is malformed is thrown; rows that nobody reads are not counted. */
  #context(): AdapterContext {
    return new AdapterContext({
      rows: this.#snapshot,
      kernels: this.#kernels,
      scratch: stoppable(this.#scratch, this.#signal),
      ledger: new Ledger([]),
      totals: this.#snapshot.info.totals,
      options: {},
      signal: this.#signal,
      handlers: {
        onProblem: ({ error }) => {
          throw error;
        },
        onWarning: () => {},
      },
    });
  }
}

/** How {@link openSnapshot} opens a snapshot. */
export interface OpenSnapshotOptions extends OpenOptions {
  /** Unpack also what becomes more than 1,000 times as long. */
  allowRatio?: boolean;
}

/**
 * Opens a snapshot: one file, or several that belong together (replicas, groups of a cluster). What it
 * is comes from its bytes; gzip and zstd are unpacked. Files are read once from end to end, all at the
 * same time: what they show of each other must prove that they are of one history. Of a {@link Directory},
 * which stands for a node's data directory, the newest snapshot of each group is read.
 *
 * A damaged snapshot opens, too: look at `problems` before you rely on it.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * using snap = await openSnapshot("0000000000000235.fsm");
 * for await (const item of snap.dynamodb.table("orders").items()) console.log(item);
 * ```
 *
 * @throws {UnsupportedError} when a file is not a snapshot that is read here.
 * @throws {UnsoundError} when a file is too damaged to say anything about it.
 */
export function openSnapshot(
  input: Input | Directory | readonly (Input | Directory)[],
  options: OpenSnapshotOptions = {},
): Promise<OpenSnapshot> {
  return OpenSnapshot.open(
    Array.isArray(input) ? input : [input as Input | Directory],
    options,
  );
}
