/** What the user should know of the moment that is read. @module */

import { isBehind } from "../mvcc/moments.ts";
import type { SnapshotInfo } from "../mvcc/snapshot.ts";
import { rfc3339FromHlc } from "../text/rfc3339.ts";

/** A note where the snapshot ends before the moment; else nothing. */
export function momentNote({ at, readable }: Pick<SnapshotInfo, "at" | "readable">): string {
  if (at === undefined || !isBehind(at, readable)) return "";
  return `decant: note: the last commit is of ${rfc3339FromHlc(readable.to)}: what was committed ` +
    `after it, up to ${rfc3339FromHlc(at)}, is not here\n`;
}
