/** The S3 adapter. @module */

import type { AdapterModule } from "../adapter.ts";
import { writeRecords } from "./record_lines.ts";
import { writeTree } from "./tree_writer.ts";

export type { Body } from "./body.ts";
export type { BucketMeta, ObjectHeaders } from "./values.ts";
export { s3Buckets, s3Object, s3Objects, s3Records } from "./records.ts";
export type { S3Bucket, S3Object, S3Orphan, S3Record, S3Upload } from "./records.ts";

/** Turns `!s3|` rows into buckets and objects. */
export const s3: AdapterModule = {
  name: "s3",
  books: () =>
    new Set(
      [
        "s3-bucket",
        "s3-object",
        "s3-blob",
        "s3-chunkref",
        "s3-chunkblob",
        "s3-upload",
        "s3-part",
      ] as const,
    ),
  writeTree,
  writeRecords,
};
