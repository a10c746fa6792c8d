/**
 * CHECKSUMS: the SHA-256 of every file of a dump, in the form that `sha256sum -c` reads. Lines are in
 * the order of their paths as unsigned bytes of UTF-8, CHECKSUMS itself excepted.
 *
 *     <64 lower-case hex digits>  <path>
 *     \<64 lower-case hex digits>  <path with \n, \r and \\ for LF, CR and \>
 *
 * The second form stands for the paths that have one of these three bytes.
 *
 * @module
 */

import type { ByteBuilder } from "../bytes/builder.ts";
import { UnsoundError } from "../errors.ts";
import { type Chunks, type Line, lines } from "../text/lines.ts";
import { printable } from "../text/printable.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";

/** One line. */
export interface Checksum {
  /** Relative to the dump's root, with `/`, without `.`, `..` or empty components. */
  path: string;
  /** 64 lower-case hex digits. */
  sha256: string;
}

/** The longest line that is read, in bytes: 4 MiB. */
const MAX_CHECKSUMS_LINE = 4 << 20;

const BACKSLASH = 0x5c;
const LF = 0x0a;
const CR = 0x0d;
const LETTER_N = 0x6e;
const LETTER_R = 0x72;
const DIGITS = 64;
const HEX = encodeUtf8("0123456789abcdef");

/** Appends the line of a file: its 32-byte SHA-256 and its path as UTF-8. */
export function appendChecksumLine(out: ByteBuilder, sha256: Uint8Array, path: Uint8Array): void {
  const isPlain = !(path.includes(BACKSLASH) || path.includes(LF) || path.includes(CR));
  if (!isPlain) out.byte(BACKSLASH);
  out.reserve(2 * sha256.length);
  for (let i = 0; i < sha256.length; i++) {
    const b = sha256[i];
    out.bytes[out.length++] = HEX[b >> 4];
    out.bytes[out.length++] = HEX[b & 15];
  }
  out.ascii("  ");
  if (isPlain) return void out.append(path).byte(LF);
  for (const b of path) {
    if (b === LF) out.byte(BACKSLASH).byte(LETTER_N);
    else if (b === CR) out.byte(BACKSLASH).byte(LETTER_R);
    else if (b === BACKSLASH) out.byte(BACKSLASH).byte(BACKSLASH);
    else out.byte(b);
  }
  out.byte(LF);
}

/**
 * The lines of a CHECKSUMS file, whose paths are only ever below the root. Empty lines are skipped,
 * and `*` before the path (the mark of binary mode) is accepted. A file without any line is refused.
 *
 * @param file What errors call the file.
 * @throws {UnsoundError} `invalid-tree`, with the offset of the line.
 */
export async function* readChecksums(
  chunks: Chunks,
  file = "CHECKSUMS",
): AsyncGenerator<Checksum, void> {
  const fail = (what: string, { number, offset }: Pick<Line, "number" | "offset">) =>
    new UnsoundError("invalid-tree", `line ${number} ${what}`, { file, offset });
  const tooLong = (number: number, offset: number) => fail("is too long", { number, offset });
  let count = 0;
  for await (const line of lines(chunks, MAX_CHECKSUMS_LINE, tooLong)) {
    if (line.start === line.end) continue;
    count++;
    yield parseLine(line, (what) => fail(what, line));
  }
  if (count === 0) throw new UnsoundError("invalid-tree", "no file is listed", { file });
}

function parseLine(line: Line, fail: (what: string) => UnsoundError): Checksum {
  const { bytes, end } = line;
  const escaped = bytes[line.start] === BACKSLASH;
  const start = escaped ? line.start + 1 : line.start;
  const head = decodeUtf8(bytes, start, Math.min(end, start + DIGITS + 2));
  if (head === undefined || !/^[0-9a-f]{64} [ *]$/.test(head)) {
    throw fail("does not begin with a SHA-256 and two spaces");
  }
  const raw = bytes.subarray(start + DIGITS + 2, end);
  const name = escaped ? unescaped(raw) : raw;
  if (name === undefined) throw fail("has an unknown escape");
  const path = decodeUtf8(name);
  if (path === undefined) throw fail("has a path that is not UTF-8");
  return { path: relative(path, fail), sha256: head.slice(0, DIGITS) };
}

function unescaped(raw: Uint8Array): Uint8Array | undefined {
  const path = new Uint8Array(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    let b = raw[i];
    if (b === BACKSLASH) {
      const letter = raw[++i];
      if (letter === LETTER_N) b = LF;
      else if (letter === LETTER_R) b = CR;
      else if (letter !== BACKSLASH) return undefined;
    }
    path[length++] = b;
  }
  return path.subarray(0, length);
}

/** The path without `.`, `..` and empty components, if it names something below the root. */
function relative(path: string, fail: (what: string) => UnsoundError): string {
  if (path.startsWith("/")) throw fail(`has an absolute path: ${printable(path)}`);
  if (path.includes("\0")) throw fail(`has a path with a NUL: ${printable(path)}`);
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) throw fail(`leaves the dump: ${printable(path)}`);
    } else if (part !== "" && part !== ".") {
      parts.push(part);
    }
  }
  if (parts.length === 0) throw fail(`names no file: ${printable(path)}`);
  return parts.join("/");
}
