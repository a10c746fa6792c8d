/** Saving: what, as what, and where to; then how far it is, and what became of every row. @module */

import { useEffect, useRef, useState } from "preact/hooks";
import { count, counted, duration } from "../../src/cli/format.ts";
import { printable } from "../../src/text/printable.ts";
import { Heading } from "../parts/heading.tsx";
import { ErrorNote } from "../parts/error_note.tsx";
import { ProgressBar } from "../parts/progress.tsx";
import { MEMORY_LIMIT } from "../save/output_file.ts";
import { askTarget, canPickFolder, download, fileTarget } from "../save/targets.ts";
import { type Client, WorkerError } from "../worker/client.ts";
import type { Progress, Saved, Saving, Told } from "../worker/protocol.ts";
import { SavedView } from "./saved.tsx";
import { WORDS } from "./sentence.ts";
import type { Things } from "./things.ts";

interface SaveProps {
  client: Client;
  things: readonly Things[];
  /** Name of the snapshot, for files. */
  name: string;
  /** What is selected at first; everything unless given. */
  selected?: { adapter: string; scope: string };
}

type State =
  | { is: "asking"; error?: Told }
  | { is: "saving"; progress?: Progress; cancel: () => void }
  | { is: "saved"; saved: Saved; where: string };

const FORMATS: readonly { format: Saving["format"]; title: string; text: string; end: string }[] = [
  { format: "zip", title: "Zip archive", text: "Opens everywhere.", end: ".zip" },
  { format: "tar", title: "Tar archive", text: "For Linux and macOS.", end: ".tar" },
  {
    format: "folder",
    title: "Files in a folder",
    text: "An empty one. 400 to 900 files a second.",
    end: "",
  },
  {
    format: "records",
    title: "Record lines",
    text: "One JSON object a line, without bodies of objects.",
    end: ".jsonl",
  },
];

/** Files a second that browsers write into a folder; see docs/performance.md. */
const FOLDER_RATE = 400;

/** The view. */
export function SaveView({ client, things, name, selected }: SaveProps) {
  const [state, setState] = useState<State>({ is: "asking" });
  const [format, setFormat] = useState<Saving["format"]>("zip");
  const [perItem, setPerItem] = useState(false);
  const [raw, setRaw] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    new Set(things.filter((one) => !selected || keyOf(one) === keyOf(selected)).map(keyOf)),
  );
  const [target, setTarget] = useState<"file" | "storage" | "memory">("memory");
  useEffect(() => void fileTarget().then(setTarget), []);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const save = async (keepGoing: boolean): Promise<void> => {
    const end = FORMATS.find((one) => one.format === format)!.end;
    const fileName = `${name}${end}`;
    const { signal } = running.current = new AbortController();
    const cancel = (): void => running.current?.abort();
    try {
      const to = await askTarget(format, target, fileName);
      if (!to) return;
      setState({ is: "saving", cancel });
      const scopes = chosen.size === things.length
        ? undefined
        : things.filter((one) => chosen.has(keyOf(one)));
      const saved = await client.call(
        "save",
        {
          scopes: scopes?.map(({ adapter, scope }) => ({ adapter, scope })),
          format,
          target: to,
          perItem,
          raw,
          keepGoing,
        },
        { signal, onProgress: (progress) => setState({ is: "saving", progress, cancel }) },
      );
      if (saved.file) download(saved.file, fileName);
      const where = to.to === "folder"
        ? to.folder.name
        : to.to === "file"
        ? to.file.name
        : `${fileName}, in your downloads`;
      setState({ is: "saved", saved, where });
    } catch (error) {
      const told = error instanceof WorkerError
        ? error.told
        : { code: "unexpected", message: String(error) };
      setState({ is: "asking", error: told.code === "aborted" ? undefined : told });
    }
  };

  if (state.is === "saving") {
    return (
      <main class="start">
        <Heading>Saving</Heading>
        <ProgressBar label="Saving" progress={state.progress} />
        <div class="buttons">
          <button type="button" onClick={state.cancel}>Cancel</button>
        </div>
        <p class="quiet">Cancelling takes back what was written.</p>
      </main>
    );
  }
  if (state.is === "saved") {
    return (
      <SavedView
        saved={state.saved}
        where={state.where}
        again={() => setState({ is: "asking" })}
        keepGoing={() => void save(true)}
      />
    );
  }
  const isFolder = format === "folder";
  return (
    <main>
      <Heading>Save</Heading>
      {state.error && <ErrorNote error={state.error} />}
      <form
        class="save"
        onSubmit={(event) => {
          event.preventDefault();
          void save(false);
        }}
      >
        <fieldset class="panel">
          <legend>What</legend>
          <ul class="choices">
            {things.map((one) => (
              <li key={keyOf(one)}>
                <label>
                  <input
                    type="checkbox"
                    checked={chosen.has(keyOf(one))}
                    onChange={() => setChosen(toggled(chosen, keyOf(one)))}
                  />
                  <span class={`badge ${one.adapter}`}>{WORDS[one.adapter].name}</span>
                  <span class="name">{printable(one.scope)}</span>
                  <span class="quiet">{counted(one.count, WORDS[one.adapter].thing)}</span>
                </label>
              </li>
            ))}
          </ul>
          <div class="buttons">
            <button
              type="button"
              class="link"
              onClick={() => setChosen(new Set(things.map(keyOf)))}
            >
              All
            </button>
            <button type="button" class="link" onClick={() => setChosen(new Set())}>None</button>
          </div>
        </fieldset>
        <fieldset class="panel">
          <legend>As</legend>
          {FORMATS.filter((one) => one.format !== "folder" || canPickFolder()).map((one) => (
            <label class="choice" key={one.format}>
              <input
                type="radio"
                name="format"
                checked={format === one.format}
                onChange={() =>
                  setFormat(one.format)}
              />
              <span>
                <strong>{one.title}</strong>
                <span class="quiet">{one.text}</span>
              </span>
            </label>
          ))}
          {format !== "records" && (
            <>
              <hr />
              {things.some(({ adapter }) => adapter === "dynamodb") && (
                <Choice
                  checked={perItem}
                  onChange={setPerItem}
                  title="One file for each DynamoDB item"
                  text="Instead of files of lines, one item a line."
                />
              )}
              <Choice
                checked={raw}
                onChange={setRaw}
                title="Rows of no known kind"
                text="As they are stored, in a file of their own."
              />
            </>
          )}
        </fieldset>
        <div class="go">
          <button type="submit" class="primary" disabled={chosen.size === 0}>
            {isFolder ? "Choose a folder and save" : "Save"}
          </button>
          <p class="quiet">
            {isFolder
              ? folderText(things.filter((one) => chosen.has(keyOf(one))), perItem)
              : TARGETS[target]}
          </p>
        </div>
      </form>
    </main>
  );
}

interface ChoiceProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  title: string;
  text: string;
}

function Choice({ checked, onChange, title, text }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="checkbox" checked={checked} onChange={() => onChange(!checked)} />
      <span>
        <strong>{title}</strong>
        <span class="quiet">{text}</span>
      </span>
    </label>
  );
}

const TARGETS = {
  file: "You choose the file first; it is written as the snapshot is read.",
  storage: "It is written into this browser's own storage, and then downloaded.",
  memory: `It is held in memory, up to ${MEMORY_LIMIT >> 20} MiB, and then downloaded: ` +
    "this browser lets a page from a disk do nothing else.",
};

/** How many files there will be, about, and how long that takes. */
function folderText(things: readonly Things[], perItem: boolean): string {
  const files = things.reduce(
    (n, { adapter, count }) =>
      n + (adapter === "sqs" || adapter === "dynamodb" && !perItem ? 2 : count),
    0,
  );
  return `About ${count(files)} files, in ${duration(files / FOLDER_RATE)} or so.`;
}

function keyOf({ adapter, scope }: { adapter: string; scope: string }): string {
  return `${adapter} ${scope}`;
}

function toggled(chosen: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(chosen);
  if (!next.delete(key)) next.add(key);
  return next;
}
