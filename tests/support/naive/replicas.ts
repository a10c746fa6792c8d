/** Which of several files are damaged replicas that nobody needs, by definition. @module */

import type { ParsedFile } from "./parse.ts";

/** A file, and the group that it is from. */
export interface GroupFile {
  file: ParsedFile;
  group?: bigint;
}

/**
 * The damaged files beside which there is one of their group and their last commit that is proven to be
 * whole. What only they say may be damage, so that only their chunks of objects are read.
 */
export function dispensable(files: readonly GroupFile[]): Set<ParsedFile> {
  const found = new Set<ParsedFile>();
  for (const { file, group } of files) {
    if (!file.problem || group === undefined) continue;
    const replicas = files.filter((other) => other.group === group).map((other) => other.file);
    const latest = replicas.reduce((a, b) => isLater(b, a) ? b : a);
    if (latest.isProven && commitOf(latest) === commitOf(file)) found.add(file);
  }
  return found;
}

/** The last commit; of several with the same, the sound ones come later, and those with more history. */
function isLater(a: ParsedFile, b: ParsedFile): boolean {
  const [x, y] = [a, b].map((file) => [
    commitOf(file),
    file.problem ? 0 : 1,
    numberOf(file, "_meta_applied_index") ?? -1n,
    -floorOf(file),
  ]);
  const at = x.findIndex((value, i) => value !== y[i]);
  return at >= 0 && x[at] > y[at];
}

function commitOf(file: ParsedFile): bigint {
  return numberOf(file, "_meta_last_commit_ts") ?? file.lastCommitTs;
}

/** Up to when versions may be missing: without any number of the store, always. */
function floorOf(file: ParsedFile): bigint {
  const names = ["_meta_min_retained_ts", "_meta_pending_min_retained_ts"];
  const [done, pending] = names.map((name) => numberOf(file, name) ?? 0n);
  const others = ["_meta_applied_index", "_meta_last_commit_ts"];
  const isTold = [...names, ...others].some((name) => numberOf(file, name) !== undefined);
  return isTold ? (done > pending ? done : pending) : 0xffff_ffff_ffff_ffffn;
}

function numberOf({ entries }: ParsedFile, name: string): bigint | undefined {
  const value = entries.find(({ key }) => key === name)?.value;
  return value && value.length >= 8
    ? new DataView(value.buffer, value.byteOffset).getBigUint64(0, true)
    : undefined;
}
