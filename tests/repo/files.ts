/** The text files of the repository, for tests about the repository itself. @module */

const ROOT = new URL("../../", import.meta.url);
const SKIPPED = new Set([
  ".git",
  "node_modules",
  "tests/recipes/botocore/packages",
  "coverage",
  "dist",
  "tests/fixtures",
]);

/** Path below the root, with `/` → text. Files with a NUL byte are left out. */
export function repositoryFiles(folder = ""): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of Deno.readDirSync(new URL(folder || ".", ROOT))) {
    const path = folder + entry.name;
    if (SKIPPED.has(path) || SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory) { for (const [k, v] of repositoryFiles(`${path}/`)) files.set(k, v); }
    if (!entry.isFile) continue;
    const text = Deno.readTextFileSync(new URL(path, ROOT));
    if (!text.includes("\0")) files.set(path, text);
  }
  return files;
}
