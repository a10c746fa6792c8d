/**
 * Says of an object's chunks which belong to its body, in which order, and whether they are all there.
 *
 * A chunk belongs to the body when its key names the object's upload and one of its parts in the right
 * version. Others are left over from earlier uploads. Each part must have all the chunks that it is
 * said to have and no more, of the sizes given, and all parts together must be as long as the object.
 *
 * @module
 */

import { equalBytes } from "../../bytes/compare.ts";
import { digestOf, sha256 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import { UnsoundError } from "../../errors.ts";
import type { ChunkKey } from "../../keyspace/s3_keys.ts";
import { type RowBatch, rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import { ChunkTable, readPiece } from "./chunk_table.ts";
import { parseChunkRef } from "./chunk_ref.ts";
import { hasAllSizes, type ObjectHead, type Part, sizesMismatch, sizesOf } from "./values.ts";

/** A part, and what there is of it. */
export interface Slot {
  /** As the head has it. */
  part: Part;
  /** Its place among the parts. */
  place: number;
  /** Chunks so far. */
  chunks: number;
  /** Bytes so far. */
  size: number;
  /** The sizes that the next chunks must have, if they are given. */
  sizes: Iterator<bigint, void>;
  /** The number in the table of the row that came last. */
  last: number;
  /** Bytes of its chunk. */
  lastSize: number;
}

/** Takes the chunks of one object. */
export class Assembly {
  /** What is wrong with the body, if anything is. */
  fault: string | undefined;
  /** The rows that belong to its parts. */
  readonly chunks: ChunkTable;
  /** Whether chunks come in the order of the body, whatever they are. */
  readonly isOrdered: boolean;
  /** Whether the chunk that came last stands for the one before it. */
  replaced = false;
  readonly #context: AdapterContext;
  readonly #head: ObjectHead;
  readonly #slots: Slot[];
  #byName: Map<string, Slot> | undefined;
  #current: Slot | undefined;

  /**
   * The head's bytes must stay as they are until {@link finish}.
   *
   * @param chunks An empty table.
   */
  constructor(
    context: AdapterContext,
    head: ObjectHead,
    chunks: ChunkTable = new ChunkTable(),
  ) {
    this.#context = context;
    this.chunks = chunks;
    this.#head = head;
    this.isOrdered = comeInOrder(head);
    this.#slots = distinct(head.parts).map((part, place) => ({
      part,
      place,
      chunks: 0,
      size: 0,
      sizes: sizesOf(part),
      last: 0,
      lastSize: 0,
    }));
    for (const { part } of this.#slots) {
      if (hasChunks(part) && part.chunkSizes.count > 0 && !hasAllSizes(part)) {
        this.#fail(sizesMismatch(part));
      }
    }
  }

  /** How many parts there are. */
  get parts(): number {
    return this.#slots.length;
  }

  /** The part that a chunk belongs to, or `undefined` if it does not belong to the body. */
  slotOf(key: ChunkKey, offloaded: boolean): Slot | undefined {
    const { uploadId } = this.#head;
    const anyUpload = uploadId.length === 0 && !offloaded;
    if (!anyUpload && !equalBytes(key.upload, uploadId)) return undefined;
    const current = this.#current ??= this.#slots.find(({ part }) => hasChunks(part));
    if (current && isOf(current.part, key, offloaded)) return current;
    const slot = this.#slotsByName().get(`${key.part}/${key.version}/${offloaded}`);
    if (slot) this.#current = slot;
    return slot;
  }

  /** A body with one part is the usual one, and needs no names. */
  #slotsByName(): Map<string, Slot> {
    return this.#byName ??= new Map(
      this.#slots.filter(({ part }) => hasChunks(part)).map((slot) => [nameOf(slot.part), slot]),
    );
  }

  /** Takes an inline chunk, and returns it. */
  addInline(slot: Slot, key: ChunkKey, batch: RowBatch, i: number): Uint8Array {
    const piece = rowValue(batch, i);
    this.#add(slot, key, piece, batch, i);
    return piece;
  }

  /** Takes a reference to a chunk, and returns the chunk itself; an empty one if it is not there. */
  async addReference(
    slot: Slot,
    key: ChunkKey,
    batch: RowBatch,
    i: number,
  ): Promise<Uint8Array> {
    const { ranges } = batch;
    const ref = parseChunkRef(batch.bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
    if (typeof ref === "string") {
      this.chunks.addUnused(batch, i);
      this.#fail(`${nameOfChunk(key)}: ${ref}`);
      return NOTHING;
    }
    const chunk = await this.#find(ref.digest);
    if (!chunk) {
      const where = ref.replicas.length > 0 ? `; it was stored on ${ref.replicas.join(", ")}` : "";
      const wanted = `no sound row has SHA-256 ${toHex(ref.digest)}`;
      this.#fail(`${nameOfChunk(key)} is missing: ${wanted}${where}`);
    } else if (BigInt(chunk.length) !== ref.size) {
      this.#fail(`${nameOfChunk(key)} has ${chunk.length} bytes instead of ${ref.size}`);
    }
    this.#add(slot, key, chunk ?? NOTHING, batch, i, ref.digest);
    return chunk ?? NOTHING;
  }

  /** Says that there are no more chunks. */
  finish(): void {
    for (const { part, chunks } of this.#slots) {
      if (BigInt(chunks) !== part.chunkCount) {
        this.#fail(`part ${part.number} has ${chunks} chunks instead of ${part.chunkCount}`);
      }
    }
    const size = this.#slots.reduce((sum, slot) => sum + slot.size, 0);
    if (BigInt(size) !== this.#head.size) {
      this.#fail(`the body has ${size} bytes instead of ${this.#head.size}`);
    }
  }

  /** Says that a chunk was there before. */
  failTwice(key: ChunkKey): void {
    this.#fail(`${nameOfChunk(key)} is there twice`);
  }

  /** The first fault is the one that is reported. */
  #fail(fault: string): void {
    this.fault ??= fault;
  }

  #add(
    slot: Slot,
    key: ChunkKey,
    piece: Uint8Array,
    batch: RowBatch,
    i: number,
    digest?: Uint8Array,
  ): void {
    const place = key.chunk - BigInt(slot.chunks);
    // Version 0 can be left out of a key or be written: of two rows of one chunk, the one without it
    // comes last and is the one that the server reads.
    const again = this.replaced = place === -1n;
    if (place !== 0n && !again) {
      this.#fail(`${nameOfChunk(key)} stands where chunk ${slot.chunks} should`);
      this.chunks.addUnused(batch, i, digest);
      return;
    }
    const given = slot.part.chunkSizes.count > 0;
    const size = again ? BigInt(slot.lastSize) : slot.sizes.next().value;
    if (given && size !== undefined && size !== BigInt(piece.length)) {
      this.#fail(`${nameOfChunk(key)} has ${piece.length} bytes instead of ${size}`);
    }
    if (again) this.chunks.drop(slot.last);
    else slot.chunks++;
    slot.size += piece.length - (again ? slot.lastSize : 0);
    slot.last = this.chunks.add(slot.place, batch, i, digest);
    slot.lastSize = piece.length;
  }

  /** The chunk with a digest, if it is there and is the one. */
  async #find(digest: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      const value = await readPiece(this.#context, digest);
      return value && equalBytes(digestOf(sha256, value), digest) ? value : undefined;
    } catch (error) {
      // A row that cannot be decrypted is reported when all such rows are gone through.
      if (error instanceof UnsoundError) return undefined;
      throw error;
    }
  }
}

const NOTHING = new Uint8Array(0);

/**
 * Whether the chunks of a body are stored in its order. They are not where some parts are inline and
 * others are not, where there are two versions of a part, or where any upload's chunks are taken.
 */
function comeInOrder({ uploadId, parts }: ObjectHead): boolean {
  if (uploadId.length === 0) return false;
  if (parts.length < 2) return true;
  const used = parts.filter(hasChunks);
  return used.every(({ offloaded }) => offloaded === used[0].offloaded) &&
    new Set(used.map(({ number }) => number)).size === used.length;
}

/** A part without chunks has no body, whatever lies under its number. */
function hasChunks({ chunkCount }: Part): boolean {
  return chunkCount !== 0n;
}

/** The parts in the order of the body; of those with one name, the last one counts. */
function distinct(parts: readonly Part[]): readonly Part[] {
  if (parts.length < 2) return parts;
  return [...new Map(parts.map((part) => [nameOf(part), part])).values()].sort(inOrder);
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
