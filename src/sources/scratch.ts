/**
 * Scratch files: bytes that are appended once and read back at any offset, for streams that must
 * be spooled and sorts that do not fit in memory. The memory kind stands here; the kind that lives
 * in a hidden folder of the output is with the sinks.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import { pause } from "./pause.ts";
import type { MaybePromise, Source } from "./source.ts";

/** A source that can still grow. */
export interface ScratchFile extends Source {
  /** Adds bytes at the end; the caller may reuse its buffer afterwards. */
  append(bytes: Uint8Array): MaybePromise<void>;
}

/** Where scratch files are made. */
export interface Scratch {
  /** Bytes that there may be room for: no end of it on a disk. */
  readonly room: number;
  /** A new, empty file; `close` deletes it. */
  create(): ScratchFile;
  /** Deletes everything that is left. */
  close(): void;
}

/**
 * The same scratch space for one piece of work: before anything is written or read the event loop has its
 * turn, and when the signal has fired, nothing more is. Whoever sorts or merges through it can be stopped
 * at any time.
 */
export function stoppable(scratch: Scratch, signal: AbortSignal | undefined): Scratch {
  const after = <T>(work: () => MaybePromise<T>): MaybePromise<T> => {
    const turn = pause(signal);
    return turn ? turn.then(work) : work();
  };
  return {
    get room() {
      return scratch.room;
    },
    create: () => {
      const file = scratch.create();
      return {
        name: file.name,
        get size() {
          return file.size;
        },
        append: (bytes) => after(() => file.append(bytes)),
        read: (offset, into) => after(() => file.read(offset, into)),
        close: () => file.close(),
      };
    },
    close: () => scratch.close(),
  };
}

/**
 * The error of work that scratch space in memory is too small for.
 *
 * @param needed Bytes that are needed at least; one more than there is room for, where nobody knows.
 * @param file What needs them, where that is one file.
 */
export function spoolNeeded(needed: number, limit: number, file?: string): OutputError {
  const [mib, room] = [Math.ceil(needed / 2 ** 20), Math.floor(limit / 2 ** 20)];
  const message = mib > room + 1
    ? `at least ${mib} MiB of scratch space are needed, and memory gives ${room} MiB`
    : `more than ${room} MiB of scratch space is needed`;
  const hint = "give a folder for it";
  return new OutputError("spool-needed", message, { file, hint, option: "scratch" });
}

/** Default of {@link MemoryScratch}: 64 MiB. */
export const MEMORY_SCRATCH_LIMIT: number = 64 << 20;

/** Scratch files in memory, all of them together at most `limit` bytes. */
export class MemoryScratch implements Scratch {
  readonly #limit: number;
  #used = 0;

  /**
   * Empty at first.
   *
   * @param limit Most bytes: 64 MiB unless given.
   */
  constructor(limit: number = MEMORY_SCRATCH_LIMIT) {
    this.#limit = limit;
  }

  /** See {@link Scratch.room}. */
  get room(): number {
    return this.#limit - this.#used;
  }

  create(): ScratchFile {
    return new MemoryScratchFile((n) => this.#charge(n));
  }

  close(): void {}

  #charge(bytes: number): void {
    if (this.#used + bytes > this.#limit) {
      throw spoolNeeded(this.#limit + 1, this.#limit);
    }
    this.#used += bytes;
  }
}

const BLOCK = 1 << 16;

class MemoryScratchFile implements ScratchFile {
  readonly name = "scratch";
  size = 0;
  readonly #charge: (bytes: number) => void;
  #blocks: Uint8Array[] = [];

  constructor(charge: (bytes: number) => void) {
    this.#charge = charge;
  }

  append(bytes: Uint8Array): void {
    this.#charge(bytes.length);
    let from = 0;
    while (from < bytes.length) {
      const at = this.size % BLOCK;
      if (at === 0) this.#blocks.push(new Uint8Array(BLOCK));
      const n = Math.min(BLOCK - at, bytes.length - from);
      this.#blocks[this.#blocks.length - 1].set(bytes.subarray(from, from + n), at);
      from += n;
      this.size += n;
    }
  }

  read(offset: number, into: Uint8Array): number {
    const end = Math.min(this.size, offset + into.length);
    let at = offset;
    while (at < end) {
      const inBlock = at % BLOCK;
      const n = Math.min(BLOCK - inBlock, end - at);
      into.set(this.#blocks[Math.floor(at / BLOCK)].subarray(inBlock, inBlock + n), at - offset);
      at += n;
    }
    return Math.max(0, end - offset);
  }

  close(): void {
    this.#charge(-this.size);
    this.#blocks = [];
    this.size = 0;
  }
}
