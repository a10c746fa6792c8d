/** The DynamoDB adapter. @module */

import type { AdapterModule } from "../adapter.ts";
import { writeRecords } from "./record_lines.ts";
import { keysAt } from "./names.ts";
import { things } from "./things.ts";
import { searchRecords } from "./search.ts";
import { writeTree } from "./tree_writer.ts";

/** Turns `!ddb|` rows into tables and items. */
export const dynamodb: AdapterModule = {
  name: "dynamodb",
  books: () => new Set(["ddb-table", "ddb-item"] as const),
  keysAt,
  things,
  writeTree,
  writeRecords,
  searchRecords,
};
