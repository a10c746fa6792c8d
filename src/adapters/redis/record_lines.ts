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
 * - The first line is there whenever the database was asked for, even if nothing is in it.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { JsonWriter } from "../../text/json_writer.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginRecord, writeBytes } from "../record_line.ts";
import type { ElementOf } from "./elements.ts";
import { makeRoom, writeElement, writeExpiry, writeStreamState } from "./json_elements.ts";
import { hllMembers } from "./messages.ts";
import { redisKeys, type RedisRecord } from "./records.ts";
import { type CollectionType, DATABASE } from "./types.ts";

/** Bytes that are collected before they are handed on. */
const BLOCK = 1 << 20;
/** Text of elements that one line may have. */
const LINE = 16 << 20;

/** Writes the database and all keys. */
export async function writeRecords(
  given: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const context = given.selecting("redis", selection);
  const lines = new RecordLines(sink);
  if (context.wanted.has("redis", DATABASE)) await lines.begin();
  for await (const record of redisKeys(context)) await lines.write(record);
  await lines.flush();
}

class RecordLines {
  readonly #sink: RecordSink;
  #out = new ByteBuilder(BLOCK);

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  begin(): MaybePromise<void> {
    beginRecord(this.#out, "redis", DATABASE, "db").endObject();
    return this.#endLine();
  }

  write(record: RedisRecord): MaybePromise<void> {
    if (record.type === "string") return this.#writeValue(record);
    if (record.type !== "hll") {
      return this.#writeElements(record, record.type, () => record.elements.next());
    }
    const members = hllMembers(record.value)?.[Symbol.iterator]();
    if (!members) return this.#writeValue(record);
    return this.#writeElements(record, "set", () => members.next().value);
  }

  /** Hands on what is there, if it is at least so many bytes. */
  flush(least = 1): MaybePromise<void> {
    const out = this.#out;
    if (out.length < least) return;
    const written = this.#sink.write(out.view());
    return isPromise(written) ? written.then(() => this.#reuse()) : this.#reuse();
  }

  #reuse(): void {
    // A buffer that a long line has grown is not kept.
    if (this.#out.bytes.length > 2 * LINE) this.#out = new ByteBuilder(BLOCK);
    else this.#out.clear();
  }

  #writeValue(record: RedisRecord & { value: Uint8Array }): MaybePromise<void> {
    const json = this.#beginLine(record);
    makeRoom(this.#out, record.value.length);
    writeBytes(json, record.value);
    endMembers(json, record);
    return this.#endLine();
  }

  async #writeElements(
    record: RedisRecord,
    type: CollectionType,
    next: () => MaybePromise<ElementOf[CollectionType] | undefined>,
  ): Promise<void> {
    let start = this.#out.length;
    let json = this.#beginLine(record).beginArray();
    let part = 1;
    for (;;) {
      const found = next();
      const element = isPromise(found) ? await found : found;
      if (element === undefined) break;
      if (this.#out.length - start >= LINE) {
        endMembers(json.endArray(), record, { part: part++, last: false });
        await this.#endLine();
        start = this.#out.length;
        json = this.#beginLine(record).beginArray();
      }
      writeElement(json, type, element);
    }
    endMembers(json.endArray(), record, part > 1 ? { part, last: true } : undefined);
    await this.#endLine();
  }

  /** A line up to the name of its value. */
  #beginLine({ type, key }: RedisRecord): JsonWriter {
    const json = beginRecord(this.#out, "redis", DATABASE, type).name("key");
    writeBytes(json, key);
    return json.name("value");
  }

  #endLine(): MaybePromise<void> {
    this.#out.byte(LINE_FEED);
    return this.flush(BLOCK);
  }
}

const LINE_FEED = 0x0a;

function endMembers(
  json: JsonWriter,
  record: RedisRecord,
  part?: { part: number; last: boolean },
): void {
  if (record.type === "stream") writeStreamState(json, record);
  writeExpiry(json, record);
  if (!record.live) json.name("live").bool(false);
  if (part) json.name("part").integer(part.part).name("last").bool(part.last);
  json.endObject();
}
