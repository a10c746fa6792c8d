/** Why files are not taken for one snapshot. @module */

import { type Place, UsageError } from "../errors.ts";
import { type FileMoment, momentText } from "./file_moments.ts";

/** Two states of one group, of which the later goes on from the earlier. */
export function otherMoment(
  earlier: FileMoment,
  later: FileMoment,
  group: bigint | undefined,
): UsageError {
  return new UsageError(
    `two moments of ${groupText(group)}: ${momentText(later)} goes on from ${momentText(earlier)}`,
    {
      ...(damageHint([earlier, later]) ?? {
        hint: "what was deleted in between could come back: leave out the earlier file, or take " +
          "the newest of each group",
        option: "newest",
      }),
    },
    "another-moment",
  );
}

/** Files that nothing shows to be of one history. */
export function otherHistory(
  message: string,
  files: readonly FileMoment[],
  key?: Uint8Array,
): UsageError {
  return new UsageError(message, {
    key,
    ...(damageHint(files) ?? {
      hint: "files of different clusters, or of one that was restored from a backup in between, " +
        "are different snapshots: give them one by one",
    }),
  }, "another-history");
}

/** A damaged file says nothing sure of its moment. */
function damageHint(files: readonly FileMoment[]): Pick<Place, "hint"> | undefined {
  const damaged = files.find(({ file }) => file.problems.length > 0);
  return damaged &&
    { hint: `${damaged.file.name} is damaged: leave it out, and inspect it alone` };
}

/** A group as messages name it. */
export function groupText(group: bigint | undefined): string {
  return group === undefined ? "one group" : `group ${group}`;
}
