import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { DenoOutputFile } from "../../src/sinks/deno_output_file.ts";
import { failingWrites, inTempFolder, readFolder, utf8 } from "./support.ts";

Deno.test("the file is new, private and holds what was written", () =>
  inTempFolder((folder) => {
    const file = new DenoOutputFile(`${folder}/a.tar`);
    file.write(utf8("one "));
    file.write(utf8("two"));
    file.close();
    const { files, modes } = readFolder(folder);
    deepStrictEqual(files, new Map([["a.tar", utf8("one two")]]));
    deepStrictEqual(modes, new Map([["a.tar", 0o600]]));
  }));

Deno.test("what stands there already is left as it is", () =>
  inTempFolder((folder) => {
    Deno.writeFileSync(`${folder}/target`, utf8("mine"));
    Deno.symlinkSync("target", `${folder}/link`);
    Deno.symlinkSync("nowhere", `${folder}/dangling`);
    Deno.mkdirSync(`${folder}/folder`);
    for (const name of ["target", "link", "dangling", "folder"]) {
      throws(() => new DenoOutputFile(`${folder}/${name}`), { code: "output-exists", exitCode: 5 });
    }
    deepStrictEqual(readFolder(folder).files, new Map([["target", utf8("mine")]]));
    strictEqual(Deno.readLinkSync(`${folder}/dangling`), "nowhere");
    throws(() => new DenoOutputFile(`${folder}/no/a.tar`), { code: "output-failed" });
  }));

Deno.test("an abort removes the file and nothing else", () =>
  inTempFolder((folder) => {
    Deno.writeFileSync(`${folder}/other`, utf8("mine"));
    const file = new DenoOutputFile(`${folder}/a.tar`);
    file.write(utf8("half"));
    file.abort();
    deepStrictEqual([...readFolder(folder).files.keys()], ["other"]);
  }));

Deno.test("a full disk is an output error that names the file", () =>
  inTempFolder((folder) => {
    const file = new DenoOutputFile(`${folder}/a.tar`);
    const full = { name: "OutputError", code: "no-space", file: `${folder}/a.tar` };
    failingWrites(() => throws(() => file.write(utf8("x")), full));
    file.abort();
    deepStrictEqual([...readFolder(folder).files.keys()], []);
  }));
