/** Text of records on a terminal: bytes are refused, and characters that it would obey are escaped. @module */

import { UsageError } from "../errors.ts";
import { printable } from "../text/printable.ts";

/** Takes the bytes of a record, some at a time. */
export class TerminalText {
  readonly #print: (text: string) => void;
  readonly #instead: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
    let text: string | undefined;
    try {
      text = this.#decoder.decode(bytes, { stream: true });
    } catch {
      // It is no UTF-8.
    }
    if (text === undefined || text.includes("\0")) {
      throw new UsageError("bytes are not written to a terminal", {
        hint: `redirect them: ${this.#instead}`,
      });
    }
    this.#print(
      text.split(/([\n\t])/).map((part) =>
        part === "\n" || part === "\t" ? part : printable(part, Infinity)
      ).join(""),
    );
  }
}
