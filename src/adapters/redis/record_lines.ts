/**
 * Keys as record lines.
 *
 * ```text
 * {"adapter":"redis","scope":"0","type":"db"}
 * {"adapter":"redis","scope":"0","type":"string","key":"k","value":"v","expire_at_ms":null}
 * {"adapter":"redis","scope":"0","type":"hll","key":"h","value":["a","b"],"expire_at_ms":null}
 * {"adapter":"redis","scope":"0","type":"hash","key":"h","value":[{"name":"f","value":"v"}],"expire_at_ms":1788998400000}
 * {"adapter":"redis","scope":"0","type":"list","key":"l","value":["a","b"],"expire_at_ms":null}
 * {"adapter":"redis","scope":"0","type":"set","key":"s","value":["m"],"expire_at_ms":null}
 * {"adapter":"redis","scope":"0","type":"zset","key":"z","value":[{"member":"m","score":1.5}],"expire_at_ms":null}
 * {"adapter":"redis","scope":"0","type":"stream","key":"x","value":[{"id":"5-0","fields":[{"name":"f","value":"v"}]}],"length":1,"last_ms":9,"last_seq":2,"expire_at_ms":null}
 * ```
 *
 * - Keys, values, names and members are strings, or `{"base64":"…"}` (URL alphabet, no padding) where
 *   they are not UTF-8. Elements are those of the files of the dump, in the same order.
 * - The value of a HyperLogLog is the array of its exact members; where they cannot be read, its
 *   payload as if it were a string.
 * - A collection of more than 16 MiB of text takes several lines. Each has all members, a part of the
 *   elements, and `"part":1,"last":false` at its end; the last one has `"last":true`.
 * - `"live":false` at the end: left over under a key that is of another type now; clients do not see it.
 *   It comes behind what they see.
 * - The first line is there whenever the database was asked for, even if nothing is in it.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { type JsonWriter, LONG_STRING, type Pieces } from "../../text/json_writer.ts";
import { pour } from "../../tree/pieces.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import { beginRecord, writeBytes, writeLongBytes } from "../record_line.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { type ElementBatch, emptyBatch, pushElement } from "./element_batch.ts";
import { ElementTexts, writeElement, writeExpiry, writeStreamState } from "./json_elements.ts";
import { hllMembers } from "./messages.ts";
import {
  records,
  type RedisKeyInfo,
  type RedisKeyRecord,
  type RedisRecord,
  type RedisStrings,
} from "./records.ts";
import { DATABASE } from "./scopes.ts";
import type { CollectionType, RedisType } from "./types.ts";
import { StringRow } from "./values.ts";

/** Bytes that are collected before they are handed on. */
const BLOCK = 1 << 20;
/** Text of elements that one line may have. */
const LINE = 16 << 20;

/** Writes the database and all keys. */
export async function writeRecords(
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const lines = new RecordLines(context.kernels, sink);
  for await (const record of records(context, selection)) {
    const written = lines.write(record);
    if (isPromise(written)) await written;
  }
  await lines.flush();
}

class RecordLines {
  readonly #kernels: Kernels;
  readonly #sink: RecordSink;
  readonly #out = new ByteBuilder(BLOCK);
  /** Bytes that were handed on. */
  #handedOn = 0;

  constructor(kernels: Kernels, sink: RecordSink) {
    this.#kernels = kernels;
    this.#sink = sink;
  }

  write(record: RedisRecord): MaybePromise<void> {
    switch (record.type) {
      case "db":
        record.receipt.written();
        beginRecord(this.#out, "redis", DATABASE, "db").endObject();
        return this.#endLine();
      case "orphan-entries":
        return record.receipt.leave("unreachable");
      case "strings":
        return this.#writeStrings(record);
      default:
        return this.#writeKey(record);
    }
  }

  /** Hands on what is there. */
  flush(): MaybePromise<void> {
    const out = this.#out;
    if (out.length === 0) return;
    this.#handedOn += out.length;
    const written = this.#sink.write(out.view());
    if (isPromise(written)) return written.then(() => void out.clear());
    out.clear();
  }

  async #writeStrings({ batch, rows, receipt }: RedisStrings): Promise<void> {
    const string = new StringRow();
    for (const row of rows) {
      const { key, value, expireAtMs } = string.at(batch, row);
      const written = this.#writeValue("string", { key, expireAtMs, live: true }, value);
      if (isPromise(written)) await written;
      receipt.written(1);
    }
  }

  async #writeKey(record: RedisKeyRecord): Promise<void> {
    if (!("value" in record)) {
      await this.#writeElements(record, record.type, () => record.elements.nextBatch());
    } else {
      const members = record.type === "hll" ? hllMembers(record.value) : undefined;
      if (members) await this.#writeElements(record, "set", () => batchOf(members));
      else await this.#writeValue(record.type, record, record.value);
    }
    record.receipt.written();
  }

  #writeValue(type: RedisType, info: RedisKeyInfo, value: Uint8Array): MaybePromise<void> {
    const json = this.#beginLine(type, info);
    if (value.length <= LONG_STRING) writeBytes(json, value);
    else {
      const poured = this.#pour(writeLongBytes(json, value));
      if (isPromise(poured)) return poured.then(() => this.#endValue(json, info));
    }
    return this.#endValue(json, info);
  }

  #endValue(json: JsonWriter, info: RedisKeyInfo): MaybePromise<void> {
    endMembers(json, info);
    return this.#endLine();
  }

  async #writeElements(
    record: RedisKeyRecord,
    elementType: CollectionType,
    next: () => MaybePromise<ElementBatch | undefined>,
  ): Promise<void> {
    const { type } = record;
    let start = this.#written;
    let json = this.#beginLine(type, record).beginArray();
    const texts = new ElementTexts(this.#kernels, json, elementType);
    // Of which the first element of a line has none.
    let comma = 1;
    let part = 1;
    for (;;) {
      const batch = await next();
      if (batch === undefined) break;
      for (let i = 0; i < batch.count;) {
        if (this.#written - start >= LINE) {
          endMembers(json.endArray(), record, { part: part++, last: false });
          await this.#endLine();
          start = this.#written;
          json = this.#beginLine(type, record).beginArray();
          comma = 1;
        }
        const some = texts.from(batch, i);
        if (some.count > 0) {
          // Those that begin before the line is long enough.
          const left = LINE - (this.#written - start) + comma;
          const last = some.ends.findIndex((end) => end >= left);
          const count = last < 0 ? some.count : last + 1;
          json.elements(some.bytes, 0, some.ends[count - 1]);
          i += count;
        } else {
          const pieces = writeElement(json, elementType, batch, i++);
          if (pieces) await this.#pour(pieces);
        }
        comma = 0;
        if (this.#out.length >= BLOCK) await this.flush();
      }
    }
    endMembers(json.endArray(), record, part > 1 ? { part, last: true } : undefined);
    await this.#endLine();
  }

  /** Bytes of all lines so far. */
  get #written(): number {
    return this.#handedOn + this.#out.length;
  }

  /** A line up to the name of its value. */
  #beginLine(type: RedisType, { key }: RedisKeyInfo): JsonWriter {
    const json = beginRecord(this.#out, "redis", DATABASE, type).name("key");
    writeBytes(json, key);
    return json.name("value");
  }

  #endLine(): MaybePromise<void> {
    this.#out.byte(LINE_FEED);
    if (this.#out.length >= BLOCK) return this.flush();
  }

  #pour(pieces: Pieces): MaybePromise<void> {
    return pour(pieces, this.#out, (bytes) => {
      this.#handedOn += bytes.length;
      return this.#sink.write(bytes);
    });
  }
}

const LINE_FEED = 0x0a;
/** The next member as the element of a set. */
function batchOf(members: Iterator<Uint8Array, undefined>): ElementBatch | undefined {
  const member = members.next().value;
  if (!member) return undefined;
  const batch = emptyBatch();
  batch.keys = member;
  pushElement(batch, 0, member.length, 0, 0);
  return batch;
}

function endMembers(
  json: JsonWriter,
  info: RedisKeyInfo | RedisKeyRecord,
  part?: { part: number; last: boolean },
): void {
  if ("state" in info && info.state) writeStreamState(json, info.state);
  writeExpiry(json, info);
  if (!info.live) json.name("live").bool(false);
  if (part) json.name("part").integer(part.part).name("last").bool(part.last);
  json.endObject();
}
