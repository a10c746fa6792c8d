/**
 * Where the files of a dump go. A sink knows no adapter: it is given relative paths and bytes. The
 * interface stands here; each kind of sink has a file of its own in `sinks/`.
 *
 * @module
 */

import type { Scratch } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";

/** A file that is written piece by piece. */
export interface SinkFile {
  /** Adds bytes at the end; the caller may reuse its buffer afterwards. */
  write(bytes: Uint8Array): MaybePromise<void>;
  /** Ends the file. */
  close(): MaybePromise<void>;
  /**
   * Called instead of `close`: takes the file away, and the directories that came to be with it. Its
   * name may stay taken. All files of a sink that takes back have it.
   */
  discard?(): MaybePromise<void>;
}

/** Writes whole files into the folder of a dump. Any thread can have one. */
export interface FileWriter {
  /**
   * Writes a new file. The folder above that of the file must be there.
   *
   * @returns `false` when that cannot be done, whatever the reason: then nothing of it is there, unless
   *   something was before. Whoever tries it again through the sink is told why.
   */
  put(path: string, bytes: Uint8Array): boolean;
}

/** The folder of a dump that any thread may write into. */
export interface OpenFolder {
  /** For other threads. */
  readonly path: string;
  /** For this thread. */
  readonly files: FileWriter;
  /** Told of bytes that were written past the sink. */
  wrote(bytes: number): void;
}

/** What is known of a file that is of one record. */
export interface FileAbout {
  /** `table`, `item`, `bucket`, `object`, a type of Redis, `queue` or `messages`. */
  type: string;
  /** The record's key as clients know it: of an item its hash attribute, `/`, and its range attribute. */
  key?: Uint8Array;
  /** When its row was committed, where it is one row: a commit timestamp. */
  commitTs?: bigint;
  /** When it expires, in Unix ms; absent = never. */
  expireAtMs?: bigint;
  /** Whether no client can see it. */
  hidden?: boolean;
}

/**
 * Takes files. Paths are relative, with `/` between segments, and made by the rules of the dump:
 * never absolute, never with an empty, `.` or `..` segment. Directories come to be with their files.
 */
export interface Sink {
  /** Where what does not fit in memory is kept until the dump is whole, if there is a place for it. */
  readonly scratch?: Scratch;
  /** Whether files that have begun can be taken back; not unless given. */
  readonly takesBack?: boolean;
  /** Where whole files can be written past the sink, into folders that it has made; nowhere unless given. */
  readonly folder?: OpenFolder;
  /**
   * Whether nothing is kept of files, for those who look: every path is free then, and there will be no
   * CHECKSUMS. Not unless given.
   */
  readonly keepsNothing?: boolean;
  /** Whether the bytes of a file are wanted; they are unless given. Bodies of others are not read. */
  wants?(path: string): boolean;
  /** Told what the next file is of, where it is of one record. */
  describe?(about: FileAbout): void;
  /**
   * Whether all files have just the names that they are given, whatever these are: no two of them are
   * one, and none is changed or refused. Asked once, before anything is written. Where it is `false`,
   * all names are portable: see `tree/portable.ts`.
   */
  keepsNames(): MaybePromise<boolean>;
  /**
   * Writes a whole file.
   *
   * @returns `false` when the path, or a directory on the way to it, is taken; nothing was changed then.
   * @throws {OutputError} when there can be no file of this name.
   */
  put(path: string, bytes: Uint8Array): MaybePromise<boolean>;
  /**
   * Begins a file.
   *
   * @param size Its bytes, where they are known before; an archive need not spool it then.
   * @returns `undefined` when the path is taken, as for {@link Sink.put}.
   */
  create(path: string, size?: number): MaybePromise<SinkFile | undefined>;
  /** Makes a directory that may stay empty. */
  directory(path: string): MaybePromise<void>;
  /** Called when everything, the list of checksums included, is written: the dump is whole. */
  finish(): MaybePromise<void>;
  /** Called instead of `finish` when the dump failed: takes away what was written. */
  abort(): MaybePromise<void>;
}
