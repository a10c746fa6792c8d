/** What folders can be looked into: the interface; each platform has a file of its own. @module */

import type { Source } from "./source.ts";

/** Something in a folder. */
export interface DirectoryEntry {
  /** Its name, without a path. */
  name: string;
  /** A folder, or else a regular file. */
  isDirectory: boolean;
  /** Bytes of a file; 0 for a folder. */
  size: number;
}

/**
 * A folder that is only read. Paths are relative to it, with `/` between names; the empty path is
 * the folder itself. What is neither a folder nor a regular file is not there: no path leads through
 * a symlink.
 */
export interface Directory {
  /** What messages call it: its path as the user gave it. */
  readonly name: string;
  /** What is in the folder at `path`, sorted by name. */
  list(path: string): Promise<DirectoryEntry[]>;
  /** Opens the file at `path`. */
  open(path: string): Promise<Source>;
}

/** A name in a folder, and what has it. */
export interface DirectoryName {
  /** Without a path. */
  name: string;
  /** `other`: a symlink, a pipe, a device, a socket. */
  kind: "file" | "directory" | "other";
}

/** A folder that hides nothing, for what must have no more in it than it should. */
export interface WholeDirectory extends Directory {
  /** Everything in the folder at `path`, in no order, also what is passed over elsewhere. */
  names(path: string): AsyncIterable<DirectoryName>;
}
