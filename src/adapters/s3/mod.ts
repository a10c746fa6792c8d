/** The S3 adapter. @module */

import type { AdapterModule } from "../adapter.ts";
import { writeRecords } from "./record_lines.ts";
import { keysAt } from "./name_range.ts";
import { things } from "./things.ts";
import { searchRecords } from "./search.ts";
import { writeTree } from "./tree_writer.ts";

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
  keysAt,
  things,
  writeTree,
  writeRecords,
  searchRecords,
};
