/**
 * The `dynamodb/` folder: for each table `_schema.json` and, in `items/`, one file an item or files of
 * many items.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { TreeOutput } from "../../tree/output.ts";
import { ScopeFolders } from "../../tree/scope_folders.ts";
import { NO_TWINS } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { BundleFiles } from "./bundle_files.ts";
import type { Index } from "./index_keys.ts";
import { ItemFiles, planItems } from "./item_files.ts";
import { ItemNames } from "./names.ts";
import { type ItemsRecord, records, type TableRecord } from "./records.ts";
import { indexesToRestore, ItemRule } from "./restorable.ts";
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
  const namesOf = ({ table, name }: ItemsRecord): ItemNames =>
    new ItemNames(names, table, `${scopes.of(name)}/items/`);

  const bundles = context.options.dynamodbBundleMode === "jsonl";
  const twins = bundles ? NO_TWINS : await output.twins(async (plan) => {
    const silent = context.silent();
    for await (const record of records(silent, selection)) {
      if (record.type === "table") record.receipt.written();
      else await planItems(silent, record, namesOf(record), plan);
    }
  });

  const labels: Uint8Array[] = [];
  /** Of each table. A schema is in its row, which is not read again for that. */
  const indexes = new Map<Table, Index[] | string>();
  let table: Table | undefined;
  let files: BundleFiles | ItemFiles | undefined;
  for await (const record of records(context, selection)) {
    if (record.type === "table") {
      const folder = scopes.of(record.name);
      // Of files of many items, the encoder takes none.
      const found = bundles ? [] : indexesToRestore(record.schema, record.name, folder);
      indexes.set(record.table, found);
      const why = typeof found === "string" ? found : undefined;
      await writeTable(output, output.unrestorable.count("dynamodb", why) + folder, record);
      labels.push(record.table.label);
      continue;
    }
    if (record.table !== table) {
      await files?.close();
      table = record.table;
      const itemNames = namesOf(record);
      files = bundles ? new BundleFiles(context, output, table, itemNames.folder) : new ItemFiles(
        context,
        output,
        table,
        record.name.slice(),
        itemNames,
        twins,
        await ItemRule.of(context, record, indexes.get(table)!),
      );
    }
    await files!.add(record);
  }
  await files?.close();
  twins.close();
  return labels;
}

/** Writes a table's schema and makes its folders. */
async function writeTable(
  output: TreeOutput,
  folder: string,
  { schema, receipt }: TableRecord,
): Promise<void> {
  const json = new JsonWriter(new ByteBuilder(), { indent: true, html: true });
  output.describe?.({ type: "table" });
  await output.putPiecesNew(`${folder}/_schema.json`, json.out, writeSchema(json, schema));
  await output.directory(`${folder}/items`);
  receipt.written();
}
