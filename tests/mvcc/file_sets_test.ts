import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { FileSets } from "../../src/mvcc/file_sets.ts";

const nobody = (n: number): undefined[] => Array.from({ length: n });

/** Joins files two by two, and counts how often one gets another set. */
function movesOf(n: number, pairs: Iterable<[number, number]>): number {
  const sets = new FileSets(nobody(n));
  let moves = 0;
  const of = new Proxy(sets.of, {
    set: (target, file, set) => ++moves > 0 && Reflect.set(target, file, set),
  });
  Object.assign(sets, { of });
  for (const [a, b] of pairs) if (sets.mayJoin(a, b)) sets.join(a, b);
  strictEqual(new Set(sets.of).size, 1);
  strictEqual(sets.members[sets.of[0]].length, n);
  return moves;
}

Deno.test("files that become one set one by one change theirs once, whichever is named first", () => {
  const n = 0xffff;
  const others = Array.from({ length: n - 1 }, (_, i) => i + 1);
  strictEqual(movesOf(n, others.map((file) => [0, file])), n - 1);
  strictEqual(movesOf(n, others.map((file) => [file, 0])), n - 1);
  strictEqual(movesOf(n, others.map((file) => [file, file - 1])), n - 1);
  strictEqual(movesOf(n, others.toReversed().map((file) => [file - 1, file])), n - 1);
});

Deno.test("sets of the same size that are joined move each file as often as it can double", () => {
  for (const n of [1 << 10, 1 << 12, 1 << 14]) {
    const pairs: [number, number][] = [];
    for (let step = 1; step < n; step *= 2) {
      for (let a = 0; a < n; a += 2 * step) pairs.push([a, a + step]);
    }
    const moves = movesOf(n, pairs);
    ok(moves <= n / 2 * Math.log2(n), `${moves} moves of ${n}`);
  }
});

Deno.test("the group that one of two files is of is that of both, whichever set is larger", () => {
  for (const groups of [[1n, undefined, undefined], [undefined, undefined, 1n]]) {
    const sets = new FileSets(groups);
    sets.join(0, 1);
    sets.join(2, 0);
    deepStrictEqual([0, 1, 2].map((file) => sets.groupOf(file)), [1n, 1n, 1n]);
    strictEqual(sets.mayJoin(0, 2), false);
  }
});
