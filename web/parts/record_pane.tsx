/** One record: what is in it, what it was before, and ways to take it along. @module */

import { useEffect, useRef, useState } from "preact/hooks";
import type { AttributeValue, Item } from "../../mod.ts";
import { printable } from "../../src/text/printable.ts";
import { askTarget, download, fileTarget } from "../save/targets.ts";
import { WORDS } from "../views/sentence.ts";
import type { Things } from "../views/things.ts";
import { type Client, WorkerError } from "../worker/client.ts";
import type { RecordView, Told } from "../worker/protocol.ts";
import { BytesView } from "./bytes_view.tsx";
import { ErrorNote } from "./error_note.tsx";
import { ItemTable, plainText } from "./item_table.tsx";

interface RecordPaneProps {
  client: Client;
  scope: Things;
  record: { id: string; label: string };
}

/** The pane. The focus goes to its heading when the record is there. */
export function RecordPane({ client, scope, record }: RecordPaneProps) {
  const [view, setView] = useState<RecordView>();
  const [error, setError] = useState<Told>();
  const [isCopied, setCopied] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const told = (error: unknown): void => {
    if (error instanceof WorkerError) setError(error.told);
  };
  useEffect(() => {
    const stop = new AbortController();
    client.call("record", record.id, { signal: stop.signal }).then((view) => {
      setView(view);
      heading.current?.focus();
    }, told);
    return () => stop.abort();
  }, []);

  const save = async (): Promise<void> => {
    const name = fileName(record.label, view!);
    const target = await askTarget("records", await fileTarget(), name);
    if (!target || target.to === "folder") return;
    try {
      const { file } = await client.call("saveRecord", { id: record.id, target });
      if (file) download(file, name);
    } catch (error) {
      told(error);
    }
  };
  const copy = async (text: string): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };

  return (
    <article class="record" aria-busy={!view && !error}>
      <header>
        <p class="quiet small">
          <span class={`badge ${scope.adapter}`}>{WORDS[scope.adapter].name}</span>{" "}
          {printable(scope.scope)}
        </p>
        <h2 tabIndex={-1} ref={heading} class="name">{printable(record.label)}</h2>
      </header>
      {error && <ErrorNote error={error} />}
      {view && (
        <>
          <div class="buttons">
            <button type="button" onClick={() => void save()}>Save this record</button>
            {view.body.is === "item" && (
              <>
                <button type="button" onClick={() => void copy(jsonOf(view))}>
                  Copy as DynamoDB JSON
                </button>
                <button type="button" onClick={() => void copy(plainOf(view))}>
                  Copy as plain JSON
                </button>
              </>
            )}
            <span role="status" class="quiet">{isCopied ? "Copied." : ""}</span>
          </div>
          <Facts facts={view.facts} />
          <Body body={view.body} />
          {view.versions && <Versions versions={view.versions} />}
        </>
      )}
    </article>
  );
}

function Facts({ facts }: { facts: RecordView["facts"] }) {
  if (facts.length === 0) return null;
  return (
    <dl class="facts">
      {facts.map(([name, value], i) => (
        <div key={i}>
          <dt>{printable(name)}</dt>
          <dd class="name">{printable(value, 2000)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ body }: { body: RecordView["body"] }) {
  switch (body.is) {
    case "item":
      return <ItemTable item={body.item} />;
    case "bytes":
      return <BytesView bytes={body.bytes} size={body.size} type={body.type} />;
    case "rows":
      return (
        <div class="scroll" tabIndex={0}>
          <table>
            <thead>
              <tr>{body.head.map((name) => <th scope="col" key={name}>{name}</th>)}</tr>
            </thead>
            <tbody>
              {body.rows.map((cells, i) => (
                <tr key={i}>
                  {cells.map((text, k) => <td class="name mono" key={k}>{printable(text, 5000)}
                  </td>)}
                </tr>
              ))}
            </tbody>
          </table>
          {body.more && <p class="quiet">These are the first {body.rows.length}.</p>}
        </div>
      );
  }
}

/** What an item was, newest first: of each version, what is not as it was before. */
function Versions({ versions }: { versions: NonNullable<RecordView["versions"]> }) {
  return (
    <section aria-labelledby="versions">
      <h3 id="versions">Versions that the node still had</h3>
      <ol class="versions">
        {versions.map(({ at, item }, i) => {
          const before = versions[i + 1]?.item;
          const isOldest = i === versions.length - 1;
          return (
            <li key={at}>
              <time>{at.replace("T", " ").replace("Z", " UTC")}</time>
              <span>
                {!item
                  ? "deleted"
                  : isOldest || !before
                  ? "written"
                  : changesOf(before, item).join(", ") || "written again, the same"}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function changesOf(before: Item, after: Item): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes: string[] = [];
  for (const name of names) {
    const [was, is] = [before[name], after[name]].map((value) => value && lineOf(value));
    if (was === is) continue;
    const shown = printable(name);
    changes.push(
      was === undefined
        ? `${shown} added: ${printable(is!, 80)}`
        : is === undefined
        ? `${shown} removed`
        : `${shown}: ${printable(was, 80)} → ${printable(is, 80)}`,
    );
  }
  return changes;
}

/** On one line: no text of a value has a line's end of its own. */
function lineOf(value: AttributeValue): string {
  return plainText(value).replace(/\n */g, " ");
}

function jsonOf({ body }: RecordView): string {
  return body.is === "item" ? JSON.stringify(body.item, null, 2) : "";
}

function plainOf({ body }: RecordView): string {
  return body.is === "item" ? plainText({ M: body.item }) : "";
}

/** A name for a record's file: of the key, what no system refuses. */
function fileName(label: string, { body }: RecordView): string {
  const name = label.split("/").at(-1)!.replace(/[^\w.-]+/g, "-").slice(0, 100) || "record";
  return body.is === "bytes" ? name : `${name}.json`;
}
