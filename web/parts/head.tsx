/** The line at the top: which file, which view. @module */

import { printable } from "../../src/text/printable.ts";
import type { Picked } from "../worker/protocol.ts";
import { Decanter } from "./icons.tsx";
import type { Place } from "./place.ts";

const VIEWS: readonly [Place["view"], string][] = [
  ["overview", "Overview"],
  ["find", "Find"],
  ["save", "Save"],
];

interface HeadProps {
  /** Absent while nothing is open. */
  place?: Place;
  go: (to: Place) => void;
  picked?: Picked;
  close: () => void;
}

/** The head of the page. */
export function Head({ place, go, picked, close }: HeadProps) {
  return (
    <header class="head">
      <span class="brand">
        <Decanter />Decant
      </span>
      {place && (
        <nav class="tabs" aria-label="Views">
          {VIEWS.map(([view, name]) => (
            <button
              type="button"
              key={view}
              aria-current={place.view === view ? "page" : undefined}
              onClick={() => go({ view })}
            >
              {name}
            </button>
          ))}
        </nav>
      )}
      {picked && (
        <span class="what">
          <span class="name quiet">{pickedName(picked)}</span>
          <button type="button" onClick={close}>Other file</button>
        </span>
      )}
    </header>
  );
}

/** What the user calls what was opened. */
export function pickedName({ folder, files }: Picked): string {
  if (folder !== undefined) return `${printable(folder)}/`;
  return files.length === 1 ? printable(files[0].path) : `${files.length} files`;
}
