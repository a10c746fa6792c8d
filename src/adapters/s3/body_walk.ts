/**
 * Reads a body while the rows of its chunks go by. What was given of a body that turns out not to be
 * whole is worth nothing: that shows at the end.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { type Place, throwIfAborted, UnsoundError } from "../../errors.ts";
import { isPromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import { Assembly } from "./assembly.ts";
import type { ChunkTable } from "./chunk_table.ts";
import { EtagCheck } from "./etag.ts";
import { type ChunkRow, type Chunks, writesVersion0 } from "./rows.ts";
import type { ObjectHead } from "./values.ts";

/** What is read of an object. */
export interface WalkParts {
  context: AdapterContext;
  /** The rows of its chunks. */
  rows: Chunks;
  /** Its bytes must stay as they are until the end. */
  head: ObjectHead;
  /** Where the head is, for errors. */
  place: Place;
  /** Takes a row that is no chunk of the body. */
  leave?: (row: ChunkRow) => Promise<void>;
  /** An empty one, to be used again when the walk is over. */
  chunks?: ChunkTable;
  /** Whether the ETag is computed. */
  checksEtag?: boolean;
}

/** A piece of a body, and the place of the part that it belongs to. */
interface Piece {
  bytes: Uint8Array;
  part: number;
}

/** Goes once through the chunks of one object. */
export class BodyWalk {
  /** Whether anything has been asked for, or its turn is over. */
  begun = false;
  /** At the end: the ETag that the body has, if it is another than it should be. */
  mismatch: string | undefined;
  readonly #parts: WalkParts;
  readonly #assembly: Assembly;
  #etag: EtagCheck | undefined;
  /** A version 0 that is written out: the next row may stand for the same chunk, and counts then. */
  #waiting: Piece | undefined;
  /** The piece behind the one that was given last, if it has been read. */
  #ahead: Piece | undefined;
  /** Of a body that is not stored in its order: the rows that are left to be read. */
  #left: number[] | undefined;
  #isOver = false;

  /** Nothing is read yet. */
  constructor(parts: WalkParts) {
    const { context, head, chunks, checksEtag } = parts;
    this.#parts = parts;
    this.#assembly = new Assembly(context, head, chunks);
    if (checksEtag) this.#etag = EtagCheck.of(head.etag, Number(head.size), this.#assembly.parts);
  }

  /** The rows of the chunks that have gone by. */
  get chunks(): ChunkTable {
    return this.#assembly.chunks;
  }

  /** What is wrong with the body, as far as that is known. */
  get error(): UnsoundError | undefined {
    const { fault } = this.#assembly;
    return fault === undefined ? undefined : new UnsoundError("incomplete-object", fault, {
      ...this.#parts.place,
      hint: "take another replica's snapshot, or give several: they are read as one",
    });
  }

  /** The next piece of the body, valid until the one behind it is asked for; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    throwIfAborted(this.#parts.context.signal);
    this.begun = true;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const piece = ahead ?? await this.#read();
    if (!piece) return undefined;
    this.#etag?.update(piece.bytes, piece.part);
    return piece.bytes;
  }

  /** Goes through what is left. */
  async finish(): Promise<void> {
    while (await this.next());
  }

  /** The whole body, which is to have so many bytes; `undefined` if it is not sound. */
  async take(size: number): Promise<Uint8Array | undefined> {
    const out = new ByteBuilder(Math.max(0, size));
    for (let bytes = await this.next(); bytes; bytes = await this.next()) {
      if (out.length + bytes.length <= size) out.append(bytes);
    }
    return this.#assembly.fault === undefined ? out.view() : undefined;
  }

  async #read(): Promise<Piece | undefined> {
    const { rows, leave } = this.#parts;
    const assembly = this.#assembly;
    while (!this.#isOver) {
      const moved = rows.next();
      const row = isPromise(moved) ? await moved : moved;
      if (!row) break;
      const { key, offloaded, rows: { batch, i } } = row;
      const slot = assembly.slotOf(key, offloaded);
      if (!slot) {
        await leave?.(row);
        continue;
      }
      const bytes = offloaded
        ? await assembly.addReference(slot, key, batch, i)
        : assembly.addInline(slot, key, batch, i);
      if (assembly.isOrdered) {
        const piece = this.#inOrder(row, { bytes, part: slot.place });
        if (piece) return piece;
      }
    }
    return await this.#readEnd();
  }

  /** What can be given when a row has been read whose piece comes next. */
  #inOrder(row: ChunkRow, piece: Piece): Piece | undefined {
    const assembly = this.#assembly;
    let waiting = this.#waiting;
    this.#waiting = undefined;
    if (assembly.replaced) {
      if (!waiting) assembly.failTwice(row.key);
      waiting = undefined;
    }
    if (assembly.fault !== undefined) return undefined;
    if (writesVersion0(row.key, row.rows.batch, row.rows.i)) {
      this.#waiting = { ...piece, bytes: piece.bytes.slice() };
    } else if (waiting) this.#ahead = piece;
    else return piece;
    return waiting;
  }

  /** What is left when all rows have gone by. */
  async #readEnd(): Promise<Piece | undefined> {
    const assembly = this.#assembly;
    const { chunks, isOrdered } = assembly;
    if (!this.#isOver) {
      this.#isOver = true;
      assembly.finish();
      this.#left = isOrdered ? [] : [...chunks.order()].reverse();
    }
    if (assembly.fault !== undefined) return undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) return waiting;
    const n = this.#left!.pop();
    if (n === undefined) {
      if (this.#etag) this.mismatch = this.#etag.mismatch();
      this.#etag = undefined;
      return undefined;
    }
    return { bytes: await chunks.read(this.#parts.context, n), part: chunks.part(n) };
  }
}
