/** The shape that all adapters have. @module */

import type { AdapterName, FamilyId } from "../keyspace/families.ts";
import type { MaybePromise } from "../sources/source.ts";
import type { TreeOutput } from "../tree/output.ts";
import type { AdapterContext, AdapterOptions } from "./context.ts";
import type { ScopeThings } from "./things.ts";
import type { SearchRecords } from "./search.ts";
import type { RecordSelection } from "./wanted_rows.ts";

/** Takes the lines of a record stream; the caller may reuse its buffer afterwards. */
export interface RecordSink {
  /** Whole lines, their ends included, or the next piece of a line that is long. */
  write(lines: Uint8Array): MaybePromise<void>;
}

/**
 * An adapter turns the rows of one API into records. Its outputs are made from these records alone.
 *
 * While its records are gone through, it gives a fate to every live row of the families that it books.
 * The command gives the others theirs, by what the table of families says of them.
 */
export interface AdapterModule {
  readonly name: AdapterName;
  /** The families whose rows the adapter gives a fate under these options. */
  books(options: AdapterOptions): ReadonlySet<FamilyId>;
  /**
   * What all keys begin with whose records' paths begin alike, by the plain rule of names; empty where
   * nothing is known. It may be less than it could be.
   *
   * @param path The beginning of paths below the folder of a scope.
   */
  keysAt(path: string): Uint8Array;
  /** What there is of each scope, without reading more than the rows of the scopes. */
  things(context: AdapterContext): Promise<ScopeThings[]>;
  /** Writes the adapter's folder of the dump; returns the names of its scopes for the manifest. */
  writeTree(
    context: AdapterContext,
    selection: RecordSelection,
    output: TreeOutput,
  ): Promise<Uint8Array[]>;
  /** Writes the adapter's part of a record stream. */
  writeRecords(
    context: AdapterContext,
    selection: RecordSelection,
    sink: RecordSink,
  ): Promise<void>;
  /** Looks through the records for something. */
  searchRecords: SearchRecords;
}
