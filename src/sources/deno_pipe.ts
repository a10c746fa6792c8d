/** A named pipe as a stream, through Deno. @module */

import { fileError } from "./deno_error.ts";

const READ_LENGTH = 64 << 10;

/**
 * Reads a pipe from now on until everybody who writes to it has closed it.
 *
 * It is opened when the first bytes are asked for: that waits until somebody opens it for writing. The
 * event loop goes on meanwhile, and with it the signals that end a program.
 */
export function readPipe(path: string): ReadableStream<Uint8Array> {
  let file: Deno.FsFile | undefined;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const bytes = new Uint8Array(READ_LENGTH);
      let n: number | null;
      try {
        file ??= await Deno.open(path, { read: true });
        n = await file.read(bytes);
      } catch (error) {
        throw fileError(error, path, "read");
      }
      if (n !== null) return controller.enqueue(bytes.subarray(0, n));
      file.close();
      controller.close();
    },
    cancel(): void {
      file?.close();
    },
  }, { highWaterMark: 0 });
}
