/**
 * Which snapshot a group's folder holds.
 *
 * ```text
 * wal/       the log: which snapshots it has recorded, and up to which entry it was committed
 * snap/      <term>-<index>.snap   records of snapshots; *.snap.broken are given up by the node
 * fsm-snap/  <index>.fsm           their payloads; *.fsm.tmp and others are not finished
 * ```
 *
 * The node takes the newest sound record that its log has recorded at or below the last commit, and
 * the payload whose checksum the record names. So does this. Where the node would refuse to start,
 * here an older record is tried, then one that the log does not know, then a payload alone; each step
 * is told as a warning. Whether all bytes of a payload have its checksum shows when it is read.
 *
 * @module
 */

import { toHex } from "../bytes/hex.ts";
import { putU32be, u32be } from "../bytes/integers.ts";
import { DecantError, PermissionError } from "../errors.ts";
import type { Directory } from "../sources/directory.ts";
import { readAt, type Source } from "../sources/source.ts";
import { FOOTER_LENGTH } from "./frames.ts";
import { crcOf, inlinePayload, readSnapFile, type SnapFile } from "./snap_file.ts";
import { readWal, type Wal, walFiles } from "./wal.ts";

/** A snapshot in a data directory. */
export interface FoundSnapshot {
  /** Number of the Raft group, where a folder's name tells it. */
  group?: bigint;
  /** Of the file, relative to the data directory. */
  path: string;
  /**
   * Raft index up to which it holds everything, where a record or the file's name tells it. What was
   * committed later is only in the log.
   */
  index?: bigint;
  /** Raft index up to which the node's log was committed, when the log could be read. */
  committed?: bigint;
  /** Opens it. */
  open(): Promise<Source>;
}

/** Something that the user should know of. */
export interface DirectoryWarning {
  /** A stable name. */
  event: string;
  /** What it is about: paths, numbers as text. */
  fields: Record<string, string>;
}

/** A group's folder. */
export interface GroupFolder {
  /** Relative to the data directory; empty for itself. */
  path: string;
  /** Number of the group, if the folder's name tells it. */
  group?: bigint;
  /** Whether it is its `fsm-snap/` alone that is there. */
  isPayloads?: boolean;
}

/** The folder of payloads. */
export const PAYLOADS_FOLDER = "fsm-snap";
/** What nodes call a payload: by the index, in hexadecimal. */
const PAYLOAD_NAME = /^[0-9a-f]{16}\.fsm$/;

/** Chooses the snapshot of one group; `undefined` when there is none that could be taken. */
export async function findGroupSnapshot(
  directory: Directory,
  folder: GroupFolder,
  warn: (warning: DirectoryWarning) => void,
): Promise<FoundSnapshot | undefined> {
  return await new GroupSearch(directory, folder, warn).find();
}

/** One whose place in the log is known. */
type IndexedSnapshot = FoundSnapshot & { index: bigint };

/** The index that a payload's name says; `undefined` for other names. */
export function payloadIndex(name: string): bigint | undefined {
  return PAYLOAD_NAME.test(name) ? BigInt(`0x${name.slice(0, 16)}`) : undefined;
}

class GroupSearch {
  readonly #directory: Directory;
  readonly #folder: GroupFolder;
  readonly #warn: (warning: DirectoryWarning) => void;
  /** Where payloads lie, relative to the group's folder. */
  readonly #payloadFolder: string;
  /** Names of the folders in the group's folder. */
  #folders = new Set<string>();
  /** Sizes of payload files by name. */
  #payloads = new Map<string, number>();
  /** Payload files that a sound record names. */
  readonly #named = new Set<string>();

  constructor(
    directory: Directory,
    folder: GroupFolder,
    warn: (warning: DirectoryWarning) => void,
  ) {
    this.#directory = directory;
    this.#folder = folder;
    this.#warn = warn;
    this.#payloadFolder = folder.isPayloads ? "" : PAYLOADS_FOLDER;
  }

  async find(): Promise<FoundSnapshot | undefined> {
    const inside = await this.#directory.list(this.#folder.path);
    this.#folders = new Set(inside.filter((e) => e.isDirectory).map(({ name }) => name));
    const payloads = await this.#files(this.#payloadFolder, PAYLOAD_NAME);
    this.#payloads = new Map(payloads.map(({ name, size }) => [name, size]));
    const wal = await this.#readWal();
    const found = await this.#fromRecords(wal) ?? await this.#payloadAlone();
    if (!found) {
      this.#tell("group-without-snapshot", { path: this.#path("") });
      return undefined;
    }
    const { index } = found;
    if (wal) found.committed = wal.committed;
    if (wal && wal.committed > index) {
      this.#tell("entries-after-snapshot", {
        path: found.path,
        index: `${index}`,
        committed: `${wal.committed}`,
      });
    }
    this.#tellNewerPayloads(found);
    return found;
  }

  async #readWal(): Promise<Wal | undefined> {
    let path = "wal";
    try {
      const names = walFiles((await this.#files("wal", /\.wal$/)).map(({ name }) => name));
      if (names.length === 0) {
        // Of the payloads alone nobody expects one; that there was no record is told.
        if (this.#folder.isPayloads) return undefined;
        this.#tell("wal-missing", { path: this.#path(path) });
        return undefined;
      }
      const wal = await readWal(names.map((name) => () => {
        path = `wal/${name}`;
        return this.#open(path);
      }));
      if (wal.torn !== undefined) {
        this.#tell("wal-torn", { path: this.#path(path), offset: `${wal.torn}` });
      }
      return wal;
    } catch (error) {
      this.#tellError("wal-unreadable", this.#path(path), error);
      return undefined;
    }
  }

  /** The newest record that the log knows, or else the newest one. */
  async #fromRecords(wal: Wal | undefined): Promise<IndexedSnapshot | undefined> {
    const known = new Set(wal?.snapshots.map(({ term, index }) => `${term}-${index}`));
    let unknown: IndexedSnapshot | undefined;
    const records = await this.#files("snap", /^[0-9a-f]{16}-[0-9a-f]{16}\.snap$/);
    for (const { name } of records.reverse()) {
      const path = `snap/${name}`;
      const record = await this.#readRecord(path);
      const found = record && await this.#payloadOf(path, record);
      if (!found) continue;
      if (!wal || known.has(`${record.term}-${record.index}`)) return found;
      this.#tell("snapshot-not-in-wal", { path: this.#path(path), index: `${record.index}` });
      unknown ??= found;
    }
    if (unknown) this.#tell("unrecorded-snapshot-taken", { path: unknown.path });
    return unknown;
  }

  async #readRecord(path: string): Promise<SnapFile | undefined> {
    let source: Source | undefined;
    try {
      source = await this.#open(path);
      return await readSnapFile(source);
    } catch (error) {
      this.#tellError("record-unreadable", this.#path(path), error);
      return undefined;
    } finally {
      source?.close();
    }
  }

  async #payloadOf(path: string, record: SnapFile): Promise<IndexedSnapshot | undefined> {
    const { payload, index } = record;
    if (!payload) {
      this.#tell("record-without-payload", { path: this.#path(path) });
      return undefined;
    }
    if (payload.kind === "inline") {
      return this.#found(path, index, async () => inlinePayload(await this.#open(path), payload));
    }
    const name = `${payload.index.toString(16).padStart(16, "0")}.fsm`;
    const problem = await this.#payloadProblem(name, payload.crc32c);
    this.#named.add(name);
    if (problem) {
      this.#tell("payload-unusable", { path: this.#path(path), payload: name, problem });
      return undefined;
    }
    return this.#found(this.#payloadPath(name), payload.index);
  }

  async #payloadProblem(name: string, expected: number): Promise<string | undefined> {
    const size = this.#payloads.get(name);
    if (size === undefined) return "it is missing";
    if (size < FOOTER_LENGTH) return `it has only ${size} bytes`;
    const footer = await this.#read(name, (source) => footerOf(source));
    if (footer !== expected) {
      return `its checksum is ${hex(footer)}, the record says ${hex(expected)}`;
    }
    const computed = await this.#read(name, (source) => crcOf(source, 0, size - FOOTER_LENGTH));
    if (computed === footer) return undefined;
    return `its bytes have the checksum ${hex(computed)}, it says ${hex(footer)}`;
  }

  /** The newest payload whose bytes have the checksum behind them, whatever the records say. */
  async #payloadAlone(): Promise<IndexedSnapshot | undefined> {
    const newestFirst = [...this.#payloads].reverse();
    for (const [name, size] of newestFirst) {
      const path = this.#payloadPath(name);
      const sound = size >= FOOTER_LENGTH && await this.#read(name, async (source) => {
        const end = source.size - FOOTER_LENGTH;
        return await crcOf(source, 0, end) === await footerOf(source);
      });
      if (sound) {
        this.#tell("payload-without-record", { path: this.#path(path) });
        return this.#found(path, payloadIndex(name)!);
      }
      this.#tell("payload-unsound", { path: this.#path(path) });
    }
    return undefined;
  }

  /** A payload of which the record was not written any more: whole, but the node would delete it. */
  #tellNewerPayloads({ index }: IndexedSnapshot): void {
    for (const name of this.#payloads.keys()) {
      if (payloadIndex(name)! <= index || this.#named.has(name)) continue;
      this.#tell("newer-payload-without-record", { path: this.#path(this.#payloadPath(name)) });
    }
  }

  async #files(folder: string, names: RegExp): Promise<{ name: string; size: number }[]> {
    if (folder !== "" && !this.#folders.has(folder)) return [];
    const files = await this.#directory.list(this.#path(folder));
    return files.filter(({ name, isDirectory }) => !isDirectory && names.test(name));
  }

  async #read<T>(name: string, read: (source: Source) => Promise<T>): Promise<T> {
    const source = await this.#open(this.#payloadPath(name));
    try {
      return await read(source);
    } finally {
      source.close();
    }
  }

  #open(path: string): Promise<Source> {
    return this.#directory.open(this.#path(path));
  }

  #found(
    path: string,
    index: bigint,
    open: () => Promise<Source> = () => this.#open(path),
  ): IndexedSnapshot {
    return { group: this.#folder.group, path: this.#path(path), index, open };
  }

  /** A payload's path in the group's folder. */
  #payloadPath(name: string): string {
    return this.#payloadFolder === "" ? name : `${this.#payloadFolder}/${name}`;
  }

  /** A path in the group's folder as a path in the data directory. */
  #path(path: string): string {
    return [this.#folder.path, path].filter((part) => part !== "").join("/");
  }

  #tell(event: string, fields: Record<string, string>): void {
    const { group } = this.#folder;
    this.#warn({ event, fields: group === undefined ? fields : { group: `${group}`, ...fields } });
  }

  /** Damage is told and passed over; a missing permission is not damage. */
  #tellError(event: string, path: string, error: unknown): void {
    if (!(error instanceof DecantError) || error instanceof PermissionError) throw error;
    if (error.code === "denied") throw error;
    const { message, offset } = error;
    this.#tell(event, {
      path,
      problem: offset === undefined ? message : `${message} at byte ${offset}`,
    });
  }
}

async function footerOf(source: Source): Promise<number> {
  return u32be(await readAt(source, source.size - FOOTER_LENGTH, FOOTER_LENGTH), 0);
}

function hex(crc: number): string {
  const bytes = new Uint8Array(4);
  putU32be(bytes, 0, crc);
  return toHex(bytes);
}
