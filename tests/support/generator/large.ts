/**
 * Files of any size, written as fast as they can be stored: each kind repeats a few entries in which
 * only numbers change. They are sound snapshots of a node, and every row in them is live.
 *
 * @module
 */

import { crc32c } from "../../../src/bytes/digest.ts";
import { itemKey, tableKey } from "../../../src/keyspace/dynamodb_keys.ts";
import { redisKey, sequence } from "../../../src/keyspace/redis_keys.ts";
import { bucketKey, chunkKey, objectKey } from "../../../src/keyspace/s3_keys.ts";
import { sqsKey } from "../../../src/keyspace/sqs_keys.ts";
import {
  base64,
  bytesField,
  concat,
  hexOf,
  json,
  mapFields,
  md5,
  md5Hex,
  numberField,
  text,
  u64be,
  u64le,
} from "./encoding.ts";
import { BEGINNING } from "./history.ts";

/** What a large file is full of. */
export type LargeKind =
  | "items"
  | "small-objects"
  | "huge-objects"
  | "huge-list"
  | "huge-hash"
  | "huge-queue"
  | "ttls";

/** What was written. */
export interface LargeFile {
  /** Of the whole file. */
  bytes: number;
  /** Stored entries, the store's own left out. */
  entries: number;
  /** Items, objects, elements, messages or strings. */
  things: number;
}

const BLOCK_LENGTH = 1 << 20;
const TIME = BigInt(BEGINNING) << 16n;
const MIB = 1 << 20;

/** Where an entry has its number: ten digits, eight bytes, nine digits of a message id, or their base64. */
type Counter = "digits" | "u64" | "id" | "id64";
const WIDTH: Record<Counter, number> = { digits: 10, u64: 8, id: 9, id64: 12 };

/** Three digits at a time, in the order of their base64: so message ids sort like their numbers. */
const TRIPLES = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"))
  .map((digits) => ({ digits: text(digits), encoded: text(btoa(digits)) }))
  .sort((a, b) => String.fromCharCode(...a.encoded) < String.fromCharCode(...b.encoded) ? -1 : 1);

/** Writes numbers into copies of an entry. */
const PUT: Record<Counter, (bytes: Uint8Array, at: number, n: number) => void> = {
  digits(bytes, at, n) {
    for (let i = at + 9; i >= at; i--) {
      bytes[i] = 0x30 + n % 10;
      n = Math.floor(n / 10);
    }
  },
  u64(bytes, at, n) {
    bytes[at + 3] = n / 0x1_0000_0000;
    for (let i = 0; i < 4; i++) bytes[at + 4 + i] = n >>> (24 - 8 * i);
  },
  id(bytes, at, n) {
    bytes.set(TRIPLES[Math.floor(n / 1_000_000)].digits, at);
    bytes.set(TRIPLES[Math.floor(n / 1000) % 1000].digits, at + 3);
    bytes.set(TRIPLES[n % 1000].digits, at + 6);
  },
  id64(bytes, at, n) {
    bytes.set(TRIPLES[Math.floor(n / 1_000_000)].encoded, at);
    bytes.set(TRIPLES[Math.floor(n / 1000) % 1000].encoded, at + 4);
    bytes.set(TRIPLES[n % 1000].encoded, at + 8);
  },
};

/** A mark that stands for a number until it is known; nothing else in an entry looks like it. */
function mark(counter: Counter): Uint8Array {
  return new Uint8Array(WIDTH[counter]).fill({ digits: 1, u64: 2, id: 3, id64: 4 }[counter]);
}
const DIGITS = mark("digits");

interface Template {
  entry: Uint8Array;
  counters: { put: (bytes: Uint8Array, at: number, n: number) => void; at: number }[];
}

/** An entry whose marks are found: in a user key, in a value's body, or in both. */
function template(key: Uint8Array, body: Uint8Array): Template {
  const entry = entryOf(key, body);
  const counters: Template["counters"] = [];
  for (const counter of Object.keys(WIDTH) as Counter[]) {
    const wanted = mark(counter);
    for (let at = 0; at + wanted.length <= entry.length; at++) {
      if (!wanted.every((b, i) => entry[at + i] === b)) continue;
      counters.push({ put: PUT[counter], at });
      at += wanted.length - 1;
    }
  }
  return { entry, counters };
}

function entryOf(key: Uint8Array, body: Uint8Array): Uint8Array {
  const stored = concat(key, u64be(~TIME));
  const value = concat(0, u64le(0), body);
  return concat(u64le(stored.length), stored, u64le(value.length), value);
}

/** A node's file that is being written. */
class Writer {
  entries = 0;
  bytes = 0;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #crc = crc32c();

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#put(concat("EKVTHLC1", u64be(BEGINNING + 10_000), "EKVPBBL1", u64le(TIME)));
  }

  /** One entry. */
  row(key: Uint8Array, body: Uint8Array): void {
    this.#put(entryOf(key, body));
    this.entries++;
  }

  /** Entries with the numbers `[0, count)`. */
  rows({ entry, counters }: Template, count: number): void {
    const copies = Math.min(count, Math.max(1, Math.floor(BLOCK_LENGTH / entry.length)));
    const block = new Uint8Array(copies * entry.length);
    for (let i = 0; i < copies; i++) block.set(entry, i * entry.length);
    for (let from = 0; from < count; from += copies) {
      const n = Math.min(copies, count - from);
      for (const { put, at } of counters) {
        for (let i = 0; i < n; i++) put(block, i * entry.length + at, from + i);
      }
      this.#put(block.subarray(0, n * entry.length));
    }
    this.entries += count;
  }

  end(things: number): LargeFile {
    for (const name of ["_meta_applied_index", "_meta_last_commit_ts"]) {
      this.#put(concat(u64le(name.length), name, u64le(8), u64le(TIME)));
    }
    this.#put(this.#crc.digest(), false);
    return { bytes: this.bytes, entries: this.entries, things };
  }

  #put(bytes: Uint8Array, isCovered = true): void {
    if (isCovered) this.#crc.update(bytes);
    this.#write(bytes);
    this.bytes += bytes.length;
  }
}

/** How many repetitions of these entries take so many bytes. */
function countFor(bytes: number, ...templates: Template[]): number {
  return Math.max(1, Math.floor(bytes / templates.reduce((sum, t) => sum + t.entry.length, 0)));
}

/**
 * Writes a file.
 *
 * @param write Takes the bytes as they come, about a megabyte each time; they are its only until it returns.
 * @param bytes About the size of the file.
 */
export function generateLarge(
  write: (bytes: Uint8Array) => void,
  bytes: number,
  kind: LargeKind,
): LargeFile {
  const out = new Writer(write);
  return out.end(KINDS[kind](out, bytes));
}

const KINDS: Record<LargeKind, (out: Writer, bytes: number) => number> = {
  items(out, bytes) {
    const table = text("large");
    const id = concat("item-", DIGITS);
    const item = mapFields(1, [
      ["id", bytesField(1, id)],
      ["email", bytesField(1, concat("someone-", DIGITS, "@example.org"))],
      ["count", bytesField(2, "12345.678")],
      [
        "about",
        bytesField(
          1,
          'A text of some length, with "quotes" and ünïcödé, as items have it. '.repeat(2),
        ),
      ],
      ["tags", bytesField(6, concat(bytesField(1, "red"), bytesField(1, "green")))],
      [
        "nested",
        bytesField(
          10,
          mapFields(1, [["on", Uint8Array.of(0x20, 1)], ["b", bytesField(3, new Uint8Array(24))]]),
        ),
      ],
    ]);
    const row = template(
      itemKey(table, 1n, concat(id, 0, 1)),
      concat(Uint8Array.of(0, 0x44, 0x49, 1), item),
    );
    const count = countFor(bytes, row);
    out.rows(row, count);
    out.row(tableKey("ddb-generation", table), text("1"));
    out.row(
      tableKey("ddb-table", table),
      concat(
        Uint8Array.of(0, 0x44, 0x53, 1),
        bytesField(1, table),
        mapFields(2, [["id", text("S")]]),
        bytesField(3, bytesField(1, "id")),
        numberField(5, 2),
        numberField(7, 1),
      ),
    );
    return count;
  },

  "small-objects"(out, bytes) {
    const bucket = text("large");
    const upload = "0123456789abcdef0123456789abcdef";
    const object = { bucket, generation: 1n, object: concat("folder/object-", DIGITS, ".txt") };
    const body = text("The body of a small object. ".repeat(36));
    const blob = template(
      chunkKey("s3-blob", { ...object, upload: text(upload), part: 1n, chunk: 0n, version: 0n }),
      body,
    );
    const head = template(objectKey(object), text(manifest(upload, md5Hex(body), [body.length])));
    const count = countFor(bytes, blob, head);
    out.rows(blob, count);
    bucketRows(out, bucket);
    out.rows(head, count);
    return count;
  },

  "huge-objects"(out, bytes) {
    const bucket = text("large");
    const upload = "0123456789abcdef0123456789abcdef";
    // Objects of at most 16 GiB, in parts of 64 chunks.
    const chunks = Math.max(1, Math.floor(bytes / MIB));
    const objects = Math.ceil(chunks / 16384);
    const chunk = new Uint8Array(MIB).fill(0x61);
    const sizes: number[][] = [];
    for (let o = 0; o < objects; o++) {
      const own = Math.min(16384, chunks - o * 16384);
      sizes.push(Array.from({ length: Math.ceil(own / 64) }, (_, p) => Math.min(64, own - p * 64)));
    }
    const name = (o: number) => ({ bucket, generation: 1n, object: text(`huge-${o}`) });
    sizes.forEach((parts, o) =>
      parts.forEach((n, p) => {
        for (let c = 0; c < n; c++) {
          const place = { part: BigInt(p + 1), chunk: BigInt(c), version: 0n };
          out.row(chunkKey("s3-blob", { ...name(o), upload: text(upload), ...place }), chunk);
        }
      })
    );
    bucketRows(out, bucket);
    sizes.forEach((parts, o) =>
      out.row(objectKey(name(o)), text(hugeManifest(upload, parts, chunk)))
    );
    return objects;
  },

  "huge-list"(out, bytes) {
    const name = text("large");
    const fixed = sequence(0n);
    fixed.set(mark("u64"));
    const item = template(
      redisKey("list-item", name, { fixed }),
      concat("element ", DIGITS, " of a list that is far too long for one answer of a server"),
    );
    // A place is stored with its sign bit flipped, so that it begins with 80.
    const sign = item.counters.find(({ put }) => put === PUT.u64)!.at;
    item.entry.set([0x80, 0, 0], sign);
    const count = countFor(bytes, item);
    out.rows(item, count);
    out.row(redisKey("list-meta", name), concat(u64be(0), u64be(count), u64be(count), u64be(0)));
    return count;
  },

  "huge-hash"(out, bytes) {
    const name = text("large");
    const field = template(
      redisKey("hash-field", name, { tail: concat("field-", DIGITS) }),
      concat("value ", DIGITS, " of a hash that is far too long for one answer of a server"),
    );
    const count = countFor(bytes, field);
    out.rows(field, count);
    out.row(redisKey("hash-meta", name), concat(u64be(count), u64be(0)));
    return count;
  },

  "huge-queue"(out, bytes) {
    const queue = text("large");
    const id = concat(mark("id"), "0".repeat(23));
    const place = { queue, generation: 1n };
    const encoded = concat(mark("id64"), btoa("0".repeat(23)).replaceAll("=", ""));
    const time = { time: BigInt(BEGINNING) };
    const timed = (family: "sqs-age" | "sqs-visibility"): Template =>
      template(
        concat(keyWithoutId(sqsKey(family, { ...place, ...time, id: text("i") })), encoded),
        id,
      );
    const body = text('{"order":17,"text":"a message of ordinary length, as queues have it"}');
    const [before, behind] = json({
      message_id: "|",
      body: base64(body),
      md5_of_body: md5Hex(body),
      send_timestamp_millis: BEGINNING,
      available_at_millis: BEGINNING,
      visible_at_millis: BEGINNING,
      receive_count: 0,
      current_receipt_token: base64(new Uint8Array(16)),
      queue_generation: 1,
    }).split("|");
    const data = template(
      concat(keyWithoutId(sqsKey("sqs-message", { ...place, id: text("i") })), encoded),
      concat(0, "SM", 1, before, id, behind),
    );
    const [age, visibility] = [timed("sqs-age"), timed("sqs-visibility")];
    const count = Math.min(999_999_999, countFor(bytes, age, data, visibility));
    out.rows(age, count);
    out.rows(data, count);
    out.rows(visibility, count);
    out.row(sqsKey("sqs-generation", { queue }), text("1"));
    const meta = {
      name: "large",
      generation: 1,
      visibility_timeout_seconds: 30,
      message_retention_seconds: 345600,
      delay_seconds: 0,
      receive_message_wait_seconds: 0,
      maximum_message_size: 262144,
    };
    out.row(sqsKey("sqs-queue", { queue }), concat(0, "SQ", 1, json(meta)));
    return count;
  },

  ttls(out, bytes) {
    const name = concat("session:", DIGITS);
    const at = u64be(BEGINNING + 3_600_000);
    const string = template(
      redisKey("redis-string", name),
      concat(0xff, 1, 1, at, "a session's state"),
    );
    const ttl = template(redisKey("redis-ttl", name), at);
    const count = countFor(bytes, string, ttl);
    out.rows(string, count);
    out.rows(ttl, count);
    return count;
  },
};

/** A key of which the id, two characters of base64 here, is cut off. */
function keyWithoutId(key: Uint8Array): Uint8Array {
  return key.subarray(0, key.length - 2);
}

function bucketRows(out: Writer, bucket: Uint8Array): void {
  out.row(bucketKey("s3-generation", bucket), u64be(1));
  out.row(
    bucketKey("s3-bucket", bucket),
    text(json({ bucket_name: "large", generation: 1, created_at_hlc: TIME, region: "us-east-1" })),
  );
}

function manifest(upload: string, md5: string, sizes: number[]): string {
  const size = sizes.reduce((a, b) => a + b);
  return json({
    upload_id: upload,
    etag: md5,
    size_bytes: size,
    last_modified_hlc: TIME,
    content_type: "text/plain",
    parts: [{
      part_no: 1,
      etag: md5,
      size_bytes: size,
      chunk_count: sizes.length,
      chunk_sizes: sizes,
    }],
  });
}

function hugeManifest(upload: string, parts: number[], chunk: Uint8Array): string {
  const digests = new Map([...new Set(parts)].map((n) => {
    return [n, md5(concat(...new Array<Uint8Array>(n).fill(chunk)))];
  }));
  const digest = (n: number): Uint8Array => digests.get(n)!;
  return json({
    upload_id: upload,
    etag: `${md5Hex(concat(...parts.map(digest)))}-${parts.length}`,
    size_bytes: parts.reduce((a, b) => a + b) * chunk.length,
    last_modified_hlc: TIME,
    content_type: "application/octet-stream",
    parts: parts.map((n, i) => ({
      part_no: i + 1,
      etag: hexOf(digest(n)),
      size_bytes: n * chunk.length,
      chunk_count: n,
      chunk_sizes: new Array<number>(n).fill(chunk.length),
    })),
  });
}
