/**
 * The headers of a tar archive, in GNU's way.
 *
 * ```text
 *   0  name[100]     the path, or its first 100 bytes; a folder's ends with /
 * 100  mode[8]       0600 or 0700
 * 108  uid[8]        0
 * 116  gid[8]        0
 * 124  size[12]      bytes of the body, which follows and is filled up to whole blocks of 512
 * 136  mtime[12]     unix seconds
 * 148  checksum[8]   the sum of all bytes of the header, with these eight as spaces
 * 156  type          0 file, 5 folder, L: the body is the name of the entry that follows
 * 157  linkname[100] empty
 * 257  "ustar  \0"   the two spaces say that it is GNU's
 * 265  user[32] group[32] device[16]   empty: whoever unpacks it owns the files
 * 345  167 zeros
 * ```
 *
 * Numbers are octal digits and a NUL; a size that is too large for that is 80 hex and eleven bytes,
 * big-endian.
 *
 * Names are bytes here, and all programs make files of just these bytes, in any locale. The extended
 * headers of POSIX (pax) say that names are text. Some programs then normalise them, so that two files
 * become one, or refuse what their locale cannot spell.
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
const FILE = "0";
const FOLDER = "5";
const LONG_NAME = "L";
/** The name of the entry that has a name as its body. */
const LONG_LINK: Uint8Array = encodeUtf8("././@LongLink");

/** One entry. */
export interface TarEntry {
  /** Relative, with `/` between names and none at the end. */
  path: string;
  /** Bytes of a file; absent for a folder. */
  size?: number;
  /** Unix seconds, at most {@link MAX_OCTAL}. */
  mtime: number;
}

/** Appends the header of an entry, and before it the whole name where that is long. */
export function appendTarHeader(out: ByteBuilder, { path, size, mtime }: TarEntry): void {
  const isFolder = size === undefined;
  const name = encodeUtf8(isFolder ? path + "/" : path);
  if (name.length > NAME) {
    const length = name.length + 1; // with a NUL
    appendBlock(out, LONG_LINK, length, 0, LONG_NAME);
    out.append(name).append(ZEROS, 0, 1);
    appendTarPadding(out, length);
  }
  appendBlock(out, name.subarray(0, NAME), size ?? 0, mtime, isFolder ? FOLDER : FILE);
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

function appendBlock(
  out: ByteBuilder,
  name: Uint8Array,
  size: number,
  mtime: number,
  type: string,
): void {
  out.reserve(TAR_BLOCK);
  const block = out.bytes.subarray(out.length, out.length + TAR_BLOCK);
  block.fill(0).set(name);
  const ascii = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) block[at + i] = text.charCodeAt(i);
  };
  const octal = (at: number, digits: number, n: number): void =>
    ascii(at, n.toString(8).padStart(digits, "0"));
  octal(100, 7, type === FOLDER ? 0o700 : 0o600);
  octal(108, 7, 0);
  octal(116, 7, 0);
  if (size <= MAX_OCTAL) octal(124, 11, size);
  else setBase256(block, 124, size);
  octal(136, 11, mtime);
  ascii(148, "        ");
  ascii(156, type);
  ascii(257, "ustar  ");
  let sum = 0;
  for (const byte of block) sum += byte;
  octal(148, 6, sum);
  block[154] = 0;
  out.length += TAR_BLOCK;
}

/** Twelve bytes: 80 hex, then the number, big-endian. */
function setBase256(block: Uint8Array, at: number, n: number): void {
  const view = new DataView(block.buffer, block.byteOffset);
  view.setUint8(at, 0x80);
  view.setBigUint64(at + 4, BigInt(n));
}
