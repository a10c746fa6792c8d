/**
 * Rows that no file of an adapter has, as they are stored:
 *
 * ```text
 * _raw/records.jsonl    {"key_b64":"…","value_b64":"…","commit_ts":1,"expire_at":0}
 * ```
 *
 * One line a row, in the order of the keys' bytes. They are sorted; a long value is read again when its
 * line is written.
 *
 * @module
 */

import { appendKept, keptValue } from "../adapters/kept_values.ts";
import { STANDARD } from "../bytes/base64.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import { u64be } from "../bytes/integers.ts";
import { appendU64 } from "../keyspace/fields.ts";
import { type RowBatch, rowCommitTs, rowExpireAt, rowKey } from "../mvcc/row_batch.ts";
import type { Rows } from "../mvcc/rows.ts";
import type { Scratch } from "../sources/scratch.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import { type SortedRecord, SpillSorter } from "../sources/spill_sorter.ts";
import { JsonWriter, type Pieces } from "../text/json_writer.ts";
import type { TreeOutput } from "../tree/output.ts";
import { pour } from "../tree/pieces.ts";

export const RAW_FILE = "_raw/records.jsonl";

/** Bytes of both times. */
const TIMES = 16;

/** Takes rows in any order. */
export class RawRows {
  readonly #rows: Rows;
  readonly #sorter: SpillSorter;
  readonly #value = new ByteBuilder();

  /** @param rows Where they are from. */
  constructor(rows: Rows, scratch: Scratch) {
    this.#rows = rows;
    this.#sorter = new SpillSorter(scratch);
  }

  /** Takes row `i`. */
  add(batch: RowBatch, i: number): MaybePromise<void> {
    const value = appendU64(this.#value.clear(), rowCommitTs(batch, i));
    appendKept(appendU64(value, rowExpireAt(batch, i)), batch, i);
    return this.#sorter.add(rowKey(batch, i), value.view());
  }

  /** Writes the file, if there is a row. */
  async write(output: TreeOutput): Promise<void> {
    if (this.#sorter.count > 0) {
      const file = await output.createNew(RAW_FILE);
      const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
      const write = (bytes: Uint8Array): MaybePromise<void> => file.write(bytes);
      const records = await this.#sorter.sorted();
      for (;;) {
        const next = records.next();
        const record = isPromise(next) ? await next : next;
        if (!record) break;
        const value = keptValue(this.#rows, record.value.subarray(TIMES));
        const line = writeRow(json, record, isPromise(value) ? await value : value);
        const poured = pour(line, json.out, write);
        if (isPromise(poured)) await poured;
      }
      await write(json.out.view());
      await file.close();
    }
    this.#sorter.close();
  }
}

function* writeRow(json: JsonWriter, { key, value }: SortedRecord, body: Uint8Array): Pieces {
  json.beginObject().name("key_b64").base64(STANDARD, key);
  yield* json.name("value_b64").longBase64(STANDARD, body, 0, body.length);
  json.name("commit_ts").integer(u64be(value, 0)).name("expire_at").integer(u64be(value, 8));
  json.endObject().out.byte(0x0a);
  if (json.isFull) yield;
}
