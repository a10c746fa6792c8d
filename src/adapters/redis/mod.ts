/** The Redis adapter. @module */

import type { AdapterModule } from "../adapter.ts";
import { writeRecords } from "./record_lines.ts";
import { booked } from "./scopes.ts";
import { keysAt } from "./paths.ts";
import { things } from "./things.ts";
import { searchRecords } from "./search.ts";
import { writeTree } from "./tree_writer.ts";

export { writeResp } from "./resp.ts";

/** Turns the rows of Redis keys into values and collections. */
export const redis: AdapterModule = {
  name: "redis",
  books: booked,
  keysAt,
  things,
  writeTree,
  writeRecords,
  searchRecords,
};
