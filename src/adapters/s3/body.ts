/** The body of an object: chunks that lie all over the snapshot, read when they are wanted. @module */

import { throwIfAborted } from "../../errors.ts";
import { chunkBlobKey } from "../../keyspace/s3_keys.ts";
import type { Rows } from "../../mvcc/rows.ts";
import type { AdapterContext } from "../context.ts";

/** Bytes of a digest. */
export const DIGEST_LENGTH = 32;

/** Where chunks lie, in the order in which they came; 18 bytes of memory a chunk, 32 more for a digest. */
export class ChunkTable {
  /** Chunks in it. */
  count = 0;
  /** The place of each chunk's part among the parts of the body. */
  parts: Uint32Array = new Uint32Array(4);
  #inputs = new Uint16Array(4);
  #positions = new Float64Array(4);
  #lengths = new Uint32Array(4);
  /** The digests of offloaded chunks, by the chunk's number in the table. */
  #digests: Uint8Array | undefined;

  /** Adds an inline chunk. */
  add(part: number, input: number, position: number, length: number): void {
    if (this.count === this.parts.length) this.#grow();
    this.parts[this.count] = part;
    this.put(this.count++, input, position, length);
  }

  /** Lets another row be chunk `i`. */
  put(i: number, input: number, position: number, length: number): void {
    this.#inputs[i] = input;
    this.#positions[i] = position;
    this.#lengths[i] = length;
  }

  /** Adds a chunk that is found by its digest. */
  addDigest(part: number, digest: Uint8Array): void {
    this.add(part, 0, 0, 0);
    this.putDigest(this.count - 1, digest);
  }

  /** Lets chunk `i` be the one with another digest. */
  putDigest(i: number, digest: Uint8Array): void {
    this.#digests ??= new Uint8Array(this.parts.length * DIGEST_LENGTH);
    this.#digests.set(digest, i * DIGEST_LENGTH);
    this.#lengths[i] = 0;
  }

  /** The digest of chunk `i`, or `undefined` for an inline one. */
  digest(i: number): Uint8Array | undefined {
    if (this.#lengths[i] > 0) return undefined;
    return this.#digests?.subarray(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH);
  }

  /** Reads chunk `i`. */
  async read({ rows }: AdapterContext, i: number): Promise<Uint8Array> {
    const digest = this.digest(i);
    // That the piece is there, and is the right one, was looked at when the chunk was added.
    if (digest) return (await readPiece(rows, digest))!;
    const handle = {
      input: this.#inputs[i],
      position: this.#positions[i],
      length: this.#lengths[i],
    };
    return (await rows.read(handle)).value;
  }

  #grow(): void {
    const length = this.count * 2;
    this.parts = grown(this.parts, new Uint32Array(length));
    this.#inputs = grown(this.#inputs, new Uint16Array(length));
    this.#positions = grown(this.#positions, new Float64Array(length));
    this.#lengths = grown(this.#lengths, new Uint32Array(length));
    this.#digests &&= grown(this.#digests, new Uint8Array(length * DIGEST_LENGTH));
  }
}

/**
 * The piece that is stored under a digest, if there is one; nothing says yet that it is the right one.
 * A piece never changes, and the server does not ask when it was stored: neither does this.
 *
 * @throws {UnsoundError} when it cannot be decrypted.
 */
export async function readPiece(rows: Rows, digest: Uint8Array): Promise<Uint8Array | undefined> {
  const [newest] = await rows.history(chunkBlobKey(digest));
  return newest?.value;
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

  /**
   * Made from chunks that were found to be whole.
   *
   * @param order The numbers of the chunks in the order of the body, where they did not come in it.
   */
  constructor(
    context: AdapterContext,
    chunks: ChunkTable,
    order: Uint32Array | undefined,
    partSizes: readonly number[],
    bytes: Uint8Array | undefined,
  ) {
    this.#context = context;
    this.#chunks = chunks;
    this.#order = order;
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
    for (let at = 0; at < this.#chunks.count; at++) {
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
