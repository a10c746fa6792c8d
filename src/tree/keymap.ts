/**
 * KEYMAP.jsonl: the original keys of the files whose name does not hold them. One line each:
 *
 *     {"encoded":"<segment or path>","original":"<unpadded URL-safe base64>","kind":"<kind>"}
 *
 * `encoded` is a segment without its suffix (Redis), or a path in the bucket's folder (S3).
 *
 * @module
 */

import { appendBase64, fromBase64, toBase64, URL_SAFE } from "../bytes/base64.ts";
import type { ByteBuilder } from "../bytes/builder.ts";
import { UnsoundError } from "../errors.ts";
import {
  asString,
  asStringBytes,
  fields,
  JsonError,
  members,
  parseJson,
} from "../text/json_reader.ts";
import { appendJsonText } from "../text/json_string.ts";
import { type Chunks, type Line, lines } from "../text/lines.ts";
import { printable } from "../text/printable.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import { RENAME_SUFFIXES } from "./object_files.ts";
import { hashedSegment, isHashedSegment, portableSegment } from "./segment.ts";

/**
 * Why a file does not have its natural name. A hashed name may only be needed because the natural one
 * is too long, taken, or not portable (`sha-fallback`), or the key could be no path at all (`s3-unsafe-key`); an
 * object stands where others need a folder (`s3-leaf-data`), or has the name of another's metadata
 * (`meta-suffix-rename`).
 */
export type KeymapKind = "sha-fallback" | "s3-unsafe-key" | "s3-leaf-data" | "meta-suffix-rename";

/** One line. */
export interface KeymapRecord {
  /** The name in the tree. */
  encoded: string;
  /** The key; may be empty. */
  original: Uint8Array;
  /** A {@link KeymapKind}, or one that a later version added. */
  kind: string;
}

/** The longest line that is read, in bytes: one less than 4 MiB. */
const MAX_KEYMAP_LINE = (4 << 20) - 1;

const NAMES = ["encoded", "original", "kind"] as const;

/** How each kind makes a name; `undefined` where the key is not UTF-8 and has no such name. */
const RENAMES: Record<KeymapKind, (original: Uint8Array) => string | undefined> = {
  "sha-fallback": hashedSegment,
  "s3-unsafe-key": hashedSegment,
  "s3-leaf-data": (original) => suffixed(original, RENAME_SUFFIXES["s3-leaf-data"]),
  "meta-suffix-rename": (original) => suffixed(original, RENAME_SUFFIXES["meta-suffix-rename"]),
};

/** The name that a key gets under a kind, or `undefined` if the kind has none for it. */
export function renamed(kind: KeymapKind, original: Uint8Array): string | undefined {
  return RENAMES[kind](original);
}

/** Whether a key gets a name under a kind, by one of the two rules of names. */
function isNameOf(kind: KeymapKind, original: Uint8Array, encoded: string): boolean {
  const name = renamed(kind, original);
  return name !== undefined &&
    (encoded === name || (isHashedSegment(name) && encoded === portableSegment(original, name)));
}

/** Appends a line. `encoded` must not be empty. */
export function appendKeymapLine(
  out: ByteBuilder,
  encoded: string,
  original: Uint8Array,
  kind: KeymapKind,
): void {
  out.ascii('{"encoded":');
  appendJsonText(out, encoded, false);
  out.ascii(',"original":"');
  appendBase64(out, URL_SAFE, original);
  out.ascii(`","kind":"${kind}"}\n`);
}

/**
 * The records of a KEYMAP. Nothing that could be read in two ways is accepted: no blank line, no
 * member twice or in another letter case, no base64 but the canonical one, and no name that belongs
 * to two keys – under a known kind the name must be the one that its key gets, and of unknown kinds
 * the names are remembered.
 *
 * @param file What errors call the file.
 * @throws {UnsoundError} `invalid-tree`, with the offset of the line.
 */
export async function* readKeymap(
  chunks: Chunks,
  file = "KEYMAP.jsonl",
): AsyncGenerator<KeymapRecord, void> {
  const fail = (what: string, { number, offset }: Pick<Line, "number" | "offset">) =>
    new UnsoundError("invalid-tree", `line ${number} ${what}`, { file, offset });
  const seen = new Map<string, string>();
  const tooLong = (number: number, offset: number) => fail("is too long", { number, offset });
  for await (const line of lines(chunks, MAX_KEYMAP_LINE, tooLong)) {
    const record = parseLine(line, (what) => fail(what, line));
    if (Object.hasOwn(RENAMES, record.kind)) {
      if (!isNameOf(record.kind as KeymapKind, record.original, record.encoded)) {
        throw fail(`has a name that its key does not get: ${printable(record.encoded)}`, line);
      }
    } else {
      const original = toBase64(URL_SAFE, record.original);
      if ((seen.get(record.encoded) ?? original) !== original) {
        throw fail(`gives a second key to ${printable(record.encoded)}`, line);
      }
      seen.set(record.encoded, original);
    }
    yield record;
  }
}

function parseLine(line: Line, fail: (what: string) => UnsoundError): KeymapRecord {
  const root = parseObject(line, fail);
  for (const { name } of members(root)) {
    const text = asString(name) as string;
    const known = NAMES.find((known) => known === text.toLowerCase());
    if (known !== undefined && known !== text) throw fail(`has ${printable(text)} for "${known}"`);
  }
  const found = fields(root, NAMES);
  const encoded = found.encoded && asString(found.encoded);
  const original = found.original && asStringBytes(found.original);
  const kind = found.kind && asString(found.kind);
  if (!encoded || !kind || original === undefined) {
    throw fail('needs "encoded", "original" and "kind", all of them text');
  }
  const raw = fromBase64(URL_SAFE, original);
  if (raw === undefined) throw fail('has an "original" that is not unpadded URL-safe base64');
  return { encoded, original: raw, kind };
}

function parseObject(line: Line, fail: (what: string) => UnsoundError) {
  try {
    const options = { invalidText: "error", duplicates: "error" } as const;
    const root = parseJson(line.bytes, line.start, line.end, options);
    if (root.kind === "object") return root;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw fail(`is not JSON: ${error.message}`);
  }
  throw fail("is not a JSON object");
}

function suffixed(original: Uint8Array, suffix: string): string | undefined {
  const text = decodeUtf8(original);
  return text === undefined ? undefined : text + suffix;
}
