/** The rows of uploads that were not completed. They are copied, never understood. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { classify } from "../../keyspace/families.ts";
import {
  type Located,
  type ObjectKey,
  parsePartKey,
  parseUploadKey,
} from "../../keyspace/s3_keys.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import { KeyedRows } from "./keyed_rows.ts";
import type { S3Upload } from "./records.ts";

const FAMILIES = ["s3-upload", "s3-part"] as const;

/**
 * Gives the rows of uploads, those of each bucket together: first its uploads, then their parts. When
 * they are not wanted, only their buckets are looked at.
 */
export async function* readUploads(context: AdapterContext): AsyncGenerator<S3Upload> {
  if (!context.options.includeIncompleteUploads) return await leaveAll(context);
  const uploads = new KeyedRows<Located<ObjectKey>>(
    context,
    "s3-upload",
    (bytes, start, end) => parseUploadKey("s3-upload", bytes, start, end),
  );
  const parts = new KeyedRows<Located<ObjectKey>>(context, "s3-part", parsePartKey);
  await uploads.next();
  await parts.next();
  for (let bucket = least(uploads, parts); bucket; bucket = least(uploads, parts)) {
    for (const rows of [uploads, parts]) {
      while (rows.key && compareBytes(rows.key.bucket, bucket) === 0) {
        yield* give(context, rows);
        await rows.next();
      }
    }
  }
}

type UploadRows = KeyedRows<Located<ObjectKey>>;

/** The least bucket that has rows left. */
function least(a: UploadRows, b: UploadRows): Uint8Array | undefined {
  if (!a.key || !b.key) return (a.key ?? b.key)?.bucket;
  return compareBytes(a.key.bucket, b.key.bucket) <= 0 ? a.key.bucket : b.key.bucket;
}

async function* give(context: AdapterContext, rows: UploadRows): AsyncGenerator<S3Upload> {
  const { bucket, object } = rows.key!;
  const key = rowKey(rows.batch, rows.i);
  yield {
    type: "upload",
    bucket,
    key: object,
    prefix: classify(key, 0, key.length).prefix,
    rowKey: key,
    rowValue: rowValue(rows.batch, rows.i),
  };
  context.ledger.add("s3", bucket, "written", 1);
}

async function leaveAll(context: AdapterContext): Promise<void> {
  for (const family of FAMILIES) {
    for await (const batch of context.scan(family)) {
      for (let i = 0; i < batch.count; i++) await context.leave(batch, i, "incomplete-upload");
    }
  }
}
