/** When a snapshot cannot be opened: what is wrong, and what can be done. @module */

import { printable } from "../../src/text/printable.ts";
import { capital } from "../parts/error_note.tsx";
import { Heading } from "../parts/heading.tsx";
import { Unsound } from "../parts/icons.tsx";
import { KeyFilesForm } from "../parts/key_files.tsx";
import { PickButtons } from "../parts/pick_buttons.tsx";
import { pickedName } from "../parts/head.tsx";
import type { KeyFiles, Picked, Told } from "../worker/protocol.ts";

interface FailureProps {
  error: Told;
  picked?: Picked;
  onPick: (picked: Picked) => void;
  onKeys: (keys: KeyFiles) => void;
}

/** Codes whose cause is a want of keys, or of the right ones. */
const KEYS: readonly string[] = ["encrypted", "bad-key-file"];

/** What can be done here, where the error itself only knows a command line. */
const REMEDIES: { readonly [code: string]: string } = {
  "not-a-snapshot":
    "A node keeps its snapshots in its data directory, as fsm-snap/….fsm. Drop one of these, or the directory.",
  "no-snapshot-found": "Drop the node's data directory itself, or one .fsm file out of it.",
  "another-moment": "Drop one file of each group.",
  "another-history": "Drop only files of one cluster.",
  "truncated": "The file was cut off, or is still being copied. Copy it again from the node.",
  "too-small": "The file was cut off, or is still being copied. Copy it again from the node.",
  "input-failed": "The file was moved, changed or taken away while it was read. Drop it again.",
  "spool-needed":
    "It is too big to be unpacked in a browser tab. Unpack it first, or use the command line:",
};

/** An error, in words. */
export function FailureView({ error, picked, onPick, onKeys }: FailureProps) {
  const { code, message, file, offset, hint } = error;
  return (
    <main class="start">
      <div class="verdict unsound">
        <Unsound />
        <Heading>{picked ? `${pickedName(picked)} cannot be opened` : "That did not work"}</Heading>
      </div>
      <div class="note bad" role="alert">
        <p>
          <strong>{capital(printable(message, 1000))}.</strong>
        </p>
        {file !== undefined && (
          <p class="quiet name">
            In {printable(file)}
            {offset !== undefined && `, at byte ${offset}`}
          </p>
        )}
        <p>{REMEDIES[code] ?? (hint ? `${capital(printable(hint, 1000))}.` : "")}</p>
        {code === "spool-needed" && picked && <pre class="command">{commandLine(picked)}</pre>}
        <p class="quiet small">
          Error <code>{code}</code>
        </p>
      </div>
      {KEYS.includes(code) && <KeyFilesForm onKeys={onKeys} />}
      <div class="buttons">
        <PickButtons onPick={onPick} />
      </div>
    </main>
  );
}

/** The command that opens what is too big for a tab. */
function commandLine({ folder, files }: Picked): string {
  const names = folder === undefined ? files.map(({ path }) => path) : [folder];
  const quoted = names.map((name) => `'${printable(name).replaceAll("'", "'\\''")}'`).join(" ");
  return `deno run --allow-read --allow-write cli.ts decode ${quoted} -o OUT --spool .`;
}
