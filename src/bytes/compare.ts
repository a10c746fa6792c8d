/** Unsigned byte-wise order, the order of every key in a snapshot. @module */

/** Negative, zero or positive; a prefix sorts before what extends it. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Whether `bytes[start, end)` begins with `prefix`. */
export function startsWith(
  bytes: Uint8Array,
  prefix: Uint8Array,
  start = 0,
  end: number = bytes.length,
): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
  return true;
}

/**
 * The least byte string above every string that begins with `prefix`, or `undefined` when there is
 * none (the prefix is empty or all FF).
 */
export function successor(prefix: Uint8Array): Uint8Array | undefined {
  let n = prefix.length;
  while (n > 0 && prefix[n - 1] === 0xff) n--;
  if (n === 0) return undefined;
  const next = prefix.slice(0, n);
  next[n - 1]++;
  return next;
}
