/** Dumps as maps of files, from the command line, from archives and from the browser's own storage. @module */

/// <reference lib="dom" />

import { strictEqual } from "node:assert/strict";
import type { Page } from "playwright-core";

/** Path → contents. */
export type Tree = Map<string, Uint8Array>;

/** What the command line writes. The moment of writing is left out: it is the only thing that may differ. */
export function decoded(args: string[]): Promise<Tree> {
  return inFolder(async (folder) => {
    await run(Deno.execPath(), [
      "run",
      "-A",
      "--no-check",
      CLI,
      "decode",
      ...args,
      "-o",
      `${folder}/out`,
    ]);
    return comparable(treeOf(`${folder}/out`));
  });
}

/** What is in an archive, once its checksums were verified by another program. */
export function unpacked(archive: Uint8Array): Promise<Tree> {
  return inFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/archive`, archive);
    Deno.mkdirSync(`${folder}/out`);
    if (archive[0] === 0x50) {
      await run("python3", ["-m", "zipfile", "-e", `${folder}/archive`, `${folder}/out`]);
    } else await run("tar", ["-xf", `${folder}/archive`, "-C", `${folder}/out`]);
    await run("sha256sum", ["-c", "--quiet", "CHECKSUMS"], `${folder}/out`);
    return comparable(treeOf(`${folder}/out`));
  });
}

/** What record lines the command line writes. */
export function lines(args: string[]): Promise<string> {
  return run(Deno.execPath(), [
    "run",
    "-A",
    "--no-check",
    CLI,
    "decode",
    ...args,
    "--format=records",
    "-o",
    "-",
  ]);
}

/** The files of a folder of the browser's own storage; see {@link STORAGE_PICKER}. */
export async function stored(page: Page): Promise<Tree> {
  const files = await page.evaluate(async () => {
    const all: [string, string][] = [];
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}${name}/`);
        else {
          const file = await (handle as FileSystemFileHandle).getFile();
          const bytes = new Uint8Array(await file.arrayBuffer());
          all.push([path + name, Array.from(bytes, (b) => String.fromCharCode(b)).join("")]);
        }
      }
    };
    const root = await navigator.storage.getDirectory();
    await walk(await root.getDirectoryHandle("out", { create: true }), "");
    return all;
  });
  return comparable(
    new Map(files.map(([path, text]) => [path, Uint8Array.from(text, (c) => c.charCodeAt(0))])),
  );
}

/** Makes a folder of the browser's own storage what the user picks. Runs in the page. */
export function pickStorage(): void {
  Object.assign(globalThis, {
    showDirectoryPicker: async () =>
      await (await navigator.storage.getDirectory()).getDirectoryHandle("out", { create: true }),
  });
}

/** Takes the dialog for files away, as it is in Firefox and Safari. Runs in the page. */
export function noPicker(): void {
  Object.assign(globalThis, { showSaveFilePicker: undefined, showDirectoryPicker: undefined });
}

/** The same trees. */
export function sameTrees(found: Tree, expected: Tree): void {
  strictEqual([...found.keys()].sort().join("\n"), [...expected.keys()].sort().join("\n"));
  for (const [path, bytes] of found) {
    strictEqual(bytes.toBase64(), expected.get(path)!.toBase64(), path);
  }
}

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

async function inFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = Deno.makeTempDirSync();
  try {
    return await action(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function run(program: string, args: string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { LC_ALL: "C.UTF-8" },
  }).output();
  const text = new TextDecoder();
  if (code !== 0 && code !== 8) throw new Error(`${program}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

function treeOf(root: string, path = ""): Tree {
  const tree: Tree = new Map();
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${path}`)) {
    const child = path + name;
    if (isDirectory) { for (const [k, v] of treeOf(root, `${child}/`)) tree.set(k, v); }
    else tree.set(child, Deno.readFileSync(`${root}/${child}`));
  }
  return tree;
}

/** Without the moment of writing, and the sum that it changes. */
function comparable(tree: Tree): Tree {
  const edit = (path: string, change: (text: string) => string): void => {
    const bytes = tree.get(path);
    if (bytes) tree.set(path, new TextEncoder().encode(change(new TextDecoder().decode(bytes))));
  };
  edit("MANIFEST.json", (text) => text.replace(/("wall_time_iso": )"[^"]*"/, '$1""'));
  edit("CHECKSUMS", (text) => text.replace(/^.*MANIFEST\.json\n/m, ""));
  return tree;
}
