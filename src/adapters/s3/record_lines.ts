/**
 * Buckets, objects and what belongs to no object as record lines.
 *
 * ```text
 * {"adapter":"s3","scope":"photos","type":"bucket","value":{"owner":…,"region":…,"acl":…,"creation_date":…}}
 * {"adapter":"s3","scope":"photos","type":"object","key":"a/b.txt","value":
 *     {"etag":…,"size_bytes":5,"last_modified":…,"content_type":…,"user_metadata":{…},"sha256":"…"}}
 * {"adapter":"s3","scope":"photos","type":"body","key":"a/b.txt","value":{"offset":0,"data":"…"}}
 * {"adapter":"s3","scope":"photos","type":"upload","key":"big","value":{"prefix":…,"key":…,"value":…}}
 * {"adapter":"s3","scope":"photos","type":"orphan","key":"lost","value":
 *     {"generation":"3","upload":"u1","part":"1","chunk":"0","version":"0","data":"…"}}
 * ```
 *
 * (Lines are not broken.) All buckets come first. `value` has the members of `_bucket.json` and of the
 * files with headers. If bodies are wanted, each object is followed by its body: lines with at most
 * 512 KiB of it, in order, whose `offset` is where their bytes begin; an empty body has none. `data`,
 * and `key` and `value` of uploads, are base64 with padding. Integers of 64 bits are text. A name that
 * is not UTF-8 is `{"base64":"…"}`.
 *
 * @module
 */

import { STANDARD } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { sha256 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import type { MaybePromise } from "../../sources/source.ts";
import type { JsonWriter, Pieces } from "../../text/json_writer.ts";
import { pour } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginRecord, writeBytes } from "../record_line.ts";
import { EtagCheck, warnOfEtag } from "./etag.ts";
import { writeBucketExtra, writeBucketMembers, writeObjectMembers } from "./members.ts";
import {
  type S3Orphan,
  s3Records,
  type S3Upload,
  type StoredBucketRecord,
  type StoredObject,
} from "./records.ts";

const BLOCK = 1 << 20;
/** Bytes of a body in one line: with base64 and a key of any usual length, below 1 MiB. */
const PIECE = 512 << 10;

/** Writes all buckets, then everything in them. */
export async function writeRecords(
  given: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const context = given.selecting("s3", selection);
  const out = new ByteBuilder(BLOCK);
  const write = (bytes: Uint8Array): MaybePromise<void> => sink.write(bytes);
  const flush = async (least: number): Promise<void> => {
    if (out.length < least) return;
    await write(out.view());
    out.clear();
  };
  for await (const record of s3Records(context)) {
    if (record.type === "object") {
      const digest = await digestOf(context, record);
      await pour(objectLine(out, record, digest), out, write);
      if (context.options.bodies) await appendBody(out, record, flush);
    } else await pour(lineOf(out, record), out, write);
    await flush(BLOCK);
  }
  await flush(1);
}

function begin(out: ByteBuilder, bucket: Uint8Array, type: string, key: Uint8Array): JsonWriter {
  const json = beginRecord(out, "s3", bucket, type).name("key");
  writeBytes(json, key);
  return json.name("value").beginObject();
}

function endRecord(json: JsonWriter): void {
  json.endObject().endObject().out.byte(0x0a);
}

/** The SHA-256 of a body, as hex digits. */
async function digestOf(
  context: AdapterContext,
  { bucket, key, headers, body }: StoredObject,
): Promise<string> {
  const sum = sha256();
  const check = EtagCheck.of(headers.etag, body.partSizes);
  for await (const bytes of body) {
    sum.update(bytes);
    check?.update(bytes);
  }
  warnOfEtag(context, bucket, key, headers.etag, check?.mismatch());
  return toHex(sum.digest());
}

function* objectLine(out: ByteBuilder, object: StoredObject, digest: string): Pieces {
  const { bucket, key, headers, body } = object;
  const json = begin(out, bucket, "object", key);
  yield* writeObjectMembers(json, headers, body.size);
  endRecord(json.name("sha256").string(digest));
}

async function appendBody(
  out: ByteBuilder,
  { bucket, key, body }: StoredObject,
  flush: (least: number) => Promise<void>,
): Promise<void> {
  let offset = 0;
  for await (const bytes of body) {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const end = Math.min(at + PIECE, bytes.length);
      const json = begin(out, bucket, "body", key).name("offset").integer(offset + at);
      endRecord(json.name("data").base64(STANDARD, bytes, at, end));
      await flush(BLOCK);
    }
    offset += bytes.length;
  }
}

function lineOf(
  out: ByteBuilder,
  record: StoredBucketRecord | S3Upload | S3Orphan,
): Pieces {
  switch (record.type) {
    case "bucket":
      return bucketLine(out, record);
    case "upload":
      return uploadLine(out, record);
    case "orphan":
      return orphanLine(out, record);
  }
}

function* bucketLine(out: ByteBuilder, { name, stored }: StoredBucketRecord): Pieces {
  const json = beginRecord(out, "s3", name, "bucket").name("value").beginObject();
  yield* writeBucketMembers(json, stored);
  writeBucketExtra(json, stored);
  endRecord(json);
}

function* uploadLine(
  out: ByteBuilder,
  { bucket, key, prefix, rowKey, rowValue }: S3Upload,
): Pieces {
  const json = begin(out, bucket, "upload", key).name("prefix").string(prefix);
  json.name("key").base64(STANDARD, rowKey);
  yield* json.name("value").longBase64(STANDARD, rowValue, 0, rowValue.length);
  endRecord(json);
}

function* orphanLine(out: ByteBuilder, orphan: S3Orphan): Pieces {
  const { data } = orphan;
  const json = begin(out, orphan.bucket, "orphan", orphan.key);
  json.name("generation").string(String(orphan.generation)).name("upload");
  writeBytes(json, orphan.upload);
  for (const name of ["part", "chunk", "version"] as const) {
    json.name(name).string(String(orphan[name]));
  }
  yield* json.name("data").longBase64(STANDARD, data, 0, data.length);
  endRecord(json);
}
