/** Lets the event loop run between two pieces of work. @module */

import { throwIfAborted } from "../errors.ts";

/** Longest that a walk keeps the event loop waiting, in milliseconds. */
const MAX_WAIT = 50;

let last = 0;

/**
 * Gives timers, messages and signals a turn if they have waited long enough: a loop that only awaits
 * what is already there never does.
 *
 * @returns `undefined` when there is nothing to wait for.
 * @throws {AbortedError} when the signal has fired.
 */
export function pause(signal: AbortSignal | undefined): Promise<void> | undefined {
  throwIfAborted(signal);
  const now = performance.now();
  if (now - last < MAX_WAIT) return undefined;
  return new Promise<void>((resolve) =>
    setTimeout(() => {
      last = performance.now();
      resolve();
    }, 0)
  ).then(() => throwIfAborted(signal));
}
