/** What an S3 snapshot consists of, for programs: buckets, and objects whose bodies are read when wanted. @module */

import type { Place, UnsoundError } from "../../errors.ts";
import { appendU64 } from "../../keyspace/fields.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { appendSegment } from "../../bytes/segments.ts";
import type { AdapterContext } from "../context.ts";
import type { Body } from "./body.ts";
import { type BucketRow, Buckets, bucketSegment } from "./scopes.ts";
import { ChunkBlobs } from "./chunk_blobs.ts";
import {
  type BucketMeta,
  bucketMetaOf,
  headersOf,
  type ObjectHeaders,
  type StoredHeaders,
} from "./values.ts";
import { readObjects } from "./objects.ts";
import { readUploads } from "./uploads.ts";

/** A bucket. */
export interface S3Bucket extends BucketMeta {
  /** What this is. */
  type: "bucket";
  /** Raw name. */
  name: Uint8Array;
}

/** A bucket as its row has it; valid until the next record is asked for. */
export interface StoredBucketRecord extends BucketRow {
  type: "bucket";
}

/** An object with headers as its row has them, which are valid until the next record is asked for. */
export interface StoredObject extends Omit<S3Object, "headers"> {
  headers: StoredHeaders;
  /** Set by the one who was given the object, when it could not be used: it is then reported. */
  problem?: UnsoundError;
}

/** An object. */
export interface S3Object {
  /** What this is. */
  type: "object";
  /** Raw name of the bucket. */
  bucket: Uint8Array;
  /** The bucket's generation that it is in. */
  generation: bigint;
  /** Raw key, as clients know it. */
  key: Uint8Array;
  /** What else a client gets. */
  headers: ObjectHeaders;
  /** All of it is there and has the right length. It stays readable as long as the snapshot is open. */
  body: Body;
  /** Where the object's row lies, for errors. */
  place: Place;
}

/** A chunk without an object. */
export interface S3Orphan {
  /** What this is. */
  type: "orphan";
  /** Raw name of the bucket. */
  bucket: Uint8Array;
  /** The bucket's generation that it is in. */
  generation: bigint;
  /** Raw key of the object that it was to belong to. */
  key: Uint8Array;
  /** The upload that it came with. */
  upload: Uint8Array;
  /** The part that it is a piece of. */
  part: bigint;
  /** Its number in the part. */
  chunk: bigint;
  /** Of the part. */
  version: bigint;
  /** Valid until the next record is asked for. */
  data: Uint8Array;
  /** Set by the one who was given the chunk, when it could not be used. */
  refused?: boolean;
}

/** A row of an upload that was not completed; valid until the next record is asked for. */
export interface S3Upload {
  /** What this is. */
  type: "upload";
  /** Raw name of the bucket. */
  bucket: Uint8Array;
  /** Raw key of the object that is uploaded. */
  key: Uint8Array;
  /** What the row's key begins with. */
  prefix: string;
  /** The row's whole key. */
  rowKey: Uint8Array;
  /** The row's value. */
  rowValue: Uint8Array;
}

/** Anything that a dump can hold. */
export type S3Record = StoredBucketRecord | StoredObject | S3Orphan | S3Upload;

/**
 * Everything that the options want of the S3 rows, and a fate for each of the rows: first the buckets,
 * then rows of uploads, then objects and chunks without one. Each of the three is in the order of
 * bucket names; objects follow generation and key.
 *
 * A record counts as written when the next one is asked for.
 */
export async function* s3Records(context: AdapterContext): AsyncGenerator<S3Record> {
  const buckets = await Buckets.read(context);
  for await (const row of buckets.rows()) yield { type: "bucket", ...row };
  yield* readUploads(context);
  const blobs = new ChunkBlobs(context);
  yield* readObjects(context, buckets, blobs);
  await blobs.settle();
}

/** The buckets that are wanted, by the bytes of their names. */
export async function* s3Buckets(context: AdapterContext): AsyncGenerator<S3Bucket> {
  const buckets = await Buckets.read(context);
  for await (const { name, stored } of buckets.rows()) {
    yield { type: "bucket", name, ...bucketMetaOf(stored) };
  }
}

/**
 * The objects of a bucket that a client can read, by the bytes of their keys. An object that is not
 * whole is reported to the context and passed over.
 */
export async function* s3Objects(
  context: AdapterContext,
  bucket: Uint8Array,
): AsyncGenerator<S3Object> {
  const only = context.selecting("s3", { scopes: [bucket] });
  yield* objectsOf(only, await Buckets.read(only), bucket);
}

/** One object, or `undefined` if clients cannot read it. */
export async function s3Object(
  context: AdapterContext,
  bucket: Uint8Array,
  key: Uint8Array,
): Promise<S3Object | undefined> {
  const only = context.selecting("s3", { scopes: [bucket] });
  const buckets = await Buckets.read(only);
  const { active } = await buckets.of(bucket);
  if (active === undefined) return undefined;
  const within = new ByteBuilder().append(bucketSegment(bucket));
  appendSegment(appendU64(within, active), key);
  for await (const object of objectsOf(only, buckets, bucket, within.take())) return object;
  return undefined;
}

async function* objectsOf(
  context: AdapterContext,
  buckets: Buckets,
  bucket: Uint8Array,
  within?: Uint8Array,
): AsyncGenerator<S3Object> {
  if ((await buckets.of(bucket)).deleted) return;
  for await (const record of readObjects(context, buckets, new ChunkBlobs(context), within)) {
    if (record.type === "object") yield { ...record, headers: headersOf(record.headers) };
  }
}
