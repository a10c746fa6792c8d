/** One table file inside a bundle, and what is said when it is malformed. @module */

import { UnsoundError } from "../../errors.ts";
import type { Source } from "../../sources/source.ts";

/** What to do about damage that nothing here can mend. */
export const DAMAGED = "the file is damaged: copy it again, or take another replica's";

/** Where a table lies. */
export interface TableFile {
  /** The file that holds the bundle. */
  readonly source: Source;
  /** Offset of the table's first byte in it. */
  readonly start: number;
  /** Bytes of the table. */
  readonly size: number;
}

/** The error for a table that breaks its format at `offset` of the bundle's file. */
export function badTable(file: string, offset: number, message: string): UnsoundError {
  return new UnsoundError("bad-table", message, { file, offset, hint: DAMAGED });
}
