/**
 * Which rows of a long list can be seen. Only these are in the page, so that a million rows cost what
 * thirty do. Browsers end an element after some 10 to 30 million pixels: a list that would be longer is
 * scrolled in larger steps.
 *
 * @module
 */

import { useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Longest that the list is made, in pixels: Firefox ends at 17.8 million. */
const MAX_HEIGHT = 8_000_000;
/** Rows beyond the edges, for scrolling. */
const SPARE = 8;

/** What of a list is shown. */
export interface VirtualRows {
  /** Of all of it, in pixels. */
  height: number;
  /** The rows from `first` to `end`, which is not one of them. */
  first: number;
  end: number;
  /** Where the row `first` begins, in pixels. */
  top: number;
  /** Brings a row into view. */
  reveal(row: number): void;
}

/** @param rowHeight In pixels; all rows have it. */
export function useVirtualRows(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): VirtualRows {
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = box.current!;
    const look = (): void =>
      setScroll({ top: element.scrollTop, height: element.clientHeight || 600 });
    look();
    element.addEventListener("scroll", look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, []);

  const full = count * rowHeight;
  const height = Math.min(full, MAX_HEIGHT);
  // Pixels of the whole list for each that is scrolled.
  const step = height > scroll.height ? (full - scroll.height) / (height - scroll.height) : 1;
  const at = scroll.top * step;
  const first = Math.max(0, Math.floor(at / rowHeight) - SPARE);
  const end = Math.min(count, Math.ceil((at + scroll.height) / rowHeight) + SPARE);
  return {
    height,
    first,
    end,
    top: scroll.top + first * rowHeight - at,
    reveal(row) {
      const element = box.current!;
      const above = row * rowHeight;
      const below = above + rowHeight - element.clientHeight;
      if (above < at) element.scrollTop = above / step;
      else if (below > at) element.scrollTop = below / step;
    },
  };
}
