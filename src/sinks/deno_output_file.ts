/** An archive as a file, through Deno's synchronous calls. @module */

import { OutputError } from "../errors.ts";
import { fileError } from "../sources/deno_error.ts";
import type { TarOutput } from "./tar_sink.ts";

/** Writes a new file of mode 0600. What stands there already, a symlink too, is left alone. */
export class DenoOutputFile implements TarOutput {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  /**
   * Makes the file.
   *
   * @throws {OutputError} `output-exists` when there is something of this name.
   * @throws {PermissionError} when Deno may not write it.
   */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) {
        throw new OutputError("output-exists", "the output exists", {
          file: path,
          hint: "choose another name",
        });
      }
      throw fileError(error, path, "write");
    }
  }

  /** See {@link TarOutput.write}. */
  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    } catch (error) {
      throw fileError(error, this.#path, "write");
    }
  }

  /** See {@link TarOutput.close}. */
  close(): void {
    this.#file.close();
  }

  /** See {@link TarOutput.abort}. */
  abort(): void {
    this.#file.close();
    Deno.removeSync(this.#path);
  }
}
