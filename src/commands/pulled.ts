/** From who pushes values to who pulls them: one value at a time waits, and the pushing waits with it. @module */

import { AbortedError } from "../errors.ts";

/**
 * The values that a function pushes.
 *
 * @param push Pushes each value and waits until it was taken. When nobody wants more, taking throws.
 */
export async function* pulled<T>(
  push: (take: (value: T) => Promise<void>) => Promise<unknown>,
): AsyncGenerator<T> {
  let waiting: { value: T; taken: PromiseWithResolvers<void> } | undefined;
  let changed = Promise.withResolvers<void>();
  let isOver = false;
  const take = (value: T): Promise<void> => {
    if (isOver) return Promise.reject(new AbortedError());
    waiting = { value, taken: Promise.withResolvers() };
    changed.resolve();
    return waiting.taken.promise;
  };
  let failure: { error: unknown } | undefined;
  const end = push(take).catch((error) => void (failure = { error })).finally(() => {
    isOver = true;
    changed.resolve();
  });
  try {
    for (;;) {
      await changed.promise;
      changed = Promise.withResolvers();
      if (waiting) {
        yield waiting.value;
        const { taken } = waiting;
        waiting = undefined;
        taken.resolve();
      } else if (isOver) break;
    }
  } finally {
    const wasOver = isOver;
    isOver = true;
    waiting?.taken.reject(new AbortedError());
    await end;
    if (!wasOver) failure = undefined;
  }
  if (failure) throw failure.error;
}
