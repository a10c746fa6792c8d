/** The pages of docs/format/ show what Decant writes, and list what it reads. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { FAMILY_TABLE } from "../../src/keyspace/families.ts";
import { VERSION } from "../../src/version.ts";
import { blocksWith, Kitchen, markdownFiles } from "./recipe.ts";
import { fixture } from "./snapshots.ts";

const EXAMPLE = /^decode=(\S+)(?: file=(\S+))?(?: args=(\S+))?$/;

for (const page of markdownFiles("docs/format/")) {
  const examples = blocksWith(page, EXAMPLE);
  if (examples.length === 0) continue;
  Deno.test(`the examples in ${page} are what Decant writes`, async () => {
    using kitchen = new Kitchen();
    for (const [index, { mark, language, text }] of examples.entries()) {
      const [, snapshot, file, options] = EXAMPLE.exec(mark)!;
      const format = file === undefined ? ["--format", "records"] : [];
      const args = [...format, ...options?.split(",") ?? [], "-q", "-o", `${index}`];
      const { code, stderr } = await kitchen.command("decant", [
        "decode",
        fixture(snapshot),
        ...args,
      ]);
      ok(code === 0 || code === 8, `${mark}: ${stderr}`);
      const path = `${kitchen.folder}/${index}${file === undefined ? "" : `/${file}`}`;
      const whole = Deno.readTextFileSync(path).replace(`decant ${VERSION}`, "decant 0.1.0");
      if (language === "json") strictEqual(text, whole.trimEnd() + "\n", mark);
      else {
        const lines = whole.split("\n");
        for (const line of text.trimEnd().split("\n")) ok(lines.includes(line), `${mark}: ${line}`);
      }
    }
  });
}

Deno.test("docs/format/snapshot.md lists every family with its kind", () => {
  const text = Deno.readTextFileSync(new URL("../../docs/format/snapshot.md", import.meta.url));
  const rows = [...text.matchAll(/^\| (?:`(!.*?)`|\(none\)) +\| (\w+) +\|/gm)];
  const listed = rows.map(([, prefix = "", kind]) => [prefix.replaceAll("\\|", "|"), kind]);
  deepStrictEqual(listed.sort(), FAMILY_TABLE.map(([, prefix, , kind]) => [prefix, kind]).sort());
});

Deno.test("every marked block of docs/recipes/ is named by a test", () => {
  const tests = [...Deno.readDirSync(new URL(".", import.meta.url))]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => Deno.readTextFileSync(new URL(name, import.meta.url))).join();
  for (const page of markdownFiles("docs/recipes/")) {
    for (const { mark } of blocksWith(page, /^test=/)) {
      ok(tests.includes(`"${mark.slice("test=".length)}"`), `${page}: ${mark}`);
    }
  }
});

Deno.test("links in docs/format/ and docs/recipes/ lead somewhere", () => {
  for (const page of [...markdownFiles("docs/format/"), ...markdownFiles("docs/recipes/")]) {
    const url = new URL(`../../${page}`, import.meta.url);
    for (const [, target] of Deno.readTextFileSync(url).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const { pathname, hash } = new URL(target, url);
      const text = Deno.readTextFileSync(pathname);
      if (hash) ok(headings(text).includes(hash), `${page} links to ${target}`);
    }
  }
});

/** The anchors of a page's headings, as GitHub makes them. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    "#" + title.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-")
  );
}
