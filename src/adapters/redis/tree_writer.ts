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
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { OutputError } from "../../errors.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { appendKeymapLine } from "../../tree/keymap.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { encodeSegment, hashedSegment, isHashedSegment } from "../../tree/segment.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { writeElement, writeExpiry, writeStreamState } from "./json_elements.ts";
import { redisKeys, type RedisRecord, type RedisStream } from "./records.ts";
import { DATABASE, type RedisType } from "./types.ts";

const ROOT = "redis/db_0/";

const FOLDERS: { readonly [type in RedisType]: readonly [folder: string, suffix: string] } = {
  string: ["strings", ".bin"],
  hll: ["hll", ".bin"],
  hash: ["hashes", ".json"],
  list: ["lists", ".json"],
  set: ["sets", ".json"],
  zset: ["zsets", ".json"],
  stream: ["streams", ".jsonl"],
};

/** What the array of elements is called. */
const ELEMENTS = { hash: "fields", list: "items", set: "members", zset: "members" } as const;

/** Bytes of a file that are held before they are written. */
const BLOCK = 1 << 18;

/** Writes the database; returns its name if there is anything in it. */
export async function writeTree(
  given: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const context = given.selecting("redis", selection);
  const writer = new TreeWriter(output);
  let any = false;
  // The reference makes the folder then, and trees are compared with its.
  const onOrphanStream = () => output.directory(ROOT + "streams");
  for await (const record of redisKeys(context, { onOrphanStream })) {
    const written = writer.write(record);
    if (isPromise(written)) await written;
    any = true;
  }
  await writer.close();
  return any ? [DATABASE] : [];
}

class TreeWriter {
  readonly #output: TreeOutput;
  readonly #keymap: SortedLines;
  readonly #expiries: { readonly string: SortedLines; readonly hll: SortedLines };
  readonly #line = new ByteBuilder();
  #out = new ByteBuilder(BLOCK);

  constructor(output: TreeOutput) {
    this.#output = output;
    this.#keymap = output.lines(ROOT + "KEYMAP.jsonl");
    this.#expiries = {
      string: output.lines(ROOT + "strings_ttl.jsonl"),
      hll: output.lines(ROOT + "hll_ttl.jsonl"),
    };
  }

  write(record: RedisRecord): Promise<void> {
    switch (record.type) {
      case "string":
      case "hll":
        return this.#writeValue(record);
      default:
        return this.#writeCollection(record);
    }
  }

  async close(): Promise<void> {
    await this.#expiries.string.close();
    await this.#expiries.hll.close();
    await this.#keymap.close();
  }

  async #writeValue(record: RedisRecord & { type: "string" | "hll" }): Promise<void> {
    const [segment] = await this.#place(record, (path) => this.#output.put(path, record.value));
    if (record.expireAtMs === undefined) return;
    // The characters of segments need no escapes.
    const line = this.#line.clear();
    line.ascii(`{"key":"${segment}","expire_at_ms":${record.expireAtMs}}\n`);
    await this.#expiries[record.type].add(record.key, line.view());
  }

  async #writeCollection(record: Exclude<RedisRecord, { value: unknown }>): Promise<void> {
    const { type, elements } = record;
    const stream = type === "stream";
    const out = this.#out.clear();
    const json = new JsonWriter(out, { indent: !stream, html: true });
    let file: SinkFile | undefined;
    if (!stream) {
      json.beginObject().name("format_version").integer(1).name(ELEMENTS[type]).beginArray();
    }
    for (;;) {
      const next = elements.next();
      const element = isPromise(next) ? await next : next;
      if (element === undefined) break;
      writeElement(json, type, element);
      if (stream) out.byte(LINE_FEED);
      if (out.length < BLOCK) continue;
      file ??= (await this.#place(record, (path) => this.#output.create(path)))[1];
      await file.write(out.view());
      out.clear();
    }
    if (stream) writeStreamEnd(json, record);
    else {
      json.endArray();
      writeExpiry(json, record);
      json.endObject();
    }
    if (!file) await this.#place(record, (path) => this.#output.put(path, out.view()));
    else {
      await file.write(out.view());
      await file.close();
    }
    // A buffer that a long element has grown is not kept.
    if (out.bytes.length > 2 * BLOCK) this.#out = new ByteBuilder(BLOCK);
  }

  /** Gives a key's file its natural name or, where that cannot be had, the hashed one. */
  async #place<T>(
    { type, key }: RedisRecord,
    place: (path: string) => MaybePromise<T | false | undefined>,
  ): Promise<[segment: string, placed: T]> {
    const [folder, suffix] = FOLDERS[type];
    let segment = encodeSegment(key);
    let placed = await place(`${ROOT}${folder}/${segment}${suffix}`);
    // A file system that does not tell letters of two cases apart has one name for two keys.
    if (!placed && !isHashedSegment(segment)) {
      segment = hashedSegment(key);
      placed = await place(`${ROOT}${folder}/${segment}${suffix}`);
    }
    if (!placed) {
      throw new OutputError("output-failed", "both names of a key's file are taken", {
        file: `${ROOT}${folder}/${segment}${suffix}`,
        key,
      });
    }
    if (isHashedSegment(segment)) {
      appendKeymapLine(this.#line.clear(), segment, key, "sha-fallback");
      await this.#keymap.add(key, this.#line.view());
    }
    return [segment, placed];
  }
}

const LINE_FEED = 0x0a;

function writeStreamEnd(json: JsonWriter, stream: RedisStream): void {
  json.beginObject().name("_meta").bool(true);
  writeStreamState(json, stream);
  writeExpiry(json, stream);
  json.endObject();
  json.out.byte(LINE_FEED);
}
