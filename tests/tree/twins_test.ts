import { deepStrictEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { compareUtf8 } from "../../src/text/utf8.ts";
import { folded } from "../../src/tree/portable.ts";
import { TwinPlan } from "../../src/tree/twins.ts";

const SEED = 255;

/** Which of some things lose; each has one or more paths. */
async function losersOf(things: string[][]): Promise<boolean[]> {
  const plan = new TwinPlan(new MemoryScratch());
  for (const paths of things) await plan.note(...paths);
  const twins = await plan.twins();
  const lost: boolean[] = [];
  for (const _ of things) lost.push(await twins.next());
  twins.close();
  return lost;
}

const lost = async (...paths: string[]): Promise<string[]> => {
  const losers = await losersOf(paths.map((path) => [path]));
  return paths.filter((_, i) => losers[i]);
};

Deno.test("of paths that differ only in letter case or spelling, the one with the least bytes stays", async () => {
  deepStrictEqual(await lost("foo", "Foo", "FOO", "bar"), ["foo", "Foo"]);
  deepStrictEqual(await lost("a/é", "a/É", "a/e\u0301", "b/E\u0301"), ["a/é", "a/É"]);
  deepStrictEqual(await lost("x/a", "X/a", "X/A"), ["x/a", "X/a"]);
});

Deno.test("a folder is a twin of a file and of another folder", async () => {
  deepStrictEqual(await lost("a", "A/x"), ["a"]);
  deepStrictEqual(await lost("A", "a/x", "a/y"), ["a/x", "a/y"]);
  deepStrictEqual(await lost("s/Q/1", "s/q/2", "s/q/3", "s/r"), ["s/q/2", "s/q/3"]);
});

Deno.test("the same name in other folders is no twin, and neither is a longer one", async () => {
  deepStrictEqual(await lost("a/x", "b/X", "a/xy", "x", "c/d/x"), []);
  // Nor is a path that is twice the same: what both of them are is up to the caller.
  deepStrictEqual(await lost("a", "a", "a/b"), []);
});

Deno.test("a thing loses with any of its paths, and once", async () => {
  deepStrictEqual(
    await losersOf([["b", "B.meta"], ["B", "B.meta"], ["b.META"], ["q/Z", "q/z"]]),
    [true, false, true, true],
  );
});

Deno.test("what is left has no twins, and nothing loses without one", async () => {
  const component = fc.string({ unit: fc.constantFrom(..."abABéÉ"), minLength: 1, maxLength: 2 });
  const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 30 }), async (paths) => {
      const losers = await losersOf(paths.map((path) => [path]));
      const spelled = new Map<string, string>();
      for (const [i, path] of paths.entries()) {
        if (losers[i]) continue;
        for (const prefix of prefixes(path)) {
          const form = folded(prefix);
          deepStrictEqual(spelled.get(form) ?? prefix, prefix);
          spelled.set(form, prefix);
        }
      }
      const all = new Set(paths.flatMap(prefixes));
      for (const [i, path] of paths.entries()) {
        const lesser = prefixes(path).some((prefix) =>
          [...all].some((other) =>
            folded(other) === folded(prefix) && compareUtf8(other, prefix) < 0
          )
        );
        if (losers[i]) ok(lesser, path);
        // The least path of all stays.
        if (!lesser) ok(!losers[i], path);
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});

function prefixes(path: string): string[] {
  const names = path.split("/");
  return names.map((_, i) => names.slice(0, i + 1).join("/"));
}

Deno.test("more paths than fit in memory are sorted in scratch space", async () => {
  const things = Array.from(
    { length: 40_000 },
    (_, i) => [`folder/${i % 7}/${"n".repeat(200)}${i}`],
  );
  things.push(["FOLDER/x"]);
  const lost = await losersOf(things);
  deepStrictEqual(lost.filter((it) => it).length, 40_000);
});

Deno.test("a plan that was not asked for all things is a defect", async () => {
  const plan = new TwinPlan(new MemoryScratch());
  await plan.note("a");
  const twins = await plan.twins();
  throws(() => twins.close(), /1 names were planned and 0 were given/);
});
