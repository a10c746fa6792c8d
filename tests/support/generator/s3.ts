/** Buckets, objects and uploads. @module */

import {
  bucketKey,
  chunkBlobKey,
  type ChunkFamily,
  chunkKey,
  objectKey,
  partKey,
  uploadKey,
} from "../../../src/keyspace/s3_keys.ts";
import { concat, hexOf, json, md5, md5Hex, sha256, text, u64be } from "./encoding.ts";
import { type History, latin1 } from "./history.ts";
import { anyName } from "./names.ts";

interface Bucket {
  name: Uint8Array;
  generation: bigint;
  meta: Uint8Array;
}

interface Part {
  part_no: number;
  etag: string;
  size_bytes: number;
  chunk_count: number;
  chunk_sizes?: number[];
  part_version?: bigint;
  chunk_ref_version?: bigint;
  offloaded?: boolean;
}

const EMPTY = new Uint8Array(0);

/** About `size` puts of objects in one to three buckets. */
export function s3(history: History, size: number): void {
  const { random } = history;
  const buckets = random.between(1, 3);
  for (let i = 0; i < buckets; i++) {
    const name = text(random.pick(["bucket", "my.bucket-1", "logs", "tmp"]) + i);
    const bucket = putBucket(history, name, 1n);
    fill(history, bucket, Math.ceil(size / buckets));
    if (random.chance(0.8)) continue;
    history.tick();
    history.delete(bucketKey("s3-bucket", name));
    if (random.chance(0.3)) continue;
    fill(history, putBucket(history, name, 2n), Math.ceil(size / buckets));
  }
}

function putBucket(history: History, name: Uint8Array, generation: bigint): Bucket {
  history.tick();
  const meta = text(json({
    bucket_name: new TextDecoder().decode(name),
    generation,
    created_at_hlc: history.now,
    region: "us-east-1",
    acl: history.random.pick([undefined, "private", "public-read"]),
  }));
  history.put(bucketKey("s3-bucket", name), meta);
  history.put(bucketKey("s3-generation", name), u64be(generation));
  return { name, generation, meta };
}

function fill(history: History, bucket: Bucket, size: number): void {
  const { random } = history;
  /** Object → the keys of its rows. */
  const objects = new Map<string, Uint8Array[]>();
  for (let i = 0; i < size; i++) {
    history.tick();
    const object = anyName(random);
    const old = objects.get(latin1(object));
    if (old && random.chance(0.4)) {
      for (const key of old) history.delete(key);
      objects.delete(latin1(object));
      continue;
    }
    if (random.chance(0.15)) leaveUpload(history, bucket, object);
    objects.set(latin1(object), putObject(history, bucket, object));
    // Pieces of what was overwritten go a little later, or stay.
    if (old && random.chance(0.7)) {
      history.tick();
      for (const key of old.slice(1)) history.delete(key);
    }
  }
}

/** Writes an object and returns the keys of its rows, the manifest's first. */
function putObject(history: History, bucket: Bucket, object: Uint8Array): Uint8Array[] {
  const { random } = history;
  const id = { bucket: bucket.name, generation: bucket.generation, object };
  const upload = hexOf(random.bytes(16));
  const multipart = random.chance(0.3);
  const numbers = multipart
    ? random.pick([[1], [1, 2], [1, 2, 3], [2, 5]])
    : random.chance(0.1)
    ? []
    : [1];
  const keys = [objectKey(id)];
  const bodies: Uint8Array[] = [];
  const parts = numbers.map((number): Part => {
    const { part, body, rows } = putPart(
      history,
      { ...id, upload: text(upload) },
      number,
      multipart,
    );
    bodies.push(body);
    keys.push(...rows);
    return part;
  });
  const etag = multipart
    ? `${md5Hex(concat(...bodies.map(md5)))}-${parts.length}`
    : md5Hex(concat(...bodies));
  history.put(
    keys[0],
    text(json({
      upload_id: upload,
      etag,
      size_bytes: bodies.reduce((sum, b) => sum + b.length, 0),
      last_modified_hlc: history.now,
      content_type: random.pick([undefined, "text/plain", "application/octet-stream"]),
      cache_control: multipart ? undefined : random.pick([undefined, "no-cache"]),
      user_metadata: random.pick([undefined, { owner: "<me>", "x-y": "ü" }]),
      parts: parts.length > 0 ? parts : undefined,
    })),
  );
  // Every write of an object writes its bucket's row anew, against concurrent deletion.
  history.put(bucketKey("s3-bucket", bucket.name), bucket.meta);
  return keys;
}

function putPart(
  history: History,
  id: { bucket: Uint8Array; generation: bigint; object: Uint8Array; upload: Uint8Array },
  number: number,
  multipart: boolean,
): { part: Part; body: Uint8Array; rows: Uint8Array[] } {
  const { random } = history;
  const chunks = Array.from(
    { length: random.between(1, 3) },
    () => random.bytes(random.between(1, 60)),
  );
  const offloaded = random.chance(0.2);
  const version = multipart && random.chance(0.7) ? history.now : 0n;
  const family: ChunkFamily = offloaded ? "s3-chunkref" : "s3-blob";
  const rows = chunks.map((chunk, i) => {
    const key = chunkKey(family, { ...id, part: BigInt(number), chunk: BigInt(i), version });
    history.put(key, offloaded ? chunkRef(chunk) : chunk);
    if (offloaded) history.put(chunkBlobKey(sha256(chunk)), chunk);
    return key;
  });
  const body = concat(...chunks);
  const part: Part = {
    part_no: number,
    etag: md5Hex(body),
    size_bytes: body.length,
    chunk_count: chunks.length,
    chunk_sizes: chunks.map(({ length }) => length),
    part_version: !offloaded && version > 0n ? version : undefined,
    chunk_ref_version: version > 0n ? version : undefined,
    offloaded: offloaded || undefined,
  };
  return { part, body, rows };
}

/** `version ‖ SHA-256 ‖ size u64BE ‖ length u16BE ‖ peer [‖ replicas u16BE …]` */
function chunkRef(chunk: Uint8Array): Uint8Array {
  const peer = "n1";
  return concat(1, sha256(chunk), u64be(chunk.length), 0, peer.length, peer);
}

/** An upload that was begun and neither completed nor aborted. */
function leaveUpload(history: History, bucket: Bucket, object: Uint8Array): void {
  const { random } = history;
  const upload = text(hexOf(random.bytes(16)));
  const id = { bucket: bucket.name, generation: bucket.generation, object, upload };
  const meta = text(json({
    bucket: new TextDecoder().decode(bucket.name),
    object: new TextDecoder().decode(object),
    generation: bucket.generation,
    upload_id: new TextDecoder().decode(upload),
    created_hlc: history.now,
  }));
  history.put(uploadKey("s3-upload", id), meta);
  for (let n = random.below(3); n > 0; n--) {
    const { part } = putPart(history, id, n, true);
    history.put(partKey({ ...id, part: BigInt(n) }), text(json(part)));
  }
  if (random.chance(0.3)) {
    history.tick();
    history.delete(uploadKey("s3-upload", id));
    history.put(uploadKey("s3-upload-gc", id), random.chance(0.9) ? meta : EMPTY);
  }
}
