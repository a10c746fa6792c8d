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
import { stoppable } from "../../sources/scratch.ts";
import type { MaybePromise } from "../../sources/source.ts";
import type { JsonWriter, Pieces } from "../../text/json_writer.ts";
import { pour } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginRecord, writeBytes } from "../record_line.ts";
import { type HeldBody, holdBody } from "./held_body.ts";
import { writeBucketExtra, writeBucketMembers, writeObjectMembers } from "./members.ts";
import {
  type BucketRecord,
  type ObjectRecord,
  type OrphanRecord,
  records,
  type UploadRecord,
} from "./records.ts";

const BLOCK = 1 << 20;
/** Bytes of a body in one line: with base64 and a key of any usual length, below 1 MiB. */
const PIECE = 512 << 10;

/** Writes all buckets, then everything in them. */
export async function writeRecords(
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const { bodies } = context.options;
  const scratch = stoppable(context.scratch, context.signal);
  const out = new ByteBuilder(BLOCK);
  const write = (bytes: Uint8Array): MaybePromise<void> => sink.write(bytes);
  const flush = async (least: number): Promise<void> => {
    if (out.length < least) return;
    await write(out.view());
    out.clear();
  };
  const writeObject = async (record: ObjectRecord): Promise<void> => {
    const sum = sha256();
    // The digest of a body stands before the body.
    const body = await holdBody(record, bodies ? scratch : undefined, (b) => sum.update(b));
    if (!body) return;
    await pour(objectLine(out, record, toHex(sum.digest())), out, write);
    if (bodies) await appendBody(out, record, body, flush);
    body.close();
    record.receipt.written();
    await flush(BLOCK);
  };
  for await (const record of records(context, selection)) {
    if (record.type === "objects") {
      for (const object of record.objects) await writeObject(object);
    } else if (record.type === "object") await writeObject(record);
    else {
      await pour(lineOf(out, record), out, write);
      record.receipt.written();
      await flush(BLOCK);
    }
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

function* objectLine(out: ByteBuilder, object: ObjectRecord, digest: string): Pieces {
  const { bucket, key, headers, body } = object;
  const json = begin(out, bucket, "object", key);
  yield* writeObjectMembers(json, headers, body.size);
  endRecord(json.name("sha256").string(digest));
}

async function appendBody(
  out: ByteBuilder,
  { bucket, key }: ObjectRecord,
  body: HeldBody,
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
  record: BucketRecord | UploadRecord | OrphanRecord,
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

function* bucketLine(out: ByteBuilder, { name, stored }: BucketRecord): Pieces {
  const json = beginRecord(out, "s3", name, "bucket").name("value").beginObject();
  yield* writeBucketMembers(json, stored);
  writeBucketExtra(json, stored);
  endRecord(json);
}

function* uploadLine(
  out: ByteBuilder,
  { bucket, key, prefix, rowKey, rowValue }: UploadRecord,
): Pieces {
  const json = begin(out, bucket, "upload", key).name("prefix").string(prefix);
  json.name("key").base64(STANDARD, rowKey);
  yield* json.name("value").longBase64(STANDARD, rowValue, 0, rowValue.length);
  endRecord(json);
}

function* orphanLine(out: ByteBuilder, orphan: OrphanRecord): Pieces {
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
