/**
 * Tables and items as record lines.
 *
 * ```text
 * {"adapter":"dynamodb","scope":"orders","type":"table","value":{ what _schema.json holds }}
 * {"adapter":"dynamodb","scope":"orders","type":"item","key":{"id":{"S":"a"}},"value":{"id":{"S":"a"},…}}
 * ```
 *
 * All tables come first. A table's name that is not UTF-8 is `{"base64":"…"}`.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import { beginRecord } from "../record_line.ts";
import type { ItemNotes } from "./checked_items.ts";
import { type ItemForm, writeAttribute, writeItem } from "./item_json.ts";
import type { ItemKeyAttributes } from "./item_keys.ts";
import { readItemRows } from "./item_rows.ts";
import type { ParsedItem } from "./item_values.ts";
import { OrderedItems } from "./ordered_items.ts";
import { writeSchema } from "./schema.ts";
import { readTables, type Table } from "./tables.ts";
import { warnOfItems } from "./tree_writer.ts";

const BLOCK = 1 << 20;

/** Writes all tables, then the items of each. */
export async function writeRecords(context: AdapterContext, sink: RecordSink): Promise<void> {
  const tables = await readTables(context);
  const out = new ByteBuilder(BLOCK);
  const flush = (least: number): MaybePromise<void> => {
    if (out.length < least) return;
    const written = sink.write(out.view());
    if (isPromise(written)) return written.then(() => void out.clear());
    out.clear();
  };
  for (const table of tables.readable) {
    const json = beginRecord(out, "dynamodb", table.name, "table").name("value");
    writeSchema(json, table.schema);
    json.endObject();
    out.byte(0x0a);
    await flush(BLOCK);
  }

  const form = context.options.dynamodbJson ?? "typed";
  let current: { table: Table; items: OrderedItems; notes: ItemNotes } | undefined;
  const close = async (): Promise<void> => {
    if (!current) return;
    await current.items.close();
    warnOfItems(context, current.table, current.notes);
  };
  for await (const run of readItemRows(context, tables)) {
    const { table } = run;
    if (table !== current?.table) {
      await close();
      const notes = { legacyJson: 0, unreadable: 0 };
      const items = new OrderedItems(context, table, notes, (item, key) => {
        appendItem(out, table, item, key, form);
        return flush(BLOCK);
      });
      current = { table, items, notes };
    }
    await current.items.add(run);
  }
  await close();
  await flush(1);
}

function appendItem(
  out: ByteBuilder,
  table: Table,
  item: ParsedItem,
  key: ItemKeyAttributes,
  form: ItemForm,
): void {
  const json: JsonWriter = beginRecord(out, "dynamodb", table.name, "item");
  json.name("key").beginObject();
  json.nameBytes(table.hash);
  writeAttribute(json, item.bytes, key.hash, form);
  if (table.range && key.range) {
    json.nameBytes(table.range);
    writeAttribute(json, item.bytes, key.range, form);
  }
  json.endObject().name("value");
  writeItem(json, item.bytes, item.members, form);
  json.endObject();
  out.byte(0x0a);
}
