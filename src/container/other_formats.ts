/**
 * Files that are no snapshots and that somebody may well give for one, known by how they begin.
 *
 * @module
 */

import { startsWith } from "../bytes/compare.ts";
import { u64be } from "../bytes/integers.ts";

/** What a file is, and what can be given instead. */
export interface OtherFormat {
  /** Completes "this is". */
  what: string;
  /** What to do, in one sentence. */
  hint: string;
}

/** Bytes of a file, as text or as hexadecimal digits, at an offset: then it is that format. */
type Magic = readonly [offset: number, magic: string | Uint8Array, what: string, hint: string];

const FSM = "give the newest .fsm file of fsm-snap/, or the folder in which fsm-snap/ lies";
const NOT_OURS =
  "Decant reads the .fsm files of an elastickv node, in its fsm-snap/, and no others";
const DUMP =
  "name the snapshot that it was made from; the folder of a whole dump is checked with " +
  "decant verify";

/** The ones that say what they are; the first that fits counts. */
const MAGICS: readonly Magic[] = [
  [0, "EKVW", "a legacy Raft log of elastickv", FSM],
  [0, "EKVR", "a legacy Raft state file of elastickv", FSM],
  [0, "EKVM", "a legacy Raft meta file of elastickv", FSM],
  [0, hex("504b0304"), "a zip archive", "unpack it, and give the .fsm file or the folder inside"],
  [0, hex("504b0506"), "an empty zip archive", "look for where the snapshot went"],
  [0, hex("1f8b"), "gzip data, packed once more", "unpack it once: gunzip"],
  [0, hex("28b52ffd"), "zstd data, packed once more", "unpack it once: unzstd"],
  [0, hex("fd377a585a00"), "xz data", "unpack it first: unxz"],
  [0, hex("425a68"), "bzip2 data", "unpack it first: bunzip2"],
  [0, hex("04224d18"), "lz4 data", "unpack it first: unlz4"],
  [0, hex("377abcaf271c"), "a 7z archive", "unpack it, and give the .fsm file inside"],
  [
    257,
    "ustar",
    "a tar archive",
    "unpack it (tar xf), and give the .fsm file or the data directory inside, or, where it holds a " +
    "dump, that folder to decant verify",
  ],
  [16, hex("edda0ced"), "a bbolt database, as Raft logs and etcd keep them", FSM],
  [0, "SQLite format 3\0", "a SQLite database", NOT_OURS],
  [0, "REDIS0", "a Redis RDB file", `${NOT_OURS}; redis-server loads this one`],
  [0, "%PDF-", "a PDF document", NOT_OURS],
  [0, "PAR1", "a Parquet file", NOT_OURS],
  [0, "version https://git-lfs", "a Git LFS pointer and not the file", "fetch it: git lfs pull"],
  [0, "<", "HTML or XML: perhaps the error page of a download", "look at it, and download again"],
];

/** Texts, by what they match near their beginning. */
const TEXTS: readonly (readonly [pattern: RegExp, what: string, hint: string])[] = [
  [
    /^\s*\{\s*"format_version"\s*:\s*\d+,\s*"phase"\s*:\s*"phase0-snapshot-decode"/,
    "the manifest of a dump that Decant made",
    DUMP,
  ],
  [/^\s*\{"adapter"\s*:/, "record lines of a dump that Decant made", DUMP],
  [/^\s*\{"Item"\s*:\s*\{/, "DynamoDB JSON", DUMP],
  [/^\s*[{[]/, "JSON", NOT_OURS],
  [
    /^\*\d+\r\n\$\d+\r\n/,
    "a file of Redis commands",
    `${NOT_OURS}; redis-cli --pipe loads this one`,
  ],
  [/^[0-9a-f]{64} [ *]\S/, "a list of checksums", DUMP],
];

/**
 * What a file that begins with these bytes is, as far as that can be told.
 *
 * @param start All of it, or about its first kilobyte.
 */
export function otherFormat(start: Uint8Array): OtherFormat | undefined {
  const token = startsWith(start, TOKEN_MAGIC) ? tokenAt(start, 0) : undefined;
  if (token) return { what: "a snapshot token, which only names a snapshot", hint: token };
  for (const [offset, magic, what, hint] of MAGICS) {
    const bytes = typeof magic === "string" ? ASCII.encode(magic) : magic;
    if (startsWith(start, bytes, offset)) return { what, hint };
  }
  return raftFile(start) ?? textFile(start) ?? zeros(start);
}

const ASCII = new TextEncoder();
const TOKEN_MAGIC = ASCII.encode("EKVT");
const TOKEN_LENGTH = 17;

/** What the token at an offset names: `"EKVT" ‖ version ‖ index u64BE ‖ CRC32C`. */
function tokenAt(start: Uint8Array, at: number): string | undefined {
  if (start.length < at + TOKEN_LENGTH) return undefined;
  return `give what it names, fsm-snap/${u64be(start, at + 5).toString(16).padStart(16, "0")}.fsm`;
}

/** Far enough for what stands before a token in a record. */
const TOKEN_SEARCH = 32;

/**
 * ```text
 * .snap   08 crc varint ‖ 12 length varint ‖ 0A 11 "EKVT" …      or the payload instead of a token
 * .wal    head i64LE ‖ 08 04 10 crc …                            a log begins with a checksum record
 * ```
 */
function raftFile(start: Uint8Array): OtherFormat | undefined {
  if (startsWith(start, hex("080410"), 8)) {
    return { what: "a log of a Raft group (.wal)", hint: FSM };
  }
  const crc = varintEnd(start, 1);
  if (start[0] !== 0x08 || crc === undefined || start[crc] !== 0x12) return undefined;
  for (let at = crc; at < TOKEN_SEARCH; at++) {
    if (!startsWith(start, TOKEN_MAGIC, at)) continue;
    const hint = tokenAt(start, at);
    if (hint) return { what: "a record of a snapshot (.snap), which only names it", hint };
  }
  return {
    what: "a record of a snapshot (.snap)",
    hint: "give the folder in which snap/ and fsm-snap/ lie",
  };
}

/** Offset behind a varint of at most five bytes. */
function varintEnd(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at < Math.min(bytes.length, start + 5); at++) {
    if (bytes[at] < 0x80) return at + 1;
  }
  return undefined;
}

function textFile(start: Uint8Array): OtherFormat | undefined {
  const text = new TextDecoder().decode(start);
  if (/^\s*\{\s*"schema_version"/.test(text) && text.includes('"payload"')) {
    return { what: "the manifest of an offloaded snapshot", hint: payloadOf(text) };
  }
  for (const [pattern, what, hint] of TEXTS) if (pattern.test(text)) return { what, hint };
  return undefined;
}

/** Where an offload manifest says that the payload lies. */
function payloadOf(manifest: string): string {
  const [, key] = /"payload"[^]*?"key"\s*:\s*"([^"\\]+)"/.exec(manifest) ?? [];
  const where = key === undefined ? "" : `, ${key} in the same store`;
  return `give the payload that it names${where}`;
}

/** Copies that were not finished often begin like this. */
function zeros(start: Uint8Array): OtherFormat | undefined {
  if (start.length < 16 || start.some((byte) => byte !== 0)) return undefined;
  return { what: "a file that begins with zeros", hint: "copy it again: it was not written whole" };
}

function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g)!, (byte) => parseInt(byte, 16));
}
