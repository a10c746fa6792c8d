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

import { compareBytes } from "../../bytes/compare.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { appendSegment } from "../../bytes/segments.ts";
import { parseBucketKey, parseObjectKey } from "../../keyspace/s3_keys.ts";
import { type RowBatch, rowKey, rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";
import { type BucketMeta, parseBucketMeta } from "./bucket_meta.ts";
import { bucketNameDefect, familyPrefix, refuseKey } from "./keyed_rows.ts";
import { shown } from "./shown.ts";

/** A bucket. */
export interface Bucket {
  /** Raw name, from the keys. */
  name: Uint8Array;
  /** Absent where its row is missing or says nothing. */
  meta?: BucketMeta;
  /** Whether its rows are wanted. */
  selected: boolean;
  /** Whether it was deleted: clients can read nothing of it. */
  deleted: boolean;
  /** The generation that clients can read; absent where every one is as good. */
  active?: bigint;
}

interface Found {
  name: Uint8Array;
  /** Whether there is a row that says that the bucket exists, sound or not. */
  exists: boolean;
  counted: boolean;
  meta?: BucketMeta;
}

/** The segment that holds a bucket's name: what the keys of all its rows go on with. */
export function bucketSegment(name: Uint8Array): Uint8Array {
  const out = new ByteBuilder(name.length + 2);
  appendSegment(out, name);
  return out.take();
}

/** Why clients cannot read a generation of a bucket, or `undefined`. */
export function hides(bucket: Bucket, generation: bigint): Reason | undefined {
  if (bucket.deleted) return "deleted";
  const stale = bucket.active !== undefined && bucket.active !== generation;
  return stale ? "stale-generation" : undefined;
}

/** All buckets. About 500 bytes of memory each. */
export class Buckets {
  readonly #context: AdapterContext;
  readonly #found = new Map<string, Found>();
  readonly #known = new Map<string, Bucket>();

  private constructor(context: AdapterContext) {
    this.#context = context;
  }

  /**
   * Reads the rows of buckets and books them.
   *
   * @param within A bucket's segment, where only that one is wanted.
   */
  static async read(context: AdapterContext, within: Uint8Array): Promise<Buckets> {
    const buckets = new Buckets(context);
    await buckets.#readExistence(within);
    for await (const batch of context.scan(familyPrefix("s3-bucket", within))) {
      for (let i = 0; i < batch.count; i++) await buckets.#readRow(batch, i);
    }
    return buckets;
  }

  /** The buckets whose rows are sound and wanted, by the bytes of their names. */
  get readable(): { name: Uint8Array; meta: BucketMeta }[] {
    return [...this.#found.values()]
      .flatMap(({ name, meta }) => meta ? [{ name, meta }] : [])
      .sort((a, b) => compareBytes(a.name, b.name));
  }

  /** What is known of a bucket that has rows of any kind. */
  async of(name: Uint8Array): Promise<Bucket> {
    const id = idOf(name);
    let bucket = this.#known.get(id);
    if (!bucket) this.#known.set(id, bucket = await this.#resolve(name.slice()));
    return bucket;
  }

  async #resolve(name: Uint8Array): Promise<Bucket> {
    const selected = this.#context.selects("s3", name);
    const found = this.#find(name);
    const { meta } = found;
    const deleted = !found.exists && found.counted;
    if (!selected || deleted) {
      if (deleted) this.#warn(name, 0n, "the bucket was deleted: what is left of it is left out");
      return { name, meta, selected, deleted };
    }
    let active = meta?.generation;
    // Rows from before generations, if there are any, do not name one.
    if (!active) active = await this.#highestGeneration(name);
    if (!meta) {
      this.#warn(
        name,
        active ?? 0n,
        "the bucket's own row is missing: give the snapshots of all groups",
      );
    }
    return { name, meta, selected, deleted, active };
  }

  #warn(name: Uint8Array, generation: bigint, hint: string): void {
    this.#context.warn("s3_bucket_meta_missing", { bucket: shown(name), generation, hint });
  }

  #find(name: Uint8Array): Found {
    const id = idOf(name);
    let found = this.#found.get(id);
    if (!found) this.#found.set(id, found = { name, exists: false, counted: false });
    return found;
  }

  /** Looks at keys only: a row whose value cannot be read still says that its bucket exists. */
  async #readExistence(within: Uint8Array): Promise<void> {
    for (const family of ["s3-generation", "s3-bucket"] as const) {
      for await (const batch of this.#context.scan(familyPrefix(family, within), false)) {
        for (let i = 0; i < batch.count; i++) {
          const key = rowKey(batch, i);
          const name = parseBucketKey(family, key, 0, key.length);
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
    const key = rowKey(batch, i);
    const name = parseBucketKey("s3-bucket", key, 0, key.length);
    const defect = typeof name === "string" ? name : bucketNameDefect(name);
    if (typeof name === "string" || defect !== undefined) {
      await refuseKey(context, batch, i, defect!);
      return;
    }
    const found = this.#find(name);
    if (!context.selects("s3", name)) {
      await context.leave(batch, i, "not-selected");
      return;
    }
    const value = rowValue(batch, i);
    if (value.length === 0) {
      // To the server, an empty row is none.
      found.exists = false;
      context.warn("s3_empty_value", { bucket: shown(name) });
      await context.leave(batch, i, "deleted");
      return;
    }
    const meta = parseBucketMeta(value, 0, value.length);
    if (typeof meta === "string") context.refuse(batch, i, "malformed-value", meta);
    else {
      found.meta = meta;
      context.ledger.add("s3", name, "written", 1);
    }
  }

  async #highestGeneration(name: Uint8Array): Promise<bigint | undefined> {
    let highest: bigint | undefined;
    const prefix = familyPrefix("s3-object", bucketSegment(name));
    for await (const batch of this.#context.scan(prefix, false)) {
      // Generations ascend, so the last sound key of a batch has the highest one.
      for (let i = batch.count - 1; i >= 0; i--) {
        if (rowValue(batch, i).length === 0) continue;
        const { bytes, ranges } = batch;
        const key = parseObjectKey(bytes, ranges[i * 4], ranges[i * 4 + 1]);
        if (typeof key === "string") continue;
        highest = key.generation;
        break;
      }
    }
    return highest;
  }
}

/** One character a byte, to be a key of a map. */
function idOf(name: Uint8Array): string {
  let id = "";
  for (const b of name) id += String.fromCharCode(b);
  return id;
}
