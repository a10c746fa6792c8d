/** Snapshots for programs: what `import { openSnapshot }` gives. @module */

import { AdapterContext } from "../adapters/context.ts";
import { DynamoTables } from "../adapters/dynamodb/library.ts";
import { Ledger } from "../adapters/ledger.ts";
import { RedisKeys } from "../adapters/redis/library.ts";
import { S3Buckets } from "../adapters/s3/library.ts";
import { SqsQueues } from "../adapters/sqs/library.ts";
import { type Kernels, loadKernels } from "../kernels/kernels.ts";
import { type OpenOptions, readSnapshot, Snapshot, type SnapshotParts } from "../mvcc/snapshot.ts";
import { MemoryScratch, type Scratch, stoppable } from "../sources/scratch.ts";
import type { Source } from "../sources/source.ts";
import { type Input, openInput } from "./open_input.ts";

/** An open snapshot: rows by key, and records by adapter. */
export class OpenSnapshot extends Snapshot {
  readonly #kernels: Kernels;
  readonly #scratch: Scratch;
  readonly #signal: AbortSignal | undefined;

  /** Made by {@link openSnapshot}. */
  constructor(parts: SnapshotParts, kernels: Kernels, scratch: Scratch, signal?: AbortSignal) {
    super(parts);
    this.#kernels = kernels;
    this.#scratch = scratch;
    this.#signal = signal;
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

  /** The first row that is malformed is thrown; rows that nobody reads are not counted. */
  #context(): AdapterContext {
    return new AdapterContext({
      rows: this,
      kernels: this.#kernels,
      scratch: stoppable(this.#scratch, this.#signal),
      ledger: new Ledger([]),
      totals: this.info.totals,
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
 * is comes from its bytes; gzip is unpacked. Files are read once from end to end, all at the same time:
 * what they show of each other must prove that they are of one history.
 *
 * A damaged snapshot opens, too: look at `info.problems` before you rely on it.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * const snap = await openSnapshot(await Deno.readFile("0000000000000235.fsm"));
 * for await (const item of snap.dynamodb.table("orders").items()) console.log(item);
 * ```
 *
 * @throws {UnsupportedError} when a file is not a snapshot that is read here.
 * @throws {UnsoundError} when a file is too damaged to say anything about it.
 */
export async function openSnapshot(
  input: Input | readonly Input[],
  options: OpenSnapshotOptions = {},
): Promise<OpenSnapshot> {
  const inputs: readonly Input[] = Array.isArray(input) ? input : [input];
  const scratch = options.scratch ?? new MemoryScratch();
  const kernels = await loadKernels();
  const sources: Source[] = [];
  try {
    const { allowRatio, signal } = options;
    for (const one of inputs) sources.push(await openInput(one, scratch, { allowRatio, signal }));
  } catch (error) {
    for (const source of sources) source.close();
    throw error;
  }
  const parts = await readSnapshot(sources.map((source) => ({ source })), { ...options, scratch });
  return new OpenSnapshot(parts, kernels, scratch, options.signal);
}
