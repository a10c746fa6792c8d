import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { DenoScratch } from "../../src/sinks/deno_scratch.ts";
import { failingWrites, inTempFolder, pattern, readFolder, utf8 } from "./support.ts";

const names = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("the folder is made with the first file, is private, and is gone at the end", () =>
  inTempFolder((folder) => {
    const scratch = new DenoScratch(`${folder}/s`);
    deepStrictEqual(names(folder), []);
    const [a, b] = [scratch.create(), scratch.create()];
    a.append(utf8("x"));
    deepStrictEqual([...readFolder(folder).modes.values()], [0o700, 0o600, 0o600, 0o600]);
    b.close();
    b.close();
    deepStrictEqual(names(`${folder}/s`).sort(), ["1", "DECANT-SCRATCH"]);
    scratch.close();
    deepStrictEqual(names(folder), []);
    scratch.close();
    scratch.create().append(utf8("again"));
    scratch.close();
    deepStrictEqual(names(folder), []);
  }));

Deno.test("what was appended is read at any offset, also between appends", () =>
  inTempFolder((folder) => {
    const scratch = new DenoScratch(`${folder}/s`);
    const file = scratch.create();
    const other = scratch.create();
    const expected = pattern(200_000);
    for (let at = 0; at < expected.length; at += 10_000) {
      file.append(expected.subarray(at, at + 10_000));
      other.append(utf8("noise"));
      strictEqual(file.size, at + 10_000);
      const into = new Uint8Array(500);
      strictEqual(file.read(at >> 1, into), 500);
      deepStrictEqual(into, expected.subarray(at >> 1, (at >> 1) + 500));
    }
    const all = new Uint8Array(expected.length + 10);
    strictEqual(file.read(0, all), expected.length);
    deepStrictEqual(all.subarray(0, expected.length), expected);
    strictEqual(file.read(expected.length, new Uint8Array(5)), 0);
    const end = new Uint8Array(5);
    strictEqual(file.read(expected.length - 2, end), 2);
    strictEqual(other.size, 100);
    scratch.close();
  }));

Deno.test("a folder or symlink that is there already is refused and left alone", () =>
  inTempFolder((folder) => {
    Deno.mkdirSync(`${folder}/s`);
    Deno.writeFileSync(`${folder}/s/1`, utf8("mine"));
    Deno.symlinkSync("s", `${folder}/link`);
    for (const name of ["s", "link"]) {
      const scratch = new DenoScratch(`${folder}/${name}`);
      throws(() => scratch.create(), { name: "OutputError", code: "output-failed" });
      scratch.close();
    }
    deepStrictEqual(readFolder(folder).files, new Map([["s/1", utf8("mine")]]));
  }));

Deno.test("a full disk is an output error that names the folder which the user knows", () =>
  inTempFolder((folder) => {
    const scratch = new DenoScratch(`${folder}/s`);
    const file = scratch.create();
    file.append(utf8("before"));
    failingWrites(() => {
      throws(() => file.append(utf8("x")), { code: "no-space", file: folder });
    });
    strictEqual(file.size, 6);
    scratch.close();
    deepStrictEqual(names(folder), []);
  }));
