/**
 * Lists of paths, a line each. A path with a line break, or with a backslash at its start, has a backslash
 * before it, and `\n`, `\r` and `\\` stand for LF, CR and a backslash, as in CHECKSUMS.
 *
 * @module
 */

const ESCAPES: { readonly [character: string]: string } = { "\n": "n", "\r": "r", "\\": "\\" };
const ESCAPED: { readonly [letter: string]: string } = { n: "\n", r: "\r", "\\": "\\" };

/** The line of a path, its end included. */
export function pathLine(path: string): string {
  if (!/[\n\r]|^\\/.test(path)) return `${path}\n`;
  return `\\${path.replace(/[\\\n\r]/g, (c) => `\\${ESCAPES[c]}`)}\n`;
}

/** The paths of a list. Empty lines are none. */
export function pathsOfList(text: string): string[] {
  return text.split("\n").filter((line) => line !== "").map((line) =>
    line.startsWith("\\") ? line.slice(1).replace(/\\([nr\\])/g, (_, c) => ESCAPED[c]) : line
  );
}
