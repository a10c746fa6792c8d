/** The body of an object: chunks that lie all over the snapshot, read when they are wanted. @module */

import { throwIfAborted } from "../../errors.ts";
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
  #lastPart = 0;
  #isBody = true;

  /** Whether every row is a piece of the body, and comes behind the one before. */
  get isBody(): boolean {
    return this.#isBody;
  }

  /**
   * Adds row `i` of a batch: the next piece of a part.
   *
   * @param digest Of the piece, if the row does not hold it itself.
   * @returns The row's number in the table.
   */
  add(part: number, batch: RowBatch, i: number, digest?: Uint8Array): number {
    if (part < this.#lastPart) this.#isBody = false;
    this.#lastPart = part;
    return this.#append(part, batch, i, digest);
  }

  /** Adds a row that belongs to the object and is no piece of its body. */
  addUnused(batch: RowBatch, i: number, digest?: Uint8Array): void {
    this.drop(this.#append(UNUSED, batch, i, digest));
  }

  /** Lets row `n` be no piece of the body. */
  drop(n: number): void {
    this.#parts[n] = UNUSED;
    this.#isBody = false;
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

  /** The numbers of the body's pieces in its order, or `undefined` if that is the order of the rows. */
  order(): Uint32Array | undefined {
    if (this.#isBody) return undefined;
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

  #append(part: number, batch: RowBatch, i: number, digest?: Uint8Array): number {
    const n = this.count++;
    if (n === this.#parts.length) this.#grow();
    this.#parts[n] = part;
    this.#inputs[n] = batch.inputs[i];
    this.#positions[n] = batch.positions[i];
    this.#lengths[n] = batch.lengths[i];
    if (digest) {
      this.#hasDigest[n] = 1;
      this.#digests ??= new Uint8Array(this.#parts.length * DIGEST_LENGTH);
      this.#digests.set(digest, n * DIGEST_LENGTH);
    }
    return n;
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
 * @throws {UnsoundError} when it cannot be decrypted.
 */
export async function readPiece(
  context: AdapterContext,
  digest: Uint8Array,
): Promise<Uint8Array | undefined> {
  for await (const { value } of context.rows.history(chunkBlobKey(digest), context)) return value;
  return undefined;
}

function grown<T extends { set(from: T): void }>(old: T, bigger: T): T {
  bigger.set(old);
  return bigger;
}

/** A whole body. It can be read as often as wanted. */
export class Body {
  /** In bytes. */
  readonly size: number;
  /** The bytes of each part, parts in order. */
  readonly partSizes: readonly number[];
  /** The body itself, where it is small. */
  readonly bytes: Uint8Array | undefined;
  readonly #context: AdapterContext;
  readonly #chunks: ChunkTable;
  readonly #order: Uint32Array | undefined;

  /** Made from chunks that were found to be whole. */
  constructor(
    context: AdapterContext,
    chunks: ChunkTable,
    partSizes: readonly number[],
    bytes: Uint8Array | undefined,
  ) {
    this.#context = context;
    this.#chunks = chunks;
    this.#order = chunks.order();
    this.partSizes = partSizes;
    this.size = partSizes.reduce((a, b) => a + b, 0);
    this.bytes = bytes;
  }

  /** The body from its first byte to its last. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.bytes) {
      if (this.size > 0) yield this.bytes;
      return;
    }
    const count = this.#order?.length ?? this.#chunks.count;
    for (let at = 0; at < count; at++) {
      throwIfAborted(this.#context.signal);
      const chunk = await this.#chunks.read(this.#context, this.#order?.[at] ?? at);
      if (chunk.length > 0) yield chunk;
    }
  }

  /** The same as a stream. */
  stream(): ReadableStream<Uint8Array> {
    const chunks = this[Symbol.asyncIterator]();
    return new ReadableStream({
      async pull(controller): Promise<void> {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(): Promise<void> {
        await chunks.return(undefined);
      },
    });
  }
}
