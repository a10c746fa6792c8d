/** What it means to search records: each adapter looks through all that clients read. @module */

import { type Excerpt, excerptOf, type Finder } from "../text/finder.ts";
import type { AdapterContext } from "./context.ts";
import type { RecordSelection } from "./wanted_rows.ts";

/** A part of a record that has what is looked for; its first place there. */
export interface Found extends Excerpt {
  /** Raw name of the table, bucket, database or queue. */
  scope: Uint8Array;
  /** Type of the record. */
  type: string;
  /** The record's key: of an item its key attributes, escaped as in paths, numbers by their digits; else as text. */
  key: string;
  /** Which part: `key`, `body`, an attribute, a field … */
  part: string;
}

/** Looks through the records of an adapter. */
export type SearchRecords = (
  context: AdapterContext,
  selection: RecordSelection,
  finder: Finder,
) => AsyncGenerator<Found>;

/** What is found in `bytes[start, end)`, with what is around it. */
export function findIn(
  finder: Finder,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Excerpt | undefined {
  const match = finder.find(bytes, start, end);
  return match && excerptOf(bytes, start, end, match);
}
