/**
 * Puts a body together from an object's chunks, and says whether they are all there. Nothing is written
 * before that is known; until then a chunk is only the place where it lies.
 *
 * A chunk belongs to the body when its key names the object's upload and one of its parts in the right
 * version. Others are left over from earlier uploads. Each part must have all the chunks that it is
 * said to have and no more, of the sizes given, and all parts together must be as long as the object.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { digestOf, sha256 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import { UnsoundError } from "../../errors.ts";
import type { ChunkKey } from "../../keyspace/s3_keys.ts";
import { type RowBatch, rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import { Body, ChunkTable, readPiece } from "./body.ts";
import { parseChunkRef } from "./chunk_ref.ts";
import { hasAllSizes, type Manifest, type Part, sizesMismatch, sizesOf } from "./manifest.ts";

/** A body up to this size is kept when its chunks go by, so that they need not be read again: 1 MiB. */
export const KEPT_BODY: number = 1 << 20;

/** A part, and what there is of it. */
export interface Slot {
  /** As the manifest has it. */
  part: Part;
  /** Its place among the parts. */
  place: number;
  /** Chunks so far. */
  chunks: number;
  /** Bytes so far. */
  size: number;
  /** The sizes that the next chunks must have, if they are given. */
  sizes: Iterator<bigint, void>;
  /** The number of the chunk that came last in the table. */
  last: number;
  /** Bytes of that chunk. */
  lastSize: number;
}

/** Takes the chunks of one object. */
export class Assembly {
  /** What is wrong with the body, if anything is. */
  fault: string | undefined;
  /** Rows that belong to the body. */
  rows = 0;
  /** Those of them that another row of the same chunk came after. */
  replaced = 0;
  /** Where the chunks lie. */
  readonly chunks: ChunkTable = new ChunkTable();
  readonly #context: AdapterContext;
  readonly #manifest: Manifest;
  readonly #slots: Slot[];
  readonly #byName = new Map<string, Slot>();
  #current: Slot | undefined;
  #inOrder = true;
  #kept: ByteBuilder | undefined = new ByteBuilder(0);

  /** The manifest's bytes must stay as they are until {@link finish}. */
  constructor(context: AdapterContext, manifest: Manifest) {
    this.#context = context;
    this.#manifest = manifest;
    const parts = new Map<string, Part>();
    for (const part of manifest.parts) parts.set(nameOf(part), part);
    this.#slots = [...parts.values()].sort(inOrder).map((part, place) => ({
      part,
      place,
      chunks: 0,
      size: 0,
      sizes: sizesOf(part),
      last: 0,
      lastSize: 0,
    }));
    for (const slot of this.#slots) {
      const { part } = slot;
      // A part without chunks has no body, whatever lies under its number.
      if (part.chunkCount === 0n) continue;
      this.#byName.set(nameOf(part), slot);
      if (part.chunkSizes.count > 0 && !hasAllSizes(part)) this.#fail(sizesMismatch(part));
    }
  }

  /** The part that a chunk belongs to, or `undefined` if it does not belong to the body. */
  slotOf(key: ChunkKey, offloaded: boolean): Slot | undefined {
    const { uploadId } = this.#manifest;
    const anyUpload = uploadId.length === 0 && !offloaded;
    if (!anyUpload && !equalBytes(key.upload, uploadId)) return undefined;
    const current = this.#current;
    if (current && isOf(current.part, key, offloaded)) return current;
    const slot = this.#byName.get(`${key.part}/${key.version}/${offloaded}`);
    if (slot) this.#current = slot;
    return slot;
  }

  /** Takes an inline chunk. */
  addInline(slot: Slot, key: ChunkKey, batch: RowBatch, i: number): void {
    const place = [batch.inputs[i], batch.positions[i], batch.lengths[i]] as const;
    const value = rowValue(batch, i);
    if (this.#replaces(slot, key, value.length)) this.chunks.put(slot.last, ...place);
    else if (this.#follows(slot, key, value)) this.chunks.add(slot.place, ...place);
  }

  /** Takes a reference to a chunk, and looks at the chunk itself. */
  async addReference(slot: Slot, key: ChunkKey, batch: RowBatch, i: number): Promise<void> {
    const { ranges } = batch;
    const ref = parseChunkRef(batch.bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
    if (typeof ref === "string") {
      this.rows++;
      this.#fail(`${nameOfChunk(key)}: ${ref}`);
      return;
    }
    const chunk = await this.#find(ref.digest);
    if (!chunk) {
      const where = ref.replicas.length > 0 ? `; it was stored on ${ref.replicas.join(", ")}` : "";
      const wanted = `no sound row has SHA-256 ${toHex(ref.digest)}`;
      this.#fail(`${nameOfChunk(key)} is missing: ${wanted}${where}`);
    } else if (BigInt(chunk.length) !== ref.size) {
      this.#fail(`${nameOfChunk(key)} has ${chunk.length} bytes instead of ${ref.size}`);
    }
    const piece = chunk ?? new Uint8Array(0);
    if (this.#replaces(slot, key, piece.length)) this.chunks.putDigest(slot.last, ref.digest);
    else if (this.#follows(slot, key, piece)) this.chunks.addDigest(slot.place, ref.digest);
  }

  /** The body, or `undefined` when {@link fault} says why there is none. */
  finish(): Body | undefined {
    for (const { part, chunks } of this.#slots) {
      if (BigInt(chunks) !== part.chunkCount) {
        this.#fail(`part ${part.number} has ${chunks} chunks instead of ${part.chunkCount}`);
      }
    }
    const sizes = this.#slots.map(({ size }) => size);
    const size = sizes.reduce((a, b) => a + b, 0);
    if (BigInt(size) !== this.#manifest.size) {
      this.#fail(`the body has ${size} bytes instead of ${this.#manifest.size}`);
    }
    if (this.fault !== undefined) return undefined;
    const bytes = this.#inOrder ? this.#kept?.view() : undefined;
    return new Body(this.#context, this.chunks, this.#order(), sizes, bytes);
  }

  /** The first fault is the one that is reported. */
  #fail(fault: string): void {
    this.fault ??= fault;
  }

  /**
   * Whether a chunk is the one that came before it, under another key: version 0 can be left out or be
   * written. The key without it sorts behind and is the one that the server reads.
   */
  #replaces(slot: Slot, key: ChunkKey, size: number): boolean {
    if (slot.chunks === 0 || key.chunk !== BigInt(slot.chunks - 1)) return false;
    this.rows++;
    this.replaced++;
    if (size !== slot.lastSize && slot.part.chunkSizes.count > 0) {
      this.#fail(`${nameOfChunk(key)} has ${size} bytes instead of ${slot.lastSize}`);
    }
    slot.size += size - slot.lastSize;
    slot.lastSize = size;
    this.#kept = undefined;
    return true;
  }

  /** Takes the next chunk of a part; chunks of a part come in ascending order. */
  #follows(slot: Slot, key: ChunkKey, value: Uint8Array): boolean {
    this.rows++;
    if (key.chunk !== BigInt(slot.chunks)) {
      this.#fail(`${nameOfChunk(key)} stands where chunk ${slot.chunks} should`);
      return false;
    }
    const size = slot.sizes.next().value;
    if (size !== undefined && size !== BigInt(value.length)) {
      this.#fail(`${nameOfChunk(key)} has ${value.length} bytes instead of ${size}`);
    }
    slot.chunks++;
    slot.size += value.length;
    slot.last = this.chunks.count;
    slot.lastSize = value.length;
    if (slot.last > 0 && this.chunks.parts[slot.last - 1] > slot.place) this.#inOrder = false;
    if (this.#kept && this.#kept.length + value.length <= KEPT_BODY) this.#kept.append(value);
    else this.#kept = undefined;
    return true;
  }

  /** The chunk with a digest, if it is there and is the one. */
  async #find(digest: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      const value = await readPiece(this.#context.rows, digest);
      return value && equalBytes(digestOf(sha256, value), digest) ? value : undefined;
    } catch (error) {
      // A row that cannot be decrypted is reported when all such rows are gone through.
      if (error instanceof UnsoundError) return undefined;
      throw error;
    }
  }

  #order(): Uint32Array | undefined {
    if (this.#inOrder) return undefined;
    const { parts } = this.chunks;
    return Uint32Array.from({ length: this.chunks.count }, (_, i) => i)
      .sort((a, b) => parts[a] - parts[b] || a - b);
  }
}

function nameOf(part: Part): string {
  return `${part.number}/${versionOf(part)}/${part.offloaded}`;
}

function versionOf(part: Part): bigint {
  return part.offloaded ? part.refVersion : part.version;
}

function isOf(part: Part, key: ChunkKey, offloaded: boolean): boolean {
  return part.number === key.part && versionOf(part) === key.version &&
    part.offloaded === offloaded;
}

function inOrder(a: Part, b: Part): number {
  return compare(a.number, b.number) || compare(versionOf(a), versionOf(b)) ||
    Number(a.offloaded) - Number(b.offloaded);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nameOfChunk({ part, chunk }: ChunkKey): string {
  return `chunk ${chunk} of part ${part}`;
}
