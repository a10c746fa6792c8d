/** The tree of adapters, their scopes, and the keys of the one that is open. @module */

import { useEffect, useRef, useState } from "preact/hooks";
import { counted } from "../../src/cli/format.ts";
import { printable } from "../../src/text/printable.ts";
import { WORDS } from "../views/sentence.ts";
import type { Things } from "../views/things.ts";
import type { Client } from "../worker/client.ts";
import type { ListedKey } from "../worker/key_list.ts";
import { useVirtualRows } from "./virtual_rows.ts";

/** Height of a row, as the styles have it. */
const ROW = 30;
/** Keys that are asked for at once. */
const PAGE = 100;
/** Letters that follow each other as fast as this are one word. */
const WORD_MS = 1_000;

interface KeyTreeProps {
  client: Client;
  things: readonly Things[];
  /** The scope whose keys are shown. */
  open?: Things;
  /** How many keys of it are shown. */
  count: number;
  /** Changes with the list of keys. */
  list: string;
  selected?: string;
  onOpen: (scope: Things | undefined) => void;
  onSelect: (key: ListedKey) => void;
}

/** What stands in a row. */
type Row =
  | { level: 1; adapter: Things["adapter"]; setSize: number; place: number }
  | { level: 2; thing: Things; setSize: number; place: number }
  | { level: 3; index: number; setSize: number; place: number };

/** The tree. Its rows are not focused: the tree is, and says which of them is meant. */
export function KeyTree(props: KeyTreeProps) {
  const { client, things, open, count, list, selected, onOpen, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  // Letters may come faster than answers about them.
  const latest = useRef(active);
  latest.current = active;
  const { before, after } = rowsAround(things, open, count);
  const total = before.length + count + after.length;
  const rowAt = (i: number): Row =>
    i < before.length
      ? before[i]
      : i < before.length + count
      ? { level: 3, index: i - before.length, setSize: count, place: i - before.length + 1 }
      : after[i - before.length - count];
  const rows = useVirtualRows(box, total, ROW);
  const keys = useKeys(client, list, rows.first - before.length, rows.end - before.length, count);
  const word = useRef({ text: "", at: 0 });

  const move = (to: number): void => {
    const row = Math.max(0, Math.min(total - 1, to));
    setActive(row);
    rows.reveal(row);
  };
  const act = (i: number): void => {
    const row = rowAt(i);
    if (row.level === 2) onOpen(row.thing === open ? undefined : row.thing);
    if (row.level === 3) {
      const key = keys(row.index);
      if (key) onSelect(key);
    }
  };
  const typed = async (letter: string): Promise<void> => {
    const now = performance.now();
    const text = now - word.current.at < WORD_MS ? word.current.text + letter : letter;
    word.current = { text, at: now };
    if (open) {
      const from = Math.max(0, latest.current - before.length + (text.length === 1 ? 1 : 0));
      const found = await client.call("seek", { text, from: Math.min(from, count) });
      if (found >= 0) return move(before.length + found);
    }
    const found = [...before, ...after].findIndex((row) =>
      row.level === 2 && row.thing.scope.toLowerCase().startsWith(text.toLowerCase())
    );
    if (found >= 0) move(found < before.length ? found : found + count);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? ROW) / ROW) - 1);
    const row = rowAt(active);
    const steps: { [key: string]: () => void } = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page),
      PageUp: () => move(active - page),
      Home: () => move(0),
      End: () => move(total - 1),
      Enter: () => act(active),
      " ": () => act(active),
      ArrowRight: () => row.level === 2 && row.thing !== open ? act(active) : move(active + 1),
      ArrowLeft: () =>
        row.level === 3
          ? move(before.length - 1)
          : row.level === 2 && row.thing === open
          ? act(active)
          : move(active - 1),
    };
    const step = steps[event.key];
    if (step) {
      word.current.text = "";
      word.current.at = 0;
      step();
    } else if (event.key.length === 1) void typed(event.key);
    else return;
    event.preventDefault();
  };

  const visible = Array.from(
    { length: Math.max(0, rows.end - rows.first) },
    (_, k) => rows.first + k,
  );
  return (
    <div
      class="tree"
      role="tree"
      aria-label="Tables, buckets, databases, queues, and their keys"
      tabIndex={0}
      ref={box}
      aria-activedescendant={total > 0 ? `row-${active}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div class="rows" role="presentation" style={{ height: `${rows.height}px` }}>
        {visible.map((i) => {
          const row = rowAt(i);
          const key = row.level === 3 ? keys(row.index) : undefined;
          const isSelected = key !== undefined && key.id === selected;
          return (
            <div
              key={i}
              id={`row-${i}`}
              class={`row level-${row.level}${i === active ? " active" : ""}`}
              role="treeitem"
              aria-level={row.level}
              aria-setsize={row.setSize}
              aria-posinset={row.place}
              aria-selected={isSelected}
              aria-expanded={row.level === 1
                ? true
                : row.level === 2
                ? row.thing === open
                : undefined}
              style={{ top: `${rows.top + (i - rows.first) * ROW}px` }}
              onClick={() => {
                setActive(i);
                act(i);
              }}
            >
              <RowText row={row} keyText={key} isOpen={row.level === 2 && row.thing === open} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowText({ row, keyText, isOpen }: { row: Row; keyText?: ListedKey; isOpen: boolean }) {
  if (row.level === 1) {
    return <span class={`badge ${row.adapter}`}>{WORDS[row.adapter].name}</span>;
  }
  if (row.level === 2) {
    const { scope, count, adapter } = row.thing;
    return (
      <>
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
        <span class="label">{printable(scope)}</span>
        <span class="quiet small">{counted(count, WORDS[adapter].thing)}</span>
      </>
    );
  }
  return (
    <>
      <span class="label mono">{keyText ? printable(keyText.label) : "…"}</span>
      <span class="quiet small">{keyText?.note}</span>
    </>
  );
}

/** Adapters and scopes before the open one's keys, and behind them. */
function rowsAround(
  things: readonly Things[],
  open: Things | undefined,
  count: number,
): { before: Row[]; after: Row[] } {
  const adapters = [...new Set(things.map(({ adapter }) => adapter))];
  const rows = adapters.flatMap((adapter, i): Row[] => {
    const scopes = things.filter((one) => one.adapter === adapter);
    return [
      { level: 1, adapter, setSize: adapters.length, place: i + 1 },
      ...scopes.map((thing, k): Row => ({
        level: 2,
        thing,
        setSize: scopes.length,
        place: k + 1,
      })),
    ];
  });
  const at = count === 0 ? -1 : rows.findIndex((row) => row.level === 2 && row.thing === open);
  return at < 0 ? { before: rows, after: [] } : {
    before: rows.slice(0, at + 1),
    after: rows.slice(at + 1),
  };
}

/** The keys from `from` to `to`, as they come from the worker; `undefined` until then. */
function useKeys(
  client: Client,
  list: string,
  from: number,
  to: number,
  count: number,
): (index: number) => ListedKey | undefined {
  const pages = useRef({ list, known: new Map<number, ListedKey[]>(), asked: new Set<number>() });
  const [, redraw] = useState(0);
  if (pages.current.list !== list) {
    pages.current = { list, known: new Map(), asked: new Set() };
  }
  useEffect(() => {
    const current = pages.current;
    const last = Math.min(to, count);
    for (let page = Math.max(0, Math.floor(from / PAGE)); page * PAGE < last; page++) {
      const known = current.known.get(page);
      // While keys are gathered, the last page grows.
      const isFull = known && known.length >= Math.min(PAGE, count - page * PAGE);
      if (isFull || current.asked.has(page)) continue;
      current.asked.add(page);
      void client.call("keys", { from: page * PAGE, to: (page + 1) * PAGE }).then(({ keys }) => {
        current.asked.delete(page);
        current.known.set(page, keys);
        redraw((n) => n + 1);
      });
    }
  }, [list, from, to, count]);
  return (index) => pages.current.known.get(Math.floor(index / PAGE))?.[index % PAGE];
}
