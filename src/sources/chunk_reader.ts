/** Bytes that come in chunks, taken in the pieces that are wanted. @module */

import { DecantError, OutputError, throwIfAborted, UsageError } from "../errors.ts";
import { pause } from "./pause.ts";
import type { Source } from "./source.ts";

const READ_LENGTH = 1 << 20;

/** A chunk that a producer gives is its own again when the next one is asked for. */
export type Chunks = AsyncIterable<Uint8Array>;

/** Reads chunks as one run of bytes. What it gives is valid until it is asked again. */
export class ChunkReader {
  /** Bytes taken so far. */
  position = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  /** Nothing is read yet. */
  constructor(chunks: Chunks) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes without taking them: fewer than so many only at the end. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#chunk.length < length) {
      const kept = this.#chunk.slice();
      const { done, value } = await this.#chunks.next();
      if (done) break;
      if (kept.length === 0) this.#chunk = value;
      else {
        this.#chunk = new Uint8Array(kept.length + value.length);
        this.#chunk.set(kept);
        this.#chunk.set(value, kept.length);
      }
    }
    return this.#chunk.subarray(0, length);
  }

  /** Takes the next bytes: fewer than so many only at the end. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.peek(length);
    this.#chunk = this.#chunk.subarray(bytes.length);
    this.position += bytes.length;
    return bytes;
  }

  /** Takes everything that is left, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = await this.peek(1);
      if (bytes.length === 0) return;
      yield await this.take(this.#chunk.length);
    }
  }

  /** Says that nothing more will be taken. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** The bytes of a source. */
export async function* chunksOf(source: Source, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0;;) {
    await pause(signal);
    const bytes = new Uint8Array(Math.min(READ_LENGTH, source.size - at));
    const n = await source.read(at, bytes);
    if (n === 0) return;
    at += n;
    yield bytes.subarray(0, n);
  }
}

/** The bytes of a stream. Waiting for them ends when the signal fires. */
export async function* chunksOfStream(
  stream: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (stream.locked) throw new UsageError("the stream is being read by something else");
  const reader = stream.getReader();
  // A source that still waits for something is not waited for.
  const cancel = (): void => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  try {
    for (;;) {
      throwIfAborted(signal);
      const { done, value } = await readFrom(reader);
      throwIfAborted(signal);
      if (done) return;
      if (!(value instanceof Uint8Array)) {
        throw new UsageError("the stream gives something else than bytes", {
          hint: "give one of Uint8Array; texts and other buffers must be turned into it",
        });
      }
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}

/** An error of what writes to the stream is none of this program. */
async function readFrom(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (cause) {
    if (cause instanceof DecantError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError("input-failed", `the stream ended with an error: ${why}`, {
      hint: "look at what gives it, and begin again",
    }, { cause });
  }
}
