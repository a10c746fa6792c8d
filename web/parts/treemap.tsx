/** Where the bytes are: an area for each table, bucket, database and queue, and in it what is still alive. @module */

// @ts-types="@types/d3-hierarchy"
import { hierarchy, treemap } from "d3-hierarchy";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { size } from "../../src/cli/format.ts";
import { printable } from "../../src/text/printable.ts";
import { WORDS } from "../views/sentence.ts";
import type { Things } from "../views/things.ts";

/** What bytes are to clients, and how it is drawn: not by colour alone. */
const KINDS = [
  ["live", "live", "what clients see"],
  ["old", "old versions", "hidden by newer ones"],
  ["deleted", "deleted", "or expired"],
] as const;

type Kind = (typeof KINDS)[number][0];

/** A node of the tree: everything, an adapter, a scope, or bytes of one kind. */
interface Node {
  adapter?: Things["adapter"];
  thing?: Things;
  kind?: Kind;
  bytes?: number;
  children?: Node[];
}

const HEIGHT = 300;
/** Height of a name above its area. */
const LABEL = 20;
/** About the width of a letter, in pixels. */
const LETTER = 7;

interface TreemapProps {
  things: readonly Things[];
  onOpen: (thing: Things) => void;
}

/** The areas. The table says the same in digits, so a screen reader is told just that. */
export function Treemap({ things, onOpen }: TreemapProps) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(800);
  useLayoutEffect(() => {
    const measure = (): void => setWidth(Math.max(200, box.current!.clientWidth));
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(box.current!);
    return () => resized.disconnect();
  }, []);
  const root = treemap<Node>().size([width, HEIGHT]).paddingInner(2).round(true)
    .paddingTop(({ depth }) => depth === 2 ? LABEL : 0)(
      hierarchy(treeOf(things)).sum(({ bytes = 0 }) => bytes)
        .sort((a, b) => (b.value ?? 0) - (a.value ?? 0)),
    );
  const areas = root.descendants();
  return (
    <div ref={box}>
      <svg
        class="treemap"
        width={width}
        height={HEIGHT}
        role="img"
        aria-label="Areas in proportion to bytes; the table has the same numbers"
      >
        <defs>
          <pattern id="old" width="6" height="6" patternUnits="userSpaceOnUse">
            <path d="M0 6L6 0" class="hatch" />
          </pattern>
          <pattern id="deleted" width="6" height="6" patternUnits="userSpaceOnUse">
            <path d="M0 0L6 6M0 6L6 0" class="hatch" />
          </pattern>
        </defs>
        {areas.filter(({ data }) => data.thing && !data.kind).map(({ data, x0, y0, x1, y1 }) => (
          <g
            key={`${data.thing!.adapter} ${data.thing!.scope}`}
            class={`area ${data.thing!.adapter}`}
            onClick={() => onOpen(data.thing!)}
          >
            <title>{titleOf(data.thing!)}</title>
            <rect class="frame" x={x0} y={y0} width={x1 - x0} height={y1 - y0} />
            <text x={x0 + 5} y={y0 + 14}>{cut(printable(data.thing!.scope), x1 - x0 - 8)}</text>
          </g>
        ))}
        {areas.filter(({ data }) => data.kind).map(({ data, x0, y0, x1, y1 }) => (
          <g
            key={`${data.thing!.adapter} ${data.thing!.scope} ${data.kind}`}
            class={`area ${data.thing!.adapter} ${data.kind}`}
            onClick={() => onOpen(data.thing!)}
          >
            <title>{titleOf(data.thing!)}</title>
            <rect class="fill" x={x0} y={y0} width={x1 - x0} height={y1 - y0} />
            {data.kind !== "live" && (
              <rect
                x={x0}
                y={y0}
                width={x1 - x0}
                height={y1 - y0}
                fill={`url(#${data.kind})`}
              />
            )}
          </g>
        ))}
      </svg>
      <ul class="legend small">
        {KINDS.map(([kind, name, text]) => (
          <li key={kind}>
            <svg width="16" height="16" aria-hidden="true" class="treemap">
              <g class={`area other ${kind}`}>
                <rect class="fill" width="16" height="16" />
                {kind !== "live" && <rect width="16" height="16" fill={`url(#${kind})`} />}
              </g>
            </svg>
            <span>
              {size(things.reduce((n, one) => n + one[kind], 0))} {name}
              <span class="quiet">, {text}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function treeOf(things: readonly Things[]): Node {
  const adapters = [...new Set(things.map(({ adapter }) => adapter))];
  return {
    children: adapters.map((adapter) => ({
      adapter,
      children: things.filter((one) => one.adapter === adapter).map((thing) => ({
        thing,
        children: KINDS.map(([kind]) => ({ thing, kind, bytes: thing[kind] })),
      })),
    })),
  };
}

function titleOf({ adapter, scope, bytes, live, old, deleted }: Things): string {
  return `${WORDS[adapter].name} ${printable(scope)}: ${size(bytes)} = ${size(live)} live + ` +
    `${size(old)} old versions + ${size(deleted)} deleted`;
}

function cut(text: string, width: number): string {
  const letters = Math.floor(width / LETTER);
  if (text.length <= letters) return text;
  return letters < 3 ? "" : `${text.slice(0, letters - 1)}…`;
}
