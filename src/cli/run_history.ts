/** Runs `history`. @module */

import { STANDARD, toBase64 } from "../bytes/base64.ts";
import { parseAddress } from "../commands/address.ts";
import { recordHistory, type RecordVersion } from "../commands/history.ts";
import type { SnapshotInfo } from "../mvcc/snapshot.ts";
import { lineDiff } from "../text/line_diff.ts";
import { printable } from "../text/printable.ts";
import { rfc3339FromHlc } from "../text/rfc3339.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import type { HistoryFlags } from "./history_command.ts";
import { escapeHidden } from "./json.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { withAddress } from "./run_cat.ts";
import { type CliContext, runLooking } from "./shell.ts";

/** Prints the versions of one record. */
export function runHistory(
  this: CliContext,
  flags: HistoryFlags,
  ...args: string[]
): Promise<void> {
  const { paths, address: text } = withAddress(args);
  const address = parseAddress(text, flags.key);
  const { encryptionKeys, kek, spool } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool], write: [spool] };
  return runLooking(
    this,
    flags,
    needs,
    (shell) =>
      withSnapshot(shell, paths, flags, async (snapshot, scratch) => {
        const { signal } = shell;
        shell.progress.end();
        shell.tell(readableNote(snapshot.info));
        let newer: RecordVersion | undefined;
        for await (const version of recordHistory(snapshot, address, { signal }, scratch)) {
          // What changed is known when the version before it is.
          if (newer) shell.print(versionText(newer, flags, version));
          newer = version;
        }
        if (newer) shell.print(versionText(newer, flags, undefined));
        return tellProblems(shell, snapshot.info.problems);
      }),
  );
}

function readableNote({ readable: { from, to } }: SnapshotInfo): string {
  return `decant: note: history can be read from ${rfc3339FromHlc(from)} to ${
    rfc3339FromHlc(to)
  }; ` +
    "of what is older, only the last version before that may be left\n";
}

/** @param before The version before it, if that is retained. */
function versionText(
  version: RecordVersion,
  { diff, json }: HistoryFlags,
  before: RecordVersion | undefined,
): string {
  const { commitTs, bytes } = version;
  const committed = rfc3339FromHlc(commitTs);
  if (json) {
    const text = bytes && decodeUtf8(bytes);
    const line = JSON.stringify({
      commit_ts: String(commitTs),
      committed,
      deleted: bytes === undefined,
      size: bytes?.length,
      value: text,
      value_b64: bytes && text === undefined ? toBase64(STANDARD, bytes) : undefined,
    });
    return escapeHidden(line) + "\n";
  }
  const what = bytes === undefined ? "deleted" : `${bytes.length} bytes`;
  const head = `${committed.padEnd(24)}  ${String(commitTs).padStart(20)}  ${what}\n`;
  return diff ? head + diffText(before?.bytes, bytes) : head;
}

function diffText(before: Uint8Array | undefined, after: Uint8Array | undefined): string {
  const [a, b] = [before, after].map((bytes) => bytes ? decodeUtf8(bytes) : "");
  if (a === undefined || b === undefined) return "  (no text)\n";
  return lineDiff(a, b).map(({ sign, line }) => `  ${sign} ${printable(line, Infinity)}\n`).join(
    "",
  );
}
