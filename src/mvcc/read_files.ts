/** The one reading of all files from end to end. @module */

import { EntryMerge } from "../container/entry_merge.ts";
import { sharedBuffer } from "../container/merged_table.ts";
import {
  type OpeningFile,
  openSnapshotFile,
  type SnapshotFile,
} from "../container/snapshot_file.ts";
import { sharedIndex } from "../container/sparse_index.ts";
import { BlockCache } from "../sources/block_cache.ts";
import { sharedBlockLength } from "../sources/block_digests.ts";
import type { Source } from "../sources/source.ts";
import type { Authentication } from "./authentication.ts";
import { type EntryVisitor, visitEntries } from "./entry_visitor.ts";
import { guessedTimes, type ReadMoment } from "./moments.ts";
import { Pass } from "./pass.ts";

/** How files are read. */
export interface ReadFilesOptions {
  /** The moment that is looked at; the newest state unless given. */
  at?: ReadMoment;
  /** Whether the SHA-256 of every file is taken. */
  hash?: boolean;
  signal?: AbortSignal;
  /** Called now and then with the bytes read so far and the bytes of all files. */
  progress?: (read: number, total: number) => void;
}

/**
 * Reads all files at once, merged by stored key: each one's digests and index are made, and all entries
 * are counted, in the same reading.
 *
 * @param visitor Looks at the same entries.
 */
export async function readFiles(
  sources: readonly Source[],
  { at: moment, hash, signal, progress }: ReadFilesOptions,
  authentication: Authentication,
  visitor?: EntryVisitor,
): Promise<{ files: SnapshotFile[]; pass: Pass }> {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  const shares = {
    buffer: sharedBuffer(sources.length),
    index: sharedIndex(sources.length),
    block: sharedBlockLength(total),
    cache: new BlockCache(),
  };
  const seen = new Float64Array(sources.length);
  let read = 0;
  const opening: OpeningFile[] = [];
  for (const [input, source] of sources.entries()) {
    const tell = (bytes: number): void => {
      read += bytes - seen[input];
      seen[input] = bytes;
      progress?.(read, total);
    };
    const options = { ...shares, input, hash, signal, progress: progress && tell };
    opening.push(await openSnapshotFile(source, options));
  }
  const last = opening.reduce((max, { lastCommitTs: ts }) => ts > max ? ts : max, 0n);
  const pass = new Pass({ ...guessedTimes(moment, last), origins: sources, authentication });
  const streams = opening.map(({ entries }) => entries);
  const entries = streams.length === 1 ? streams[0] : new EntryMerge(streams);
  await visitEntries(entries, visitor ? [pass, visitor] : [pass], signal);
  const files: SnapshotFile[] = [];
  for (const file of opening) files.push(await file.finish());
  return { files, pass };
}
