/**
 * Where the user is. It lives in the state of the browser's history, so that Back works, and never in the
 * URL: addresses are kept and sent along, and names of records have no place there.
 *
 * @module
 */

import type { ScopeName } from "../worker/protocol.ts";
import { useCallback, useEffect, useState } from "preact/hooks";

/** A view, and what of it is selected. */
export interface Place {
  view: "overview" | "find" | "save";
  /** The table, bucket, database or queue that is open. */
  scope?: ScopeName;
  /** The record that is looked at. */
  record?: { id: string; label: string };
}

const FIRST: Place = { view: "overview" };

/** The place, and how to go to another one. */
export function usePlace(): [Place, (to: Place) => void] {
  const [place, setPlace] = useState<Place>(FIRST);
  useEffect(() => {
    const back = ({ state }: PopStateEvent): void => setPlace(state ?? FIRST);
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const go = useCallback((to: Place) => {
    history.pushState(to, "");
    setPlace(to);
  }, []);
  return [place, go];
}
