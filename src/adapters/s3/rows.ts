/**
 * The rows of objects, which lie in different ranges of keys: heads, chunks, references to chunks and
 * uploads. The rows of one object have the same bytes in all of them and so come in the same order: the
 * ranges are walked side by side, and what belongs to an object is seen together. Nothing is kept.
 *
 * ```text
 * !s3|obj|head|     bucket generation object
 * !s3|blob|         bucket generation object upload part chunk [version]
 * !s3|chunkref|     bucket generation object upload part chunk [version]
 * !s3|upload|meta|  bucket generation object upload
 * !s3|upload|part|  bucket generation object upload part
 *                   └─────── the same ───────┘
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { appendSegment, segmentEnd } from "../../bytes/segments.ts";
import {
  type ChunkFamily,
  type ChunkKey,
  type Located,
  type ObjectKey,
  parseChunkKey,
  parseObjectKey,
} from "../../keyspace/s3_keys.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import { KeyCursor, KeyedRows, type Within } from "./keyed_rows.ts";

/** What some rows have in common: an object, or what is left of one. */
export interface ObjectState extends ObjectKey {
  /** The bytes that their keys have in common. */
  bytes: Uint8Array;
}

/** A chunk's row: the current one of `rows`. It is valid until the next one is asked for. */
export interface ChunkRow {
  /** Where it is the current one. */
  rows: KeyedRows<Located<ChunkKey>>;
  /** What its key says. */
  key: Located<ChunkKey>;
  /** Whether it refers to a chunk rather than holding one. */
  offloaded: boolean;
  /** The upload that it came with. */
  upload: Upload;
}

/** An upload that chunks came with. */
export interface Upload {
  /** Raw id. */
  id: Uint8Array;
  /** Whether it is in progress, once that was asked. */
  inProgress?: boolean;
}

/** The one chunk of the current object: row `i` of a batch. */
export interface SingleChunk {
  /** What its key says. */
  key: Located<ChunkKey>;
  batch: RowBatch;
  i: number;
}

/** Whether a chunk's key has a version, and it is 0. The server leaves that out. */
export function writesVersion0(key: Located<ChunkKey>, batch: RowBatch, i: number): boolean {
  if (key.version !== 0n) return false;
  const end = batch.ranges[i * 4 + 1];
  // Behind the upload's id come the numbers of part and chunk.
  return end - segmentEnd(batch.bytes, key.objectEnd, end) > 16;
}

/** Goes from object to object. Everything must be taken from one before the next is asked for. */
export class ObjectRows {
  /** The rows of objects themselves. */
  readonly heads: KeyedRows<Located<ObjectKey>>;
  readonly #blobs: KeyedRows<Located<ChunkKey>>;
  readonly #refs: KeyedRows<Located<ChunkKey>>;
  readonly #uploads: KeyCursor;
  readonly #parts: KeyCursor;

  private constructor(context: AdapterContext, within?: Within) {
    const chunks = (family: ChunkFamily): KeyedRows<Located<ChunkKey>> =>
      new KeyedRows(
        context,
        family,
        (bytes, start, end, last) => parseChunkKey(family, bytes, start, end, last),
        within,
      );
    this.heads = new KeyedRows(context, "s3-object", parseObjectKey, within);
    this.#blobs = chunks("s3-blob");
    this.#refs = chunks("s3-chunkref");
    this.#uploads = new KeyCursor(context, "s3-upload", within);
    this.#parts = new KeyCursor(context, "s3-part", within);
  }

  /**
   * Stands before the first object.
   *
   * @param within Only rows with such keys.
   * @param chunks `false`: chunks are not looked at, as if there were none.
   */
  static async open(
    context: AdapterContext,
    within?: Within,
    chunks = true,
  ): Promise<ObjectRows> {
    const rows = new ObjectRows(context, within);
    await rows.heads.next();
    if (chunks) { for (const kind of [rows.#blobs, rows.#refs]) await kind.next(); }
    return rows;
  }

  /** The next object that has rows left. */
  next(): ObjectState | undefined {
    let least: Pick<KeyedRows<Located<ObjectKey>>, "key" | "object"> | undefined;
    for (const rows of [this.heads, this.#blobs, this.#refs]) {
      if (rows.key && (!least || compareBytes(rows.object, least.object) < 0)) least = rows;
    }
    if (!least) return undefined;
    const { bucket, generation, object } = least.key!;
    return { bucket, generation, object, bytes: least.object.slice() };
  }

  /**
   * The chunk of the next object, if that has a row of its own and just one chunk, which it holds: as far
   * as can be told from the rows that are at hand.
   */
  singleChunk(): SingleChunk | undefined {
    const { heads } = this;
    const blobs = this.#blobs;
    const refs = this.#refs;
    if (!heads.key || !blobs.key) return undefined;
    const { object } = heads;
    if (!equalBytes(blobs.object, object) || !blobs.isLastAt(object)) return undefined;
    if (refs.key && compareBytes(refs.object, object) <= 0) return undefined;
    return { key: blobs.key, batch: blobs.batch, i: blobs.i };
  }

  /** Goes on behind the object that {@link singleChunk} told of. */
  nextSingle(): MaybePromise<void> {
    const heads = this.heads.next();
    const blobs = this.#blobs.next();
    if (isPromise(heads) || isPromise(blobs)) return Promise.all([heads, blobs]).then(() => {});
  }

  /** Takes the chunks of an object. */
  chunks({ bytes }: ObjectState): Chunks {
    return new Chunks(bytes, this.#blobs, this.#refs);
  }

  /** Whether an upload has a row of its own, so that it was neither completed nor given up. */
  async isInProgress({ bytes }: ObjectState, upload: Upload): Promise<boolean> {
    if (upload.inProgress === undefined) {
      const key = new ByteBuilder().append(bytes);
      appendSegment(key, upload.id);
      const target = key.take();
      upload.inProgress = await this.#uploads.has(target) || await this.#parts.has(target);
    }
    return upload.inProgress;
  }

  /** Lets go of the rest. */
  async close(): Promise<void> {
    for (const rows of [this.heads, this.#blobs, this.#refs, this.#uploads, this.#parts]) {
      await rows.close();
    }
  }
}

/** The chunks of one object, one upload after the other: first those that it holds, then references. */
export class Chunks {
  readonly #object: Uint8Array;
  readonly #kinds: readonly KeyedRows<Located<ChunkKey>>[];
  /** The kind of the current row. */
  #kind = 0;
  #row: ChunkRow | undefined;

  /** Stands before the first one. */
  constructor(object: Uint8Array, ...kinds: KeyedRows<Located<ChunkKey>>[]) {
    this.#object = object;
    this.#kinds = kinds;
  }

  /** The next row, or `undefined` at the end. */
  next(): MaybePromise<ChunkRow | undefined> {
    const moved = this.#row?.rows.next();
    return isPromise(moved) ? moved.then(() => this.#find()) : this.#find();
  }

  #find(): ChunkRow | undefined {
    const object = this.#object;
    let upload = this.#row?.upload;
    for (; upload && this.#kind < this.#kinds.length; this.#kind++) {
      const rows = this.#kinds[this.#kind];
      if (rows.isAt(object) && equalBytes(rows.key!.upload, upload.id)) return this.#take(upload);
    }
    upload = undefined;
    for (const [kind, rows] of this.#kinds.entries()) {
      if (!rows.isAt(object)) continue;
      if (upload && compareBytes(rows.key!.upload, upload.id) >= 0) continue;
      upload = { id: rows.key!.upload };
      this.#kind = kind;
    }
    return upload ? this.#take(upload) : this.#row = undefined;
  }

  #take(upload: Upload): ChunkRow {
    const rows = this.#kinds[this.#kind];
    return this.#row = { rows, key: rows.key!, offloaded: this.#kind === 1, upload };
  }
}
