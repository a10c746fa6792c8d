/** Finding: the tree of what there is, and one record beside it. @module */

import { useEffect, useRef, useState } from "preact/hooks";
import { count as digits, counted } from "../../src/cli/format.ts";
import { printable } from "../../src/text/printable.ts";
import { ErrorNote } from "../parts/error_note.tsx";
import { Heading } from "../parts/heading.tsx";
import { KeyTree } from "../parts/key_tree.tsx";
import type { Place } from "../parts/place.ts";
import { RecordPane } from "../parts/record_pane.tsx";
import { type Client, WorkerError } from "../worker/client.ts";
import type { ListedKey } from "../worker/key_list.ts";
import type { Told } from "../worker/protocol.ts";
import { WORDS } from "./sentence.ts";
import type { Things } from "./things.ts";

interface FindProps {
  client: Client;
  things: readonly Things[];
  place: Place;
  go: (to: Place) => void;
}

/** How often is looked at a list that is growing, in milliseconds. */
const LOOK_EVERY = 250;

/** The view. What is selected is in the history, so that Back goes to the record before. */
export function FindView({ client, things, place, go }: FindProps) {
  const open = things.find((one) =>
    one.adapter === place.scope?.adapter && one.scope === place.scope.scope
  );
  const [{ shown, total, isDone }, setSize] = useState({ shown: 0, total: 0, isDone: true });
  const [pattern, setPattern] = useState("");
  const [filtered, setFiltered] = useState(0);
  const [error, setError] = useState<Told>();
  const scope = open && `${open.adapter} ${open.scope}`;
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => {
    setError(undefined);
    setPattern("");
    setSize({ shown: 0, total: 0, isDone: !open });
    if (!open) return;
    const stop = new AbortController();
    const look = async (isDone: boolean): Promise<void> => {
      const { count, total } = await client.call("keys", { from: 0, to: 0 });
      if (!stop.signal.aborted) setSize({ shown: count, total, isDone });
    };
    const timer = setInterval(() => void look(false), LOOK_EVERY);
    client.call("list", { adapter: open.adapter, scope: open.scope }, { signal: stop.signal })
      .then(() => look(true))
      .catch((error) => {
        if (stop.signal.aborted || !(error instanceof WorkerError)) return;
        setError(error.told);
        setSize((size) => ({ ...size, isDone: true }));
      })
      .finally(() => clearInterval(timer));
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [scope]);

  const filter = async (text: string): Promise<void> => {
    setPattern(text);
    try {
      const { count } = await client.call("filter", text);
      setSize((size) => ({ ...size, shown: count }));
      setFiltered((n) => n + 1);
      setError(undefined);
    } catch (error) {
      if (error instanceof WorkerError) setError(error.told);
    }
  };
  const select = ({ id, label }: ListedKey): void => go({ ...place, record: { id, label } });

  return (
    <main class="wide find">
      <div class="list">
        <Heading>Find</Heading>
        <label class="search">
          <span>
            {open
              ? `Keys of ${printable(open.scope)}`
              : "Choose a table, bucket, database or queue"}
          </span>
          <input
            type="search"
            ref={search}
            placeholder="text, or a pattern such as user-*"
            value={pattern}
            disabled={!open}
            onInput={({ currentTarget: { value } }) => void filter(value)}
          />
        </label>
        <p class="quiet small" role="status">
          {open && sizeText(open, shown, total, isDone, pattern)}
        </p>
        {error && <ErrorNote error={error} />}
        <KeyTree
          client={client}
          things={things}
          open={open}
          count={shown}
          list={`${scope} ${filtered}`}
          selected={place.record?.id}
          onOpen={(one) =>
            go({ view: "find", scope: one && { adapter: one.adapter, scope: one.scope } })}
          onSelect={select}
        />
      </div>
      {open && place.record && (
        <RecordPane client={client} scope={open} record={place.record} key={place.record.id} />
      )}
      {!place.record && (
        <div class="empty quiet">
          <p>Choose a key to see its record.</p>
          <p class="small">
            In the list: arrow keys, Home, End, the first letters of a name, and Enter.
          </p>
        </div>
      )}
    </main>
  );
}

function sizeText(
  { adapter }: Things,
  shown: number,
  total: number,
  isDone: boolean,
  pattern: string,
): string {
  const all = counted(total, WORDS[adapter].thing);
  const found = pattern === "" ? all : `${digits(shown)} of ${all}`;
  return isDone ? found : `${found} so far …`;
}
