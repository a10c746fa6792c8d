/**
 * The names of keys' files, by the rule of the dump: the key as a segment, in a folder for each type.
 *
 * ```text
 * redis/db_0/strings/<segment>.bin
 * ```
 *
 * @module
 */

import type { FileNames } from "../../tree/file_names.ts";
import type { TwinPlan } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { records } from "./records.ts";
import type { RedisType } from "./types.ts";
import { StringRow } from "./values.ts";

/** Where all files are. */
export const ROOT = "redis/db_0/";

const FOLDERS: { readonly [type in RedisType]: readonly [folder: string, suffix: string] } = {
  string: ["strings", ".bin"],
  hll: ["hll", ".bin"],
  hash: ["hashes", ".json"],
  list: ["lists", ".json"],
  set: ["sets", ".json"],
  zset: ["zsets", ".json"],
  stream: ["streams", ".jsonl"],
};

/** The folder of a type. */
export function folderOf(type: RedisType): string {
  return ROOT + FOLDERS[type][0];
}

/** The path of a key's file. */
export function pathOf(type: RedisType, segment: string): string {
  return `${folderOf(type)}/${segment}${FOLDERS[type][1]}`;
}

/** Gives a plan the paths of all files, in the order in which they are written. */
export async function planNames(
  context: AdapterContext,
  selection: RecordSelection,
  names: FileNames,
  plan: TwinPlan,
): Promise<void> {
  const string = new StringRow();
  for await (const record of records(context.silent(), selection)) {
    if (record.type === "strings") {
      for (const row of record.rows) {
        const { key } = string.at(record.batch, row);
        await plan.note(pathOf("string", names.segment(key)));
      }
      record.receipt.written(record.rows.length);
    } else {
      if ("key" in record) await plan.note(pathOf(record.type, names.segment(record.key)));
      record.receipt.written();
    }
  }
}
