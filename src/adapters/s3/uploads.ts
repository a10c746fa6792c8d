/** The rows of uploads that were not completed. They are copied, never understood. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { classify } from "../../keyspace/families.ts";
import {
  type Located,
  type ObjectKey,
  parsePartKey,
  parseUploadKey,
} from "../../keyspace/s3_keys.ts";
import { rowHandle, rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { bookRow } from "../bookings.ts";
import type { AdapterContext } from "../context.ts";
import { Receipt } from "../receipts.ts";
import { KeyedRows, type Within } from "./keyed_rows.ts";
import type { UploadRecord } from "./records.ts";

const FAMILIES = ["s3-upload", "s3-part"] as const;

/**
 * Gives the rows of uploads, those of each bucket together: first its uploads, then their parts. When
 * they are not wanted, only their buckets are looked at.
 *
 * @param within Only rows with such keys.
 */
export async function* readUploads(
  context: AdapterContext,
  within?: Within,
): AsyncGenerator<UploadRecord> {
  if (!context.options.includeIncompleteUploads) {
    if (!within) await leaveAll(context);
    return;
  }
  const uploads = new KeyedRows<Located<ObjectKey>>(
    context,
    "s3-upload",
    (bytes, start, end) => parseUploadKey("s3-upload", bytes, start, end),
    within,
  );
  const parts = new KeyedRows<Located<ObjectKey>>(context, "s3-part", parsePartKey, within);
  await uploads.next();
  await parts.next();
  for (let bucket = least(uploads, parts); bucket; bucket = least(uploads, parts)) {
    for (const rows of [uploads, parts]) {
      while (rows.key && compareBytes(rows.key.bucket, bucket) === 0) {
        const receipt = new Receipt();
        yield recordOf(rows, receipt);
        const handle = rowHandle(rows.batch, rows.i);
        await bookRow(context, { adapter: "s3", scope: bucket }, handle, receipt);
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

function recordOf({ key, batch, i }: UploadRows, receipt: Receipt): UploadRecord {
  const { bucket, object } = key!;
  const row = rowKey(batch, i);
  return {
    type: "upload",
    bucket,
    key: object,
    prefix: classify(row, 0, row.length).prefix,
    rowKey: row,
    rowValue: rowValue(batch, i),
    receipt,
  };
}

async function leaveAll(context: AdapterContext): Promise<void> {
  for (const family of FAMILIES) {
    for await (const batch of context.scan(family)) {
      for (let i = 0; i < batch.count; i++) await context.leave(batch, i, "incomplete-upload");
    }
  }
}
