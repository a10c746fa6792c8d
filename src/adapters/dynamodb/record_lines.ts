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
import type { Pieces } from "../../text/json_writer.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { pour } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginRecord } from "../record_line.ts";
import { ItemLines } from "./item_lines.ts";
import { records, type TableRecord } from "./records.ts";
import { writeSchema } from "./schema.ts";
import type { Table } from "./scopes.ts";
import type { ItemText } from "./values.ts";

const BLOCK = 1 << 20;
/** Bytes of lines that are handed on by themselves, without another copy. */
const MANY_LINES = 1 << 16;
const VALUE = encodeUtf8(',"value":');
const END = encodeUtf8("}\n");

/** Writes all tables, then the items of each. */
export async function writeRecords(
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const out = new ByteBuilder(BLOCK);
  const write = (bytes: Uint8Array): MaybePromise<void> => sink.write(bytes);
  const flush = (least: number): MaybePromise<void> => {
    if (out.length < least) return;
    const written = write(out.view());
    if (isPromise(written)) return written.then(() => void out.clear());
    out.clear();
  };
  const take = (lines: ItemText): MaybePromise<void> => {
    if (!(lines instanceof Uint8Array)) return pour(lines.write(out), out, write);
    if (lines.length < MANY_LINES) {
      out.append(lines);
      return flush(BLOCK);
    }
    const flushed = flush(1);
    return isPromise(flushed) ? flushed.then(() => write(lines)) : write(lines);
  };

  const plain = context.options.dynamodbJson === "plain";
  let table: Table | undefined;
  let lines: ItemLines | undefined;
  for await (const record of records(context, selection)) {
    if (record.type === "table") {
      await pour(tableLine(out, record), out, write);
      await flush(BLOCK);
      record.receipt.written();
      continue;
    }
    if (record.table !== table) {
      await lines?.close();
      table = record.table;
      const before = lineStart(record.name);
      const line = { plain, indent: false, html: false, before, between: VALUE, behind: END };
      lines = new ItemLines(context, table, { ...table.keyNames, ...line }, take);
    }
    await lines!.add(record);
  }
  await lines?.close();
  await flush(1);
}

function* tableLine(out: ByteBuilder, { name, schema }: TableRecord): Pieces {
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
