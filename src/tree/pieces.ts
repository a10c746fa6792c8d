/** Texts that are written in pieces, so that none is ever held as a whole. @module */

import type { ByteBuilder } from "../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../sources/source.ts";
import type { Pieces } from "../text/json_writer.ts";

/** Takes bytes; the caller may reuse its buffer afterwards. */
export type Write = (bytes: Uint8Array) => MaybePromise<void>;

/**
 * Runs a writer to its end and hands on every piece but the last, which stays in the builder.
 *
 * @param out Where the writer writes.
 */
export function pour(pieces: Pieces, out: ByteBuilder, write: Write): MaybePromise<void> {
  while (!pieces.next().done) {
    const written = write(out.view());
    if (isPromise(written)) {
      return written.then(() => {
        out.clear();
        return pour(pieces, out, write);
      });
    }
    out.clear();
  }
}

/** Runs a writer whose text is known to be short. */
export function writeAll(pieces: Pieces): void {
  while (!pieces.next().done);
}
