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

import type { Item } from "../../mod.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import type { InspectedProblem, InspectReport } from "../../src/commands/inspect.ts";
import type { Loss } from "../../src/commands/losses.ts";
import type { DirectoryWarning } from "../../src/container/data_directory.ts";
import type { AdapterName } from "../../src/keyspace/families.ts";
import type { ScopeBalance } from "../../src/tree/manifest.ts";
import type { ListedKey } from "./key_list.ts";

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

/** Where something is saved to. */
export type Target =
  /** A folder that the user has picked. */
  | { to: "folder"; folder: FileSystemDirectoryHandle }
  /** A file that the user has picked. */
  | { to: "file"; file: FileSystemFileHandle }
  /** The browser's own storage, or memory: what is written comes back, to be downloaded. */
  | { to: "storage" | "memory" };

/** What is saved, and how. */
export interface Saving {
  /** Which tables, buckets, databases and queues; everything unless given. */
  scopes?: readonly ScopeName[];
  /** A tree of files as they are or in an archive, or one JSON object a line. */
  format: "folder" | "zip" | "tar" | "records";
  target: Target;
  /** One file an item, instead of files of lines. */
  perItem: boolean;
  /** Also rows that nothing else holds, as they are stored. */
  raw: boolean;
  /** Save what is sound although something is not. */
  keepGoing: boolean;
}

/** What became of it. */
export interface Saved {
  /** 0: all is there; 4: nothing was saved, as something is unsound; 8: something is missing. */
  exitCode: number;
  complete: boolean;
  files: number;
  bytes: number;
  /** Every live row, by what became of it. */
  scopes: ScopeBalance[];
  /** Every stored version, by what it is. */
  balance: DecodeReport["balance"];
  losses: Pick<Loss, "kind" | "count">[];
  problems: InspectedProblem[];
  /** To be downloaded. */
  file?: Blob;
}

/** A table, bucket, database or queue. */
export interface ScopeName {
  adapter: AdapterName;
  scope: string;
}

/** Some keys of the list, and how long it is by now. */
export interface KeyPage {
  keys: ListedKey[];
  /** Keys that are shown. */
  count: number;
  /** All keys that were gathered. */
  total: number;
}

/** A small fact: what it is called, and what it is. */
export type Fact = [name: string, value: string];

/** A record, to be shown. All texts are as they are stored. */
export interface RecordView {
  facts: Fact[];
  body:
    | { is: "item"; item: Item }
    /** A value, or its beginning; `type` is what its owner says it is. */
    | { is: "bytes"; bytes: Uint8Array<ArrayBuffer>; size: number; type: string }
    /** The elements of a collection, or the first of them. */
    | { is: "rows"; head: string[]; rows: string[][]; more: boolean };
  /** Newest first. Without an item: it was deleted then. */
  versions?: { at: string; item?: Item }[];
}

/** The calls: name → what goes in and what comes back. */
export interface Calls {
  /** Opens, in place of what was open. */
  open(opening: Opening): Overview;
  /** Gathers the keys of a scope, in place of those of another; ends when it has all of them. */
  list(scope: ScopeName): { total: number };
  /** Shows only keys with a text, or that match a pattern. */
  filter(text: string): { count: number };
  /** Some of the shown keys; can be asked for while they are gathered. */
  keys(range: { from: number; to: number }): KeyPage;
  /** The place of the next key that begins with a text; -1 if there is none. */
  seek(what: { text: string; from: number }): number;
  /** One record of the scope that is listed. */
  record(id: string): RecordView;
  /** Writes one record into a file. */
  saveRecord(what: { id: string; target: Exclude<Target, { to: "folder" }> }): { file?: Blob };
  /** Writes it all, or some of it. */
  save(saving: Saving): Saved;
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
