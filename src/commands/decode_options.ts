/** What can be asked of a decode, whatever it writes. @module */

import type { AdapterOptions } from "../adapters/context.ts";
import { UsageError } from "../errors.ts";
import type { Accepted } from "../adapters/ledger.ts";
import type { SelectOptions } from "./select_options.ts";

/** Options of a decode. Every member has a default. */
export interface DecodeOptions extends AdapterOptions, SelectOptions {
  /** Publish what is sound although something is not; `false`. */
  keepGoing?: boolean;
  /** Write all rows that nothing else writes, as they are stored; `false`. */
  raw?: boolean;
  /** Losses that are known and accepted; none. */
  accept?: readonly Accepted[];
  /**
   * Give files names that every common file system keeps; `false`: only where the sink does not keep all
   * names. For dumps that will be copied, and archives that will be unpacked elsewhere.
   */
  portableNames?: boolean;
  /**
   * Put what elastickv's encoder would refuse into `_unrestorable/`, so that it takes the rest of the
   * tree; `false`: only count it.
   */
  restorable?: boolean;
  /** Which kernels to use; WebAssembly where it can be had. */
  kernel?: "wasm" | "js";
  /**
   * How many workers transcode, hash and write beside the thread that reads; 1: none, that thread does it
   * all. What is written is the same.
   */
  jobs?: number;
  /** Name of the cluster, for the manifest. */
  clusterId?: string;
  /** The moment for the manifest, by RFC 3339; now. */
  wallTime?: string;
  /** Stops the decode when it fires. */
  signal?: AbortSignal;
  /** Called now and then with the rows done and the rows to do. */
  progress?: (done: number, total: number) => void;
}

/** Options with which the encoder refuses the whole tree. */
const NOT_RESTORABLE: readonly [(options: DecodeOptions) => unknown, option: string][] = [
  [({ dynamodbBundleMode }) => dynamodbBundleMode === "jsonl", "--dynamodb-bundle-mode jsonl"],
  [({ includeIncompleteUploads }) => includeIncompleteUploads, "--include-incomplete-uploads"],
  [({ includeOrphans }) => includeOrphans, "--include-orphans"],
  [({ preserveSqsVisibility }) => preserveSqsVisibility, "--preserve-sqs-visibility"],
  [({ includeSqsSideRecords }) => includeSqsSideRecords, "--include-sqs-side-records"],
];

/**
 * Refuses options that make a tree which can never be restored, if it is to be.
 *
 * @throws {UsageError} that names one.
 */
export function checkRestorable(options: DecodeOptions): void {
  if (!options.restorable) return;
  const found = NOT_RESTORABLE.find(([isGiven]) => isGiven(options));
  if (!found) return;
  throw new UsageError(`elastickv's encoder takes no tree that was made with ${found[1]}`, {
    hint: `leave out ${found[1]}, or --restorable`,
  });
}
