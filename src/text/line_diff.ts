/** What changed from one text to another, by lines. @module */

/** A line that one of two texts has and the other has not. */
export interface ChangedLine {
  /** `-`: only the first text has it; `+`: only the second. */
  sign: "-" | "+";
  /** The line, without its end. */
  line: string;
}

/** Entries of the largest table of two texts; of longer ones, all lines between what they share have changed. */
const MAX_TABLE = 1 << 22;

/** The lines to take away and to add, in their order. */
export function lineDiff(before: string, after: string): ChangedLine[] {
  const [a, b] = [before, after].map((text) => text === "" ? [] : text.split("\n"));
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (
    end < a.length - start && end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) end++;
  return changes(a.slice(start, a.length - end), b.slice(start, b.length - end));
}

function changes(a: readonly string[], b: readonly string[]): ChangedLine[] {
  const width = b.length + 1;
  const isSmall = (a.length + 1) * width <= MAX_TABLE;
  // Lines that the rests from (i, j) on have in common, in their order.
  const common = new Uint16Array(isSmall ? (a.length + 1) * width : 0);
  for (let i = a.length - 1; isSmall && i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = a[i] === b[j]
        ? common[at + width + 1] + 1
        : Math.max(common[at + width], common[at + 1]);
    }
  }
  const changed: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (isSmall && i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (
      i < a.length && (j === b.length || !isSmall ||
        common[(i + 1) * width + j] >= common[i * width + j + 1])
    ) changed.push({ sign: "-", line: a[i++] });
    else changed.push({ sign: "+", line: b[j++] });
  }
  return changed;
}
