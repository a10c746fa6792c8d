/**
 * The buckets of a snapshot, and which of their generations clients can read.
 *
 * A bucket's row and its generation counter are made together; when the bucket is deleted, the counter
 * stays. So a counter without a row says that the bucket was deleted. With neither, the bucket is in
 * the snapshot of another group of nodes: then the highest generation with objects is taken for the
 * one in use.
 *
 * @module
 */

import { compareBytes, equalBytes, successor } from "../../bytes/compare.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { appendSegment } from "../../bytes/segments.ts";
import type { KeyRange } from "../../mvcc/key_range.ts";
import { nameKey, scopeLabel } from "../../keyspace/scope_labels.ts";
import { appendU64 } from "../../keyspace/fields.ts";
import { parseBucketKey, parseObjectKey } from "../../keyspace/s3_keys.ts";
import { type RowBatch, type RowHandle, rowHandle, rowValue } from "../../mvcc/row_batch.ts";
import { nameText } from "../../text/name_text.ts";
import { bookRow } from "../bookings.ts";
import type { AdapterContext } from "../context.ts";
import { keepRow, type KeptRow, keptRow } from "../kept_rows.ts";
import type { Reason } from "../ledger.ts";
import { Receipt } from "../receipts.ts";
import { bucketNameDefect, KeyCursor, type Within } from "./keyed_rows.ts";
import { parseBucket, type StoredBucket } from "./values.ts";

/** A bucket. */
export interface Bucket {
  /** Label of its name. */
  label: Uint8Array;
  /** Whether it was deleted: clients can read nothing of it. */
  deleted: boolean;
  /** Whether there is a row that says that the bucket exists, sound or not. */
  exists: boolean;
  /** The generation that clients can read; absent where every one is as good. */
  active?: bigint;
}

/** A bucket with what its row says; valid until the next record is asked for. */
export interface BucketRecord {
  type: "bucket";
  /** Raw name. */
  name: Uint8Array;
  stored: StoredBucket;
  receipt: Receipt;
}

/** What is found out about a bucket. */
interface Found extends Bucket {
  /** Its row, if that is sound. */
  row?: { kept: KeptRow; handle: RowHandle };
  /** The generation that its row names; 0 = none. */
  generation: bigint;
  /** Whether there is a generation counter. */
  counted: boolean;
  /** Whether `deleted` and `active` are known. */
  settled: boolean;
}

/** A name as keys have it: what those of all rows of a bucket go on with. */
function segment(name: Uint8Array): ByteBuilder {
  const out = new ByteBuilder(name.length + 16);
  appendSegment(out, name);
  return out;
}

/** Why clients cannot read a generation of a bucket, or `undefined`. */
export function hides(bucket: Bucket, generation: bigint): Reason | undefined {
  if (bucket.deleted) return "deleted";
  const stale = bucket.active !== undefined && bucket.active !== generation;
  return stale ? "stale-generation" : undefined;
}

/** All buckets. 1 to 5 KB of memory each: long names and rows are not kept, but read again. */
export class Buckets {
  readonly #context: AdapterContext;
  readonly #found = new Map<string, Found>();
  /** Is a bucket ahead of who reads the objects. */
  readonly #objects: KeyCursor;

  private constructor(context: AdapterContext) {
    this.#context = context;
    this.#objects = new KeyCursor(context, "s3-object");
  }

  /** Reads the rows of the wanted buckets, and books those that are no records. */
  static async read(context: AdapterContext): Promise<Buckets> {
    const buckets = new Buckets(context);
    await buckets.#readExistence();
    for await (const batch of context.scan("s3-bucket")) {
      for (let i = 0; i < batch.count; i++) await buckets.#readRow(batch, i);
    }
    return buckets;
  }

  /** The buckets whose rows are sound and wanted, by the bytes of their labels. */
  async *records(): AsyncGenerator<BucketRecord> {
    const context = this.#context;
    const found = [...this.#found.values()].sort((a, b) => compareBytes(a.label, b.label));
    for (const { row } of found) {
      if (!row) continue;
      const { key, value } = await keptRow(context.rows, row.kept);
      const name = parseBucketKey("s3-bucket", key, 0, key.length) as Uint8Array;
      const stored = parseBucket(value, 0, value.length) as StoredBucket;
      const receipt = new Receipt();
      yield { type: "bucket", name, stored, receipt };
      await bookRow(context, { adapter: "s3", scope: name }, row.handle, receipt);
    }
  }

  /**
   * Where the keys `[from, to)` of objects are that clients can read.
   *
   * @param names Of the buckets; those that have rows unless given.
   */
  async ranges(
    names: readonly Uint8Array[] | undefined,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
  ): Promise<Within> {
    const ranges: Required<KeyRange>[] = [];
    const ascending = [...names ?? await this.#names()].sort(compareBytes);
    for (const [i, name] of ascending.entries()) {
      if (i > 0 && equalBytes(name, ascending[i - 1])) continue;
      const { active } = await this.of(name);
      if (active === undefined) continue;
      const within = appendU64(segment(name), active).take();
      const at = (key: Uint8Array): Uint8Array =>
        new ByteBuilder().append(within).append(segment(key).view()).take();
      ranges.push({ from: from ? at(from) : within, to: to ? at(to) : successor(within)! });
    }
    return ranges;
  }

  /** The raw names of the buckets that have rows. */
  async #names(): Promise<Uint8Array[]> {
    const names: Uint8Array[] = [];
    for (const { row } of this.#found.values()) {
      if (!row) continue;
      const { key } = await keptRow(this.#context.rows, row.kept);
      names.push(parseBucketKey("s3-bucket", key, 0, key.length) as Uint8Array);
    }
    return names;
  }

  /** What is known of a bucket that has rows of any kind. Buckets must be asked for in ascending order. */
  async of(name: Uint8Array): Promise<Bucket> {
    const bucket = this.#find(name);
    if (!bucket.settled) await this.#settle(bucket, name);
    return bucket;
  }

  async #settle(bucket: Found, name: Uint8Array): Promise<void> {
    bucket.settled = true;
    bucket.deleted = !bucket.exists && bucket.counted;
    // A row that names no generation says nothing about which one is in use.
    if (!bucket.deleted) bucket.active = bucket.generation || await this.#highestGeneration(name);
    if (bucket.row) return;
    this.#context.warn("s3_bucket_meta_missing", {
      bucket: nameText(bucket.label),
      generation: bucket.active ?? 0n,
      hint: bucket.deleted
        ? "the bucket was deleted: what is left of it is left out"
        : "the bucket's own row is missing: give the snapshots of all groups",
    });
  }

  #find(name: Uint8Array): Found {
    const id = nameKey(name);
    let found = this.#found.get(id);
    if (!found) {
      found = {
        label: scopeLabel(name).slice(),
        generation: 0n,
        deleted: false,
        exists: false,
        counted: false,
        settled: false,
      };
      this.#found.set(id, found);
    }
    return found;
  }

  /** Looks at keys only: a row whose value cannot be read still says that its bucket exists. */
  async #readExistence(): Promise<void> {
    for (const family of ["s3-generation", "s3-bucket"] as const) {
      for await (const batch of this.#context.scan(family, false)) {
        for (let i = 0; i < batch.count; i++) {
          const name = bucketOf(family, batch, i);
          if (typeof name === "string") continue;
          const found = this.#find(name);
          if (family === "s3-generation") found.counted = true;
          else found.exists = true;
        }
      }
    }
  }

  async #readRow(batch: RowBatch, i: number): Promise<void> {
    const context = this.#context;
    const name = bucketOf("s3-bucket", batch, i);
    if (typeof name === "string") return context.refuse(batch, i, "malformed-key", name);
    const bucket = this.#find(name);
    const value = rowValue(batch, i);
    if (value.length === 0) {
      // To the server, an empty row is none.
      bucket.exists = false;
      context.warn("s3_empty_value", { bucket: nameText(bucket.label) });
      return await context.leave(batch, i, "deleted");
    }
    const stored = parseBucket(value, 0, value.length);
    if (typeof stored === "string") return context.refuse(batch, i, "malformed-value", stored);
    bucket.row = { kept: keepRow(batch, i), handle: rowHandle(batch, i) };
    bucket.generation = stored.generation;
  }

  /** The highest generation of a bucket that has objects. */
  async #highestGeneration(name: Uint8Array): Promise<bigint | undefined> {
    let highest: bigint | undefined;
    await this.#objects.forEach(segment(name).view(), (batch, i) => {
      // That a value is empty can be told without decrypting: an encrypted one never is.
      if (rowValue(batch, i).length === 0) return;
      const { bytes, ranges } = batch;
      const key = parseObjectKey(bytes, ranges[i * 4], ranges[i * 4 + 1]);
      // Generations ascend.
      if (typeof key !== "string") highest = key.generation;
    });
    return highest;
  }
}

/** The bucket that a row is about, or what is wrong with its key. */
function bucketOf(
  family: "s3-bucket" | "s3-generation",
  batch: RowBatch,
  i: number,
): Uint8Array | string {
  const name = parseBucketKey(family, batch.bytes, batch.ranges[i * 4], batch.ranges[i * 4 + 1]);
  return typeof name === "string" ? name : bucketNameDefect(name) ?? name;
}
