/**
 * Which buckets and objects elastickv's own encoder takes. It refuses a bucket
 *
 * - without `_bucket.json`, or whose folder is not the segment of the name in it;
 * - with a line in KEYMAP.jsonl for a key that it takes for no path, that begins with the name of a folder
 *   of its own, or for a file that is called like one with headers;
 * - with an object whose rows would be too long.
 *
 * @module
 */

import { segmentLength } from "../../bytes/segments.ts";
import { chunkKey } from "../../keyspace/s3_keys.ts";
import { encodeUtf8, isUtf8 } from "../../text/utf8.ts";
import { encodeSegment } from "../../tree/segment.ts";
import { SIDECAR_SUFFIX } from "../../tree/object_files.ts";
import { fitsEscaped, LONGEST_KEY } from "../longest_row.ts";
import { continues, type Name, ORPHANS_FOLDER, UPLOADS_FOLDER } from "./names.ts";
import type { ObjectRecord } from "./records.ts";

const NOTHING = new Uint8Array(0);
/** The upload that all objects are made to come with. */
const UPLOAD = encodeUtf8("elastickv-restore");
/** Bytes that the key of a chunk has besides the segments of the bucket and the object. */
const WITHOUT_NAMES = chunkKey("s3-blob", {
  bucket: NOTHING,
  generation: 1n,
  object: NOTHING,
  upload: UPLOAD,
  part: 1n,
  chunk: 0n,
  version: 0n,
}).length - 2 * segmentLength(NOTHING);

/** Of objects whose bucket's row is missing. */
export const BUCKET_MISSING = "bucket-missing";

/** Why a bucket that has a row cannot be restored, and so none of its objects; `undefined` if it can. */
export function whyNotBucket(name: Uint8Array, folder: string): string | undefined {
  if (!isUtf8(name, 0, name.length)) return "bucket-name-not-text";
  const segment = folder.slice(folder.lastIndexOf("/") + 1);
  return encodeSegment(name) === segment ? undefined : "bucket-renamed";
}

/** Why an object of a bucket that can be restored cannot. */
export function whyNotObject(object: ObjectRecord, name: Name): string | undefined {
  return whyNotName(object.key, name) ?? whyTooLong(object);
}

function whyNotName(key: Uint8Array, { kind, path }: Name): string | undefined {
  if (kind === undefined) return undefined;
  const isOwn = (folder: string): boolean => continues(key, 0, folder) !== undefined;
  if (kind === "s3-unsafe-key" || isOwn(ORPHANS_FOLDER) || isOwn(UPLOADS_FOLDER)) {
    return "key-not-a-path";
  }
  return path.endsWith(SIDECAR_SUFFIX) ? "file-like-headers" : undefined;
}

function whyTooLong({ bucket, key, headers }: ObjectRecord): string | undefined {
  // Each byte is at most two in a key.
  if ((bucket.length + key.length + 2) * 2 + WITHOUT_NAMES > LONGEST_KEY) {
    const names = segmentLength(bucket) + segmentLength(key);
    if (WITHOUT_NAMES + names > LONGEST_KEY) return "key-too-long";
  }
  const { etag, contentType, contentEncoding, cacheControl, contentDisposition } = headers;
  const texts = [etag, contentType, contentEncoding, cacheControl, contentDisposition]
    .map((bytes) => ({ bytes, start: 0, end: bytes.length }));
  return fitsEscaped(texts, headers.userMetadata) ? undefined : "headers-too-long";
}
