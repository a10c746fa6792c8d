/** Splits a stream of bytes into lines. @module */

import { ByteBuilder } from "../bytes/builder.ts";

/** A line: `bytes[start, end)` without its line feed; valid until the next one is asked for. */
export interface Line {
  /** The bytes in which it stands. */
  bytes: Uint8Array;
  /** Offset of its first byte in `bytes`. */
  start: number;
  /** Offset behind its last byte in `bytes`. */
  end: number;
  /** 1 for the first line. */
  number: number;
  /** Where it starts in the stream. */
  offset: number;
}

/** Chunks of bytes, now or later. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * The lines of a stream. A line ends at LF; one CR before it is not part of the line; the last line
 * needs no LF.
 *
 * @param limit The most bytes that a line may have.
 * @param tooLong Makes the error for a longer line.
 */
export async function* lines(
  chunks: Chunks,
  limit: number,
  tooLong: (number: number, offset: number) => Error,
): AsyncGenerator<Line, void> {
  const rest = new ByteBuilder(); // the beginning of a line that goes on in the next chunk
  let number = 1;
  let offset = 0;

  const line = (bytes: Uint8Array, start: number, feed: number): Line => {
    const end = feed > start && bytes[feed - 1] === 0x0d ? feed - 1 : feed;
    if (end - start > limit) throw tooLong(number, offset);
    const found = { bytes, start, end, number, offset };
    number++;
    offset += feed - start + 1;
    return found;
  };

  for await (const chunk of chunks) {
    let start = 0;
    while (true) {
      const feed = chunk.indexOf(0x0a, start);
      if (feed < 0) break;
      if (rest.length === 0) {
        yield line(chunk, start, feed);
      } else {
        rest.append(chunk, start, feed);
        yield line(rest.bytes, 0, rest.length);
        rest.clear();
      }
      start = feed + 1;
    }
    // One more than the limit may still be the CR that does not count.
    if (rest.length + chunk.length - start > limit + 1) throw tooLong(number, offset);
    rest.append(chunk, start);
  }
  if (rest.length > 0) yield line(rest.bytes, 0, rest.length);
}
