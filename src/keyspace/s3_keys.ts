/**
 * The keys of S3 rows.
 *
 * ```text
 * !s3|bucket|meta|   bucket                                                 a bucket
 * !s3|bucket|gen|    bucket                                                 its generation counter
 * !s3|obj|head|      bucket generation object                               an object's head
 * !s3|upload|meta|   bucket generation object upload                        an upload in progress
 * !s3|gc|upload|     bucket generation object upload                        … to be cleaned up
 * !s3|upload|part|   bucket generation object upload part                   a part of it
 * !s3|blob|          bucket generation object upload part chunk [version]   a piece of a body
 * !s3|chunkref|      bucket generation object upload part chunk [version]   … stored elsewhere
 * !s3|chunkblob|     64 hex digits                                          … here, by its SHA-256
 * ```
 *
 * `bucket`, `object` and `upload` are escape-terminated segments of any bytes; `generation`, `part`,
 * `chunk` and `version` are big-endian u64 without a separator. A missing version is 0.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { appendSegment } from "../bytes/segments.ts";
import { FAMILY } from "./families.ts";
import { appendU64, FieldReader } from "./fields.ts";

/** What an object is called. Names are bytes, not text. */
export interface ObjectKey {
  /** The name of the bucket. */
  bucket: Uint8Array;
  /** Of the bucket: it rises when a bucket of that name is made anew. */
  generation: bigint;
  /** The object's key, as a client knows it. */
  object: Uint8Array;
}

/** What an upload to an object is called. */
export interface UploadKey extends ObjectKey {
  /** The upload id. */
  upload: Uint8Array;
}

/** What a part of an upload is called. */
export interface PartKey extends UploadKey {
  /** The part number: 1 to 10,000, and 1 where there was but one. */
  part: bigint;
}

/** What a piece of a part is called. */
export interface ChunkKey extends PartKey {
  /** The number of the piece in its part, from 0. */
  chunk: bigint;
  /** Which upload of the part it belongs to, or 0. */
  version: bigint;
}

/** A parsed key, and where the object's own part of it is. */
export type Located<Key> = Key & {
  /**
   * Behind the object's name. The bytes between the prefix and here are the same in all rows of an
   * object, whatever their family.
   */
  objectEnd: number;
};

/** A family whose keys are {@link UploadKey}s. */
export type UploadFamily = "s3-upload" | "s3-upload-gc";
/** A family whose keys are {@link ChunkKey}s. */
export type ChunkFamily = "s3-blob" | "s3-chunkref";

/** The bucket of an `s3-bucket` or `s3-generation` key, or what is wrong with the key. */
export function parseBucketKey(
  family: "s3-bucket" | "s3-generation",
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | string {
  const fields = new FieldReader(bytes, start + FAMILY[family].bytes.length, end);
  const bucket = fields.segment("bucket name");
  return fields.finish() ?? bucket;
}

/** The `s3-bucket` or `s3-generation` key of a bucket. */
export function bucketKey(family: "s3-bucket" | "s3-generation", bucket: Uint8Array): Uint8Array {
  const out = new ByteBuilder().append(FAMILY[family].bytes);
  appendSegment(out, bucket);
  return out.take();
}

/**
 * The parts of an `s3-object` key, or what is wrong with it.
 *
 * @param last The key before: what is the same in both is not copied again.
 */
export function parseObjectKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  last?: ObjectKey,
): Located<ObjectKey> | string {
  const fields = new FieldReader(bytes, start + FAMILY["s3-object"].bytes.length, end);
  const key = readObject(fields, last);
  return fields.finish() ?? key;
}

/** The `s3-object` key of an object. */
export function objectKey(key: ObjectKey): Uint8Array {
  return object("s3-object", key).take();
}

/** The parts of an `s3-upload` or `s3-upload-gc` key, or what is wrong with it. */
export function parseUploadKey(
  family: UploadFamily,
  bytes: Uint8Array,
  start: number,
  end: number,
): Located<UploadKey> | string {
  const fields = new FieldReader(bytes, start + FAMILY[family].bytes.length, end);
  const key = readUpload(fields);
  return fields.finish() ?? key;
}

/** The `s3-upload` or `s3-upload-gc` key of an upload. */
export function uploadKey(family: UploadFamily, key: UploadKey): Uint8Array {
  return upload(family, key).take();
}

/** The parts of an `s3-part` key, or what is wrong with it. */
export function parsePartKey(
  bytes: Uint8Array,
  start: number,
  end: number,
): Located<PartKey> | string {
  const fields = new FieldReader(bytes, start + FAMILY["s3-part"].bytes.length, end);
  const key = readPart(fields);
  return fields.finish() ?? key;
}

/** The `s3-part` key of a part. */
export function partKey(key: PartKey): Uint8Array {
  return part("s3-part", key).take();
}

/** The parts of an `s3-blob` or `s3-chunkref` key, or what is wrong with it; as {@link parseObjectKey}. */
export function parseChunkKey(
  family: ChunkFamily,
  bytes: Uint8Array,
  start: number,
  end: number,
  last?: UploadKey,
): Located<ChunkKey> | string {
  const fields = new FieldReader(bytes, start + FAMILY[family].bytes.length, end);
  const key = readPart(fields, last);
  const chunk = fields.u64("chunk number");
  const version = fields.left > 0 ? fields.u64("version") : 0n;
  const reason = fields.finish();
  if (reason !== undefined) return reason;
  const { bucket, generation, object, objectEnd, upload, part } = key;
  return { bucket, generation, object, objectEnd, upload, part, chunk, version };
}

/** The `s3-blob` or `s3-chunkref` key of a piece. Version 0 is left out, as the server does. */
export function chunkKey(family: ChunkFamily, key: ChunkKey): Uint8Array {
  const out = part(family, key);
  appendU64(out, key.chunk);
  if (key.version !== 0n) appendU64(out, key.version);
  return out.take();
}

const DIGEST_DIGITS = 64;
const latin1 = new TextDecoder("latin1");

/** The digest (32 bytes) of an `s3-chunkblob` key, or what is wrong with it. */
export function parseChunkBlobKey(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | string {
  const at = start + FAMILY["s3-chunkblob"].bytes.length;
  if (end - at !== DIGEST_DIGITS) return `the digest has ${end - at} digits instead of 64`;
  return fromHex(latin1.decode(bytes.subarray(at, end))) ?? "the digest is not hexadecimal";
}

/** The `s3-chunkblob` key of a digest (32 bytes). */
export function chunkBlobKey(digest: Uint8Array): Uint8Array {
  return new ByteBuilder().append(FAMILY["s3-chunkblob"].bytes).ascii(toHex(digest)).take();
}

function readObject(fields: FieldReader, last?: ObjectKey): Located<ObjectKey> {
  const bucket = fields.segment("bucket name", last?.bucket);
  const generation = fields.u64("generation");
  const object = fields.segment("object key", last?.object);
  return { bucket, generation, object, objectEnd: fields.at };
}

function readUpload(fields: FieldReader, last?: UploadKey): Located<UploadKey> {
  const { bucket, generation, object, objectEnd } = readObject(fields, last);
  return {
    bucket,
    generation,
    object,
    objectEnd,
    upload: fields.segment("upload id", last?.upload),
  };
}

function readPart(fields: FieldReader, last?: UploadKey): Located<PartKey> {
  const { bucket, generation, object, objectEnd, upload } = readUpload(fields, last);
  return { bucket, generation, object, objectEnd, upload, part: fields.u64("part number") };
}

type ObjectFamily = "s3-object" | "s3-part" | UploadFamily | ChunkFamily;

function object(family: ObjectFamily, key: ObjectKey): ByteBuilder {
  const out = new ByteBuilder().append(FAMILY[family].bytes);
  appendSegment(out, key.bucket);
  appendU64(out, key.generation);
  appendSegment(out, key.object);
  return out;
}

function upload(family: ObjectFamily, key: UploadKey): ByteBuilder {
  const out = object(family, key);
  appendSegment(out, key.upload);
  return out;
}

function part(family: ObjectFamily, key: PartKey): ByteBuilder {
  const out = upload(family, key);
  appendU64(out, key.part);
  return out;
}
