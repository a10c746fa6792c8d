/** Lists the files that a decode would write. @module */

import type { Snapshot } from "../mvcc/snapshot.ts";
import { LookSink, type SeenFile } from "../sinks/look_sink.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";
import type { Problem } from "../mvcc/problems.ts";
import { SIDECAR_SUFFIX } from "../tree/object_files.ts";
import { nothingSelected } from "./decode_report.ts";
import { look, type RunOptions } from "./look.ts";
import type { SelectOptions } from "./select_options.ts";
import { Selection } from "./selection.ts";

/** What is listed, and how. */
export interface ListOptions extends SelectOptions, RunOptions {}

/** Files that are of a table, a bucket or a queue itself. */
const OF_SCOPES: readonly string[] = ["table", "bucket", "queue"];

/**
 * Lists every file that a decode would write into a folder that keeps every name, but for `MANIFEST.json`
 * and `CHECKSUMS`: by adapters, tables and buckets and queues, and in these as they are stored. Bodies of
 * S3 objects are not read. What is unsound is left out, and returned.
 *
 * @param take Called with each file as soon as it is known.
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @throws {NothingSelectedError} when nothing is selected, unless that is allowed.
 */
export async function list(
  snapshot: Snapshot,
  take: (file: SeenFile) => MaybePromise<void>,
  options: ListOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<readonly Problem[]> {
  const selection = new Selection(options, snapshot.info.totals);
  const { records } = selection;
  const problems: Problem[] = [];
  let listed = 0;
  for (const { name } of selection.adapters) {
    let body = "";
    const isPart = selection.isPartial(name);
    const sink = new LookSink({
      end(file) {
        const { path, about } = file;
        const isOfRecord = about ? !OF_SCOPES.includes(about.type) : path === body + SIDECAR_SUFFIX;
        if (about) body = path;
        if (isPart && !isOfRecord && !records.names(path)) return;
        listed++;
        return take(file);
      },
    });
    const wanted = { ...selection.of(name), bodies: false };
    problems.push(...await look({ snapshot, scratch, options }, name, wanted, sink));
  }
  if (listed > 0 || options.allowEmpty || !selection.selective) return problems;
  throw snapshot.info.problems[0] ?? nothingSelected({ nearest: selection.nearest() });
}
