/**
 * The `dynamodb/` folder: for each table `_schema.json` and, in `items/`, one file an item or files of
 * many items.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { OutputError } from "../../errors.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { TreeOutput } from "../../tree/output.ts";
import { clashSuffix, encodeSegment, escapeDotSegment } from "../../tree/segment.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { BundleFiles } from "./bundle_files.ts";
import { type ItemNotes, warnOfItems } from "./checked_items.ts";
import { ItemFiles } from "./item_files.ts";
import { type ItemRows, readItemRows } from "./item_rows.ts";
import { writeSchema } from "./schema.ts";
import { type Table, type TableRow, Tables } from "./tables.ts";

/** Puts a table's items into files. */
interface TableFiles {
  /** Writes the items of a run of rows, and gives each row its fate. */
  add(run: ItemRows): Promise<void>;
  /** Writes what had to wait for the end of the table. */
  close(): Promise<void>;
}

/** Writes all tables; returns the labels of their names. */
export async function writeTree(
  given: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const context = given.selecting("dynamodb", selection);
  const tables = await Tables.read(context);
  const folders = new Map<Table, string>();
  for await (const row of tables.rows()) folders.set(row.table, await writeTable(output, row));

  let current: { table: Table; files: TableFiles; notes: ItemNotes } | undefined;
  const close = async (): Promise<void> => {
    if (!current) return;
    await current.files.close();
    warnOfItems(context, current.table, current.notes);
  };
  for await (const run of readItemRows(context, tables)) {
    if (run.table !== current?.table) {
      await close();
      const notes = { legacyJson: 0, unreadable: 0 };
      const folder = folders.get(run.table)! + "/items/";
      const files = context.options.dynamodbBundleMode === "jsonl"
        ? new BundleFiles(context, output, run.table, folder, notes)
        : new ItemFiles(context, output, run.table, folder, notes);
      current = { table: run.table, files, notes };
    }
    await current.files.add(run);
  }
  await close();
  return [...folders.keys()].map(({ label }) => label);
}

/** Writes a table's schema and makes its folders; returns the path of its folder. */
async function writeTable(output: TreeOutput, { name, schema }: TableRow): Promise<string> {
  const json = new JsonWriter(new ByteBuilder(), { indent: true, html: true });
  const plain = "dynamodb/" + escapeDotSegment(encodeSegment(name));
  let folder: string | undefined;
  await output.putPieces(writeSchema(json, schema), json.out, async (make) => {
    // A file system that does not tell letters of two cases apart makes one folder of two tables.
    for (const candidate of [plain, plain + clashSuffix(name)]) {
      const made = await make(`${candidate}/_schema.json`);
      if (!made) continue;
      folder = candidate;
      return made;
    }
    return undefined;
  });
  if (folder === undefined) {
    throw new OutputError("output-failed", "the name of a table's folder is taken", {
      file: plain,
    });
  }
  await output.directory(`${folder}/items`);
  return folder;
}
