import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { readAt } from "../../src/sources/source.ts";
import { inTempFolder } from "../sinks/support.ts";

async function textOf(directory: DenoDirectory, path: string): Promise<string> {
  const source = await directory.open(path);
  const bytes = await readAt(source, 0, source.size);
  source.close();
  return new TextDecoder().decode(bytes);
}

Deno.test("a folder can be asked for everything in it, also for what is not listed", () =>
  inTempFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "one");
    Deno.mkdirSync(`${folder}/folder`);
    Deno.symlinkSync("file", `${folder}/link`);
    Deno.symlinkSync("folder", `${folder}/link to folder`);
    const directory = new DenoDirectory(folder);
    const names = await Array.fromAsync(directory.names(""));
    deepStrictEqual(names.sort((a, b) => a.name < b.name ? -1 : 1), [
      { name: "file", kind: "file" },
      { name: "folder", kind: "directory" },
      { name: "link", kind: "other" },
      { name: "link to folder", kind: "other" },
    ]);
    deepStrictEqual((await directory.list("")).map(({ name }) => name), ["file", "folder"]);
    deepStrictEqual(await Array.fromAsync(directory.names("folder")), []);
    for (const path of ["link to folder", "link to folder/x", "none"]) {
      await rejects(Array.fromAsync(directory.names(path)), { name: "UsageError" }, path);
    }
  }));

Deno.test("a symlink is not followed, whatever was opened before", () =>
  inTempFolder(async (folder) => {
    for (const path of ["d", "d/e", "other"]) Deno.mkdirSync(`${folder}/${path}`);
    for (const path of ["d/file", "d/e/file", "other/file", "other/secret"]) {
      Deno.writeTextFileSync(`${folder}/${path}`, path);
    }
    Deno.symlinkSync("../other/secret", `${folder}/d/link`);
    Deno.symlinkSync("../other", `${folder}/d/folder`);
    Deno.symlinkSync("e", `${folder}/d/e2`);
    const directory = new DenoDirectory(folder);
    const opened = ["d/file", "d/e/file", "d/file", "other/file"];
    const refused = ["d/link", "d/folder/secret", "d/e2/file", "d/e/../link", "d//file"];
    for (const path of opened) {
      strictEqual(await textOf(directory, path), path);
      for (const other of refused) {
        await rejects(directory.open(other), { name: "UsageError" }, `${other} after ${path}`);
      }
    }
  }));
