/**
 * The headers of a tar archive: ustar, with a pax extended header before it where ustar cannot say it.
 *
 * ```text
 *   0  name[100]     the path, or what follows `prefix/`; a folder's ends with /
 * 100  mode[8]       0600 or 0700
 * 108  uid[8]        0
 * 116  gid[8]        0
 * 124  size[12]      bytes of the body, which follows and is filled up to whole blocks of 512
 * 136  mtime[12]     unix seconds
 * 148  checksum[8]   the sum of all bytes of the header, with these eight as spaces
 * 156  type          0 file, 5 folder, x pax records for the entry that follows
 * 157  linkname[100] empty
 * 257  "ustar\0" "00"
 * 265  user[32] group[32] device[16]   empty: whoever unpacks it owns the files
 * 345  prefix[155]
 * 500  12 zeros
 * ```
 *
 * Numbers are octal digits and a NUL. A pax record is `<its own length> path=<UTF-8>\n`, in decimal;
 * the records are the body of their header.
 *
 * @module
 */

import type { ByteBuilder } from "../bytes/builder.ts";
import { encodeUtf8 } from "../text/utf8.ts";

/** Headers and bodies begin at multiples of it. */
export const TAR_BLOCK = 512;
/** The greatest number that 11 octal digits hold: 8 GiB, or the year 2242. */
export const MAX_OCTAL: number = 8 ** 11 - 1;

const NAME = 100;
const PREFIX = 155;
const SLASH = 0x2f;
const FILE = "0";
const FOLDER = "5";
const PAX = "x";
/** Readers that do not know pax records make a file of this name of them. */
const PAX_NAME: Uint8Array = encodeUtf8("././@PaxHeader");

/** One entry. */
export interface TarEntry {
  /** Relative, with `/` between names and none at the end. */
  path: string;
  /** Bytes of a file; absent for a folder. */
  size?: number;
  /** Unix seconds, at most {@link MAX_OCTAL}. */
  mtime: number;
}

/** Appends the header of an entry. What it needs beside ustar's own fields comes before it. */
export function appendTarHeader(out: ByteBuilder, { path, size, mtime }: TarEntry): void {
  const type = size === undefined ? FOLDER : FILE;
  const name = size === undefined ? path + "/" : path;
  const bytes = encodeUtf8(name);
  const slash = prefixEnd(bytes);
  const isLarge = size !== undefined && size > MAX_OCTAL;

  const records: string[] = [];
  // Names beyond ASCII, which have more bytes than characters, are UTF-8 in pax only.
  if (slash === undefined || bytes.length > name.length) records.push(`path=${name}`);
  if (isLarge) records.push(`size=${size}`);
  if (records.length > 0) {
    const body = encodeUtf8(records.map(paxRecord).join(""));
    appendBlock(out, PAX_NAME, 0, body.length, mtime, PAX);
    out.append(body);
    appendTarPadding(out, body.length);
  }
  appendBlock(out, bytes, slash ?? 0, isLarge ? 0 : size ?? 0, mtime, type);
}

/** Appends the zeros that fill up a body. */
export function appendTarPadding(out: ByteBuilder, size: number): void {
  out.append(ZEROS, 0, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/** Appends the two blocks of zeros that end an archive. */
export function appendTarEnd(out: ByteBuilder): void {
  out.append(ZEROS).append(ZEROS);
}

const ZEROS = new Uint8Array(TAR_BLOCK);

/** Where to split a path in prefix and name, 0 = not at all; `undefined` when it does not fit. */
function prefixEnd(path: Uint8Array): number | undefined {
  if (path.length <= NAME) return 0;
  // The last slash is a folder's own.
  const slash = path.lastIndexOf(SLASH, Math.min(PREFIX, path.length - 2));
  return slash > 0 && path.length - slash - 1 <= NAME ? slash : undefined;
}

function paxRecord(record: string): string {
  const length = encodeUtf8(record).length + 2; // the space and the line feed
  let total = length + String(length).length;
  total = length + String(total).length;
  return `${total} ${record}\n`;
}

function appendBlock(
  out: ByteBuilder,
  path: Uint8Array,
  prefixEnd: number,
  size: number,
  mtime: number,
  type: string,
): void {
  out.reserve(TAR_BLOCK);
  const { bytes, length: start } = out;
  bytes.fill(0, start, start + TAR_BLOCK);
  const nameStart = prefixEnd > 0 ? prefixEnd + 1 : 0;
  bytes.set(path.subarray(nameStart, nameStart + NAME), start);
  bytes.set(path.subarray(0, prefixEnd), start + 345);
  const ascii = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) bytes[start + at + i] = text.charCodeAt(i);
  };
  const octal = (at: number, digits: number, n: number): void =>
    ascii(at, n.toString(8).padStart(digits, "0"));
  octal(100, 7, type === FOLDER ? 0o700 : 0o600);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, size);
  octal(136, 11, mtime);
  ascii(148, "        ");
  ascii(156, type);
  ascii(257, "ustar\0" + "00");
  let sum = 0;
  for (let i = 0; i < TAR_BLOCK; i++) sum += bytes[start + i];
  octal(148, 6, sum);
  bytes[start + 154] = 0;
  out.length += TAR_BLOCK;
}
