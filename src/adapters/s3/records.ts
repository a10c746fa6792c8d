/** What S3 rows are: buckets, rows of uploads, objects, and chunks without one. @module */

import type { Place } from "../../errors.ts";
import type { AdapterContext } from "../context.ts";
import { rangeWithin } from "../../mvcc/key_range.ts";
import type { Receipt } from "../receipts.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import type { Body } from "./body.ts";
import { ChunkBlobs } from "./chunk_blobs.ts";
import { readObjects } from "./objects.ts";
import { type BucketRecord, Buckets } from "./scopes.ts";
import { readUploads } from "./uploads.ts";
import { WantedObjects } from "./wanted_objects.ts";
import type { StoredHeaders } from "./values.ts";

export type { BucketRecord } from "./scopes.ts";

/** An object. */
export interface ObjectRecord {
  type: "object";
  /** Raw name of the bucket. */
  bucket: Uint8Array;
  /** The bucket's generation that it is in. */
  generation: bigint;
  /** Raw key, as clients know it. */
  key: Uint8Array;
  /** When its row was committed. */
  commitTs: bigint;
  /** What else a client gets. */
  headers: StoredHeaders;
  /** Nothing says yet that it is whole: whoever uses it reads it to its end. It stays readable. */
  body: Body;
  /** Where the object's row lies, for errors. */
  place: Place;
  receipt: Receipt;
}

/** Objects that can be given without waiting, each with a receipt of its own. */
export interface ObjectsRecord {
  type: "objects";
  /** All of them must be taken. An object is valid until the next one is asked for. */
  objects: Iterable<ObjectRecord>;
}

/** A chunk without an object. */
export interface OrphanRecord {
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
  data: Uint8Array;
  /** For whatever reason it is left out, it is an orphan or of an upload. */
  receipt: Receipt;
}

/** A row of an upload that was not completed. */
export interface UploadRecord {
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
  receipt: Receipt;
}

/** Anything that there can be. A record is valid until the next one is asked for. */
export type S3Record =
  | BucketRecord
  | ObjectRecord
  | ObjectsRecord
  | OrphanRecord
  | UploadRecord;

/** The buckets alone. */
export async function* bucketRecords(
  given: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<BucketRecord> {
  yield* (await Buckets.read(given.selecting("s3", selection))).records();
}

/**
 * Everything that the options want of the S3 rows: first the buckets, then rows of uploads, then objects
 * and chunks without one. Each of the three is in the order of bucket names; objects follow generation
 * and key; small ones come many at a time. What becomes of a record is said by its receipt before the
 * next one is asked for.
 *
 * Without `bodies` only buckets and objects are given, and chunks are not looked at before a body is
 * read. With `from` or `to`, which are raw keys, only objects of the generations that clients can read
 * are looked at, in the buckets that have rows or are named. In both cases rows that are not looked at
 * have no fates.
 */
export async function* records(
  given: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<S3Record> {
  const { scopes, bodies = true, filter } = selection;
  const context = given.selecting("s3", selection);
  const buckets = await Buckets.read(context);
  yield* buckets.records();
  const bounds = rangeWithin(selection);
  if (!bounds) return;
  const { from, to } = bounds;
  const within = from || to ? await buckets.ranges(scopes, from, to) : undefined;
  const wanted = filter && await WantedObjects.of(context, filter, selection);
  try {
    if (!bodies) return yield* readObjects(context, buckets, { within, wanted });
    for await (const upload of readUploads(context, within)) {
      if (filter?.isPartial(upload.bucket)) upload.receipt.leave("not-selected");
      else yield upload;
    }
    const pieces = new ChunkBlobs(context);
    yield* readObjects(context, buckets, { within, pieces, wanted });
    await pieces.settle(!within && context.wanted.hasAll("s3"));
  } finally {
    wanted?.close();
  }
}
