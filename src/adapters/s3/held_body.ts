/** Bodies that must be known to be whole before any of them is written. @module */

import { UnsoundError } from "../../errors.ts";
import type { Scratch, ScratchFile } from "../../sources/scratch.ts";
import { readAt } from "../../sources/source.ts";
import type { Body } from "./body.ts";
import type { ObjectRecord } from "./records.ts";

/**
 * Reads an object's body to its end. One that is not whole is refused: then there is none.
 *
 * @param scratch Where the body is kept; without it, it is read from the snapshot again.
 * @param see Called with its pieces.
 */
export async function holdBody(
  { body, receipt }: ObjectRecord,
  scratch: Scratch | undefined,
  see?: (bytes: Uint8Array) => void,
): Promise<HeldBody | undefined> {
  try {
    return await HeldBody.of(body, scratch, see);
  } catch (error) {
    if (!(error instanceof UnsoundError)) throw error;
    receipt.refuse(error);
    return undefined;
  }
}

/**
 * A body that was read to its end. Unless it is small, it is kept in scratch space, but not in more than
 * half of it: what is longer is read from the snapshot again.
 */
export class HeldBody {
  readonly #body: Body;
  readonly #file: ScratchFile | undefined;
  /** Of the pieces in the file. */
  readonly #lengths: readonly number[];

  private constructor(body: Body, file: ScratchFile | undefined, lengths: readonly number[]) {
    this.#body = body;
    this.#file = file;
    this.#lengths = lengths;
  }

  /** Reads a body. See {@link holdBody}. */
  static async of(
    body: Body,
    scratch: Scratch | undefined,
    see?: (bytes: Uint8Array) => void,
  ): Promise<HeldBody> {
    const mayFit = scratch && body.known === undefined && body.size <= scratch.room / 2;
    const file = mayFit ? scratch.create() : undefined;
    const lengths: number[] = [];
    try {
      for await (const bytes of body) {
        see?.(bytes);
        // A body that is longer than it should be is refused at its end.
        if (!file || file.size + bytes.length > body.size) continue;
        await file.append(bytes);
        lengths.push(bytes.length);
      }
    } catch (error) {
      file?.close();
      throw error;
    }
    return new HeldBody(body, file, lengths);
  }

  /** The body, in the pieces in which it is stored. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    if (!this.#file) {
      try {
        return yield* this.#body;
      } catch (error) {
        if (!(error instanceof UnsoundError)) throw error;
        throw new Error("a body that was whole is so no longer", { cause: error });
      }
    }
    let at = 0;
    for (const length of this.#lengths) {
      yield await readAt(this.#file, at, length);
      at += length;
    }
  }

  /** Lets go of what is in scratch space. */
  close(): void {
    this.#file?.close();
  }
}
