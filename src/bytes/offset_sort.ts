/** Sorts things by where they are. @module */

/**
 * Sorts offsets by what stands there; what is equal keeps its order. Eight bytes an offset, whatever the
 * things are: sorting an array of objects takes ten times as much.
 *
 * @param offsets Sorted in place.
 * @param compare Compares what stands at two offsets: negative, zero or positive.
 */
export function sortOffsets(
  offsets: Uint32Array,
  compare: (a: number, b: number) => number,
): void {
  const { length } = offsets;
  let from = offsets;
  let to: Uint32Array = new Uint32Array(length);
  // A bottom-up merge sort.
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length);
      const end = Math.min(start + 2 * width, length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takesLeft = left < middle && (right === end || compare(from[left], from[right]) <= 0);
        to[at] = takesLeft ? from[left++] : from[right++];
      }
    }
    [from, to] = [to, from];
  }
  if (from !== offsets) offsets.set(from);
}
