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
import type { Stage } from "../../jobs/jobs.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { type RowBatch, rowCommitTs } from "../../mvcc/row_batch.ts";
import type { Scratch } from "../../sources/scratch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter, PIECE } from "../../text/json_writer.ts";
import { appendKeymapLine } from "../../tree/keymap.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { isHashedSegment } from "../../tree/segment.ts";
import type { Twins } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import { beginExtra, extraFile } from "../extra.ts";
import { writeBytes } from "../record_line.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { CollectionFile } from "./collection_file.ts";
import { ElementTexts, writeElement, writeExpiry, writeStreamState } from "./json_elements.ts";
import { planNames } from "./names.ts";
import { appendExpiryLine, folderOf, pathOf, ROOT } from "./paths.ts";
import {
  records,
  type RedisCollection,
  type RedisKeyRecord,
  type RedisRecord,
  type RedisStrings,
} from "./records.ts";
import { ElementRule, KeyRule } from "./restorable.ts";
import { DATABASE } from "./scopes.ts";
import type { RedisType } from "./types.ts";
import { stringFilesHalf } from "./string_files_half.ts";
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
  const writer = new TreeWriter(output, twins, context);
  for await (const record of records(context, selection)) {
    const written = writer.write(record);
    if (isPromise(written)) await written;
  }
  await context.jobs.drain();
  await writer.close();
  return writer.any ? [DATABASE] : [];
}

/** The lines beside the files, each of which there is only if there are any. */
interface Sidecars {
  string: SortedLines;
  hll: SortedLines;
  keymap: SortedLines;
}

/** What the file of a key is called. */
interface KeyFile {
  type: RedisType;
  key: Uint8Array;
  segment: string;
  /** What stands before its path. */
  root: string;
}

class TreeWriter {
  /** Whether there is a key. */
  any = false;
  readonly #output: TreeOutput;
  /** Of the keys, in their order. */
  readonly #twins: Twins;
  readonly #scratch: Scratch;
  readonly #kernels: Kernels;
  readonly #rule = new KeyRule();
  /** By what stands before their paths. */
  readonly #sidecars: { [root: string]: Sidecars } = {};
  readonly #hidden: SortedLines;
  readonly #line = new ByteBuilder();
  readonly #out = new ByteBuilder(PIECE);
  /** Where strings go; absent where this thread must write all. */
  readonly #strings: Stage | undefined;
  #hasStrings = false;

  constructor(output: TreeOutput, twins: Twins, { scratch, kernels, jobs }: AdapterContext) {
    this.#output = output;
    this.#twins = twins;
    this.#scratch = scratch;
    this.#kernels = kernels;
    this.#hidden = output.lines(extraFile("redis"));
    const { folder, names } = output;
    if (folder && !names.portable) this.#strings = jobs.stage(stringFilesHalf, null, folder);
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
    for (const { string, hll, keymap } of Object.values(this.#sidecars)) {
      await string.close();
      await hll.close();
      await keymap.close();
    }
    await this.#hidden.close();
    this.#twins.close();
  }

  /** Writes strings: whoever works on batches does, where names follow from keys alone. */
  async #writeStrings({ batch, rows, receipt }: RedisStrings): Promise<void> {
    if (!this.#strings) {
      await this.#writeStringsHere(batch, rows);
      return receipt.written(rows.length);
    }
    if (!this.#hasStrings) await this.#output.directory(folderOf("string"));
    this.#hasStrings = this.any = true;
    receipt.later();
    await this.#strings.add(batch, rows, async (piece, batch, places) => {
      const [size, ...left] = piece.table;
      await this.#output.wrote(piece.count - left.length, size, piece.notes);
      await this.#sidecarsOf("").string.addAll(piece.bytes);
      await this.#writeStringsHere(batch, left.map((i) => places[i]));
      receipt.written(piece.count);
    });
  }

  async #writeStringsHere(batch: RowBatch, rows: Iterable<number>): Promise<void> {
    const string = new StringRow();
    for (const row of rows) {
      const { key, value, expireAtMs } = string.at(batch, row);
      const file: KeyFile = { type: "string", key, segment: await this.#segmentOf(key), root: "" };
      this.#output.describe?.({
        type: "string",
        key: key.slice(),
        commitTs: rowCommitTs(batch, row),
        expireAtMs,
      });
      await this.#writeValue(file, value, expireAtMs);
    }
  }

  async #writeKey(record: RedisKeyRecord): Promise<void> {
    const { type, key, live, expireAtMs } = record;
    const segment = await this.#segmentOf(key);
    this.#output.describe?.({ type, key, expireAtMs, hidden: !live });
    const file = { type, key, segment, root: "" };
    if ("value" in record) {
      const why = this.#rule.whyNotValue(record);
      file.root = this.#output.unrestorable.count("redis", why);
      await this.#writeValue(file, record.value, record.expireAtMs);
    } else {
      file.root = await this.#writeCollection(record, segment);
      await this.#noteName(file);
    }
    if (!live) await this.#hide(file);
    record.receipt.written();
  }

  /** The segment of the next key: its natural one, or the hashed one if its file would be a twin. */
  async #segmentOf(key: Uint8Array): Promise<string> {
    this.any = true;
    const twin = this.#twins.next();
    const { names } = this.#output;
    return (isPromise(twin) ? await twin : twin) ? names.hashed(key) : names.segment(key);
  }

  /** Notes the key of a file if its name does not hold it. */
  #noteName({ key, segment, root }: KeyFile): MaybePromise<void> {
    if (!isHashedSegment(segment)) return;
    appendKeymapLine(this.#line.clear(), segment, key, "sha-fallback");
    return this.#sidecarsOf(root).keymap.add(key, this.#line.view());
  }

  #sidecarsOf(root: string): Sidecars {
    const lines = (name: string): SortedLines => this.#output.lines(root + ROOT + name);
    return this.#sidecars[root] ??= {
      string: lines("strings_ttl.jsonl"),
      hll: lines("hll_ttl.jsonl"),
      keymap: lines("KEYMAP.jsonl"),
    };
  }

  async #writeValue(
    file: KeyFile,
    value: Uint8Array,
    expireAtMs: bigint | undefined,
  ): Promise<void> {
    const { type, key, segment, root } = file;
    await this.#output.putNew(root + pathOf(type, segment), value);
    const noted = this.#noteName(file);
    if (isPromise(noted)) await noted;
    if (expireAtMs === undefined) return;
    appendExpiryLine(this.#line.clear(), segment, expireAtMs);
    await this.#sidecarsOf(root)[type as "string" | "hll"].add(key, this.#line.view());
  }

  /** Writes a collection; returns what stands before its path. */
  async #writeCollection(record: RedisCollection, segment: string): Promise<string> {
    const { type, elements, state } = record;
    const { unrestorable } = this.#output;
    const rule = new ElementRule(record);
    const waits = unrestorable.apart ? this.#scratch : undefined;
    const file = new CollectionFile(
      this.#output,
      pathOf(type, segment),
      this.#out.clear(),
      waits,
    );
    const json = new JsonWriter(this.#out, { indent: !state, html: true });
    if (type !== "stream") {
      json.beginObject().name("format_version").integer(1).name(ELEMENTS[type]).beginArray();
    }
    const texts = new ElementTexts(this.#kernels, json, type);
    for (;;) {
      const batch = await elements.nextBatch();
      if (batch === undefined) break;
      rule.see(batch);
      for (let i = 0; i < batch.count;) {
        const some = texts.from(batch, i);
        if (some.count > 0) json.elements(some.bytes);
        else {
          const pieces = writeElement(json, type, batch, i++);
          if (pieces) await file.pour(pieces);
          if (state) json.out.byte(LINE_FEED);
        }
        i += some.count;
        if (json.isFull) await file.flush();
      }
    }
    if (state) writeStreamState(json.beginObject().name("_meta").bool(true), state);
    else json.endArray();
    writeExpiry(json, record);
    json.endObject();
    if (state) json.out.byte(LINE_FEED);
    const root = unrestorable.count("redis", this.#rule.whyNotCollection(record, rule));
    await file.close(root);
    return root;
  }

  /** Marks a file that holds what no client can see. */
  async #hide({ type, key, segment, root }: KeyFile): Promise<void> {
    const path = root + pathOf(type, segment);
    const json = beginExtra(DATABASE, type).beginObject().name("key");
    writeBytes(json, key);
    json.name("live").bool(false).name("file").string(path).endObject().endObject();
    await this.#hidden.add(key, json.out.byte(LINE_FEED).view());
  }
}

const LINE_FEED = 0x0a;
