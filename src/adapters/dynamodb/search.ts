/** Looks through items. @module */

import { BytesFinder, type Finder } from "../../text/finder.ts";
import { encodeSegment } from "../../tree/segment.ts";
import type { AdapterContext } from "../context.ts";
import { findIn, type Found } from "../search.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { ITEM_COLUMNS } from "../../kernels/kernels.ts";
import { itemParts } from "./item_parts.ts";
import { records, refuseIn } from "./records.ts";
import { ITEM_HASH, ITEM_RANGE } from "./item_columns.ts";
import { ItemReader, type Items } from "./values.ts";
import type { Table } from "./scopes.ts";

/** Finds items by what is in them: names of attributes, texts, numbers by their digits, bytes. */
export async function* searchRecords(
  context: AdapterContext,
  selection: RecordSelection,
  finder: Finder,
): AsyncGenerator<Found> {
  for await (const record of records(context, selection)) {
    if (record.type === "table") {
      record.receipt.written();
      continue;
    }
    const { table, name, batch, rows, receipt } = record;
    const reader = new ItemReader(context.kernels, table.keyNames);
    for (const items of reader.read(batch, rows, refuseIn(context, record))) {
      for (let i = 0; i < items.count; i++) {
        const message = items.message(i);
        const { bytes, start, end } = message;
        // What a part has, the whole message has.
        if (finder instanceof BytesFinder && !finder.find(bytes, start, end)) continue;
        for (const part of itemParts(message)) {
          const found = findIn(finder, bytes, part.start, part.end);
          if (found) {
            const key = keyOf(items, i, table);
            yield { ...found, scope: name, type: "item", key, part: part.path };
          }
        }
      }
      receipt.written(items.count);
    }
  }
}

function keyOf({ bytes, table: columns }: Items, i: number, { range }: Table): string {
  const segment = (column: number): string => {
    const at = i * ITEM_COLUMNS + column;
    return encodeSegment(bytes.subarray(columns[at + 1], columns[at + 2]));
  };
  return range ? `${segment(ITEM_HASH)}/${segment(ITEM_RANGE)}` : segment(ITEM_HASH);
}
