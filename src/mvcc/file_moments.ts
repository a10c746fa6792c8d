/**
 * Which moment a file is: what a node's state machine was when the snapshot was cut.
 *
 * @module
 */

import { equalBytes, successor } from "../bytes/compare.ts";
import { u64le } from "../bytes/integers.ts";
import { firstAtOrAbove, nextBatch, storedKey } from "../container/entry_batch.ts";
import type { EntryTable } from "../container/entry_table.ts";
import type { SnapshotFile } from "../container/snapshot_file.ts";
import { META_KEYS, type MetaKey } from "../keyspace/meta_rows.ts";
import { rfc3339FromHlc } from "../text/rfc3339.ts";

/** The store's own numbers, where they are present. */
export type MetaRows = { readonly [name in MetaKey]?: bigint };

/** What a file says of its moment. */
export interface FileMoment {
  /** The file. */
  file: SnapshotFile;
  /** The store's own numbers. */
  meta: MetaRows;
  /** The last commit; 0 = none. */
  lastCommitTs: bigint;
  /** Raft index of the last entry that the store had applied. */
  appliedIndex?: bigint;
  /** Versions after it are all there; absent where the file does not say so. */
  retainedFrom?: bigint;
}

/** Reads what a file says of its moment. */
export async function fileMomentOf(file: SnapshotFile, signal?: AbortSignal): Promise<FileMoment> {
  const meta = await readMeta(file.table, signal);
  const { _meta_applied_index, _meta_last_commit_ts } = meta;
  return {
    file,
    meta,
    // The header of a bundle also counts chunks of objects, which a node writes beside its log.
    lastCommitTs: _meta_last_commit_ts ?? file.lastCommitTs,
    appliedIndex: _meta_applied_index,
    retainedFrom: Object.keys(meta).length === 0 ? undefined : retainedFrom(meta),
  };
}

/** Older versions may be gone up to here, by a compaction that is done or under way. */
export function retainedFrom(meta: MetaRows): bigint {
  const { _meta_min_retained_ts: done = 0n, _meta_pending_min_retained_ts: pending = 0n } = meta;
  return done > pending ? done : pending;
}

/** Whether a node wrote the file, rather than a program that makes streams. */
export function isOfNode({ file, meta }: FileMoment): boolean {
  return file.header.version > 0 || file.footer === "verified" || file.kind === "bundle" ||
    Object.keys(meta).length > 0;
}

/** A moment as messages name it: the file, when it was cut, and up to which entry of the log. */
export function momentText({ file, lastCommitTs, appliedIndex }: FileMoment): string {
  const commit = lastCommitTs === 0n
    ? "no commit"
    : `last commit ${rfc3339FromHlc(lastCommitTs)} = ${lastCommitTs}`;
  const applied = appliedIndex === undefined ? "" : `, log entry ${appliedIndex}`;
  return `${file.name} (${commit}${applied})`;
}

/** The store's own numbers. */
async function readMeta(
  table: EntryTable,
  signal: AbortSignal | undefined,
): Promise<MetaRows> {
  const meta: { [name in MetaKey]?: bigint } = {};
  for (const name of META_KEYS) {
    const key = new TextEncoder().encode(name);
    const value = await valueOf(table, key, signal);
    // A shorter value means that the number is absent.
    if (value && value.length >= 8) meta[name] = u64le(value, 0);
  }
  return meta;
}

/** The value of one stored key. */
async function valueOf(
  table: EntryTable,
  key: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const entries = table.walk({ from: key, to: successor(key) });
  for (;;) {
    const batch = await nextBatch(entries, signal);
    if (!batch) return undefined;
    const i = firstAtOrAbove(batch, key);
    if (i === batch.count) continue;
    const { bytes, ranges } = batch;
    return equalBytes(storedKey(batch, i), key)
      ? bytes.subarray(ranges[i * 4 + 2], ranges[i * 4 + 3])
      : undefined;
  }
}
