/**
 * Which file an object's key can be. The key itself is the path wherever it can be; where it cannot, the
 * file has another name and KEYMAP.jsonl has the key.
 *
 * - An *escaped* name stands directly in the bucket's folder: the hashed form of the whole key. It is for
 *   keys that are no path (`dir/`, `..`, `a//b`, NUL, `\`), keys that would be a file of the dump
 *   (`_bucket.json`), names that are too long or not UTF-8, and for all that cannot be solved otherwise.
 * - An object whose key is also a folder of other keys gets a suffix: `a` beside `a/b`.
 * - An object whose key ends like the file with another object's headers gets a suffix.
 *
 * Whether letters of two cases are one must not change a dump, so what differs only by that from a name
 * that the dump uses itself is escaped as well.
 *
 * @module
 */

import { decodeUtf8 } from "../../text/utf8.ts";
import type { KeymapKind } from "../../tree/keymap.ts";
import type { FileNames } from "../../tree/file_names.ts";
import { RENAME_SUFFIXES, SIDECAR_SUFFIX } from "../../tree/object_files.ts";
import { folded, isPortable, MAX_NAME } from "../../tree/portable.ts";
import { hashedSegment, isHashedSegment } from "../../tree/segment.ts";

/** A bucket's own file. */
export const BUCKET_FILE = "_bucket.json";
/** The original keys of renamed objects. */
export const KEYMAP_FILE = "KEYMAP.jsonl";
/** The folder of chunks without an object. */
export const ORPHANS_FOLDER = "_orphans";
/** The folder of uploads that were not completed. */
export const UPLOADS_FOLDER = "_incomplete_uploads";

/** A body's name must leave room for the sidecar's. */
const MAX_BODY_NAME = MAX_NAME - SIDECAR_SUFFIX.length;
/** Linux allows paths of 4,095 bytes: this leaves 1,000 for the folders above. */
const MAX_PATH = 3072;

/** macOS allows paths of 1,023 bytes; other systems count characters, and allow fewer of them. */
const MAX_PORTABLE_PATH = 512;

const OWN_NAMES = [BUCKET_FILE, KEYMAP_FILE, ORPHANS_FOLDER, UPLOADS_FOLDER];
const FOLDED_SUFFIX = fold(SIDECAR_SUFFIX);
const FOLDED_FILES = [fold(BUCKET_FILE), fold(KEYMAP_FILE)];

/** What a dump's own files are, and by which rule they are named. */
export interface Surroundings {
  /** The rule of names. */
  names: FileNames;
  /** `false`: objects whose keys end like sidecars may have no other name. */
  renameCollisions?: boolean;
  /** Whether there can be an `_orphans` folder. */
  includeOrphans?: boolean;
  /** Whether there can be an `_incomplete_uploads` folder. */
  includeIncompleteUploads?: boolean;
}

/** What an object's file is called. */
export interface Name {
  /** In the bucket's folder. */
  path: string;
  /** Why it is not the key itself, if it is not. */
  kind?: KeymapKind;
}

/** The escaped name of a key. */
export function escapedName(
  key: Uint8Array,
  { names }: Surroundings,
  kind: KeymapKind = "sha-fallback",
): Name {
  return { path: names.hashed(key), kind };
}

/** Why a key cannot be a path, looking at nothing but the key; `undefined` if it can. */
export function whyEscaped(key: Uint8Array, around: Surroundings): KeymapKind | undefined {
  if (isUnsafe(key, around)) return "s3-unsafe-key";
  const text = decodeUtf8(key);
  if (text === undefined || hasLongName(key) || meetsOwnName(text, around)) return "sha-fallback";
  const refused = around.names.portable &&
    !(key.length <= MAX_PORTABLE_PATH && isPortablePath(text));
  return refused ? "sha-fallback" : undefined;
}

/** Whether a key ends like a sidecar. */
export function isSidecarLike(key: Uint8Array): boolean {
  return continues(key, key.length - SIDECAR_SUFFIX.length, SIDECAR_SUFFIX) === "same";
}

/** How a key that can be a path is renamed, if it must be. */
export function renameKind(key: Uint8Array): keyof typeof RENAME_SUFFIXES {
  return isSidecarLike(key) ? "meta-suffix-rename" : "s3-leaf-data";
}

/** The name with a suffix, or the escaped one if that would be too long. */
export function suffixedName(key: Uint8Array, around: Surroundings): Name {
  const kind = renameKind(key);
  const path = decodeUtf8(key)! + RENAME_SUFFIXES[kind];
  const length = key.length - (key.lastIndexOf(0x2f) + 1) + RENAME_SUFFIXES[kind].length;
  return length > MAX_BODY_NAME || meetsEscaped(path) ? escapedName(key, around) : { path, kind };
}

/** Whether `key` is, from `at` on, a name (in ASCII) or a path below it. */
export function continues(key: Uint8Array, at: number, name: string): "same" | "below" | undefined {
  const end = at + name.length;
  if (key.length < end || (key.length > end && key[end] !== 0x2f)) return undefined;
  for (let i = 0; i < name.length; i++) if (key[at + i] !== name.charCodeAt(i)) return undefined;
  return key.length === end ? "same" : "below";
}

/** The keys that a reader of the original format refuses. */
function isUnsafe(key: Uint8Array, around: Surroundings): boolean {
  if (key.includes(0) || key.includes(0x5c)) return true;
  for (let start = 0; start <= key.length;) {
    const slash = key.indexOf(0x2f, start);
    const end = slash < 0 ? key.length : slash;
    const length = end - start;
    // Empty, "." or "..".
    if (length === 0 || (length <= 2 && key[start] === 0x2e && key[end - 1] === 0x2e)) return true;
    start = end + 1;
  }
  const orphans = continues(key, 0, ORPHANS_FOLDER);
  const uploads = continues(key, 0, UPLOADS_FOLDER);
  return orphans === "below" || uploads === "below" ||
    (orphans === "same" && around.includeOrphans === true) ||
    (uploads === "same" && around.includeIncompleteUploads === true);
}

function hasLongName(key: Uint8Array): boolean {
  if (key.length > MAX_PATH) return true;
  let start = 0;
  for (let slash = key.indexOf(0x2f); slash >= 0; slash = key.indexOf(0x2f, start)) {
    if (slash - start > MAX_NAME) return true;
    start = slash + 1;
  }
  return key.length - start > MAX_BODY_NAME;
}

/** Whether a path would be, or lie below, a file that the dump may have for another reason. */
function meetsOwnName(text: string, around: Surroundings): boolean {
  const folded = fold(text);
  if (folded.includes(FOLDED_SUFFIX)) {
    const odd = (name: string) => !name.endsWith(SIDECAR_SUFFIX);
    if (text.split("/").some((name) => fold(name).endsWith(FOLDED_SUFFIX) && odd(name))) {
      return true;
    }
  }
  const [first] = folded.split("/", 1);
  if (FOLDED_FILES.includes(first)) return true;
  const own = (folder: string, is?: boolean) => is === true && folded === fold(folder);
  return own(ORPHANS_FOLDER, around.includeOrphans) ||
    own(UPLOADS_FOLDER, around.includeIncompleteUploads) || meetsEscaped(text);
}

/**
 * Whether a path, and that of the sidecar, can be had everywhere, and whatever the case of its letters is
 * not taken for a file of the dump's own or for an escaped name.
 */
function isPortablePath(path: string): boolean {
  const names = path.split("/");
  const [first] = names.map(folded);
  if (isHashedSegment(first)) return false;
  if (OWN_NAMES.some((name) => folded(name) === first)) return false;
  const end = folded(SIDECAR_SUFFIX);
  return names.every((name) =>
    isPortable(name) && (name.endsWith(SIDECAR_SUFFIX) || !folded(name).endsWith(end))
  );
}

/** Whether a path begins with what may be the escaped name of some key, or its sidecar. */
function meetsEscaped(path: string): boolean {
  if (!/^[0-9a-f]{32}__/.test(path)) return false;
  const [first] = path.split("/", 1);
  const bare = first.endsWith(SIDECAR_SUFFIX) ? first.slice(0, -SIDECAR_SUFFIX.length) : first;
  return [first, bare, first + SIDECAR_SUFFIX].some(isEscaped);
}

/** Whether a name is the hashed form of its own readable part, or of something longer. */
function isEscaped(name: string): boolean {
  const unescaped = name.slice(34).replace(
    /%([0-9A-F]{2})/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
  const raw = Uint8Array.from(unescaped, (c) => c.charCodeAt(0));
  const again = hashedSegment(raw);
  return raw.length < 64 ? again === name : again.slice(34) === name.slice(34);
}

/** Text without the difference between small and capital letters. */
function fold(text: string): string {
  return text.toLowerCase().toUpperCase();
}
