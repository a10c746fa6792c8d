/**
 * A file system of the other kind: it takes letters of two cases for one, and the ways in which Unicode
 * spells a character, and it refuses what Windows refuses. Where a real one would write two files into
 * one, or a file under another name, this one fails the test.
 *
 * It is written from what is known of these systems, and not from the rules that it tests.
 *
 * @module
 */

import { OutputError } from "../../src/errors.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import type { SinkFile } from "../../src/tree/sink.ts";

/** Keeps every file that such a file system would have. */
export class PickySink extends MemorySink {
  /** By what the file system compares, how each path was spelled first. */
  readonly #spelled = new Map<string, string>();

  /** See {@link Sink.keepsNames}. */
  override keepsNames(): boolean {
    return false;
  }

  /** See {@link Sink.put}. */
  override put(path: string, bytes: Uint8Array): boolean {
    this.#look(path);
    return super.put(path, bytes);
  }

  /** See {@link Sink.create}. */
  override create(path: string): SinkFile | undefined {
    this.#look(path);
    return super.create(path);
  }

  /** See {@link Sink.directory}. */
  override directory(path: string): void {
    this.#look(path);
    super.directory(path);
  }

  #look(path: string): void {
    let prefix = "";
    for (const name of path.split("/")) {
      if (isRefused(name)) throw new OutputError("output-failed", "refused", { file: path });
      if (name.normalize("NFC") !== name) throw new Error(`would be changed: ${path}`);
      prefix += "/" + name;
      const compared = prefix.normalize("NFD").toUpperCase().normalize("NFD").toLowerCase();
      const first = this.#spelled.get(compared) ?? prefix;
      if (first !== prefix) throw new Error(`one to the file system: ${first} ${prefix}`);
      this.#spelled.set(compared, prefix);
    }
  }
}

const DEVICES = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
for (const digit of "0123456789¹²³") DEVICES.push("COM" + digit, "LPT" + digit);

/** Whether Windows does not have a name, or a file system not one of this length. */
function isRefused(name: string): boolean {
  const base = name.split(".")[0].trimEnd().toUpperCase();
  return name === "" || name === "." || name === ".." || /[. ]$/.test(name) ||
    [...name].some((char) => char < " " || '<>:"/\\|?*'.includes(char)) ||
    DEVICES.includes(base) || new TextEncoder().encode(name).length > 255;
}
