/** Pieces in buffers that are moved between threads. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import type { Piece } from "./half.ts";
import type { Results } from "./messages.ts";

const COLUMNS = 4;
const PART = 1 << 12;

/** Copies pieces one behind the other. */
export class ResultBuilder {
  /** How many there are. */
  count = 0;
  readonly #pieces: ByteBuilder;
  readonly #table: ByteBuilder;
  readonly #bytes: ByteBuilder;
  readonly #notes: ByteBuilder;

  /** @param spare Buffers to write into. */
  constructor(spare?: Results) {
    this.#pieces = builder(spare?.pieces);
    this.#table = builder(spare?.table);
    this.#bytes = builder(spare?.bytes);
    this.#notes = builder(spare?.notes);
  }

  /** Adds a piece. */
  add({ count, table, bytes, notes }: Piece): void {
    this.#table.append(new Uint8Array(table.buffer, table.byteOffset, table.byteLength));
    this.#bytes.append(bytes);
    this.#notes.append(notes);
    const ends = [count, this.#table.length / 4, this.#bytes.length, this.#notes.length];
    this.#pieces.append(new Uint8Array(Uint32Array.from(ends).buffer));
    this.count++;
  }

  /** The buffers; the builder is over. */
  take(): Results {
    return {
      pieces: bufferOf(this.#pieces),
      table: bufferOf(this.#table),
      bytes: bufferOf(this.#bytes),
      notes: bufferOf(this.#notes),
    };
  }
}

/** The pieces again. */
export function* piecesOf(
  { pieces, table, bytes, notes }: Results,
  count: number,
): Generator<Piece> {
  const ends = new Uint32Array(pieces, 0, COLUMNS * count);
  let [tableAt, bytesAt, notesAt] = [0, 0, 0];
  for (let i = 0; i < ends.length; i += COLUMNS) {
    const [rows, tableEnd, bytesEnd, notesEnd] = ends.subarray(i, i + COLUMNS);
    yield {
      count: rows,
      table: new Uint32Array(table, 4 * tableAt, tableEnd - tableAt),
      bytes: new Uint8Array(bytes, bytesAt, bytesEnd - bytesAt),
      notes: new Uint8Array(notes, notesAt, notesEnd - notesAt),
    };
    [tableAt, bytesAt, notesAt] = [tableEnd, bytesEnd, notesEnd];
  }
}

/** What has to be moved. */
export function transferOf({ pieces, table, bytes, notes }: Results): ArrayBuffer[] {
  return [pieces, table, bytes, notes];
}

function builder(spare: ArrayBuffer | undefined): ByteBuilder {
  const out = new ByteBuilder(0);
  out.bytes = new Uint8Array(spare ?? new ArrayBuffer(PART));
  return out;
}

function bufferOf({ bytes }: ByteBuilder): ArrayBuffer {
  return bytes.buffer as ArrayBuffer;
}
