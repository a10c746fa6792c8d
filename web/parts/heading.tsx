/** The heading of a view, to which the focus goes when the view comes. @module */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Focused once, so that a keyboard goes on from here and a screen reader says it. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return <h1 tabIndex={-1} ref={heading}>{children}</h1>;
}
