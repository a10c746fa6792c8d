import { strictEqual, throws } from "node:assert/strict";
import { PathPattern } from "../../src/text/path_pattern.ts";
import { nearest } from "../../src/text/nearest.ts";

const CASES: [pattern: string, path: string, matches: boolean][] = [
  ["dynamodb", "dynamodb/orders/_schema.json", true],
  ["dynamodb/", "dynamodb/orders/_schema.json", true],
  ["dynamodb", "dynamodb2/orders", false],
  ["s3/b/*", "s3/b/a/c", true],
  ["s3/b/*.txt", "s3/b/a/c.txt", false],
  ["s3/b/**.txt", "s3/b/a/c.txt", true],
  ["s3/b/**/c.txt", "s3/b/a/x/c.txt", true],
  ["s3/b/**/c.txt", "s3/b/c.txt", true],
  ["s3/b/**/c.txt", "s3/b/xc.txt", false],
  ["**/c.txt", "s3/b/c.txt", true],
  ["s3/b/x**/c.txt", "s3/b/x/c.txt", true],
  ["s3/b/x**/c.txt", "s3/b/c.txt", false],
  ["s3/**/b", "s3/b/a/c.txt", true],
  ["s3/b/?.txt", "s3/b/é.txt", true],
  ["s3/b/?", "s3/b/😀", true],
  ["s3/b/[a-c]", "s3/b/b", true],
  ["s3/b/[!a-c]", "s3/b/b", false],
  ["s3/b/[!a-c]", "s3/b/d", true],
  ["s3/b/[]]", "s3/b/]", true],
  ["s3/b/[", "s3/b/[", true],
  ["s3/b/\\*", "s3/b/*", true],
  ["s3/b/\\*", "s3/b/x", false],
  ["s3/b/a.b(c)+$^{}|", "s3/b/a.b(c)+$^{}|", true],
  ["s3/b/a.b", "s3/b/axb", false],
  ["s3/b/a\nb*", "s3/b/a\nb\nc", true],
];

for (const [pattern, path, expected] of CASES) {
  Deno.test(`${JSON.stringify(pattern)} ${expected ? "matches" : "does not match"} ${JSON.stringify(path)}`, () => {
    strictEqual(new PathPattern(pattern).matches(path), expected);
  });
}

Deno.test("whether a folder can have anything that matches, or nothing else, is never guessed too well", () => {
  const names = ["a", "b", "ab"];
  const parts = ["a", "*", "**", "?", "a*", "[ab]"];
  const paths = names.flatMap((x) => names.flatMap((y) => names.map((z) => `${x}/${y}/${z}`)));
  const patterns = parts.flatMap((x) => [x, ...parts.flatMap((y) => [`${x}/${y}`, `${x}/${y}/b`])])
    .concat("**/a/**/b", "a/**/**/b", "a/**/*", "**/*", "a/**/b/**");
  for (const text of patterns) {
    const pattern = new PathPattern(text);
    for (
      const folder of new Set(
        paths.flatMap((p) => [p.slice(0, p.indexOf("/")), p.slice(0, p.lastIndexOf("/"))]),
      )
    ) {
      const inIt = paths.filter((path) => path.startsWith(`${folder}/`));
      const matched = inIt.filter((path) => pattern.matches(path));
      if (matched.length > 0) strictEqual(pattern.mayMatchIn(folder), true, `${text} ${folder}`);
      if (pattern.covers(folder)) strictEqual(matched.length, inIt.length, `${text} ${folder}`);
    }
    for (const path of paths.filter((path) => pattern.matches(path))) {
      strictEqual(path.startsWith(pattern.literal), true, `${text} ${pattern.literal} ${path}`);
    }
  }
});

Deno.test("what is no pattern is refused", () => {
  for (const text of ["", "/", "/s3", "s3/[z-a]"]) {
    throws(() => new PathPattern(text), { code: "usage" }, text);
  }
});

Deno.test("the names that are most like a text come first", () => {
  strictEqual(nearest("ordres", ["orders", "users", "order-lines", "x"]).join(), "orders");
  strictEqual(nearest("ord", ["users", "orders", "order-lines"]).join(), "orders,order-lines");
  strictEqual(nearest("verfiy", ["inspect", "decode", "verify"]).join(), "verify");
  strictEqual(nearest("zzzzzz", ["orders", "users"]).join(), "");
});
