import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { PathSet } from "../../src/tree/path_set.ts";

Deno.test("a path is taken once, as a file or as a directory", () => {
  const paths = new PathSet();
  ok(paths.take("a/b/c"));
  ok(!paths.take("a/b/c"));
  ok(!paths.take("a/b"), "a directory is there");
  ok(!paths.take("a"));
  ok(!paths.take("a/b/c/d"), "a file is on the way");
  ok(!paths.take("a/b/c/d/e"));
  ok(paths.take("a/b/d"));
  ok(paths.directory("a/b"));
  ok(!paths.directory("a/b/c"), "a file is there");
  ok(!paths.directory("a/b/c/d"));
  ok(paths.directory("x/y"));
  ok(!paths.take("x/y"));
  ok(paths.take("x/y/z"));
});

Deno.test("names that only look alike are different ones", () => {
  const paths = new PathSet();
  for (const path of ["a", "A", "a ", "é", "e\u0301", "a\\b", "\ufeffa", "a.b", "aa"]) {
    ok(paths.take(path), path);
  }
});

Deno.test("each directory is told once, outer ones first, and none for a path that is refused", () => {
  const told: string[] = [];
  const paths = new PathSet((path) => told.push(path));
  paths.take("a/b/c/file");
  paths.take("a/b/other");
  paths.take("a/b/c/file/under/it");
  paths.directory("a/b");
  paths.directory("d/e");
  paths.take("top");
  paths.take("f/g");
  paths.take("d/e/file");
  deepStrictEqual(told, ["a", "a/b", "a/b/c", "d", "d/e", "f"]);
});

Deno.test("it grows past many paths and forgets none", () => {
  const paths = new PathSet();
  const path = (i: number): string => `${i % 7}/${i % 13}/${i}`;
  for (let i = 0; i < 20_000; i++) ok(paths.take(path(i)), path(i));
  for (let i = 0; i < 20_000; i++) ok(!paths.take(path(i)), path(i));
  for (let i = 0; i < 7; i++) ok(!paths.take(`${i}`));
  ok(paths.take(path(20_000)));
});

Deno.test("it agrees with plain sets, whatever the order", () => {
  const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 })
    .map((names) => names.join("/"));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), path)), (calls) => {
      const set = new PathSet();
      const files = new Set<string>();
      const directories = new Set<string>();
      for (const [isFile, path] of calls) {
        const above = path.split("/").map((_, i, names) => names.slice(0, i).join("/")).slice(1);
        const blocked = above.some((path) => files.has(path)) || files.has(path);
        if (isFile) {
          const free = !blocked && !directories.has(path);
          strictEqual(set.take(path), free, path);
          if (free) files.add(path);
          if (free) { for (const folder of above) directories.add(folder); }
        } else {
          strictEqual(set.directory(path), !blocked, path);
          if (!blocked) { for (const folder of [...above, path]) directories.add(folder); }
        }
      }
    }),
    { seed: 102, numRuns: 1000 },
  );
});
