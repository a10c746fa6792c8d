/**
 * The server's own rows about messages, as they are: indexes by time, deduplication ids, locks of
 * groups, counters. One document a row, in stored order.
 *
 * @module
 */

import { URL_SAFE } from "../../bytes/base64.ts";
import { toHex } from "../../bytes/hex.ts";
import { FAMILY, type Family, type FamilyId } from "../../keyspace/families.ts";
import { parseSqsKey } from "../../keyspace/sqs_keys.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { JsonWriter, Pieces } from "../../text/json_writer.ts";
import type { AdapterContext } from "../context.ts";
import type { SqsRow } from "./message_rows.ts";
import type { Queues, QueueState } from "./queues.ts";
import { readCounter } from "./stored_value.ts";

/** Their families, in stored order. */
export const SIDE_FAMILIES = [
  "sqs-age",
  "sqs-dedup",
  "sqs-group",
  "sqs-visibility",
  "sqs-sequence",
  "sqs-tombstone",
] as const satisfies readonly FamilyId[];

/** A row in its family. */
export interface SideRow extends SqsRow {
  /** Whose rows it is among. */
  family: Family;
}

/** Reads all side records and gives each row its fate. */
export async function readSideRecords(
  context: AdapterContext,
  queues: Queues,
  take: (queue: QueueState, row: SideRow) => MaybePromise<void>,
): Promise<void> {
  for (const id of SIDE_FAMILIES) {
    const family = FAMILY[id];
    for await (const batch of context.scan(id)) {
      for (let i = 0; i < batch.count; i++) {
        const done = row({ family, batch, i });
        if (isPromise(done)) await done;
      }
    }
  }

  function row(row: SideRow): MaybePromise<void> {
    const { family, batch, i } = row;
    const { bytes, ranges } = batch;
    const key = parseSqsKey(family, bytes, ranges[i * 4], ranges[i * 4 + 1]);
    if (typeof key === "string") return context.refuse(batch, i, "malformed-key", key);
    const queue = queues.of(key.queue, batch, i);
    const isCounter = family === FAMILY["sqs-sequence"];
    if (isCounter && readCounter(bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]) === undefined) {
      return context.refuse(batch, i, "malformed-value", "the value is not an integer of 64 bits");
    }
    queue.sideRecords++;
    context.ledger.add("sqs", queue.label, "written", 1);
    return take(queue, row);
  }
}

/** Writes a row's document. The prefix is the family's, also where the key goes on with `p|`. */
export function* writeSideRecord(json: JsonWriter, { family, batch, i }: SideRow): Pieces {
  const value = rowValue(batch, i);
  json.beginObject().name("prefix").string(family.prefix);
  json.name("key_hex").string(toHex(rowKey(batch, i)));
  yield* json.name("value_b64").longBase64(URL_SAFE, value, 0, value.length);
  json.endObject();
}
