/** Text of records on a terminal: bytes are refused, and characters that it would obey are escaped. @module */

import { UsageError } from "../errors.ts";
import { printable } from "../text/printable.ts";

/** Takes the bytes of a record, some at a time. */
export class TerminalText {
  readonly #print: (text: string) => void;
  readonly #instead: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #endsLine = true;

  /** @param instead The command that writes them to a file. */
  constructor(print: (text: string) => void, instead: string) {
    this.#print = print;
    this.#instead = instead;
  }

  /**
   * Prints the next bytes.
   *
   * @throws {UsageError} when they are no text.
   */
  write(bytes: Uint8Array): void {
    const text = this.#decoded(bytes);
    if (text === "") return;
    this.#endsLine = text.endsWith("\n");
    this.#print(
      text.split(/([\n\t])/).map((part) =>
        part === "\n" || part === "\t" ? part : printable(part, Infinity)
      ).join(""),
    );
  }

  /**
   * Ends the last line, so that the prompt of the shell stands on one of its own.
   *
   * @throws {UsageError} when a character was cut off.
   */
  end(): void {
    this.#decoded();
    if (!this.#endsLine) this.#print("\n");
  }

  /** Text of the next bytes; without any, of what is left of those before. */
  #decoded(bytes?: Uint8Array): string {
    let text: string | undefined;
    try {
      text = this.#decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      // It is no UTF-8.
    }
    if (text !== undefined && !text.includes("\0")) return text;
    throw new UsageError("bytes are not written to a terminal", {
      hint: `redirect them: ${this.#instead}`,
    });
  }
}
