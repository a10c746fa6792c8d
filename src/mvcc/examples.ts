/** Keys by which a report shows what it counts. @module */

/** Keys that are kept of each kind. */
export const MAX_EXAMPLES = 5;
/** Bytes that are kept of a key. */
const MAX_LENGTH = 1024;

/** Keeps a copy of the key `bytes[start, end)`, or its beginning, if it is one of the first. */
export function addExample(
  examples: Uint8Array[],
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): void {
  if (examples.length < MAX_EXAMPLES) {
    examples.push(bytes.slice(start, Math.min(end, start + MAX_LENGTH)));
  }
}
