import { deepStrictEqual, ok } from "node:assert/strict";
import { CODES } from "../../src/errors.ts";
import config from "../../deno.json" with { type: "json" };
import tools from "../../scripts/tools/deno.json" with { type: "json" };
import { isFile } from "../support/programs.ts";
import { repositoryFiles } from "./files.ts";

const files = repositoryFiles();

/** What no file may contain, spelled so that this file does not either. */
const UNWANTED: [string, RegExp][] = [
  ["a note to oneself", /\b(?:TO[D]O|FIX[M]E|XX[X])\b/],
  ["a path of one machine", /(?<![\w.~-])\/(?:wor[k]|roo[t]|hom[e])\//],
  ["the host of a registry", /\bregistry\.[a-z]|artifactor[y]|verdacci[o]/i],
  ["the number of an issue", /(?<![\w"'`&/])#\d{1,5}\b/],
  ["a reference to a document that readers do not have", /\bspec 0\d|\b\w+\.go\b/],
];

/** `path:line what`, once a line. */
function unwanted(files: Map<string, string>): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (path.endsWith("deno.lock")) continue;
    for (const [index, line] of text.split("\n").entries()) {
      for (const [what, pattern] of UNWANTED) {
        if (pattern.test(line)) found.push(`${path}:${index + 1} has ${what}: ${line.trim()}`);
      }
    }
  }
  return found;
}

Deno.test("no file has words that do not belong in it", () => {
  deepStrictEqual(unwanted(files), []);
});

for (
  const line of [
    "// TO" + "DO: later",
    "const home = '/ho" + "me/me/file';",
    "https://reg" + "istry.example.org/x",
    "see (" + "#12)",
    "as in spec " + "03",
    "// decode" + ".go:244",
  ]
) {
  Deno.test(`the word check refuses: ${line}`, () => {
    ok(unwanted(new Map([["a.ts", line]])).length === 1);
  });
}

Deno.test("docs/errors.md has a row with the exit code for every error code", () => {
  const rows = files.get("docs/errors.md")!.matchAll(/^\| `([a-z-]+)` +\| (\d+) +\|/gm);
  const documented = [...rows].map(([, code, exit]) => [code, Number(exit)]);
  const existing = Object.entries(CODES).map(([code, [exit]]) => [code, exit]);
  deepStrictEqual(documented.sort(), existing.sort());
});

Deno.test("docs/errors.md has a row for every warning", () => {
  const [, warnings] = files.get("docs/errors.md")!.split("\n## Warnings\n");
  const documented = [...warnings.matchAll(/^\| `(\w[\w-]+)` +\|/gm)].map(([, event]) => event);
  const existing = new Set<string>();
  for (const [path, text] of files) {
    if (!path.startsWith("src/") || path.startsWith("src/cli/")) continue;
    for (const [, event] of text.matchAll(/(?:[wW]arn\(\s*|[{\n]\s*event: )["`]([^"`]+)["`]/g)) {
      existing.add(event.replace("${type}", "TYPE"));
    }
  }
  deepStrictEqual(documented.sort(), [...existing].sort());
});

Deno.test("every link between documents leads to a file, and to a heading of it", () => {
  const broken: string[] = [];
  for (const [path, text] of files) {
    if (!path.endsWith(".md")) continue;
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [target, heading] = link.split("#");
      const found = target === "" ? path : new URL(target, `file:///${path}`).pathname.slice(1);
      const folder = found.replace(/\/?$/, "/");
      // Images are no text.
      const exists = files.has(found) ||
        isFile(new URL(`../../${found}`, import.meta.url).pathname) ||
        [...files.keys()].some((file) => file.startsWith(folder));
      const isKnown = !heading || headings(files.get(found) ?? "").includes(heading);
      if (!exists || !isKnown) broken.push(`${path}: ${link}`);
    }
  }
  deepStrictEqual(broken, []);
});

/** The names under which links find the headings of a document. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")
  );
}

Deno.test("docs/dependencies.md has a row for every package, with the version that is pinned", () => {
  const rows = files.get("docs/dependencies.md")!.matchAll(/^\| `(\S+)` +\| ([\d.]+) +\|/gm);
  const documented = [...rows].map(([, name, version]) => `npm:${name}@${version}`);
  const imports = [...Object.values(config.imports), ...Object.values(tools.imports)];
  const pinned = imports.map((target) => target.replace("npm:/", "npm:").replace(/\/$/, ""));
  deepStrictEqual(documented.sort(), [...new Set(pinned)].sort());
});

Deno.test("the files that .gitattributes calls generated say so, and no others", () => {
  const patterns = files.get(".gitattributes")!.matchAll(/^\/(\S+) linguist-generated$/gm);
  const generated = [...patterns].map(([, glob]) =>
    new RegExp(`^${glob.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`)
  );
  for (const [path, text] of files) {
    if (path.endsWith("deno.lock")) continue; // JSON has no comments
    const says = text.split("\n", 1)[0].includes("@" + "generated");
    deepStrictEqual([path, says], [path, generated.some((pattern) => pattern.test(path))]);
  }
});

Deno.test("only packages that it needs to run are fetched to run it", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "cli.ts"],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  const used = new Set<string>(
    modules.flatMap(({ npmPackage }: { npmPackage?: string }) =>
      npmPackage === undefined ? [] : npmPackage.slice(0, npmPackage.lastIndexOf("@"))
    ),
  );
  const [, section] = /\n## At run time\n([^]*?)\n## /.exec(files.get("docs/dependencies.md")!)!;
  const atRunTime = [...section.matchAll(/^\| `(\S+)` /gm)].map(([, name]) => name);
  deepStrictEqual([...used].sort(), atRunTime.sort());
  // Without it Deno fetches what is in the lock file, whatever is imported.
  deepStrictEqual(config.unstable, ["npm-lazy-caching"]);
});
