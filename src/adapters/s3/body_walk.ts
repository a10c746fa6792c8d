/**
 * Reads a body while the rows of its chunks go by. What was given of a body that turns out not to be
 * whole is worth nothing: that shows at the end.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { segmentEnd } from "../../bytes/segments.ts";
import { type Place, throwIfAborted, UnsoundError } from "../../errors.ts";
import type { AdapterContext } from "../context.ts";
import { Assembly } from "./assembly.ts";
import type { ChunkTable } from "./chunk_table.ts";
import { EtagCheck } from "./etag.ts";
import type { ChunkRow } from "./rows.ts";
import type { Manifest } from "./values.ts";

/** What is read of an object. */
export interface WalkParts {
  context: AdapterContext;
  /** The rows of its chunks. */
  rows: AsyncIterable<ChunkRow>;
  /** Its bytes must stay as they are until the end. */
  manifest: Manifest;
  /** Where the manifest is, for errors. */
  place: Place;
  /** Takes a row that is no chunk of the body. */
  leave?: (row: ChunkRow) => Promise<void>;
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
  /** Whether anything has been asked for. */
  begun = false;
  /** At the end: the ETag that the body has, if it is another than it should be. */
  mismatch: string | undefined;
  readonly #parts: WalkParts;
  readonly #assembly: Assembly;
  readonly #etag: EtagCheck | undefined;
  readonly #pieces: AsyncGenerator<Piece, void>;

  /** Nothing is read yet. */
  constructor(parts: WalkParts) {
    const { context, manifest, checksEtag } = parts;
    this.#parts = parts;
    this.#assembly = new Assembly(context, manifest);
    if (checksEtag) this.#etag = EtagCheck.of(manifest.etag, this.#assembly.parts);
    this.#pieces = this.#read();
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
    const { value, done } = await this.#pieces.next();
    if (done) return undefined;
    this.#etag?.update(value.bytes, value.part);
    return value.bytes;
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

  async *#read(): AsyncGenerator<Piece, void> {
    const { context, rows, leave } = this.#parts;
    const assembly = this.#assembly;
    const { chunks, isOrdered } = assembly;
    // A version 0 that is written out: the next row may stand for the same chunk, and counts then.
    let waiting: Piece | undefined;
    for await (const row of rows) {
      const { key, offloaded, rows: { batch, i } } = row;
      const slot = assembly.slotOf(key, offloaded);
      if (!slot) {
        await leave?.(row);
        continue;
      }
      const bytes = offloaded
        ? await assembly.addReference(slot, key, batch, i)
        : assembly.addInline(slot, key, batch, i);
      if (assembly.replaced && isOrdered && !waiting) assembly.failTwice(key);
      if (assembly.fault !== undefined || !isOrdered) continue;
      if (waiting && !assembly.replaced) yield waiting;
      const part = slot.place;
      waiting = writesVersion0(row) ? { bytes: bytes.slice(), part } : undefined;
      if (!waiting) yield { bytes, part };
    }
    assembly.finish();
    if (assembly.fault !== undefined) return;
    if (waiting) yield waiting;
    if (!isOrdered) {
      for (const n of chunks.order()) {
        yield { bytes: await chunks.read(context, n), part: chunks.part(n) };
      }
    }
    this.mismatch = this.#etag?.mismatch();
  }
}

/** Whether the row's key has a version, and it is 0. The server leaves that out. */
function writesVersion0({ key, rows: { batch, i } }: ChunkRow): boolean {
  if (key.version !== 0n) return false;
  const end = batch.ranges[i * 4 + 1];
  // Behind the upload's id come the numbers of part and chunk.
  return end - segmentEnd(batch.bytes, key.objectEnd, end) > 16;
}
