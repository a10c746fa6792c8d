/**
 * The cases of the corpus: a folder each. Small ones are in `tests/fixtures/`; the rest lies beside the
 * repository on some machines.
 *
 * @module
 */

import { type Keyring, loadKeyring } from "../../src/mvcc/keyring.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;
const SHARED = new URL("../../../shared/corpus/", import.meta.url).pathname;

/** One case. */
export interface Case {
  name: string;
  /** Path of its folder, with its `/`. */
  folder: string;
}

/** Whether a path exists. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether the whole corpus is there. */
export const hasCorpus: boolean = exists(SHARED);

/** All cases of a set that are there, by name. */
export function casesOf(set: "parity" | "defects" | "real" | "encode"): Case[] {
  const folders = new Map<string, string>();
  for (const root of [SHARED, FIXTURES]) {
    if (!exists(root + set)) continue;
    for (const { name, isDirectory } of Deno.readDirSync(root + set)) {
      if (isDirectory) folders.set(name, `${root}${set}/${name}/`);
    }
  }
  return [...folders].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, folder]) => ({ name, folder }));
}

/** Registers a test that says that the corpus is not here, so that a run without it shows it. */
export function noteMissingCorpus(set: string): void {
  Deno.test({
    name: `the ${set} cases that are not in the repository`,
    ignore: !hasCorpus,
    fn: () => {},
  });
}

/** All files below a folder: relative path → bytes. */
export function readTree(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const walk = (path: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(folder + path)) {
      if (isDirectory) walk(`${path}${name}/`);
      else files.set(path + name, Deno.readFileSync(folder + path + name));
    }
  };
  walk("");
  return files;
}

/** A tree of a case: a folder, or lines where its names are unsafe in a repository, or its files many. */
export function expectedTree(
  folder: string,
  name: "expected" | "right" | "tree",
): Map<string, Uint8Array> | undefined {
  if (exists(`${folder}${name}`)) return readTree(`${folder}${name}/`);
  const lines = `${folder}${name}.jsonl`;
  if (!exists(lines)) return undefined;
  const files = new Map<string, Uint8Array>();
  for (const line of Deno.readTextFileSync(lines).split("\n")) {
    if (line === "") continue;
    const { path, path_hex, content_b64 } = JSON.parse(line);
    files.set(path ?? `hex:${path_hex}`, Uint8Array.fromBase64(content_b64));
  }
  return files;
}

/** Words of `args.txt`, one a line. */
export function argumentsOf(folder: string): string[] {
  if (!exists(`${folder}args.txt`)) return [];
  return Deno.readTextFileSync(`${folder}args.txt`).split("\n").filter((line) => line !== "");
}

/** The lines of a file, sorted and each once: for files whose order is free. */
export function lineSet(bytes: Uint8Array): string[] {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  return [...new Set(lines)].sort();
}

/** The data keys of a captured case whose values are encrypted. */
export function keysOf({ folder }: Case): Keyring | undefined {
  if (!exists(`${folder}keys.json`)) return undefined;
  return loadKeyring(
    Deno.readFileSync(`${folder}keys.json`),
    Deno.readFileSync(`${folder}kek.bin`),
  );
}

/** The snapshot files that a captured case's truth is about, unpacked. */
export async function snapshotsOf({ folder }: Case): Promise<Uint8Array[]> {
  const { snapshots } = JSON.parse(Deno.readTextFileSync(`${folder}truth.json`));
  const names: string[] = snapshots.map(({ file }: { file: string }) => file);
  return await Promise.all(names.map(async (name) => {
    const bytes = Deno.readFileSync(exists(folder + name) ? folder + name : `${folder}${name}.gz`);
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  }));
}
