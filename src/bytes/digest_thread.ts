/**
 * Digests of many bytes, taken by a thread beside the caller's.
 *
 * Bytes go through a ring of slots in shared memory. The caller fills a slot and goes on; it waits only
 * when all slots are full, and for the digest at the end. So a digest here is as synchronous as any
 * other.
 *
 * ```text
 * words := slots put in i32 ‖ slots done with i32 ‖ { stream i32 ‖ length i32, or −1: the end }* of slots
 * bytes := slot*, 1 MiB each; the digest of a stream stands where the slot of its end is
 * ```
 *
 * @module
 */

import type { Digest } from "./digest.ts";
import { nativeModule } from "./native_module.ts";

/** Digests that a thread takes. */
export type ThreadKind = "sha256" | "md5";

/** A power of two. */
const SLOTS = 4;
const SLOT_LENGTH = 1 << 20;
const PUT = 0;
const DONE = 1;
const FIRST_SLOT = 2;
const END = -1;
const DIGEST_LENGTHS: Record<ThreadKind, number> = { sha256: 32, md5: 16 };
/** A thread needs milliseconds for what is in its ring. One that does not come back is lost. */
const PATIENCE_MS = 60_000;
const MAX_I32 = 2 ** 31 - 1;

/** Whether there can be threads: with shared memory and the runtime's own digests. */
export function canHaveThreads(): boolean {
  return nativeModule("node:crypto") !== undefined &&
    typeof SharedArrayBuffer === "function" && typeof Worker === "function";
}

/** A thread that takes digests of one kind. */
export class DigestThread {
  readonly #kind: ThreadKind;
  readonly #worker: Worker;
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * (FIRST_SLOT + 2 * SLOTS)));
  readonly #bytes = new Uint8Array(new SharedArrayBuffer(SLOTS * SLOT_LENGTH));
  #put = 0;
  #streams = 0;

  /** Starts it. It keeps the program running until it is closed. */
  constructor(kind: ThreadKind) {
    this.#kind = kind;
    const program = new Blob([`(${serve})()`], { type: "text/javascript" });
    const url = URL.createObjectURL(program);
    this.#worker = new Worker(url, { type: "module" });
    const layout = { PUT, DONE, FIRST_SLOT, SLOTS, SLOT_LENGTH };
    this.#worker.postMessage({ kind, words: this.#words, bytes: this.#bytes, layout });
  }

  /** A new stream. There may be several at the same time. */
  stream(): Digest {
    const number = this.#streams;
    this.#streams = (number + 1) & MAX_I32;
    return {
      update: (bytes) => {
        for (let at = 0; at < bytes.length; at += SLOT_LENGTH) {
          this.#add(number, bytes.subarray(at, at + SLOT_LENGTH));
        }
      },
      digest: () => this.#end(number),
    };
  }

  /** Ends it. There must be no streams. */
  close(): void {
    this.#waitFor(this.#put - SLOTS + 1);
    // While it waits for a slot it does not hear that it should end.
    this.#send(END, END);
    this.#worker.terminate();
  }

  #add(stream: number, bytes: Uint8Array): void {
    this.#waitFor(this.#put - SLOTS + 1);
    this.#bytes.set(bytes, (this.#put & (SLOTS - 1)) * SLOT_LENGTH);
    this.#send(stream, bytes.length);
  }

  #end(stream: number): Uint8Array {
    this.#waitFor(this.#put - SLOTS + 1);
    const at = (this.#put & (SLOTS - 1)) * SLOT_LENGTH;
    this.#send(stream, END);
    this.#waitFor(this.#put);
    return this.#bytes.slice(at, at + DIGEST_LENGTHS[this.#kind]);
  }

  #send(stream: number, length: number): void {
    const at = FIRST_SLOT + 2 * (this.#put & (SLOTS - 1));
    this.#words[at] = stream;
    this.#words[at + 1] = length;
    this.#put = (this.#put + 1) | 0;
    Atomics.store(this.#words, PUT, this.#put);
    Atomics.notify(this.#words, PUT);
  }

  /** Waits until so many slots are done with; both numbers may have passed the greatest one. */
  #waitFor(slots: number): void {
    // Of a program that was stopped and goes on, the time is over at once: the thread was stopped as well.
    for (let waits = 0;;) {
      const done = Atomics.load(this.#words, DONE);
      if (((done - slots) | 0) >= 0) return;
      const end = Atomics.wait(this.#words, DONE, done, PATIENCE_MS);
      waits = end === "timed-out" ? waits + 1 : 0;
      if (waits === 2) {
        throw new Error(`the thread that takes ${this.#kind} digests does not answer`);
      }
    }
  }
}

/** What a {@link DigestThread} gives its worker. */
interface Assignment {
  kind: ThreadKind;
  words: Int32Array<SharedArrayBuffer>;
  bytes: Uint8Array;
  layout: Record<"PUT" | "DONE" | "FIRST_SLOT" | "SLOTS" | "SLOT_LENGTH", number>;
}

/** What is used of the native module. */
interface NativeCrypto {
  createHash(name: string): { update(bytes: Uint8Array): void; digest(): Uint8Array };
}

/** The program of the worker. It is given as a text, so it knows nothing of this file. */
function serve(): void {
  const scope = globalThis as unknown as {
    process: { getBuiltinModule(name: string): NativeCrypto };
    onmessage: (event: { data: Assignment }) => void;
    close(): void;
  };
  scope.onmessage = ({ data: { kind, words, bytes, layout } }) => {
    const { PUT, DONE, FIRST_SLOT, SLOTS, SLOT_LENGTH } = layout;
    const { createHash } = scope.process.getBuiltinModule("node:crypto");
    const streams = new Map<number, ReturnType<typeof createHash>>();
    for (let done = 0;;) {
      while (Atomics.load(words, PUT) === done) Atomics.wait(words, PUT, done);
      const slot = done & (SLOTS - 1);
      const stream = words[FIRST_SLOT + 2 * slot];
      const length = words[FIRST_SLOT + 2 * slot + 1];
      if (stream < 0) break;
      const at = slot * SLOT_LENGTH;
      let hash = streams.get(stream);
      if (!hash) streams.set(stream, hash = createHash(kind));
      if (length >= 0) hash.update(bytes.subarray(at, at + length));
      else {
        bytes.set(hash.digest(), at);
        streams.delete(stream);
      }
      done = (done + 1) | 0;
      Atomics.store(words, DONE, done);
      Atomics.notify(words, DONE);
    }
    scope.close();
  };
}
