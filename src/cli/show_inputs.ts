/** What the user should know of the inputs before anything is read from them. @module */

import type { DirectoryWarning, FoundSnapshot } from "../container/data_directory.ts";
import type { FoundInputs } from "../commands/deno_inputs.ts";
import { printable } from "../text/printable.ts";

/** What each warning of a data directory means. */
const MEANINGS: { readonly [event: string]: string } = {
  "folder-unreadable": "a folder beside the groups may not be read",
  "groups-beside": "other groups lie beside those that were named: name the folder above them",
  "group-without-snapshot": "a group without a snapshot that could be taken: its rows are missing",
  "newer-payload-without-record":
    "a newer payload has no record, so the node would delete it: it was not taken",
  "parent-unreadable":
    "whether other groups lie beside those that were named could not be looked up",
  "payload-unsound": "a payload does not have the checksum behind it: it was passed over",
  "payload-unusable": "a record's payload cannot be used: the record was passed over",
  "payload-without-record": "no record could be used, so a payload was taken by its checksum alone",
  "record-unreadable": "a record of a snapshot cannot be read: it was passed over",
  "record-without-payload": "a record names no payload: it was passed over",
  "snapshot-passed-over":
    "a snapshot file lies outside of the nodes' folders: name it itself if it is meant",
  "snapshot-not-in-wal": "the node's log does not know a snapshot: an older one is preferred",
  "unrecorded-snapshot-taken": "the node's log knows none of the snapshots: the newest was taken",
  "wal-missing": "there is no log: whether the snapshot is the one in force cannot be told",
  "wal-torn": "the log ends in the middle of a record, as after a crash",
  "wal-unreadable": "the log cannot be read: whether the snapshot is in force cannot be told",
};

/** A line for each snapshot that was chosen, and one for each warning. */
export function inputsText({ inputs, warnings }: FoundInputs): string {
  return [
    ...inputs.flatMap(({ name, chosen }) => chosen ? [chosenText(name, chosen)] : []),
    ...warnings.flatMap((warning) =>
      // The line about the chosen snapshot says it already.
      warning.event === "entries-after-snapshot" ? [] : [warningText(warning)]
    ),
  ].join("");
}

function chosenText(name: string, { group, index, committed }: FoundSnapshot): string {
  const after = committed === undefined
    ? "what was committed after it is only in the node's log"
    : committed > (index ?? committed)
    ? `the log goes on to entry ${committed}, and what was committed after ${index} is only there`
    : "the log has nothing committed after it";
  const facts = [
    ...(group === undefined ? [] : [`group ${group}`]),
    ...(index === undefined ? [] : [`up to log entry ${index}`]),
  ].join(", ");
  return `decant: note: took ${printable(name, 500)}${facts && ` (${facts})`}; ${after}\n`;
}

function warningText({ event, fields }: DirectoryWarning): string {
  const values = Object.entries(fields).map(([name, value]) => `${name} ${printable(value, 500)}`);
  return `decant: warning: ${MEANINGS[event] ?? event} (${values.join(", ")})\n`;
}
