/** Where the chunks of one object lie. @module */

import type { UnsoundError } from "../../errors.ts";
import { chunkBlobKey } from "../../keyspace/s3_keys.ts";
import type { RowBatch, RowHandle } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";

/** Bytes of a digest. */
export const DIGEST_LENGTH = 32;

/** Instead of a part's place: the row is no piece of the body. */
const UNUSED = 0xffff;

/**
 * The rows of an object's chunks, in the order in which they came: 17 bytes of memory a row, and 32 more
 * where pieces are found by their digests.
 */
export class ChunkTable {
  /** Rows in it. */
  count = 0;
  /** The place of each row's part among the parts of the body, which are at most 10,000. */
  #parts = new Uint16Array(4);
  #inputs = new Uint16Array(4);
  #positions = new Float64Array(4);
  #lengths = new Uint32Array(4);
  /** Whether the piece is found by its digest. */
  #hasDigest = new Uint8Array(4);
  #digests: Uint8Array | undefined;

  /**
   * Adds row `i` of a batch: the next piece of a part.
   *
   * @param digest Of the piece, if the row does not hold it itself.
   * @returns The row's number in the table.
   */
  add(part: number, batch: RowBatch, i: number, digest?: Uint8Array): number {
    const n = this.count++;
    if (n === this.#parts.length) this.#grow();
    this.#parts[n] = part;
    this.#inputs[n] = batch.inputs[i];
    this.#positions[n] = batch.positions[i];
    this.#lengths[n] = batch.lengths[i];
    this.#hasDigest[n] = digest ? 1 : 0;
    if (digest) {
      this.#digests ??= new Uint8Array(this.#parts.length * DIGEST_LENGTH);
      this.#digests.set(digest, n * DIGEST_LENGTH);
    }
    return n;
  }

  /** Adds a row that belongs to the object and is no piece of its body. */
  addUnused(batch: RowBatch, i: number, digest?: Uint8Array): void {
    this.add(UNUSED, batch, i, digest);
  }

  /** Lets row `n` be no piece of the body. */
  drop(n: number): void {
    this.#parts[n] = UNUSED;
  }

  /** Whether row `n` is a piece of the body. */
  isUsed(n: number): boolean {
    return this.#parts[n] !== UNUSED;
  }

  /** The digest of the piece of row `n`, or `undefined` if the row holds it itself. */
  digest(n: number): Uint8Array | undefined {
    if (this.#hasDigest[n] === 0) return undefined;
    return this.#digests!.subarray(n * DIGEST_LENGTH, (n + 1) * DIGEST_LENGTH);
  }

  /** Where row `n` lies. */
  handle(n: number): RowHandle {
    return { input: this.#inputs[n], position: this.#positions[n], length: this.#lengths[n] };
  }

  /** The place of the part that row `n` is a piece of. */
  part(n: number): number {
    return this.#parts[n];
  }

  /** The numbers of the body's pieces, in its order. */
  order(): Uint32Array {
    const parts = this.#parts;
    return Uint32Array.from({ length: this.count }, (_, n) => n).filter((n) => this.isUsed(n))
      .sort((a, b) => parts[a] - parts[b] || a - b);
  }

  /** Reads the piece of row `n`. */
  async read(context: AdapterContext, n: number): Promise<Uint8Array> {
    const digest = this.digest(n);
    // That the piece is there, and is the right one, was looked at when the row was added.
    if (digest) return (await readPiece(context, digest))!;
    return (await context.rows.read(this.handle(n), context)).value;
  }

  /** Forgets all rows. */
  clear(): void {
    this.count = 0;
  }

  #grow(): void {
    const length = this.#parts.length * 2;
    this.#parts = grown(this.#parts, new Uint16Array(length));
    this.#inputs = grown(this.#inputs, new Uint16Array(length));
    this.#positions = grown(this.#positions, new Float64Array(length));
    this.#lengths = grown(this.#lengths, new Uint32Array(length));
    this.#hasDigest = grown(this.#hasDigest, new Uint8Array(length));
    this.#digests &&= grown(this.#digests, new Uint8Array(length * DIGEST_LENGTH));
  }
}

/**
 * The piece that is stored under a digest, if there is one; nothing says yet that it is the right one.
 * A piece never changes, and the server does not ask when it was stored: neither does this.
 *
 * @throws {UnsoundError} when it is stored, and can never be read.
 */
export async function readPiece(
  context: AdapterContext,
  digest: Uint8Array,
): Promise<Uint8Array | undefined> {
  let unsound: UnsoundError | undefined;
  const onUnsound = (error: UnsoundError): void => void (unsound ??= error);
  const { rows, signal } = context;
  const versions = rows.history(chunkBlobKey(digest), { onUnsound, signal });
  for await (const { value } of versions) return value;
  if (unsound) throw unsound;
  return undefined;
}

function grown<T extends { set(from: T): void }>(old: T, bigger: T): T {
  bigger.set(old);
  return bigger;
}
