/** Keys by which a report shows what it counts. @module */

import type { CutKey } from "../errors.ts";
import { shortKey } from "./problems.ts";

/** Keys that are kept of each kind. */
export const MAX_EXAMPLES = 5;

/** A row by its key. */
export interface KeyExample {
  /** The key, or the beginning of one that is long. */
  key: Uint8Array;
  /** The whole key, where `key` is only its beginning. */
  cut?: CutKey;
}

/** Keeps a copy of a key if it is one of the first. */
export function addExample(examples: KeyExample[], key: Uint8Array): void {
  if (examples.length < MAX_EXAMPLES) examples.push(shortKey(key));
}
