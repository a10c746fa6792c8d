/**
 * Builds what is given to users into `dist/`, the same bytes from the same commit:
 *
 * ```text
 * dist/decant.js                     the command line in one file: deno run decant.js …
 * dist/decant.mjs, decant.d.mts      the library in one file, for Node and browsers, and its types
 * dist/ekv-decant-<version>.tgz      both as a package for npm
 * dist/SHA256SUMS                    their digests
 * ```
 *
 *     deno task build:dist
 *     deno task build:dist --cli     decant.js alone, in a second
 *
 * @module
 */

import { sha256Hex } from "../src/bytes/digest.ts";
import { VERSION } from "../src/version.ts";
import { bundle, deno } from "./dist/bundle.ts";
import { rollUp } from "./dist/declarations.ts";
import { packageJson, tarball } from "./dist/npm_package.ts";

const ROOT = new URL("../", import.meta.url);
const OUT = new URL("dist/", ROOT);
Deno.chdir(ROOT);

const files = new Map<string, string | Uint8Array>();
const program = await bundle("cli.ts", "deno");
files.set("decant.js", program);
if (!Deno.args.includes("--cli")) {
  const library = await bundle("mod.ts", "browser");
  const types = await declarations();
  files.set("decant.mjs", library);
  files.set("decant.d.mts", types);
  const inPackage = new Map([
    ["package.json", packageJson(VERSION)],
    ["README.md", Deno.readTextFileSync("README.md")],
    ["LICENSE", Deno.readTextFileSync("LICENSE")],
    ["CHANGELOG.md", Deno.readTextFileSync("CHANGELOG.md")],
    ["bin.mjs", Deno.readTextFileSync("scripts/dist/bin.mjs")],
    ["decant.js", program],
    ["decant.mjs", library],
    ["decant.d.mts", types],
  ]);
  files.set(`ekv-decant-${VERSION}.tgz`, await tarball(inPackage));
}

Deno.mkdirSync(OUT, { recursive: true });
const sums: string[] = [];
for (const [name, content] of files) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  Deno.writeFileSync(new URL(name, OUT), bytes);
  sums.push(`${sha256Hex(bytes)}  ${name}\n`);
  console.log(`dist/${name}  ${bytes.length} bytes`);
}
Deno.writeTextFileSync(new URL("SHA256SUMS", OUT), sums.join(""));

/** The types of `mod.ts` in one file. Deno's own package has them in one file for each of ours. */
async function declarations(): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    await deno("pack", "--quiet", "--allow-dirty", "--output", `${folder}/types.tgz`);
    const args = ["xzf", "types.tgz"];
    const { success } = await new Deno.Command("tar", { args, cwd: folder }).output();
    if (!success) throw new Error("tar failed");
    return rollUp(new Map(declarationsIn(`${folder}/package`, "")), "mod.d.ts");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function* declarationsIn(root: string, path: string): Generator<[string, string]> {
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${path}`)) {
    if (isDirectory) yield* declarationsIn(root, `${path}${name}/`);
    else if (name.endsWith(".d.ts")) {
      yield [path + name, Deno.readTextFileSync(`${root}/${path}${name}`)];
    }
  }
}
