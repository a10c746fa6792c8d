/** The file of a collection, whose elements may have to be seen before it is known where it goes. @module */

import type { ByteBuilder } from "../../bytes/builder.ts";
import type { Scratch, ScratchFile } from "../../sources/scratch.ts";
import { readAt } from "../../sources/source.ts";
import type { Pieces } from "../../text/json_writer.ts";
import type { TreeOutput } from "../../tree/output.ts";
import type { SinkFile } from "../../tree/sink.ts";

/** Bytes that are copied at once. */
const COPIED = 1 << 18;

/** A file that is written in one go if it is short. */
export class CollectionFile {
  readonly #output: TreeOutput;
  readonly #path: string;
  readonly #out: ByteBuilder;
  readonly #scratch: Scratch | undefined;
  #file: SinkFile | undefined;
  #waiting: ScratchFile | undefined;

  /**
   * @param out What is held of it.
   * @param scratch Where a long one waits, if what stands before its path shows at its end.
   */
  constructor(output: TreeOutput, path: string, out: ByteBuilder, scratch: Scratch | undefined) {
    this.#output = output;
    this.#path = path;
    this.#out = out;
    this.#scratch = scratch;
  }

  /** Writes what is held. */
  async flush(): Promise<void> {
    if (this.#scratch) {
      this.#waiting ??= this.#scratch.create();
      await this.#waiting.append(this.#out.view());
    } else {
      this.#file ??= await this.#output.createNew(this.#path);
      await this.#file.write(this.#out.view());
    }
    this.#out.clear();
  }

  /** Runs a writer, and writes what comes of it. */
  async pour(pieces: Pieces): Promise<void> {
    while (!pieces.next().done) await this.flush();
  }

  /** Ends it. Only one that can wait can have something before its path. */
  async close(root: string): Promise<void> {
    const path = root + this.#path;
    if (!this.#file && !this.#waiting) return await this.#output.putNew(path, this.#out.view());
    await this.flush();
    this.#file ??= await this.#copied(path, this.#waiting!);
    await this.#file.close();
  }

  async #copied(path: string, waiting: ScratchFile): Promise<SinkFile> {
    const file = await this.#output.createNew(path, waiting.size);
    for (let at = 0; at < waiting.size; at += COPIED) {
      await file.write(await readAt(waiting, at, COPIED));
    }
    waiting.close();
    return file;
  }
}
