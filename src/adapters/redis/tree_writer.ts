/**
 * The `redis/` folder of the dump.
 *
 * ```text
 * redis/db_0/
 *   strings/<segment>.bin   the value        strings_ttl.jsonl   when they expire, where they do
 *   hll/<segment>.bin       the members      hll_ttl.jsonl       the same
 *   hashes/, lists/, sets/, zsets/<segment>.json
 *   streams/<segment>.jsonl
 *   KEYMAP.jsonl            the keys of files whose name does not hold them
 * _extra/redis.jsonl        the files that hold what no client can see
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter, PIECE, type Pieces } from "../../text/json_writer.ts";
import { appendKeymapLine } from "../../tree/keymap.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { isHashedSegment } from "../../tree/segment.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { Twins } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import { beginExtra, extraFile } from "../extra.ts";
import { writeBytes } from "../record_line.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { writeElement, writeExpiry, writeStreamState } from "./json_elements.ts";
import { folderOf, pathOf, planNames, ROOT } from "./names.ts";
import {
  records,
  type RedisCollection,
  type RedisKeyRecord,
  type RedisRecord,
  type RedisStrings,
} from "./records.ts";
import { DATABASE } from "./scopes.ts";
import type { RedisType } from "./types.ts";
import { StringRow } from "./values.ts";

/** What the array of elements is called. */
const ELEMENTS = { hash: "fields", list: "items", set: "members", zset: "members" } as const;

/** Writes the database; returns its name if there is anything in it. */
export async function writeTree(
  context: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const twins = await output.twins((plan) => planNames(context, selection, output.names, plan));
  const writer = new TreeWriter(output, twins);
  for await (const record of records(context, selection)) {
    const written = writer.write(record);
    if (isPromise(written)) await written;
  }
  await writer.close();
  return writer.any ? [DATABASE] : [];
}

class TreeWriter {
  /** Whether there is a key. */
  any = false;
  readonly #output: TreeOutput;
  /** Of the keys, in their order. */
  readonly #twins: Twins;
  readonly #keymap: SortedLines;
  readonly #hidden: SortedLines;
  readonly #expiries: { readonly string: SortedLines; readonly hll: SortedLines };
  readonly #line = new ByteBuilder();
  readonly #out = new ByteBuilder(PIECE);

  constructor(output: TreeOutput, twins: Twins) {
    this.#output = output;
    this.#twins = twins;
    this.#keymap = output.lines(ROOT + "KEYMAP.jsonl");
    this.#hidden = output.lines(extraFile("redis"));
    this.#expiries = {
      string: output.lines(ROOT + "strings_ttl.jsonl"),
      hll: output.lines(ROOT + "hll_ttl.jsonl"),
    };
  }

  write(record: RedisRecord): MaybePromise<void> {
    switch (record.type) {
      case "db":
        return record.receipt.written();
      case "orphan-entries":
        // The reference makes the folder then, and trees are compared with its.
        record.receipt.leave("unreachable");
        return this.#output.directory(folderOf("stream"));
      case "strings":
        return this.#writeStrings(record);
      default:
        return this.#writeKey(record);
    }
  }

  async close(): Promise<void> {
    await this.#expiries.string.close();
    await this.#expiries.hll.close();
    await this.#keymap.close();
    await this.#hidden.close();
    this.#twins.close();
  }

  async #writeStrings({ batch, rows, receipt }: RedisStrings): Promise<void> {
    const string = new StringRow();
    for (const row of rows) {
      const { key, value, expireAtMs } = string.at(batch, row);
      await this.#writeValue("string", await this.#nameOf(key), key, value, expireAtMs);
      receipt.written(1);
    }
  }

  async #writeKey(record: RedisKeyRecord): Promise<void> {
    const { type, key } = record;
    const segment = await this.#nameOf(key);
    if (!("value" in record)) await this.#writeCollection(record, pathOf(type, segment));
    else {
      const { type, value, expireAtMs } = record;
      await this.#writeValue(type, segment, key, value, expireAtMs);
    }
    if (!record.live) await this.#hide(type, key, pathOf(type, segment));
    record.receipt.written();
  }

  /** The segment of the next key: its natural one, or the hashed one if its file would be a twin. */
  async #nameOf(key: Uint8Array): Promise<string> {
    this.any = true;
    const twin = this.#twins.next();
    const { names } = this.#output;
    const segment = (isPromise(twin) ? await twin : twin) ? names.hashed(key) : names.segment(key);
    if (isHashedSegment(segment)) {
      appendKeymapLine(this.#line.clear(), segment, key, "sha-fallback");
      await this.#keymap.add(key, this.#line.view());
    }
    return segment;
  }

  async #writeValue(
    type: "string" | "hll",
    segment: string,
    key: Uint8Array,
    value: Uint8Array,
    expireAtMs: bigint | undefined,
  ): Promise<void> {
    await this.#output.putNew(pathOf(type, segment), value);
    if (expireAtMs === undefined) return;
    // The characters of segments need no escapes.
    const line = this.#line.clear();
    line.ascii(`{"key":"${segment}","expire_at_ms":${expireAtMs}}\n`);
    await this.#expiries[type].add(key, line.view());
  }

  async #writeCollection(record: RedisCollection, path: string): Promise<void> {
    const { type, elements, state } = record;
    const file = new LazyFile(this.#output, path, this.#out.clear());
    const json = new JsonWriter(this.#out, { indent: !state, html: true });
    if (type !== "stream") {
      json.beginObject().name("format_version").integer(1).name(ELEMENTS[type]).beginArray();
    }
    for (;;) {
      const next = elements.next();
      const element = isPromise(next) ? await next : next;
      if (element === undefined) break;
      const pieces = writeElement(json, type, element);
      if (pieces) await file.pour(pieces);
      if (state) json.out.byte(LINE_FEED);
      if (json.isFull) await file.flush();
    }
    if (state) writeStreamState(json.beginObject().name("_meta").bool(true), state);
    else json.endArray();
    writeExpiry(json, record);
    json.endObject();
    if (state) json.out.byte(LINE_FEED);
    await file.close();
  }

  /** Marks a file that holds what no client can see. */
  async #hide(type: RedisType, key: Uint8Array, path: string): Promise<void> {
    const json = beginExtra(DATABASE, type).beginObject().name("key");
    writeBytes(json, key);
    json.name("live").bool(false).name("file").string(path).endObject().endObject();
    await this.#hidden.add(key, json.out.byte(LINE_FEED).view());
  }
}

/** A file that is written in one go if it is short. */
class LazyFile {
  readonly #output: TreeOutput;
  readonly #path: string;
  readonly #out: ByteBuilder;
  #file: SinkFile | undefined;

  /** @param out What is held of it. */
  constructor(output: TreeOutput, path: string, out: ByteBuilder) {
    this.#output = output;
    this.#path = path;
    this.#out = out;
  }

  /** Writes what is held. */
  async flush(): Promise<void> {
    this.#file ??= await this.#output.createNew(this.#path);
    await this.#file.write(this.#out.view());
    this.#out.clear();
  }

  /** Runs a writer, and writes what comes of it. */
  async pour(pieces: Pieces): Promise<void> {
    while (!pieces.next().done) await this.flush();
  }

  /** Ends it. */
  async close(): Promise<void> {
    if (!this.#file) return await this.#output.putNew(this.#path, this.#out.view());
    await this.flush();
    await this.#file.close();
  }
}

const LINE_FEED = 0x0a;
