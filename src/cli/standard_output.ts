/** Standard output as the place where a stream goes. @module */

import { AbortedError, UsageError } from "../errors.ts";
import { fileError } from "../sources/deno_error.ts";
import type { TarOutput } from "../sinks/tar_sink.ts";
import { escapeHidden } from "./json.ts";

/** The path that means standard output. */
export const STANDARD_OUTPUT = "-";

/** Writes to standard output. What is written cannot be taken back. */
export class StandardOutput implements TarOutput {
  readonly #signal: AbortSignal;
  readonly #escapes: boolean;

  /**
   * @param text Whether lines of JSON are written, which a terminal may show.
   * @throws {UsageError} when bytes would go to a terminal.
   */
  constructor(signal: AbortSignal, text: boolean) {
    this.#signal = signal;
    this.#escapes = Deno.stdout.isTerminal();
    if (this.#escapes && !text) {
      throw new UsageError("bytes are not written to a terminal", {
        hint: "redirect standard output to a file or a program, or name a file with -o",
      });
    }
  }

  /** Waits until it is written, however slow the reader is, but not after an interruption. */
  write(bytes: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(new AbortedError());
    this.#signal.addEventListener("abort", onAbort);
    this.#writeAll(this.#escapes ? escaped(bytes) : bytes).then(resolve, reject);
    return promise.finally(() => this.#signal.removeEventListener("abort", onAbort));
  }

  /** It is not ours to close. */
  close(): void {}

  /** Nothing can be taken back. */
  abort(): void {}

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    } catch (error) {
      throw fileError(error, "standard output", "write");
    }
  }
}

function escaped(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(escapeHidden(new TextDecoder().decode(bytes)));
}
