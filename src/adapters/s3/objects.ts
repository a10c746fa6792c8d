/**
 * Objects and their chunks, which lie in different ranges of keys. The rows of one object have the same
 * bytes in both ranges and so the same order: the ranges are walked side by side, and what belongs to
 * an object is seen together. Nothing is kept but the object at hand.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { appendSegment } from "../../bytes/segments.ts";
import { type Place, UnsoundError } from "../../errors.ts";
import {
  type ChunkFamily,
  type ChunkKey,
  type Located,
  type ObjectKey,
  parseChunkKey,
  parseObjectKey,
} from "../../keyspace/s3_keys.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";
import { Assembly } from "./assembly.ts";
import { type Bucket, type Buckets, hides } from "./buckets.ts";
import type { ChunkBlobs } from "./chunk_blobs.ts";
import { familyPrefix, KeyedRows, KeyProbe } from "./keyed_rows.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import type { S3Object, S3Orphan } from "./records.ts";
import { shown } from "./shown.ts";

/** The objects that clients can read and, if wanted, chunks without one. All rows get their fates. */
export async function* readObjects(
  context: AdapterContext,
  buckets: Buckets,
  blobs: ChunkBlobs,
  within: Uint8Array,
): AsyncGenerator<S3Object | S3Orphan> {
  const join = new Join(context, buckets, blobs, within);
  try {
    yield* join.read();
  } finally {
    await join.close();
  }
}

/** An object, or what is left of one. */
interface State extends ObjectKey {
  /** What the keys of its rows have in common. */
  bytes: Uint8Array;
}

/** A chunk's row: the current one of `rows`. */
interface ChunkRow {
  rows: KeyedRows<Located<ChunkKey>>;
  key: Located<ChunkKey>;
  offloaded: boolean;
  /** The upload that it came with. */
  upload: { id: Uint8Array; inProgress?: boolean };
}

class Join {
  readonly #context: AdapterContext;
  readonly #buckets: Buckets;
  readonly #pieces: ChunkBlobs;
  readonly #manifests: KeyedRows<Located<ObjectKey>>;
  readonly #blobs: KeyedRows<Located<ChunkKey>>;
  readonly #refs: KeyedRows<Located<ChunkKey>>;
  readonly #uploads: KeyProbe;
  readonly #parts: KeyProbe;

  constructor(context: AdapterContext, buckets: Buckets, pieces: ChunkBlobs, within: Uint8Array) {
    this.#context = context;
    this.#buckets = buckets;
    this.#pieces = pieces;
    const chunks = (family: ChunkFamily) =>
      new KeyedRows(
        context,
        family,
        within,
        (bytes, start, end) => parseChunkKey(family, bytes, start, end),
      );
    this.#manifests = new KeyedRows(context, "s3-object", within, parseObjectKey);
    this.#blobs = chunks("s3-blob");
    this.#refs = chunks("s3-chunkref");
    this.#uploads = new KeyProbe(context, "s3-upload", within);
    this.#parts = new KeyProbe(context, "s3-part", within);
  }

  async *read(): AsyncGenerator<S3Object | S3Orphan> {
    await this.#manifests.next();
    await this.#blobs.next();
    await this.#refs.next();
    let bucket: Bucket | undefined;
    let stale = 0;
    for (let state = this.#next(); state; state = this.#next()) {
      if (!bucket || !equalBytes(bucket.name, state.bucket)) {
        this.#warnOfStale(bucket, stale);
        stale = 0;
        bucket = await this.#buckets.of(state.bucket);
      }
      const hidden = bucket.selected ? hides(bucket, state.generation) : "not-selected";
      if (hidden === "stale-generation") stale++;
      const manifest = await this.#manifestOf(state, hidden);
      if (manifest) yield* this.#object(state, manifest);
      else if (manifest === null || hidden === "not-selected") {
        await this.#leaveChunks(state, hidden ?? "unsound");
      } else yield* this.#chunksWithoutObject(state, hidden);
    }
    this.#warnOfStale(bucket, stale);
  }

  async close(): Promise<void> {
    for (const rows of [this.#manifests, this.#blobs, this.#refs, this.#uploads, this.#parts]) {
      await rows.close();
    }
  }

  /** The least object that has rows left. */
  #next(): State | undefined {
    let least: KeyedRows<Located<ObjectKey>> | undefined;
    for (const rows of [this.#manifests, this.#blobs, this.#refs]) {
      if (rows.key && (!least || compareBytes(rows.object, least.object) < 0)) least = rows;
    }
    if (!least) return undefined;
    const { bucket, generation, object } = least.key!;
    return { bucket, generation, object, bytes: least.object.slice() };
  }

  /**
   * What the object's own row says, which stays the current one. `undefined`: there is no such row, or
   * it is left out; `null`: it was refused.
   */
  async #manifestOf(
    state: State,
    hidden: Reason | undefined,
  ): Promise<Manifest | undefined | null> {
    const rows = this.#manifests;
    if (!rows.isAt(state.bytes)) return undefined;
    const value = rowValue(rows.batch, rows.i);
    const manifest = hidden === undefined && value.length > 0
      ? parseManifest(value, 0, value.length)
      : undefined;
    if (typeof manifest === "object") return manifest;
    if (manifest !== undefined) {
      this.#context.refuse(rows.batch, rows.i, "malformed-value", manifest);
      await rows.next();
      return null;
    }
    if (hidden === undefined) {
      // To the server, an empty row is none.
      const { bucket, object } = state;
      this.#context.warn("s3_empty_value", { bucket: shown(bucket), object: shown(object) });
    }
    await rows.leave(hidden ?? "deleted");
    await rows.next();
    return undefined;
  }

  async *#object(state: State, manifest: Manifest): AsyncGenerator<S3Object> {
    const assembly = new Assembly(this.#context, manifest);
    for await (const row of this.#chunks(state)) {
      const { rows, key, offloaded, upload } = row;
      const slot = assembly.slotOf(key, offloaded);
      if (!slot) {
        const other = !equalBytes(upload.id, manifest.uploadId);
        const inProgress = other && await this.#isInProgress(state, upload);
        await this.#leave(row, inProgress ? "incomplete-upload" : "hidden");
      } else if (offloaded) await assembly.addReference(slot, key, rows.batch, rows.i);
      else assembly.addInline(slot, key, rows.batch, rows.i);
    }
    const body = assembly.finish();
    const { batch, i } = this.#manifests;
    const place: Place = {
      file: this.#context.rows.nameOf(batch.inputs[i]),
      offset: batch.positions[i],
      key: rowKey(batch, i).slice(),
    };
    if (body) {
      const { uploadId: _, size: _size, parts: _parts, ...headers } = manifest;
      const { bucket, generation, object: key } = state;
      const object: S3Object = { type: "object", bucket, generation, key, headers, body, place };
      yield object;
      await this.#settle(state, assembly, object.problem);
    } else {
      const error = new UnsoundError("incomplete-object", assembly.fault!, {
        ...place,
        hint: "take another replica's snapshot, or give several: they are read as one",
      });
      await this.#settle(state, assembly, error);
    }
    await this.#manifests.next();
  }

  /** Books the rows of an object. */
  async #settle(
    state: State,
    assembly: Assembly,
    error: UnsoundError | undefined,
  ): Promise<void> {
    const { ledger } = this.#context;
    const { bucket } = state;
    if (error) {
      this.#context.problem({ error, adapter: "s3", scope: bucket });
      await this.#manifests.leave("unsound");
      await this.#leaveTaken(state, assembly);
    } else {
      ledger.add("s3", bucket, "written", 1 + assembly.rows - assembly.replaced);
      ledger.add("s3", bucket, "hidden", assembly.replaced);
    }
    for (let i = 0; i < assembly.chunks.count; i++) {
      const digest = assembly.chunks.digest(i);
      if (digest) await this.#pieces.refer(digest, error ? "unsound" : "written");
    }
  }

  /** Leaves out the chunks of a body that is not used. They have gone by, so they are looked up again. */
  async #leaveTaken(state: State, assembly: Assembly): Promise<void> {
    const { rows, signal } = this.#context;
    for (const family of ["s3-blob", "s3-chunkref"] as const) {
      // Rows that cannot be decrypted have their fate already.
      const options = { signal, onUnsound: () => {} };
      for await (const batch of rows.scan(familyPrefix(family, state.bytes), options)) {
        for (let i = 0; i < batch.count; i++) {
          const { bytes, ranges } = batch;
          const key = parseChunkKey(family, bytes, ranges[i * 4], ranges[i * 4 + 1]);
          if (typeof key !== "string" && assembly.slotOf(key, family === "s3-chunkref")) {
            await this.#context.leave(batch, i, "unsound");
          }
        }
      }
    }
  }

  async *#chunksWithoutObject(
    state: State,
    hidden: Reason | undefined,
  ): AsyncGenerator<S3Orphan> {
    const { options, ledger } = this.#context;
    const { bucket, generation, object: key } = state;
    let inline = 0;
    let orphans = 0;
    for await (const row of this.#chunks(state)) {
      const { rows, offloaded, upload } = row;
      let reason = hidden;
      if (options.includeOrphans && !offloaded) {
        const { part, chunk, version } = row.key;
        const data = rowValue(rows.batch, rows.i);
        const name = { bucket, generation, key, upload: upload.id, part, chunk, version };
        const orphan: S3Orphan = { type: "orphan", ...name, data };
        yield orphan;
        inline++;
        orphans++;
        if (!orphan.refused) {
          ledger.add("s3", bucket, "written", 1);
          continue;
        }
        reason ??= "orphan";
      }
      reason ??= await this.#isInProgress(state, upload) ? "incomplete-upload" : "orphan";
      if (reason === "orphan") {
        orphans++;
        if (!offloaded) inline++;
      }
      await this.#leave(row, reason);
    }
    if (orphans === 0) return;
    this.#context.warn("s3_orphan_chunks", {
      bucket: shown(bucket),
      object: shown(key),
      chunks: inline,
      hint: "there are chunks and no object that they belong to",
    });
  }

  async #leaveChunks(state: State, reason: Reason): Promise<void> {
    for await (const row of this.#chunks(state)) await this.#leave(row, reason);
  }

  async #leave({ rows, offloaded }: ChunkRow, reason: Reason): Promise<void> {
    if (offloaded) await this.#pieces.referLeft(rows.batch, rows.i, reason);
    await rows.leave(reason);
  }

  /** The chunks of an object, one upload after the other. */
  async *#chunks({ bytes }: State): AsyncGenerator<ChunkRow> {
    const kinds = [this.#blobs, this.#refs];
    for (;;) {
      let id: Uint8Array | undefined;
      for (const rows of kinds) {
        if (!rows.isAt(bytes)) continue;
        if (!id || compareBytes(rows.key!.upload, id) < 0) id = rows.key!.upload;
      }
      if (!id) return;
      const upload = { id };
      for (const rows of kinds) {
        while (rows.isAt(bytes) && equalBytes(rows.key!.upload, id)) {
          yield { rows, key: rows.key!, offloaded: rows === this.#refs, upload };
          await rows.next();
        }
      }
    }
  }

  /** Whether an upload has a row of its own, so that it was neither completed nor given up. */
  async #isInProgress({ bytes }: State, upload: ChunkRow["upload"]): Promise<boolean> {
    if (upload.inProgress === undefined) {
      const key = new ByteBuilder().append(bytes);
      appendSegment(key, upload.id);
      const target = key.take();
      upload.inProgress = await this.#uploads.has(target) || await this.#parts.has(target);
    }
    return upload.inProgress;
  }

  #warnOfStale(bucket: Bucket | undefined, count: number): void {
    if (!bucket || count === 0) return;
    this.#context.warn("s3_stale_generation_objects", {
      bucket: shown(bucket.name),
      active_generation: bucket.active!,
      stale_count: count,
      hint: "clients cannot read what is left of earlier buckets of that name",
    });
  }
}
