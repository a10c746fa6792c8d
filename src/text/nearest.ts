/** Which names are most like another one, for "did you mean". @module */

/** Names that are shown. */
const MAX_NAMES = 3;
/** Names longer than this are compared by their beginnings. */
const MAX_LENGTH = 64;

/**
 * The names that are most like a text, the most like one first: those that take few changes of one letter
 * to come from it, and those of which one begins with the other.
 *
 * @param most How many are wanted at most.
 */
export function nearest(text: string, names: Iterable<string>, most: number = MAX_NAMES): string[] {
  const scored: [number, string][] = [];
  const limit = Math.max(2, Math.ceil(text.length / 3));
  for (const name of names) {
    const score = name.startsWith(text) || (text.startsWith(name) && name.length > 2)
      ? Math.abs(name.length - text.length) / 100
      : distance(text.slice(0, MAX_LENGTH), name.slice(0, MAX_LENGTH));
    if (score <= limit) scored.push([score, name]);
  }
  return scored.sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1)).slice(0, most)
    .map(([, name]) => name);
}

/** The sentence that asks for them; nothing where there are none. */
export function didYouMean(text: string, names: Iterable<string>): string {
  const found = nearest(text, names);
  return found.length === 0 ? "" : `, did you mean ${found.join(" or ")}?`;
}

/** Changes of one letter, swapped neighbours among them, that make one text of the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
