/**
 * What the page asks of its worker. Everything that takes time happens there; the page only shows.
 *
 * ```text
 * page → worker   { id, call, argument }     one of {@link Calls}
 *                 { id, cancel: true }
 * worker → page   { id, progress }           now and then
 *                 { id, value } or { id, error }, once
 * ```
 *
 * @module
 */

import type { InspectReport } from "../../src/commands/inspect.ts";
import type { Things } from "./things.ts";
import type { DirectoryWarning } from "../../src/container/data_directory.ts";

/** A file that was dropped or picked, and where it lay: `n1/group-1/fsm-snap/00.fsm`. */
export interface PickedFile {
  path: string;
  file: File;
}

/** Files, or one data directory with all that is in it. */
export interface Picked {
  /** Name of the folder, if it is one. */
  folder?: string;
  files: PickedFile[];
}

/** The files with which encrypted values are opened. They stay in the worker's memory. */
export interface KeyFiles {
  keys: File;
  kek: File;
}

/** What is opened, and how. */
export interface Opening {
  picked: Picked;
  keys?: KeyFiles;
  /** A commit timestamp in decimal digits; the newest state unless given. */
  at?: string;
}

/** What is known after the one reading. */
export interface Overview {
  report: InspectReport;
  passedOver: readonly DirectoryWarning[];
}

/** The calls: name → what goes in and what comes back. */
export interface Calls {
  /** Opens, in place of what was open. */
  open(opening: Opening): Overview;
  /** Counts what is in it. */
  things(none: null): Things[];
}

/** How far a call has come. */
export interface Progress {
  done: number;
  total: number;
  /** What is counted. */
  unit: "bytes" | "rows";
}

/** An error as plain data. */
export interface Told {
  /** Of the error table, or `unexpected`. */
  code: string;
  message: string;
  file?: string;
  offset?: number;
  hint?: string;
}

/** Page → worker. */
export type Request =
  | { id: number; call: keyof Calls; argument: unknown }
  | { id: number; cancel: true };

/** Worker → page. */
export type Reply =
  | { id: number; progress: Progress }
  | { id: number; value: unknown }
  | { id: number; error: Told };
