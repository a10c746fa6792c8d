/** Tables, buckets, databases and queues, with what is in them. @module */

import { useState } from "preact/hooks";
import { count, counted, size } from "../../src/cli/format.ts";
import { printable } from "../../src/text/printable.ts";
import { WORDS } from "../views/sentence.ts";
import type { Things } from "../views/things.ts";

type Column = "adapter" | "scope" | "count" | "bytes";

const COLUMNS: readonly { column: Column; title: string; isNumber?: boolean }[] = [
  { column: "adapter", title: "Kind" },
  { column: "scope", title: "Name" },
  { column: "count", title: "Holds", isNumber: true },
  { column: "bytes", title: "Takes", isNumber: true },
];

/** A table that sorts by the column whose head is pressed: the largest first at first. */
export function ScopeTable({ things }: { things: readonly Things[] }) {
  const [{ by, isUp }, setOrder] = useState<{ by: Column; isUp: boolean }>({
    by: "bytes",
    isUp: false,
  });
  const sorted = things.toSorted((a, b) => compare(a[by], b[by]) * (isUp ? 1 : -1));
  const largest = Math.max(1, ...things.map(({ bytes }) => bytes));
  if (things.length === 0) return <p class="quiet">Nothing that a client could have put there.</p>;
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {COLUMNS.map(({ column, title, isNumber }) => (
              <th
                key={column}
                scope="col"
                class={isNumber ? "number" : undefined}
                aria-sort={by === column ? (isUp ? "ascending" : "descending") : undefined}
              >
                <button
                  type="button"
                  onClick={() => setOrder({ by: column, isUp: by === column ? !isUp : !isNumber })}
                >
                  {title}
                  <span aria-hidden="true">{by === column ? (isUp ? "↑" : "↓") : ""}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ adapter, scope, count: n, exists, bytes }) => (
            <tr key={`${adapter} ${scope}`}>
              <td>
                <span class={`badge ${adapter}`}>{WORDS[adapter].name} {WORDS[adapter].scope}</span>
              </td>
              <td class="name">
                {printable(scope)}
                {!exists && <span class="quiet">, deleted</span>}
              </td>
              <td class="number">{counted(n, WORDS[adapter].thing)}</td>
              <td class="number">
                {size(bytes)}
                <span class="bar" aria-hidden="true">
                  <span style={{ width: `${100 * bytes / largest}%` }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr class="quiet">
            <td colSpan={2}>All together</td>
            <td class="number">{count(things.reduce((n, one) => n + one.count, 0))}</td>
            <td class="number">{size(things.reduce((n, { bytes }) => n + bytes, 0))}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
