/** Makes one file of a program and all it imports, the same on every machine. @module */

/** What the bundle is for: `deno` has Deno's functions, `browser` has nothing but the web's and Node's. */
export type Platform = "deno" | "browser";

/** A package of which code is in a bundle. */
interface Package {
  name: string;
  version: string;
}

const APACHE =
  "Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0";
/** Of packages that come without their licence. */
const LICENCES: { readonly [name: string]: string } = {
  "@bufbuild/protobuf": `${APACHE}\nIts varint code: copyright 2008 Google Inc., BSD-3-Clause`,
  "@stricli/core": APACHE,
};

/** Where Deno keeps packages: its folder differs from machine to machine, and says nothing to readers. */
const CACHED = /(?:[^\s"']*\/)?npm\/[^/\s"']+\/((?:@[^/\s"']+\/)?[^@/\s"']+)\/(\d[^/\s"']*)\//g;

/**
 * The bundle's text. The licences of the packages that are in it stand at its end.
 *
 * @param entry The module that is begun with, relative to the repository.
 */
export async function bundle(entry: string, platform: Platform): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    const output = `${folder}/bundle.js`;
    await deno("bundle", "--quiet", "--platform", platform, "--output", output, entry);
    const text = Deno.readTextFileSync(output);
    const packages = new Map<string, Package>();
    const named = text.replaceAll(CACHED, (_, name: string, version: string) => {
      packages.set(name, { name, version });
      return `npm:${name}@${version}/`;
    });
    return named + await licences([...packages.values()]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Runs Deno, and ends with what it has said if that fails. */
export async function deno(...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  if (!success) throw new Error(`deno ${args.join(" ")}\n${text.decode(stderr)}`);
  return text.decode(stdout);
}

async function licences(packages: Package[]): Promise<string> {
  const { npmCache } = JSON.parse(await deno("info", "--json"));
  const texts: string[] = [];
  for (const { name, version } of packages.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const [folder] = [...Deno.readDirSync(npmCache)].flatMap(({ name: registry }) => {
      const path = `${npmCache}/${registry}/${name}/${version}`;
      return isThere(path) ? [path] : [];
    });
    const file = [...Deno.readDirSync(folder)].find(({ name }) => /^licen[sc]e/i.test(name));
    const { license } = JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
    const text = file ? Deno.readTextFileSync(`${folder}/${file.name}`).trim() : LICENCES[name];
    if (text === undefined) throw new Error(`${name} comes without its licence: add it here`);
    texts.push(`${name} ${version}, ${license}\n\n${text}`);
  }
  const all = texts.join("\n\n----\n\n").replaceAll("*/", "* /");
  return `\n/*!\nOther people's code in this file, and its licences:\n\n${all}\n*/\n`;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
