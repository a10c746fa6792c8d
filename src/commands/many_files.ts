/** Stops a decode that would write very many files before anybody has agreed to it. @module */

import { BUNDLE_SIZE } from "../adapters/dynamodb/bundle_files.ts";
import { UsageError } from "../errors.ts";
import type { DecodeRun } from "./decode_run.ts";

/** Items above which one file an item must be asked for by name. */
const MANY_FILES = 100_000;
/** What a file takes of a disk at least, on most file systems. */
const DISK_BLOCK = 4096;
/**
 * A stored row is about as long as its item in DynamoDB JSON: its key repeats what is in it, and JSON has
 * names of types and quotes instead. In a file of its own it is indented.
 */
const INDENTED = 2;

/**
 * Asks which layout is meant where there are many DynamoDB items. S3 objects and Redis values have no
 * other form than files.
 *
 * @throws {UsageError} `too-many-files`: both layouts, with their files and sizes.
 */
export function refuseManyFiles({ snapshot, options, selection }: DecodeRun): void {
  if (options.dynamodbBundleMode !== undefined) return;
  if (!selection.adapters.some(({ name }) => name === "dynamodb")) return;
  let [items, files, stored] = [0, 0, 0];
  for (const { family, scope, live, liveBytes } of snapshot.info.totals) {
    if (family.id !== "ddb-item" || !scope || live === 0) continue;
    // Of a part of a table nobody knows yet how many items it has: mostly it is a few that are wanted.
    if (!selection.selects("dynamodb", scope) || selection.isPartial("dynamodb", scope)) continue;
    items += live;
    stored += liveBytes;
    files += Math.ceil(liveBytes / (options.dynamodbBundleSize ?? BUNDLE_SIZE));
  }
  if (items <= MANY_FILES) return;
  const disk = items * Math.ceil(stored / items * INDENTED / DISK_BLOCK) * DISK_BLOCK;
  throw new UsageError(
    `there are ${grouped(items)} DynamoDB items, and each would be a file of its own`,
    {
      hint: `choose jsonl (about ${grouped(files)} file${files === 1 ? "" : "s"} of many items, ` +
        `${size(stored)} in all) or per-item (${grouped(items)} files, which take about ` +
        `${size(disk)} of a disk with blocks of 4 KiB)`,
      option: "dynamodbBundleMode",
    },
    "too-many-files",
  );
}

function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Roughly, as that is how it is known. */
function size(bytes: number): string {
  const [unit, name] = bytes < 2 ** 30 ? [2 ** 20, "MiB"] : [2 ** 30, "GiB"];
  const n = bytes / unit;
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${name}`;
}
