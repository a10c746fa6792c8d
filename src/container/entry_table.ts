/** Stored entries that can be read from any key on, and several such tables as one. @module */

import type { Source } from "../sources/source.ts";
import { EntryMerge } from "./entry_merge.ts";
import type { EntryStream } from "./entry_batch.ts";
import { BUFFER_LENGTH, FrameReader } from "./frames.ts";
import type { SparseIndex } from "./sparse_index.ts";

/** Entries in ascending stored order, with an index. */
export interface EntryTable {
  /** Name for messages. */
  readonly name: string;
  /** The stream that holds the entries. */
  readonly stream: Source;
  /** Offsets in `stream` of the first entry and behind the last. */
  readonly entries: { readonly start: number; readonly end: number };
  /** Where to begin for a key. */
  readonly index: SparseIndex;
  /** Made from rows of other tables, whose values were decrypted and checked there. */
  readonly derived?: true;
}

/** Below this, reading many files would cost more calls than it saves memory. */
const LEAST_BUFFER = 256 << 10;

/**
 * The entries of all tables in one ascending stream, from somewhere at or before the stored key
 * `from` on. The tables' places in the array become the batches' input numbers.
 *
 * @param behind A stored key; entries from it on need not come.
 * @param buffer Bytes to read at once; a lookup wants few.
 */
export function readEntries(
  tables: readonly EntryTable[],
  from: Uint8Array,
  behind?: Uint8Array,
  buffer?: number,
): EntryStream {
  // Many tables share what one would have: several walks may be open at once.
  const share = buffer ?? Math.max(LEAST_BUFFER, Math.floor(BUFFER_LENGTH / tables.length));
  const readers = tables.map((table, input) => {
    const position = from.length > 0 ? table.index.seek(from) : -1;
    return new FrameReader({
      stream: table.stream,
      file: table.name,
      start: position < 0 ? table.entries.start : position,
      end: table.entries.end,
      input,
      footer: false,
      buffer: share,
      behind,
    });
  });
  if (readers.length === 1) return readers[0];
  const all = tables.reduce((sum, { entries }) => sum + entries.end - entries.start, 0);
  return new EntryMerge(readers, Math.min(buffer ?? all, all));
}
