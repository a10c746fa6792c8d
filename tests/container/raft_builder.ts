/** Writes a node's Raft files for tests, and folders in memory to put them into. */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { crc32c, digestOf } from "../../src/bytes/digest.ts";
import { putU32be, putU64be, putU64le, u32be } from "../../src/bytes/integers.ts";
import { UsageError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Directory, DirectoryEntry } from "../../src/sources/directory.ts";
import type { Source } from "../../src/sources/source.ts";

/** CRC32C as a number. */
export function crcOf(bytes: Uint8Array): number {
  return u32be(digestOf(crc32c, bytes), 0);
}

/** A payload and its footer. */
export function fsmFile(payload: string): Uint8Array {
  const bytes = new TextEncoder().encode(payload);
  return new ByteBuilder().append(bytes).append(digestOf(crc32c, bytes)).take();
}

/** The token that names a payload file. */
export function token(index: bigint, crc: number, version = 1): Uint8Array {
  const bytes = new Uint8Array(17);
  new TextEncoder().encodeInto("EKVT", bytes);
  bytes[4] = version;
  putU64be(bytes, 5, index);
  putU32be(bytes, 13, crc);
  return bytes;
}

/** A `.snap` file; `crc` replaces the right checksum. */
export function snapFile(term: bigint, index: bigint, data: Uint8Array, crc?: number): Uint8Array {
  const members = new BinaryWriter().tag(1, WireType.Varint).uint64(7n).finish();
  const metadata = new BinaryWriter()
    .tag(1, WireType.LengthDelimited).bytes(members)
    .tag(2, WireType.Varint).uint64(index)
    .tag(3, WireType.Varint).uint64(term).finish();
  const snapshot = new BinaryWriter();
  if (data.length > 0) snapshot.tag(1, WireType.LengthDelimited).bytes(data);
  const bytes = snapshot.tag(2, WireType.LengthDelimited).bytes(metadata).finish();
  return new BinaryWriter()
    .tag(1, WireType.Varint).uint32(crc ?? crcOf(bytes))
    .tag(2, WireType.LengthDelimited).bytes(bytes).finish();
}

/** A record of the log. */
export interface WalRecord {
  type: number;
  data?: Uint8Array;
}

/** A record that states the checksum so far. */
export const CHECKSUM: WalRecord = { type: 4 };

/** A record of an entry. */
export function entry(length: number): WalRecord {
  return { type: 2, data: new Uint8Array(length).map((_, i) => (i * 7 + 1) & 0xff) };
}

/** A record of the node's state. */
export function state(term: bigint, commit: bigint): WalRecord {
  const data = new BinaryWriter().tag(1, WireType.Varint).uint64(term)
    .tag(3, WireType.Varint).uint64(commit).finish();
  return { type: 3, data };
}

/** A record of a snapshot. */
export function snapshot(term: bigint, index: bigint): WalRecord {
  const data = new BinaryWriter().tag(1, WireType.Varint).uint64(index)
    .tag(2, WireType.Varint).uint64(term).finish();
  return { type: 5, data };
}

/** Log files, one for each list of records. */
export function walBytes(...files: WalRecord[][]): Uint8Array[] {
  const all: Uint8Array[] = []; // all data so far
  return files.map((records) => {
    const out = new ByteBuilder();
    for (const { type, data } of records) {
      if (data) all.push(data);
      const crc = crc32c();
      for (const part of all) crc.update(part);
      const record = new BinaryWriter().tag(1, WireType.Varint).int64(type)
        .tag(2, WireType.Varint).uint32(u32be(crc.digest(), 0));
      if (data) record.tag(3, WireType.LengthDelimited).bytes(data);
      const bytes = record.finish();
      const pad = (8 - bytes.length % 8) % 8;
      const head = new Uint8Array(8);
      putU64le(head, 0, BigInt(bytes.length) | (pad > 0 ? (0x80n | BigInt(pad)) << 56n : 0n));
      out.append(head).append(bytes).append(new Uint8Array(pad));
    }
    return out.take();
  });
}

/** Name of a file that is called by two numbers. */
export function pairName(a: bigint, b: bigint, suffix: string): string {
  const hex = (n: bigint) => n.toString(16).padStart(16, "0");
  return `${hex(a)}-${hex(b)}.${suffix}`;
}

/** Name of a payload file. */
export function fsmName(index: bigint): string {
  return `${index.toString(16).padStart(16, "0")}.fsm`;
}

/** A folder in memory: files by path. Remembers which were opened and closed. */
export class MemoryDirectory implements Directory {
  readonly name: string;
  readonly files: Map<string, Uint8Array>;
  /** Files that are open now. */
  readonly held: string[] = [];

  constructor(files: Record<string, Uint8Array>, name = "data") {
    this.name = name;
    this.files = new Map(Object.entries(files));
  }

  list(path: string): Promise<DirectoryEntry[]> {
    const prefix = path === "" ? "" : `${path}/`;
    const entries = new Map<string, DirectoryEntry>();
    for (const [file, bytes] of this.files) {
      if (!file.startsWith(prefix)) continue;
      const [name, ...rest] = file.substring(prefix.length).split("/");
      const isDirectory = rest.length > 0;
      entries.set(name, { name, isDirectory, size: isDirectory ? 0 : bytes.length });
    }
    return Promise.resolve([...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  open(path: string): Promise<Source> {
    const bytes = this.files.get(path);
    if (!bytes) return Promise.reject(new UsageError("no such file", { file: path }));
    const source = new BytesSource(bytes, path);
    this.held.push(path);
    source.close = () => this.held.splice(this.held.indexOf(path), 1);
    return Promise.resolve(source);
  }
}
