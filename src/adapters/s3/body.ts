/** The body of an object, read when it is wanted. @module */

import type { Place, UnsoundError } from "../../errors.ts";
import { prefixRange } from "../../mvcc/key_range.ts";
import { rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import { Ledger } from "../ledger.ts";
import { BodyWalk } from "./body_walk.ts";
import type { Within } from "./keyed_rows.ts";
import { ObjectRows } from "./rows.ts";
import { type ObjectHead, parseObjectHead } from "./values.ts";

/** A body up to this size is read before its object is given: 1 MiB. */
export const SMALL_BODY: number = 1 << 20;

/** What a body is read from. */
export interface BodyParts {
  context: AdapterContext;
  /** What the keys of all rows of the object go on with, behind their prefixes. */
  object: Uint8Array;
  /** Bytes, as the object's row has them. */
  size: number;
  /** Where the object's row is. */
  place: Place;
  /** The chunks that go by, if they do: they are what is read first. */
  walk?: BodyWalk;
  /** The body itself, if it is known. */
  bytes?: Uint8Array;
}

/**
 * A body. It can be read as often as wanted, for as long as the snapshot is open. Every reading looks at
 * all of its chunks and ends with an error if they are not what the object's row says.
 */
export class Body {
  /** In bytes, as the object's row says. */
  readonly size: number;
  readonly #parts: BodyParts;

  /** Nothing is read. */
  constructor(parts: BodyParts) {
    this.size = parts.size;
    this.#parts = parts;
  }

  /** The body itself where it is small and whole, and has been read. */
  get known(): Uint8Array | undefined {
    return this.#parts.bytes;
  }

  /** From now on the body is read when it is wanted: the bytes that were known belong to others. */
  forget(): void {
    this.#parts.bytes = undefined;
  }

  /** What is wrong with it, as far as that is known without reading. */
  get error(): UnsoundError | undefined {
    return this.#parts.walk?.error;
  }

  /**
   * The body from its first byte to its last. A piece is valid until the one behind it is asked for.
   *
   * @throws {UnsoundError} `incomplete-object`, at the end.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const { bytes, walk } = this.#parts;
    if (bytes) {
      if (bytes.length > 0) yield bytes;
    } else if (walk && !walk.begun) {
      yield* piecesOf(walk);
      if (walk.error) throw walk.error;
    } else if (walk?.error) throw walk.error;
    else yield* readAgain(this.#parts);
  }

  /**
   * The same as a stream.
   *
   * @throws {UnsoundError} as above, by the stream.
   */
  stream(): ReadableStream<Uint8Array> {
    const pieces = this[Symbol.asyncIterator]();
    return new ReadableStream({
      async pull(controller): Promise<void> {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value.slice());
      },
      async cancel(): Promise<void> {
        await pieces.return(undefined);
      },
    });
  }
}

async function* piecesOf(walk: BodyWalk): AsyncGenerator<Uint8Array, void> {
  for (let bytes = await walk.next(); bytes; bytes = await walk.next()) {
    if (bytes.length > 0) yield bytes;
  }
}

/** Reads a body by itself. What becomes of the rows is said, or was, by whoever goes through all. */
async function* readAgain(
  { context, object, place }: BodyParts,
): AsyncGenerator<Uint8Array, void> {
  let problem: UnsoundError | undefined;
  const aside = context.with({
    ledger: new Ledger([]),
    handlers: { onProblem: ({ error }) => void (problem ??= error), onWarning: () => {} },
  });
  const rows = await ObjectRows.open(aside, [prefixRange(object)] as Within);
  try {
    const state = rows.next()!;
    const { batch, i } = rows.heads;
    const value = rowValue(batch, i);
    const head = parseObjectHead(value, 0, value.length) as ObjectHead;
    const walk = new BodyWalk({ context: aside, rows: rows.chunks(state), head, place });
    yield* piecesOf(walk);
    if (walk.error) throw problem ?? walk.error;
  } finally {
    await rows.close();
  }
}
