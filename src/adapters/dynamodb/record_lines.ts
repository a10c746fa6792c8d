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
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { pour } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginRecord } from "../record_line.ts";
import { type CheckedItem, type ItemNotes, warnOfItems } from "./checked_items.ts";
import { ItemText } from "./item_json.ts";
import { readItemRows } from "./item_rows.ts";
import { OrderedItems } from "./ordered_items.ts";
import { writeSchema } from "./schema.ts";
import { type Table, type TableRow, Tables } from "./tables.ts";

const BLOCK = 1 << 20;
const COMPACT = { indent: false, html: false };
const VALUE = new TextEncoder().encode(',"value":');
const END = new TextEncoder().encode("}\n");

/** Writes all tables, then the items of each. */
export async function writeRecords(
  given: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const context = given.selecting("dynamodb", selection);
  const tables = await Tables.read(context);
  const out = new ByteBuilder(BLOCK);
  const write = (bytes: Uint8Array): MaybePromise<void> => sink.write(bytes);
  const flush = (least: number): MaybePromise<void> => {
    if (out.length < least) return;
    const written = write(out.view());
    if (isPromise(written)) return written.then(() => void out.clear());
    out.clear();
  };
  for await (const row of tables.rows()) {
    await pour(tableLine(out, row), out, write);
    await flush(BLOCK);
  }

  const text = new ItemText(context.options.dynamodbJson);
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
      const start = lineStart(run.name);
      const items = new OrderedItems(context, table, notes, (item) => {
        const poured = pour(lineOf(out, start, table, item, text), out, write);
        return isPromise(poured) ? poured.then(() => flush(BLOCK)) : flush(BLOCK);
      });
      current = { table, items, notes };
    }
    await current.items.add(run);
  }
  await close();
  await flush(1);
}

function* tableLine(out: ByteBuilder, { name, schema }: TableRow): Pieces {
  const json = beginRecord(out, "dynamodb", name, "table").name("value");
  yield* writeSchema(json, schema);
  json.endObject();
  out.byte(0x0a);
}

/** What all items of a table begin with. */
function lineStart(name: Uint8Array): Uint8Array {
  const out = new ByteBuilder();
  beginRecord(out, "dynamodb", name, "item").name("key");
  return out.take();
}

/** Appends a line: its start, the key, the item, the ends of the object and the line. */
function* lineOf(
  out: ByteBuilder,
  start: Uint8Array,
  table: Table,
  item: CheckedItem,
  text: ItemText,
): Pieces {
  const { bytes, key } = item;
  const json = new JsonWriter(out.append(start), COMPACT).beginObject().nameBytes(table.hash.name);
  yield* text.writeKey(json, bytes, key.hash);
  if (table.range && key.range) {
    json.nameBytes(table.range.name);
    yield* text.writeKey(json, bytes, key.range);
  }
  json.endObject();
  yield* text.write(new JsonWriter(out.append(VALUE), COMPACT), item);
  out.append(END);
}
