/** A snapshot with one huge object that takes no space: its bytes are made when they are read. @module */

import { putU64be } from "../../../src/bytes/integers.ts";
import type { Source } from "../../../src/sources/source.ts";
import { rawStream, storedKey, storedValue, type TestEntry } from "../../support/stream.ts";
import { blobRow, bucketRows, headRow } from "./support.ts";

const HEADER = 16;

/** `chunks` chunks of 1 MiB; every byte of a chunk is the last byte of its number. */
export class HugeObject implements Source {
  readonly name = "huge.fsm";
  readonly size: number;
  /** Bytes that have been read so far. */
  bytesRead = 0;
  readonly #head: Uint8Array;
  /** What stands before the data of a chunk, and where its number is in it. */
  readonly #frame: Uint8Array;
  readonly #numberAt: number;
  readonly #frameLength: number;
  readonly #chunksEnd: number;
  readonly #tail: Uint8Array;

  constructor(chunks: number, chunkSize = 1 << 20) {
    const row = blobRow("huge", new Uint8Array(chunkSize));
    const frame = stream([row]).subarray(HEADER);
    this.#frameLength = frame.length;
    this.#frame = frame.slice(0, frame.length - chunkSize);
    // The length of the key stands before it, and the number of the chunk ends it: 8 bytes each.
    this.#numberAt = (row.key as Uint8Array).length;
    const sizes = Array(chunks).fill(chunkSize);
    const object = headRow("huge", {
      upload_id: "u",
      size_bytes: chunks * chunkSize,
      parts: [{ part_no: 1, chunk_count: chunks, chunk_sizes: sizes }],
    });
    const tail = stream([...bucketRows("b").reverse(), object]);
    this.#head = tail.slice(0, HEADER);
    this.#tail = tail.subarray(HEADER);
    this.#chunksEnd = HEADER + chunks * this.#frameLength;
    this.size = this.#chunksEnd + this.#tail.length;
  }

  read(offset: number, into: Uint8Array): number {
    const end = Math.min(this.size, offset + into.length);
    let at = offset;
    while (at < end) at += this.#fill(at, into.subarray(at - offset, end - offset));
    this.bytesRead += end - offset;
    return end - offset;
  }

  close(): void {}

  /** Fills as much as one piece of the file has from there on. */
  #fill(at: number, into: Uint8Array): number {
    if (at < HEADER) return copy(this.#head, at, into);
    if (at >= this.#chunksEnd) return copy(this.#tail, at - this.#chunksEnd, into);
    const chunk = Math.floor((at - HEADER) / this.#frameLength);
    const inFrame = (at - HEADER) % this.#frameLength;
    if (inFrame < this.#frame.length) {
      putU64be(this.#frame, this.#numberAt, BigInt(chunk));
      return copy(this.#frame, inFrame, into);
    }
    const length = Math.min(into.length, this.#frameLength - inFrame);
    into.fill(chunk, 0, length);
    return length;
  }
}

/** A bare stream; the entries are in order. */
function stream(entries: TestEntry[]): Uint8Array {
  return rawStream(entries.map((entry) => [storedKey(entry.key, 1n), storedValue(entry)]));
}

function copy(from: Uint8Array, start: number, into: Uint8Array): number {
  const part = from.subarray(start, start + into.length);
  into.set(part);
  return part.length;
}
