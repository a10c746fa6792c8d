/**
 * What bytes can be read from. The interface stands here; each kind of source has a file of its
 * own. What needs Deno is in files named for it.
 *
 * @module
 */

/** A value now, or later: `await` it only when {@link isPromise} says so, to keep hot paths synchronous. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether the value is still to come. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Does something with a value: now, or when it is there. */
export function after<T, U>(
  value: MaybePromise<T>,
  action: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return isPromise(value) ? value.then(action) : action(value);
}

/** Bytes of a known size that can be read at any offset. */
export interface Source {
  /** What messages call it: a path as the user gave it, or a short description. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Fills `into` from `offset` on. The result is how many bytes that was: fewer than asked only at
   * the end of the source.
   */
  read(offset: number, into: Uint8Array): MaybePromise<number>;
  /** Lets go of what the source holds open. */
  close(): void;
}

/** Reads `length` bytes at `offset` into a buffer of their own; shorter only at the end. */
export async function readAt(
  source: Source,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, source.size - offset)));
  const n = await source.read(offset, bytes);
  return n === bytes.length ? bytes : bytes.subarray(0, n);
}
