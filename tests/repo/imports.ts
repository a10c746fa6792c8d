/**
 * The rules of who may import whom, checked over source texts.
 *
 * @module
 */

/** A room may import itself and what stands before it. */
const ROOMS = [
  "errors.ts",
  "version.ts",
  "bytes",
  "text",
  "keyspace",
  "sources",
  "container",
  "mvcc",
  "tree",
  "kernels",
  "jobs",
  "adapters",
  "sinks",
  "workers",
  "commands",
  "cli",
];

const IMPORT = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;
const COMMENT_LINES = /^\s*(?:\/\/|\/?\*).*$/gm;

/** One sentence for each import in `src/` or the entry files that breaks a rule. */
export function importViolations(files: Map<string, string>): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    if (!/^src\/.*\.ts$|^(mod|deno|cli)\.ts$/.test(path)) continue;
    const code = text.replace(COMMENT_LINES, "");
    const say = (what: string) => found.push(`${path} ${what}`);

    if (path.startsWith("src/") && rank(path) < 0) say("is in no room");
    if (isGenerated(text)) continue;
    if (!needsDeno(path) && /\bDeno\.\w/.test(code)) say("uses Deno and is not named for it");
    for (const [, specifier] of code.matchAll(IMPORT)) {
      if (specifier.startsWith(".")) {
        const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
        const reason = forbidden(path, target);
        if (reason) say(`imports ${target}: ${reason}`);
      } else if (specifier.startsWith("node:")) {
        if (!needsDeno(path)) say(`imports ${specifier} and is not named for Deno`);
      } else if (/^\w+:/.test(specifier)) {
        say(`imports ${specifier} past the import map`);
      }
    }
  }
  return found;
}

/** Whether a file holds what a script has made of others, which follow the rules themselves. */
function isGenerated(text: string): boolean {
  return text.startsWith("// @" + "generated");
}

/** Whether a file runs in Deno only, by its name. */
function needsDeno(path: string): boolean {
  return /(^|\/)deno_[^/]*\.ts$|^src\/cli\/|^(deno|cli)\.ts$/.test(path);
}

/** Where a file's room stands in {@link ROOMS}; negative = nowhere. */
function rank(path: string): number {
  return ROOMS.indexOf(path.split("/")[1]);
}

/** Why `path` may not import `target`, or nothing. */
function forbidden(path: string, target: string): string | undefined {
  if (!needsDeno(path) && needsDeno(target)) return "it runs in Deno only";
  if (!path.startsWith("src/")) return undefined;
  if (!target.startsWith("src/")) return "it is not in src/";
  if (rank(target) > rank(path)) return "its room comes later";
  const [from, to] = [adapterOf(path), adapterOf(target)];
  return from && to && from !== to ? "it belongs to another adapter" : undefined;
}

/** The folder in `src/adapters/` that a file is in. */
function adapterOf(path: string): string | undefined {
  return /^src\/adapters\/([^/]+)\//.exec(path)?.[1];
}
