/**
 * A dump as it is written: every file is hashed on its way to the sink, and the two files that close
 * a dump, MANIFEST.json and then CHECKSUMS, come from here.
 *
 * @module
 */

import { sha256, sha256Of } from "../bytes/digest.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes } from "../bytes/compare.ts";
import { OutputError } from "../errors.ts";
import type { Scratch } from "../sources/scratch.ts";
import { after, isPromise, type MaybePromise } from "../sources/source.ts";
import { SpillSorter } from "../sources/spill_sorter.ts";
import type { Pieces } from "../text/json_writer.ts";
import { encodeUtf8 } from "../text/utf8.ts";
import { appendChecksumLine } from "./checksums.ts";
import { FileNames } from "./file_names.ts";
import { type Manifest, writeManifest } from "./manifest.ts";
import { pour } from "./pieces.ts";
import type { FileAbout, OpenFolder, Sink, SinkFile } from "./sink.ts";
import { NO_TWINS, TwinPlan, type Twins } from "./twins.ts";
import { Unrestorable } from "./unrestorable.ts";

/** Names of the files that close a dump. */
export const MANIFEST_FILE = "MANIFEST.json";
/** The last file of a dump. */
export const CHECKSUMS_FILE = "CHECKSUMS";
/** Present while a dump is being written. */
export const INCOMPLETE_FILE = "INCOMPLETE";

const BLOCK = 1 << 18;
/** Several such files can be open at once. */
const LINES_MEMORY = 8 << 20;

/** Makes a file under a path, if it can be had there. */
export type Make<T> = (path: string) => MaybePromise<T | false | undefined>;
/** Makes a file under the first of some paths that can be had; `undefined` when none can. */
export type Place = <T>(make: Make<T>) => MaybePromise<T | undefined>;

/** Files of a dump on their way to a sink. */
export class TreeOutput {
  /** Files written so far. */
  files = 0;
  /** Bytes in them. */
  bytes = 0;
  /** By which rule names become paths. */
  readonly names: FileNames;
  /** Takes what cannot be restored. */
  readonly unrestorable: Unrestorable;
  readonly #sink: Sink;
  readonly #scratch: Scratch;
  readonly #sums: SpillSorter;

  /**
   * Nothing is written yet.
   *
   * @param names The rule of names; plain unless given.
   * @param unrestorable Takes what cannot be restored; only counts it unless given.
   */
  constructor(
    sink: Sink,
    scratch: Scratch,
    names: FileNames = new FileNames(false),
    unrestorable: Unrestorable = new Unrestorable(false),
  ) {
    this.#sink = sink;
    this.#scratch = scratch;
    this.names = names;
    this.unrestorable = unrestorable;
    this.#sums = new SpillSorter(scratch);
  }

  /**
   * Finds the things whose paths some file systems would take for another one's. By the plain rule there
   * are none, and nothing is done.
   *
   * @param name Gives the plan the paths of all things, in the order in which they will be written.
   */
  async twins(name: (plan: TwinPlan) => Promise<void>): Promise<Twins> {
    if (!this.names.portable) return NO_TWINS;
    const plan = new TwinPlan(this.#scratch);
    await name(plan);
    return await plan.twins();
  }

  /** Whether files that have begun can be taken back. See {@link SinkFile.discard}. */
  get takesBack(): boolean {
    return this.#sink.takesBack ?? false;
  }

  /** Whether all paths are free, as nothing is kept of files. See {@link Sink.keepsNothing}. */
  get keepsNothing(): boolean {
    return this.#sink.keepsNothing ?? false;
  }

  /** Whether the bytes of a file are wanted. See {@link Sink.wants}. */
  wants(path: string): boolean {
    return this.#sink.wants?.(path) ?? true;
  }

  /** Says what the next file is of, to sinks that want to know; the others cost nothing. */
  get describe(): ((about: FileAbout) => void) | undefined {
    const sink = this.#sink;
    return sink.describe && ((about) => sink.describe!(about));
  }

  /**
   * Writes a whole file; `false` when its path is taken. See {@link Sink.put}.
   *
   * @param sha256 The SHA-256 of the bytes, if it is known already.
   */
  put(path: string, bytes: Uint8Array, sha256?: Uint8Array): MaybePromise<boolean> {
    const done = this.#sink.put(path, bytes);
    return isPromise(done)
      ? done.then((ok) => this.#noted(ok, path, bytes, sha256))
      : this.#noted(done, path, bytes, sha256);
  }

  /** Begins a file; `undefined` when its path is taken. See {@link Sink.create}. */
  create(path: string, size?: number): MaybePromise<SinkFile | undefined> {
    const file = this.#sink.create(path, size);
    return isPromise(file)
      ? file.then((f) => this.#hashed(f, path, size))
      : this.#hashed(file, path, size);
  }

  /**
   * Writes a file whose text comes in pieces: a short one in one go.
   *
   * @param out Where `pieces` are written.
   * @param place Finds the file its name.
   * @returns `false` when there is no name for it: then nothing was written.
   */
  putPieces(pieces: Pieces, out: ByteBuilder, place: Place): MaybePromise<boolean> {
    if (!pieces.next().done) return this.#putLong(pieces, out, place);
    const placed = place((path) => this.put(path, out.view()));
    return isPromise(placed) ? placed.then((ok) => ok ?? false) : placed ?? false;
  }

  /** Writes a file of a long text, whose first piece is in `out`. Nothing else can have its name. */
  async putLongNew(path: string, out: ByteBuilder, pieces: Pieces): Promise<void> {
    if (!await this.#putLong(pieces, out, placeAt(path))) throw taken(path);
  }

  async #putLong(pieces: Pieces, out: ByteBuilder, place: Place): Promise<boolean> {
    const file = await place((path) => this.create(path));
    if (!file) return false;
    const write = (bytes: Uint8Array): MaybePromise<void> => file.write(bytes);
    await write(out.view());
    await pour(pieces, out.clear(), write);
    await write(out.view());
    await file.close();
    return true;
  }

  /** The same for a file whose name nothing else can have. */
  putPiecesNew(path: string, out: ByteBuilder, pieces: Pieces): MaybePromise<void> {
    return after(this.putPieces(pieces, out, placeAt(path)), (ok) => {
      if (!ok) throw taken(path);
    });
  }

  /** Writes a file whose name nothing else can have. */
  putNew(path: string, bytes: Uint8Array): MaybePromise<void> {
    return after(this.put(path, bytes), (ok) => {
      if (!ok) throw taken(path);
    });
  }

  /** Begins a file whose name nothing else can have. */
  async createNew(path: string, size?: number): Promise<SinkFile> {
    const file = await this.create(path, size);
    if (!file) throw taken(path);
    return file;
  }

  /** See {@link Sink.folder}. Who writes there says so: see {@link TreeOutput.wrote}. */
  get folder(): OpenFolder | undefined {
    return this.#sink.folder;
  }

  /**
   * Takes note of whole files that were written past the sink.
   *
   * @param sums A record of the path and the SHA-256 of each: see `appendRecord` of the sorter.
   */
  wrote(files: number, bytes: number, sums: Uint8Array): MaybePromise<void> {
    this.files += files;
    this.bytes += bytes;
    this.#sink.folder!.wrote(bytes);
    return this.#sums.addAll(sums);
  }

  /** Makes a directory that may stay empty. */
  directory(path: string): MaybePromise<void> {
    return this.#sink.directory(path);
  }

  /** Begins a file of lines that are sorted by a key before they are written. */
  lines(path: string): SortedLines {
    return new SortedLines(this, path, this.#scratch);
  }

  /** Writes the two files that close the dump. */
  async finish(manifest: Manifest): Promise<void> {
    await this.putNew(MANIFEST_FILE, writeManifest(manifest));
    const file = await this.#sink.create(CHECKSUMS_FILE);
    if (!file) throw taken(CHECKSUMS_FILE);
    const sums = await this.#sums.sorted();
    const out = new ByteBuilder(BLOCK);
    for (;;) {
      const record = await sums.next();
      if (!record) break;
      appendChecksumLine(out, record.value, record.key);
      if (out.length >= BLOCK) {
        await file.write(out.view());
        out.clear();
      }
    }
    await file.write(out.view());
    await file.close();
    this.#sums.close();
    await this.#sink.finish();
  }

  /** Takes away what was written. */
  async abort(): Promise<void> {
    this.#sums.close();
    await this.#sink.abort();
  }

  #noted(
    ok: boolean,
    path: string,
    bytes: Uint8Array,
    sha256?: Uint8Array,
  ): MaybePromise<boolean> {
    if (!ok) return false;
    this.bytes += bytes.length;
    if (this.keepsNothing) return true;
    const added = this.#sum(path, sha256 ?? sha256Of(bytes));
    return isPromise(added) ? added.then(() => true) : true;
  }

  #sum(path: string, digest: Uint8Array): MaybePromise<void> {
    this.files++;
    return this.#sums.add(encodeUtf8(path), digest);
  }

  #hashed(file: SinkFile | undefined, path: string, size?: number): SinkFile | undefined {
    if (!file || this.keepsNothing) return file;
    const digest = sha256(size);
    let written = 0;
    return {
      write: (bytes) => {
        digest.update(bytes);
        written += bytes.length;
        return file.write(bytes);
      },
      close: async () => {
        await file.close();
        this.bytes += written;
        await this.#sum(path, digest.digest());
      },
      discard: () => file.discard!(),
    };
  }
}

/**
 * A file of lines in the order of their keys' bytes; identical lines of one key are written once.
 * Without a line there is no file.
 */
export class SortedLines {
  readonly #output: TreeOutput;
  readonly #path: string;
  readonly #sorter: SpillSorter;

  constructor(output: TreeOutput, path: string, scratch: Scratch) {
    this.#output = output;
    this.#path = path;
    this.#sorter = new SpillSorter(scratch, LINES_MEMORY);
  }

  /** Adds a line, its end included. */
  add(key: Uint8Array, line: Uint8Array): MaybePromise<void> {
    return this.#sorter.add(key, line);
  }

  /** Adds records of keys and lines: see `appendRecord` of the sorter. */
  addAll(records: Uint8Array): MaybePromise<void> {
    return this.#sorter.addAll(records);
  }

  /** Sorts and writes the file. */
  async close(): Promise<void> {
    if (this.#sorter.count > 0) {
      const file = await this.#output.createNew(this.#path);
      const out = new ByteBuilder(BLOCK);
      const records = await this.#sorter.sorted();
      const last = new ByteBuilder();
      for (;;) {
        const record = await records.next();
        if (!record) break;
        // No line is empty.
        if (compareBytes(last.view(), record.value) === 0) continue;
        last.clear().append(record.value);
        if (out.length + last.length > BLOCK) {
          await file.write(out.view());
          out.clear();
        }
        // A long line is not copied once more.
        if (last.length > BLOCK) await file.write(last.view());
        else out.append(last.view());
      }
      await file.write(out.view());
      await file.close();
    }
    this.#sorter.close();
  }
}

/** Only one name will do. */
function placeAt(path: string): Place {
  return (make) => after(make(path), (made) => made || undefined);
}

/** What it means that a path is taken that nothing else of the dump has. */
export function taken(path: string): OutputError {
  return new OutputError("output-failed", "the name is taken", {
    file: path,
    hint: "something else writes into this folder: choose another one",
  });
}
