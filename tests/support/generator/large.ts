/**
 * Large files of one kind of content each. They are sound snapshots of a node, and but for `versions`
 * every row in them is live.
 *
 * @module
 */

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
} from "./encoding.ts";
import { BEGINNING } from "./history.ts";
import {
  countFor,
  DIGITS,
  inTurn,
  mark,
  PUT,
  type Template,
  template,
  TIME,
  Writer,
} from "./large_writer.ts";
import { Random } from "./random.ts";

/** What a large file is full of. */
export type LargeKind =
  | "items"
  | "large-items"
  | "versions"
  | "small-objects"
  | "huge-objects"
  | "huge-list"
  | "huge-hash"
  | "huge-queue"
  | "ttls"
  | "mixed";

/** What was written. */
export interface LargeFile {
  /** Of the whole file. */
  bytes: number;
  /** Stored entries, the store's own left out. */
  entries: number;
  /** Items, objects, elements, messages or strings. */
  things: number;
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

const MIB = 1 << 20;
const TABLE = text("large");

/** An item of about 400 bytes, whose key has the number. */
const ITEM_ID = concat("item-", DIGITS);
const ITEM = mapFields(1, [
  ["id", bytesField(1, ITEM_ID)],
  ["email", bytesField(1, concat("someone-", DIGITS, "@example.org"))],
  ["count", bytesField(2, "12345.678")],
  [
    "about",
    bytesField(1, 'A text of some length, with "quotes" and ünïcödé, as items have it. '.repeat(2)),
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

function storedItem(item: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0, 0x44, 0x49, 1), item);
}

function keyOfItem(id: Uint8Array): Uint8Array {
  return itemKey(TABLE, 1n, concat(id, 0, 1));
}

function tableRows(out: Writer): void {
  out.row(tableKey("ddb-generation", TABLE), text("1"));
  out.row(
    tableKey("ddb-table", TABLE),
    concat(
      Uint8Array.of(0, 0x44, 0x53, 1),
      bytesField(1, TABLE),
      mapFields(2, [["id", text("S")]]),
      bytesField(3, bytesField(1, "id")),
      numberField(5, 2),
      numberField(7, 1),
    ),
  );
}

const KINDS: Record<LargeKind, (out: Writer, bytes: number) => number> = {
  items(out, bytes) {
    const row = template(keyOfItem(ITEM_ID), storedItem(ITEM));
    const count = countFor(bytes, row);
    out.rows(row, count);
    tableRows(out);
    return count;
  },

  // Items of 100 to 300 KB, as documents and embedded files make them.
  "large-items"(out, bytes) {
    const random = new Random(SEED);
    const words = text(Array.from({ length: 60_000 }, () => random.pick(WORDS)).join(" "));
    let count = 0;
    for (; out.bytes < bytes; count++) {
      const id = text(`item-${String(count).padStart(10, "0")}`);
      const length = random.between(100_000, 300_000);
      // From one space to another: not every character is one byte.
      const from = words.indexOf(SPACE, random.below(words.length - length));
      const to = words.lastIndexOf(SPACE, from + length);
      const document = bytesField(1, words.subarray(from, to));
      const item = mapFields(1, [["id", bytesField(1, id)], ["document", document]]);
      out.row(keyOfItem(id), storedItem(item));
    }
    tableRows(out);
    return count;
  },

  // Three versions of each item; every fourth item was deleted last.
  versions(out, bytes) {
    const key = keyOfItem(ITEM_ID);
    const at = (hours: bigint): bigint => TIME - (hours * 3_600_000n << 16n);
    const older = [1n, 2n].map((hours) => template(key, storedItem(ITEM), at(hours)));
    const alive = [template(key, storedItem(ITEM)), ...older];
    const deleted = [template(key), ...older];
    const four = inTurn(alive, alive, alive, deleted);
    const count = countFor(bytes, four);
    out.rows(four, count);
    tableRows(out);
    return 3 * count;
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

  // The four services in one file, in the order of their keys.
  mixed(out, bytes) {
    const parts: LargeKind[] = [
      "items",
      "huge-hash",
      "huge-list",
      "ttls",
      "small-objects",
      "huge-queue",
    ];
    return parts.reduce((things, kind) => things + KINDS[kind](out, bytes / parts.length), 0);
  },
};

const SEED = 1;
const SPACE = 0x20;
const WORDS = [
  "snapshot",
  "entry",
  "row",
  "version",
  "“quoted”",
  "naïve",
  "a\tb",
  '"',
  "table",
  "x",
];

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
