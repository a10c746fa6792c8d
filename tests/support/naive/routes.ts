/**
 * The catalog of routes, a second time, as far as the primary keys of generated transactions need
 * it: items, strings and bare keys.
 *
 * @module
 */

/** A range of route keys and its group. */
export interface NaiveRoute {
  group: bigint;
  start: string;
  end?: string;
}

/** Values of `!dist|route|` rows, as strings of one character a byte. */
export function parseRoutes(values: string[]): NaiveRoute[] {
  return values.map((value) => {
    const u64 = (at: number): bigint =>
      BigInt("0x" + Array.from(value.slice(at, at + 8), hexOf).join(""));
    const startLength = Number(u64(26));
    const start = value.slice(34, 34 + startLength);
    const mark = 34 + startLength;
    if (value[mark] === "\0") return { group: u64(9), start };
    const endLength = Number(u64(mark + 1));
    return { group: u64(9), start, end: value.slice(mark + 9, mark + 9 + endLength) };
  });
}

/** The group that owns a key. */
export function groupOfKey(routes: NaiveRoute[], key: string): bigint | undefined {
  const routeKey = routeKeyOf(key);
  return routes.find(({ start, end }) => start <= routeKey && (end === undefined || routeKey < end))
    ?.group;
}

function routeKeyOf(key: string): string {
  const item = /^!ddb\|item\|([^|]*)\|/.exec(key);
  if (item) return `!ddb|route|table|${item[1]}`;
  if (key.startsWith("!redis|str|")) return key.slice("!redis|str|".length);
  if (!key.startsWith("!")) return key;
  throw new Error(`not modelled: ${key}`);
}

function hexOf(c: string): string {
  return c.charCodeAt(0).toString(16).padStart(2, "0");
}
