/**
 * The node's log (WAL): which snapshots it has recorded and how far it was committed.
 *
 * ```text
 * file   := frame* ‖ zeros            files are called <sequence>-<first index>.wal, 16 hex digits each
 * frame  := head i64LE ‖ record ‖ pad     head: low 56 bits = length of the record;
 *                                         negative: bits 56–58 = length of the pad
 * record := 1: type ‖ 2: crc uint32 ‖ 3: data bytes                                     (protobuf)
 * data   := type 3: { 3: commit index }   type 5: { 1: index ‖ 2: term } of a snapshot
 * ```
 *
 * The CRC32C runs on through all `data` of all files. A record of type 4 states its value at the
 * start of a file; when the files before it are gone, that is where it starts.
 *
 * A node may be stopped while it writes: the log then ends in a record that is cut off, or of which
 * a whole disk sector was never written and is zero. That is an ordinary end.
 *
 * @module
 */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { u32le } from "../bytes/integers.ts";
import { UnsoundError } from "../errors.ts";
import { readAt, type Source } from "../sources/source.ts";
import { varintFields } from "./varint_fields.ts";

/** What the log says. */
export interface Wal {
  /** Index up to which entries were committed; 0 = none. */
  committed: bigint;
  /** The recorded snapshots up to there, in order. */
  snapshots: { term: bigint; index: bigint }[];
  /** Offset in the last file that was opened, if the log ends there in the middle of a record. */
  torn?: number;
}

/** Longest record that is read: an entry with a value of 256 MiB, and room for what is around it. */
export const MAX_RECORD_LENGTH: number = 288 << 20;

const HINT = "a snapshot is chosen without the log; copy the whole folder again to choose with it";
const HEAD_LENGTH = 8;
const WINDOW_LENGTH = 1 << 20;
const SECTOR_LENGTH = 512;
const STATE = 3;
const CHECKSUM = 4;
const SNAPSHOT = 5;

/**
 * Those of the names that are log files, in order.
 *
 * @throws {UnsoundError} `truncated` when a file between two others is missing.
 */
export function walFiles(names: Iterable<string>): string[] {
  const files = [...names].filter((name) => /^[0-9a-f]{16}-[0-9a-f]{16}\.wal$/.test(name)).sort();
  const sequence = (name: string) => BigInt(`0x${name.substring(0, 16)}`);
  for (let i = 1; i < files.length; i++) {
    if (sequence(files[i]) !== sequence(files[i - 1]) + 1n) {
      throw new UnsoundError("truncated", "a file of the log before this one is missing", {
        file: files[i],
        hint: HINT,
      });
    }
  }
  return files;
}

/**
 * Reads a log.
 *
 * @param files Its files in order, each closed when it has been read.
 * @throws {UnsoundError} `checksum-mismatch`, `malformed-value` or `too-large`: no record behind
 *   that place can be trusted.
 */
export async function readWal(files: (() => Promise<Source>)[]): Promise<Wal> {
  const wal: Wal = { committed: 0n, snapshots: [] };
  let crc = 0;
  for (let i = 0; i < files.length && wal.torn === undefined; i++) {
    const source = await files[i]();
    try {
      await readFile(source, i === files.length - 1);
    } finally {
      source.close();
    }
  }
  const { committed } = wal;
  return { ...wal, snapshots: wal.snapshots.filter(({ index }) => index <= committed) };

  async function readFile(source: Source, isLast: boolean): Promise<void> {
    const window = new Window(source);
    for (let at = 0;;) {
      const head = await window.view(at, HEAD_LENGTH);
      if (!head) break; // fewer than 8 bytes: the file is full
      const { length, pad } = parseHead(head);
      if (length === 0) break;
      const end = at + HEAD_LENGTH + length + pad;
      if (end > source.size) {
        wal.torn = at;
        break;
      }
      if (length > MAX_RECORD_LENGTH) {
        throw new UnsoundError("too-large", `record length ${length} is above the limit`, {
          file: source.name,
          offset: at,
          hint: HINT,
        });
      }
      const bytes = await window.view(at + HEAD_LENGTH, length);
      const problem = bytes ? take(bytes) : "truncated";
      if (problem) {
        if (problem !== "truncated" && !(isLast && hasZeroSector(bytes!, at + HEAD_LENGTH))) {
          throw new UnsoundError(problem, "a record of the log is damaged", {
            file: source.name,
            offset: at,
            hint: HINT,
          });
        }
        wal.torn = at;
        break;
      }
      at = end;
    }
  }

  /** Takes what a record says, or tells what is wrong with it. */
  function take(bytes: Uint8Array): "checksum-mismatch" | "malformed-value" | undefined {
    const record = parseRecord(bytes);
    if (!record) return "malformed-value";
    if (record.type === CHECKSUM) {
      if (crc !== 0 && crc !== record.crc) return "checksum-mismatch";
      crc = record.crc;
      return undefined;
    }
    const updated = updateCrc(crc, record.data);
    if (updated !== record.crc) return "checksum-mismatch";
    crc = updated;
    if (record.type !== STATE && record.type !== SNAPSHOT) return undefined;
    const fields = varintFields(record.data);
    if (!fields) return "malformed-value";
    if (record.type === STATE) wal.committed = fields.get(3) ?? 0n;
    else wal.snapshots.push({ term: fields.get(2) ?? 0n, index: fields.get(1) ?? 0n });
    return undefined;
  }
}

function parseHead(head: Uint8Array): { length: number; pad: number } {
  const high = u32le(head, 4);
  const padded = high >= 0x8000_0000;
  return {
    length: (high & 0xff_ffff) * 2 ** 32 + u32le(head, 0),
    pad: padded ? (high >>> 24) & 7 : 0,
  };
}

interface WalRecord {
  type: number;
  crc: number;
  data: Uint8Array;
}

function parseRecord(bytes: Uint8Array): WalRecord | undefined {
  const record: WalRecord = { type: 0, crc: 0, data: new Uint8Array(0) };
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (number === 1 && type === WireType.Varint) record.type = reader.uint32();
      else if (number === 2 && type === WireType.Varint) record.crc = reader.uint32();
      else if (number === 3 && type === WireType.LengthDelimited) record.data = reader.bytes();
      else return undefined;
    }
  } catch {
    return undefined;
  }
  return record;
}

/** Whether one of the disk sectors that the record lies in holds nothing but zeros of it. */
function hasZeroSector(record: Uint8Array, offset: number): boolean {
  for (let at = 0; at < record.length;) {
    const end = at + SECTOR_LENGTH - (offset + at) % SECTOR_LENGTH;
    if (record.subarray(at, end).every((byte) => byte === 0)) return true;
    at = end;
  }
  return false;
}

const TABLE = new Uint32Array(256).map((_, i) => {
  for (let bit = 0; bit < 8; bit++) i = i & 1 ? (i >>> 1) ^ 0x82f63b78 : i >>> 1;
  return i;
});

/** The CRC32C of bytes of which the first ones have the checksum `crc`, and the others are these. */
function updateCrc(crc: number, bytes: Uint8Array): number {
  crc = ~crc;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Reads a file forward in large pieces, so that records can be looked at one by one. */
class Window {
  readonly #source: Source;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: Source) {
    this.#source = source;
  }

  /** The bytes [offset, offset + length), valid until the next call, if the file has them. */
  async view(offset: number, length: number): Promise<Uint8Array | undefined> {
    const at = offset - this.#start;
    if (at + length <= this.#bytes.length) return this.#bytes.subarray(at, at + length);
    this.#start = offset;
    this.#bytes = await readAt(this.#source, offset, Math.max(length, WINDOW_LENGTH));
    return this.#bytes.length < length ? undefined : this.#bytes.subarray(0, length);
  }
}
