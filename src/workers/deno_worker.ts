/**
 * The code of a worker, from which `scripts/build_worker.ts` makes `worker_code.ts`. It runs in browsers
 * as well, and writes no files there.
 *
 * @module
 */

import { DenoFileWriter } from "../sinks/deno_file_writer.ts";
import { HALVES } from "./halves.ts";
import { serve, type WorkerScope } from "./serve.ts";

serve(
  globalThis as unknown as WorkerScope,
  HALVES,
  "Deno" in globalThis ? (folder) => new DenoFileWriter(folder) : undefined,
);
