/** What a worker does: it takes batches of one kind of work after the other. @module */

import type { Half, HalfKind } from "../jobs/half.ts";
import type { FromWorker, ToWorker } from "../jobs/messages.ts";
import { ResultBuilder, transferOf } from "../jobs/results.ts";
import { allPlaces, rowsIn } from "../jobs/row_copy.ts";
import { type Kernels, loadKernels } from "../kernels/kernels.ts";
import type { FileWriter } from "../tree/sink.ts";

/** What a worker has of its own. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

/**
 * Begins to serve. It listens at once: messages that came while something else is waited for would be
 * lost.
 *
 * @param kinds All that it can do, by name.
 * @param filesIn Writes files into a folder, where that can be done.
 */
export function serve(
  scope: WorkerScope,
  kinds: ReadonlyMap<string, HalfKind<unknown>>,
  filesIn?: (folder: string) => FileWriter,
): void {
  let kernels: Kernels;
  let half: Half;
  const begin = async (kind: Kernels["name"]): Promise<void> => {
    kernels = await loadKernels(kind);
    scope.postMessage({ type: "ready" }, []);
  };
  scope.onmessage = ({ data }) => {
    // Browsers tell nobody outside of a promise that was rejected.
    if (data.type === "begin") return void begin(data.kernel).catch(reportError);
    if (data.type === "stage") {
      const { kind, setup, folder } = data;
      const files = folder === undefined ? undefined : filesIn?.(folder);
      half = kinds.get(kind)!.begin(setup, { kernels, files });
      return;
    }
    const { batch, rows, count, spare } = data;
    const results = new ResultBuilder(spare);
    for (const piece of half.run(rowsIn(rows, count), allPlaces(count))) results.add(piece);
    const taken = results.take();
    scope.postMessage(
      { type: "done", batch, rows, pieces: results.count, results: taken },
      [rows, ...transferOf(taken)],
    );
  };
  scope.postMessage({ type: "up" }, []);
}
