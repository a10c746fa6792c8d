/**
 * The file format, read a second time: slowly, obviously, and with nothing from `src/`. Keys are
 * strings of one character a byte, so that `<` is the order of bytes.
 *
 * @module
 */

/** A whole file is refused. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** A stored entry: key with its timestamp, value with its header. */
export interface StoredEntry {
  key: string;
  value: Uint8Array;
}

/** What is in a file. */
export interface ParsedFile {
  header: number;
  lastCommitTs: bigint;
  entries: StoredEntry[];
  /** What ended the entries too early, or is wrong behind them. */
  problem?: string;
  /** Whether there is a checksum, and it holds. */
  isProven: boolean;
}

export function latin1(bytes: Uint8Array): string {
  let s = "";
  for (const b of bytes) s += String.fromCharCode(b);
  return s;
}

export function bytesOf(latin1: string): Uint8Array {
  const bytes = new Uint8Array(latin1.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = latin1.charCodeAt(i);
  return bytes;
}

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n >>> 0;
});

/** CRC32C. */
export function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const b of bytes) crc = TABLE[(crc ^ b) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Reads a file. What is found before any damage is given too. */
export function parseFile(bytes: Uint8Array): ParsedFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytes.length;
  if (size < 4) throw new Refused("too-small");

  const footer = (): string | undefined =>
    view.getUint32(size - 4) === checksum(bytes.subarray(0, size - 4))
      ? undefined
      : "checksum-mismatch";

  const length = headerLength(bytes);
  const header = length === 0 ? 0 : bytes[7] - 0x30;
  const nothing = { header, lastCommitTs: 0n, entries: [], isProven: footer() === undefined };
  const isClock = header === 0 && size === 12 && view.getBigUint64(0) < 1n << 48n;
  if (isClock && footer() === undefined) return nothing;
  if (size === length) return nothing;
  if (size === length + 4) return { ...nothing, problem: footer() };
  if (size < length + 8) throw new Refused("truncated");

  const magic = latin1(bytes.subarray(length, length + 8));
  if (magic === "EKVMVCC2") throw new Refused("unsupported-format");
  if (magic === "EKVSSTI1") throw new Refused("not modelled");
  if (magic !== "EKVPBBL1") throw new Refused("not-a-snapshot");
  if (size < length + 16) throw new Refused("truncated");

  const entries: StoredEntry[] = [];
  const lastCommitTs = view.getBigUint64(length + 8, true);
  const file: ParsedFile = { header, lastCommitTs, entries, isProven: false };
  for (let at = length + 16;;) {
    const left = size - at;
    if (left === 0) return file;
    if (left === 4) return { ...file, problem: footer(), isProven: footer() === undefined };
    const ended = (problem: string): ParsedFile => ({ ...file, problem });
    if (left < 8) return ended("truncated");
    const keyLength = view.getBigUint64(at, true);
    if (keyLength > 1_048_584n) return ended("too-large");
    const keyEnd = at + 8 + Number(keyLength);
    if (keyEnd + 8 > size) return ended("truncated");
    const valueLength = view.getBigUint64(keyEnd, true);
    if (valueLength > 268_435_499n) return ended("too-large");
    const valueEnd = keyEnd + 8 + Number(valueLength);
    if (valueEnd > size) return ended("truncated");
    const key = latin1(bytes.subarray(at + 8, keyEnd));
    if (entries.length > 0 && !(entries[entries.length - 1].key < key)) return ended("unordered");
    entries.push({ key, value: bytes.subarray(keyEnd + 8, valueEnd) });
    at = valueEnd;
  }
}

/** Bytes before the payload. @throws {Refused} when they cannot be told. */
export function headerLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = latin1(bytes.subarray(0, 8));
  if (start.length < 8 || !start.startsWith("EKVTHLC")) return 0;
  const need = (n: number): number => {
    if (bytes.length < n) throw new Refused("truncated");
    return n;
  };
  if (start === "EKVTHLC1") return need(16);
  if (start !== "EKVTHLC2") throw new Refused("unsupported-header");
  need(10);
  const length = view.getUint16(8);
  if (length < 16 || length > 1024) throw new Refused("unsupported-header");
  return need(10 + length);
}
