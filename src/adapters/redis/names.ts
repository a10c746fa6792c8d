/** Which names of keys' files would be twins, decided before the first one is written. @module */

import type { FileNames } from "../../tree/file_names.ts";
import type { TwinPlan } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { pathOf } from "./paths.ts";
import { records } from "./records.ts";
import { StringRow } from "./values.ts";

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
