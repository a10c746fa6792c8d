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
import { writeElement } from "./json_elements.ts";
import { type RedisRecord, redisKeys, type RedisStream } from "./records.ts";
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
  context: AdapterContext,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const writer = new TreeWriter(output);
  let any = false;
  for await (const record of redisKeys(context)) {
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
