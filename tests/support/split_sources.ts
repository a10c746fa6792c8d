/** Sources that give the same bytes in awkward ways. @module */

import type { MaybePromise, Source } from "../../src/sources/source.ts";

/** Answers later, always or now and then. */
export class LateSource implements Source {
  readonly name = "late";
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #everySecond: boolean;
  #reads = 0;

  constructor(bytes: Uint8Array, everySecond = false) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.#everySecond = everySecond;
  }

  read(offset: number, into: Uint8Array): MaybePromise<number> {
    const part = this.#bytes.subarray(offset, offset + into.length);
    const fill = (): number => {
      into.set(part);
      return part.length;
    };
    if (this.#everySecond && this.#reads++ % 2 === 0) return fill();
    return Promise.resolve().then(fill);
  }

  close(): void {}
}

/** Breaks the promise of sources: a read stops at a split point although more would follow. */
export class SplitSource implements Source {
  readonly name = "split";
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #split: number;

  constructor(bytes: Uint8Array, split: number) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.#split = split;
  }

  read(offset: number, into: Uint8Array): number {
    const end = offset < this.#split ? this.#split : this.size;
    const part = this.#bytes.subarray(offset, Math.min(end, offset + into.length));
    into.set(part);
    return part.length;
  }

  close(): void {}
}

/** A stream of the bytes, cut at these offsets. */
export function streamInPieces(
  bytes: Uint8Array,
  cuts: readonly number[],
): ReadableStream<Uint8Array> {
  const ends = [...cuts, bytes.length];
  let at = 0;
  return new ReadableStream({
    pull(controller): void {
      const end = ends.shift();
      if (end === undefined) return controller.close();
      controller.enqueue(bytes.slice(at, end));
      at = end;
    },
  });
}
