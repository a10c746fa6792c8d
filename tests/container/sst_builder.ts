/** Writes table files and bundles for tests, as a node's store would and in ways that it never does. */

import snappy from "snappyjs";
import { STANDARD, toBase64 } from "../../src/bytes/base64.ts";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { crc32c, digestOf, sha256, sha256Hex } from "../../src/bytes/digest.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { putU32le, putU64be, putU64le, u32be } from "../../src/bytes/integers.ts";

/** A stored key and a stored value. */
export interface Entry {
  key: Uint8Array;
  value: Uint8Array;
}

/** How a table is put together. */
export interface TableOptions {
  /** Entries of a data block; default 4. */
  blockEntries?: number;
  /** Data blocks of a lower index block; one level without it. */
  indexEntries?: number;
  /** Entries from one whole key to the next; default 3. */
  restartInterval?: number;
  /** Compression of data blocks; default Snappy. */
  compression?: number;
  /** Kind of the entries; default 1, SET. */
  kind?: number;
  /** Byte before each value; default 0. */
  prefix?: number;
  /** Members of the properties block; default the index type. */
  properties?: Entry[];
  /** Entries of the metaindex block; default the properties block. */
  metaindex?: Entry[];
  /** Changes the blocks that the index points to, before it is written. */
  arrange?: (handles: Handle[]) => Handle[];
  /** Version in the footer; default 4. */
  version?: number;
  /** Checksum type in the footer; default 1. */
  checksum?: number;
}

interface Handle {
  offset: number;
  length: number;
}

const text = (s: string) => new TextEncoder().encode(s);

export function uvarint(out: ByteBuilder, n: number): ByteBuilder {
  while (n >= 128) {
    out.byte((n % 128) | 128);
    n = Math.floor(n / 128);
  }
  return out.byte(n);
}

export function u32(n: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putU32le(bytes, 0, n);
  return bytes;
}

/** A row block. */
export function rowBlock(entries: Entry[], restartInterval = 3): Uint8Array {
  const out = new ByteBuilder();
  const restarts: number[] = [];
  let last = new Uint8Array(0);
  entries.forEach(({ key, value }, i) => {
    let shared = 0;
    if (i % restartInterval === 0) restarts.push(out.length);
    else while (shared < last.length && last[shared] === key[shared]) shared++;
    uvarint(out, shared);
    uvarint(out, key.length - shared);
    uvarint(out, value.length);
    out.append(key, shared).append(value);
    last = key.slice();
  });
  // Every second restart offset has the flag.
  restarts.forEach((offset, i) => out.append(u32(offset + (i % 2 === 0 ? 0 : 0x8000_0000))));
  return out.append(u32(restarts.length)).take();
}

/** A block as it is stored. */
export function storedBlock(contents: Uint8Array, compression: number): Uint8Array {
  return sealed(compression === 1 ? snappy.compress(contents) : contents, compression);
}

/** Bytes with the trailer of a block, whatever they are. */
export function sealed(data: Uint8Array, compression: number): Uint8Array {
  const out = new ByteBuilder().append(data).byte(compression);
  const crc = u32be(digestOf(crc32c, out.view()), 0);
  return out.append(u32((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)).take();
}

function handleBytes({ offset, length }: Handle): Uint8Array {
  return uvarint(uvarint(new ByteBuilder(), offset), length).take();
}

function internalKey(key: Uint8Array, kind: number): Uint8Array {
  const bytes = new Uint8Array(key.length + 8);
  bytes.set(key);
  bytes[key.length] = kind;
  return bytes;
}

function chunks<T>(list: T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size));
  return parts;
}

/** A table. */
export function buildTable(entries: Entry[], options: TableOptions = {}): Uint8Array {
  const { restartInterval, compression = 1, kind = 1, prefix = 0 } = options;
  const rows = entries.map(({ key, value }) => ({
    key: internalKey(key, kind),
    value: new Uint8Array([prefix, ...value]),
  }));
  return tableOfBlocks(
    chunks(rows, options.blockEntries ?? 4).map((part) =>
      storedBlock(rowBlock(part, restartInterval), compression)
    ),
    options,
  );
}

/** A table of stored data blocks. */
export function tableOfBlocks(blocks: Uint8Array[], options: TableOptions = {}): Uint8Array {
  const out = new ByteBuilder();
  const write = (stored: Uint8Array): Handle => {
    const handle = { offset: out.length, length: stored.length - 5 };
    out.append(stored);
    return handle;
  };
  const index = (handles: Handle[]): Uint8Array =>
    rowBlock(handles.map((handle, i) => ({ key: u32(i), value: handleBytes(handle) })), 1);

  let handles = blocks.map(write);
  if (options.arrange) handles = options.arrange(handles);
  if (options.indexEntries) {
    handles = chunks(handles, options.indexEntries).map((part) =>
      write(storedBlock(index(part), 1))
    );
  }
  const top = write(storedBlock(index(handles), 0));
  const properties = write(storedBlock(
    rowBlock(
      options.properties ?? [
        { key: text("obsolete-key"), value: new Uint8Array(1) },
        {
          key: text("rocksdb.block.based.table.index.type"),
          value: u32(options.indexEntries ? 2 : 0),
        },
        { key: text("rocksdb.comparator"), value: text("leveldb.BytewiseComparator") },
      ],
      100,
    ),
    0,
  ));
  const metaindex = write(storedBlock(
    rowBlock(
      options.metaindex ?? [{ key: text("rocksdb.properties"), value: handleBytes(properties) }],
    ),
    0,
  ));
  const footer = new ByteBuilder().byte(options.checksum ?? 1);
  footer.append(handleBytes(metaindex)).append(handleBytes(top));
  while (footer.length < 41) footer.byte(0);
  footer.append(u32(options.version ?? 4)).append(fromHex("f09faab3f09faab3")!);
  return out.append(footer.view()).take();
}

/** A bundle of tables, each given with the entries that it should hold. */
export function buildBundle(
  tables: { entries: Entry[]; table: Uint8Array }[],
  lastCommitTs = 0n,
  change: (list: Record<string, unknown>) => void = () => {},
): Uint8Array {
  const all = tables.flatMap(({ entries }) => entries);
  const list: Record<string, unknown> = {
    version: 1,
    last_commit_ts: Number(lastCommitTs),
    min_retained_ts: 0,
    pending_min_retained_ts: 0,
    entry_count: all.length,
    uncompressed_bytes: all.reduce((n, { key, value }) => n + key.length + value.length, 0),
    total_file_bytes: tables.reduce((n, { table }) => n + table.length, 0),
    files: tables.length === 0 ? null : tables.map(({ entries, table }, i) => ({
      name: `${String(i).padStart(6, "0")}.sst`,
      size: table.length,
      sha256: sha256Hex(table),
      smallest: toBase64(STANDARD, entries[0].key),
      largest: toBase64(STANDARD, entries[entries.length - 1].key),
    })),
  };
  change(list);
  return bundleOf(text(JSON.stringify(list)), tables.map(({ table }) => table));
}

/** A bundle with this file list. */
export function bundleOf(list: Uint8Array, tables: Uint8Array[]): Uint8Array {
  const out = new ByteBuilder();
  const length = new Uint8Array(8);
  putU64be(length, 0, BigInt(list.length));
  out.ascii("EKVSSTI1").append(length).append(digestOf(sha256, list)).append(list);
  for (const table of tables) out.append(table);
  return out.take();
}

/** The plain stream of entries. */
export function plainStream(entries: Entry[], lastCommitTs = 0n): Uint8Array {
  const out = new ByteBuilder();
  const number = new Uint8Array(8);
  putU64le(number, 0, lastCommitTs);
  out.ascii("EKVPBBL1").append(number);
  for (const { key, value } of entries) {
    putU64le(number, 0, BigInt(key.length));
    out.append(number).append(key);
    putU64le(number, 0, BigInt(value.length));
    out.append(number).append(value);
  }
  return out.take();
}

/** `count` entries with keys that share prefixes, in order. */
export function someEntries(count: number, from = 0): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: text(`!redis|str|user:${String(from + i).padStart(6, "0")}${"x".repeat(i % 5)}--suffix`),
    value: text("\0".repeat(9) + `value ${i} `.repeat(i % 7)),
  }));
}
