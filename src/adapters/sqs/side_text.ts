/** The document that a dump makes of one of the server's own rows: the row as it is. @module */

import { URL_SAFE } from "../../bytes/base64.ts";
import { toHex } from "../../bytes/hex.ts";
import type { Family } from "../../keyspace/families.ts";
import { type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import type { JsonWriter, Pieces } from "../../text/json_writer.ts";

/** Writes a row's document. The prefix is the family's, also where the key goes on with `p|`. */
export function* writeSideRecord(
  json: JsonWriter,
  { prefix }: Family,
  batch: RowBatch,
  i: number,
): Pieces {
  const { bytes, ranges } = batch;
  json.beginObject().name("prefix").string(prefix);
  json.name("key_hex").string(toHex(rowKey(batch, i)));
  yield* json.name("value_b64").longBase64(URL_SAFE, bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
  json.endObject();
}
