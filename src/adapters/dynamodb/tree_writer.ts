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
import { ScopeFolders } from "../../tree/scope_folders.ts";
import { clashSegments } from "../../tree/segment.ts";
import { NO_TWINS } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { BundleFiles } from "./bundle_files.ts";
import { ItemFiles, planItems } from "./item_files.ts";
import { ItemNames } from "./names.ts";
import { type ItemsRecord, records, type TableRecord } from "./records.ts";
import { writeSchema } from "./schema.ts";
import type { Table } from "./scopes.ts";

/** Writes all tables; returns the labels of their names. */
export async function writeTree(
  context: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const { names } = output;
  const scopes = new ScopeFolders("dynamodb/", names, context.scopesOf("dynamodb"));
  const folders = new Map<Table, string>();
  const namesOf = ({ table, name }: ItemsRecord): ItemNames =>
    new ItemNames(names, table, `${folders.get(table) ?? scopes.of(name)}/items/`);

  const bundles = context.options.dynamodbBundleMode === "jsonl";
  const twins = bundles ? NO_TWINS : await output.twins(async (plan) => {
    const silent = context.silent();
    for await (const record of records(silent, selection)) {
      if (record.type === "table") record.receipt.written();
      else await planItems(silent, record, namesOf(record), plan);
    }
  });

  let table: Table | undefined;
  let files: BundleFiles | ItemFiles | undefined;
  for await (const record of records(context, selection)) {
    if (record.type === "table") {
      folders.set(record.table, await writeTable(output, scopes.of(record.name), record));
      continue;
    }
    if (record.table !== table) {
      await files?.close();
      table = record.table;
      const itemNames = namesOf(record);
      files = bundles
        ? new BundleFiles(context, output, table, itemNames.folder)
        : new ItemFiles(context, output, table, itemNames, twins);
    }
    await files!.add(record);
  }
  await files?.close();
  twins.close();
  return [...folders.keys()].map(({ label }) => label);
}

/** Writes a table's schema and makes its folders; returns the path of its folder. */
async function writeTable(
  output: TreeOutput,
  path: string,
  { name, schema, receipt }: TableRecord,
): Promise<string> {
  const json = new JsonWriter(new ByteBuilder(), { indent: true, html: true });
  const [root, segment] = path.split("/");
  let folder: string | undefined;
  await output.putPieces(writeSchema(json, schema), json.out, async (make) => {
    // A file system that does not tell letters of two cases apart makes one folder of two tables.
    for (const candidate of [segment, ...clashSegments(segment, name)]) {
      const made = await make(`${root}/${candidate}/_schema.json`);
      if (!made) continue;
      folder = `${root}/${candidate}`;
      return made;
    }
    return undefined;
  });
  if (folder === undefined) {
    throw new OutputError("output-failed", "the name of a table's folder is taken", { file: path });
  }
  await output.directory(`${folder}/items`);
  receipt.written();
  return folder;
}
