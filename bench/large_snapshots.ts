/**
 * Large snapshot files, one kind of content each, written in one pass without holding them.
 *
 * @module
 */

import { STANDARD, toBase64 } from "../src/bytes/base64.ts";
import { ByteBuilder } from "../src/bytes/builder.ts";
import { crc32c, digestOf, md5 } from "../src/bytes/digest.ts";
import { toHex } from "../src/bytes/hex.ts";
import { putU64be, putU64le } from "../src/bytes/integers.ts";
import { bucketKey, chunkKey, objectKey } from "../src/keyspace/s3_keys.ts";
import { redisKey, sequence } from "../src/keyspace/redis_keys.ts";
import { sqsKey } from "../src/keyspace/sqs_keys.ts";
import { itemKey, orderedPayload, tableKey } from "../src/keyspace/dynamodb_keys.ts";

/** What a large snapshot is full of. */
export const KINDS = [
  "items",
  "small-objects",
  "huge-object",
  "list",
  "hash",
  "queue",
  "ttls",
] as const;

/** One of {@link KINDS}. */
export type Kind = (typeof KINDS)[number];

const BLOCK = 4 << 20;
const COMMITTED = 0x019e_7044_8800_0000n;
const encoder = new TextEncoder();

/** Writes a node's file of about `size` bytes; returns the number of rows. */
export function writeLargeSnapshot(path: string, kind: Kind, size: number): number {
  const file = new SnapshotWriter(path);
  WRITERS[kind](file, size);
  return file.close();
}

/** Frames rows, all committed at one time. */
class SnapshotWriter {
  /** Bytes so far. */
  size = 0;
  readonly #file: Deno.FsFile;
  readonly #crc = crc32c();
  readonly #out = new ByteBuilder(BLOCK + (2 << 20));
  readonly #number = new Uint8Array(8);
  readonly #time = new Uint8Array(8);
  readonly #header = new Uint8Array(9);
  #rows = 0;

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    putU64be(this.#time, 0, ~COMMITTED);
    this.#out.ascii("EKVTHLC1").append(new Uint8Array(8)).ascii("EKVPBBL1");
    this.#u64(COMMITTED);
  }

  row(key: Uint8Array, value: Uint8Array): void {
    this.#u64(BigInt(key.length + 8));
    this.#out.append(key).append(this.#time);
    this.#u64(BigInt(value.length + 9));
    this.#out.append(this.#header).append(value);
    this.#rows++;
    if (this.#out.length >= BLOCK) this.#flush();
  }

  close(): number {
    this.#flush();
    this.#file.writeSync(this.#crc.digest());
    this.#file.close();
    return this.#rows;
  }

  #u64(n: bigint): void {
    putU64le(this.#number, 0, n);
    this.#out.append(this.#number);
  }

  #flush(): void {
    const bytes = this.#out.view();
    this.#crc.update(bytes);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    this.size += bytes.length;
    this.#out.clear();
  }
}

const WRITERS: Record<Kind, (file: SnapshotWriter, size: number) => void> = {
  items(file, size) {
    const table = encoder.encode("orders");
    const fixed = [
      attribute("address", string('12 Long Street, Some Town, "quoted" & more')),
      attribute("amount", number("1234.50")),
    ];
    const rest = [attribute("note", string("x".repeat(150))), attribute("year", number("2026"))];
    for (let i = 0; file.size < size; i++) {
      const id = padded(i);
      const value = new ByteBuilder(512).append(Uint8Array.of(0x00, 0x44, 0x49, 0x01));
      for (const part of [...fixed, attribute("id", string(id)), ...rest]) value.append(part);
      file.row(itemKey(table, 1n, orderedPayload([encoder.encode(id)])), value.view());
    }
    file.row(tableKey("ddb-generation", table), encoder.encode("1"));
    const schema = [0x0a, 6, ...encoder.encode("orders"), 0x12, 7, 0x0a, 2, 0x69, 0x64, 0x12, 1];
    file.row(
      tableKey("ddb-table", table),
      Uint8Array.from([
        ...[0x00, 0x44, 0x53, 0x01, ...schema, 0x53, 0x1a, 4, 0x0a, 2, 0x69, 0x64],
        ...[0x28, 2, 0x38, 1],
      ]),
    );
  },

  "small-objects"(file, size) {
    const body = new Uint8Array(4096).fill(0x61);
    const etag = toHex(digestOf(md5, body));
    let count = 0;
    for (; file.size < size * 0.92; count++) {
      file.row(chunkKey("s3-blob", chunk(padded(count), 1n, 0n)), body);
    }
    bucket(file);
    const manifest = encoder.encode(manifestJson(etag, body.length, [body.length]));
    for (let i = 0; i < count; i++) {
      file.row(
        objectKey({ bucket: BUCKET, generation: 1n, object: encoder.encode(padded(i)) }),
        manifest,
      );
    }
  },

  "huge-object"(file, size) {
    const body = new Uint8Array(1 << 20).fill(0x62);
    const sizes: number[] = [];
    for (; file.size < size; sizes.push(body.length)) {
      file.row(chunkKey("s3-blob", chunk("huge", 1n, BigInt(sizes.length))), body);
    }
    bucket(file);
    file.row(
      objectKey({ bucket: BUCKET, generation: 1n, object: encoder.encode("huge") }),
      encoder.encode(manifestJson("0".repeat(32) + "-2", sizes.length * body.length, sizes)),
    );
  },

  list(file, size) {
    const name = encoder.encode("l");
    const item = encoder.encode("item ".repeat(20));
    let count = 0n;
    for (; file.size < size; count++) {
      file.row(redisKey("list-item", name, { fixed: sequence(count) }), item);
    }
    const meta = new Uint8Array(24);
    putU64be(meta, 8, count);
    putU64be(meta, 16, count);
    file.row(redisKey("list-meta", name), meta);
  },

  hash(file, size) {
    const name = encoder.encode("h");
    const value = encoder.encode("value ".repeat(16));
    let count = 0;
    for (; file.size < size; count++) {
      file.row(redisKey("hash-field", name, { tail: encoder.encode(padded(count)) }), value);
    }
    const meta = new Uint8Array(8);
    putU64be(meta, 0, BigInt(count));
    file.row(redisKey("hash-meta", name), meta);
  },

  queue(file, size) {
    const queue = encoder.encode("q");
    const body = toBase64(STANDARD, encoder.encode("message ".repeat(100)));
    // Keys hold ids in base64, which has another order than the ids.
    const ids = Array.from({ length: Math.floor(size / 1380) }, (_, i) => btoa(padded(i))).sort();
    for (const [i, text] of ids.entries()) {
      const id = atob(text);
      const sent = 1_780_000_000_000 + (i * 7919) % 1_000_003;
      const value = `\0SM\x01{"message_id":"${id}","body":"${body}","md5_of_body":"x",` +
        `"send_timestamp_millis":${sent},"available_at_millis":${sent},"visible_at_millis":${sent},` +
        `"receive_count":0,"current_receipt_token":null,"queue_generation":1}`;
      file.row(
        sqsKey("sqs-message", { queue, generation: 1n, id: encoder.encode(id) }),
        encoder.encode(value),
      );
    }
    file.row(sqsKey("sqs-generation", { queue }), encoder.encode("1"));
    file.row(
      sqsKey("sqs-queue", { queue }),
      encoder.encode(
        '\0SQ\x01{"name":"q","generation":1,"visibility_timeout_seconds":30,' +
          '"message_retention_seconds":345600,"delay_seconds":0,' +
          '"receive_message_wait_seconds":0,"maximum_message_size":262144}',
      ),
    );
  },

  ttls(file, size) {
    const expiry = new Uint8Array(8);
    putU64be(expiry, 0, 1_788_998_400_000n);
    let count = 0;
    // Legacy strings: their expiry stands in the index alone.
    for (; file.size < size * 0.55; count++) {
      file.row(redisKey("redis-string", encoder.encode(padded(count))), encoder.encode("v"));
    }
    for (let i = 0; i < count; i++) {
      file.row(redisKey("redis-ttl", encoder.encode(padded(i))), expiry);
    }
  },
};

const BUCKET = encoder.encode("photos");
const UPLOAD = encoder.encode("0".repeat(32));

function chunk(object: string, part: bigint, number: bigint): Parameters<typeof chunkKey>[1] {
  return {
    bucket: BUCKET,
    generation: 1n,
    object: encoder.encode(object),
    upload: UPLOAD,
    part,
    chunk: number,
    version: 0n,
  };
}

function bucket(file: SnapshotWriter): void {
  const generation = new Uint8Array(8);
  putU64be(generation, 0, 1n);
  file.row(bucketKey("s3-generation", BUCKET), generation);
  file.row(
    bucketKey("s3-bucket", BUCKET),
    encoder.encode('{"bucket_name":"photos","generation":1,"created_at_hlc":0,"region":"x"}'),
  );
}

function manifestJson(etag: string, size: number, sizes: number[]): string {
  return JSON.stringify({
    upload_id: "0".repeat(32),
    etag,
    size_bytes: size,
    last_modified_hlc: 0,
    parts: [{ part_no: 1, etag, size_bytes: size, chunk_count: sizes.length, chunk_sizes: sizes }],
  });
}

/** Twelve digits, so that the order of keys is that of numbers. */
function padded(n: number): string {
  return String(n).padStart(12, "0");
}

function string(s: string): Uint8Array {
  return field(0x0a, encoder.encode(s));
}

function number(s: string): Uint8Array {
  return field(0x12, encoder.encode(s));
}

function attribute(name: string, value: Uint8Array): Uint8Array {
  const entry = new ByteBuilder().append(field(0x0a, encoder.encode(name)));
  return field(0x0a, entry.append(field(0x12, value)).view());
}

function field(tag: number, contents: Uint8Array): Uint8Array {
  const out = new ByteBuilder(contents.length + 4).byte(tag);
  if (contents.length > 0x7f) out.byte((contents.length & 0x7f) | 0x80).byte(contents.length >> 7);
  else out.byte(contents.length);
  return out.append(contents).take();
}
