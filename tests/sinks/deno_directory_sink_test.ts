import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import {
  failingWrites,
  HOSTILE_PATHS,
  inTempFolder,
  pattern,
  readFolder,
  utf8,
  writeFile,
} from "./support.ts";

const names = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a dump is private, and INCOMPLETE is there from the beginning to the end", () =>
  inTempFolder(async (folder) => {
    const root = `${folder}/out`;
    const sink = new DenoDirectorySink(root);
    deepStrictEqual(names(root), ["INCOMPLETE"]);
    ok(/not complete/.test(Deno.readTextFileSync(`${root}/INCOMPLETE`)));
    ok(sink.put("a/b/1", utf8("one")));
    ok(await writeFile(sink, "a/2", [pattern(100_000), utf8("end")]));
    sink.directory("empty/inside");
    sink.scratch.create().append(utf8("x"));
    deepStrictEqual(names(root), [".decant-scratch", "INCOMPLETE", "a", "empty"]);
    ok(sink.put("CHECKSUMS", utf8("")));
    ok(names(root).includes("INCOMPLETE"));
    sink.finish();
    const { files, modes } = readFolder(root);
    deepStrictEqual([...files.keys()].sort(), ["CHECKSUMS", "a/2", "a/b/1"]);
    deepStrictEqual(files.get("a/2"), Uint8Array.of(...pattern(100_000), ...utf8("end")));
    strictEqual(Deno.lstatSync(root).mode! & 0o777, 0o700);
    deepStrictEqual([...modes].sort(), [
      ["CHECKSUMS", 0o600],
      ["a", 0o700],
      ["a/2", 0o600],
      ["a/b", 0o700],
      ["a/b/1", 0o600],
      ["empty", 0o700],
      ["empty/inside", 0o700],
    ]);
  }));

Deno.test("a folder that exists must be empty, and nothing in it is touched", () =>
  inTempFolder((folder) => {
    const make = (name: string) => new DenoDirectorySink(`${folder}/${name}`);
    const exists = { name: "OutputError", code: "output-exists" };
    Deno.mkdirSync(`${folder}/full`);
    Deno.writeFileSync(`${folder}/full/mine`, utf8("mine"));
    throws(() => make("full"), { ...exists, message: /not empty/ });
    throws(() => make("full/mine"), { ...exists, message: /not a folder/ });
    Deno.mkdirSync(`${folder}/target`);
    Deno.symlinkSync("target", `${folder}/link`);
    throws(() => make("link"), { ...exists, message: /not a folder/ });
    Deno.mkdirSync(`${folder}/cut`);
    Deno.writeFileSync(`${folder}/cut/INCOMPLETE`, utf8(""));
    throws(() => make("cut"), { ...exists, message: /not finished/ });
    throws(() => make("no/such/folder"), { code: "output-failed", message: /above the output/ });
    deepStrictEqual(
      readFolder(folder).files,
      new Map([["full/mine", utf8("mine")], ["cut/INCOMPLETE", utf8("")]]),
    );

    Deno.mkdirSync(`${folder}/empty`);
    const sink = make("empty");
    throws(() => make("empty"), { ...exists, message: /not finished/ });
    sink.finish();
  }));

Deno.test("a name is taken once, and a file is no folder", () =>
  inTempFolder(async (folder) => {
    const sink = new DenoDirectorySink(`${folder}/out`);
    ok(sink.put("a/b", utf8("first")));
    strictEqual(sink.put("a/b", utf8("second")), false);
    strictEqual(await writeFile(sink, "a/b", []), false);
    strictEqual(sink.put("a", utf8("x")), false);
    strictEqual(sink.put("a/b/c", utf8("x")), false);
    strictEqual(sink.put("a/b/c/d", utf8("x")), false);
    strictEqual(sink.put("INCOMPLETE", utf8("x")), false);
    throws(() => sink.directory("a/b"), { code: "output-failed", message: /taken/ });
    ok(sink.put("a/c", utf8("third")));
    sink.finish();
    deepStrictEqual(
      readFolder(`${folder}/out`).files,
      new Map([
        ["a/b", utf8("first")],
        ["a/c", utf8("third")],
      ]),
    );
  }));

Deno.test("every name that a dump can have is written, but for those that the system refuses", () =>
  inTempFolder((folder) => {
    const sink = new DenoDirectorySink(`${folder}/out`);
    for (const path of HOSTILE_PATHS) ok(sink.put(`x/${path}`, utf8(path)), path);
    const refused = { code: "output-failed", message: /file system refuses this name/ };
    const tooLong = ["y/" + "n".repeat(256), `${"n".repeat(256)}/y`, "あ".repeat(86)];
    for (const path of tooLong) throws(() => sink.put(path, utf8("no")), refused, path);
    throws(() => sink.create(tooLong[0]), refused);
    const deep = Array.from({ length: 20 }, () => "d".repeat(250)).join("/");
    throws(() => sink.put(deep, utf8("no")), refused);
    sink.finish();
    const { files } = readFolder(`${folder}/out`);
    for (const path of HOSTILE_PATHS) deepStrictEqual(files.get(`x/${path}`), utf8(path), path);
    strictEqual(files.size, HOSTILE_PATHS.length);
  }));

Deno.test("asking what names the folder keeps leaves nothing behind", () =>
  inTempFolder((folder) => {
    const sink = new DenoDirectorySink(`${folder}/out`);
    strictEqual(sink.keepsNames(), true);
    deepStrictEqual(names(`${folder}/out`), ["INCOMPLETE"]);
    Deno.mkdirSync(`${folder}/out/.decant-names`);
    throws(() => sink.keepsNames(), { code: "output-failed" });
  }));

Deno.test("folders whose names begin alike are different ones", () =>
  inTempFolder((folder) => {
    const sink = new DenoDirectorySink(`${folder}/out`);
    const paths = ["ab/x", "a/x", "ab/c/x", "a/b/x", "abc/x", "a/bc/x", "a/b/c/x", "x"];
    for (const path of paths) ok(sink.put(path, utf8(path)), path);
    sink.finish();
    const expected = new Map(paths.map((path) => [path, utf8(path)]));
    deepStrictEqual(readFolder(`${folder}/out`).files, expected);
  }));

Deno.test("a file that is taken back leaves no folder behind that was made for it", () =>
  inTempFolder((folder) => {
    const root = `${folder}/out`;
    const sink = new DenoDirectorySink(root);
    ok(sink.put("a/1", utf8("1")));
    for (const path of ["a/b/c/2", "a/2", "x/y", "top"]) {
      const file = sink.create(path)!;
      file.write(utf8("begun"));
      file.discard!();
      deepStrictEqual([names(root), names(`${root}/a`)], [["INCOMPLETE", "a"], ["1"]], path);
    }
    // Something else has come into the folder meanwhile.
    const file = sink.create("n/m/1")!;
    ok(sink.put("n/2", utf8("2")));
    file.discard!();
    deepStrictEqual(names(`${root}/n`), ["2"]);
    for (const path of ["a/b/c/2", "a/2", "x/y", "top", "n/m/1"]) ok(sink.put(path, utf8("new")));
    sink.finish();
    deepStrictEqual([...readFolder(root).files.keys()].sort(), [
      "a/1",
      "a/2",
      "a/b/c/2",
      "n/2",
      "n/m/1",
      "top",
      "x/y",
    ]);
  }));

Deno.test("files that are open at once do not disturb each other", () =>
  inTempFolder(async (folder) => {
    const sink = new DenoDirectorySink(`${folder}/out`);
    const [a, b] = [sink.create("a/x")!, sink.create("b/x")!];
    for (let i = 0; i < 10; i++) {
      await a.write(utf8(`${i}`));
      await b.write(utf8(`${9 - i}`));
      ok(sink.put(`${i % 2}/${i}`, utf8("between")));
    }
    await b.close();
    await a.close();
    sink.finish();
    const { files } = readFolder(`${folder}/out`);
    deepStrictEqual(files.get("a/x"), utf8("0123456789"));
    deepStrictEqual(files.get("b/x"), utf8("9876543210"));
    strictEqual(files.size, 12);
  }));

Deno.test("a symlink that somebody plants is not followed", () =>
  inTempFolder((folder) => {
    const root = `${folder}/out`;
    const outside = `${folder}/outside`;
    Deno.mkdirSync(`${outside}/b`, { recursive: true });
    Deno.writeFileSync(`${outside}/file`, utf8("mine"));
    const sink = new DenoDirectorySink(root);
    ok(sink.put("d/file", utf8("ours")));
    Deno.symlinkSync("../outside", `${root}/a`);
    Deno.symlinkSync("../../outside", `${root}/d/a`);
    Deno.symlinkSync("../outside/file", `${root}/file`);
    Deno.symlinkSync("../outside/new", `${root}/new`);
    for (const path of ["a/x", "a/b/x", "d/a/x", "d/a/b/x", "file", "new", "new/x"]) {
      strictEqual(sink.put(path, utf8("ours")), false, path);
      strictEqual(sink.create(path), undefined, path);
    }
    throws(() => sink.directory("a/c"), { code: "output-failed" });
    ok(sink.put("d/other", utf8("ours")));
    sink.abort();
    deepStrictEqual(readFolder(outside).files, new Map([["file", utf8("mine")]]));
    deepStrictEqual(names(outside), ["b", "file"]);
  }));

Deno.test("a scratch folder that somebody planted is refused", () =>
  inTempFolder((folder) => {
    Deno.mkdirSync(`${folder}/outside`);
    const sink = new DenoDirectorySink(`${folder}/out`);
    Deno.symlinkSync("../outside", `${folder}/out/.decant-scratch`);
    throws(() => sink.scratch.create(), { code: "output-failed" });
    sink.abort();
    deepStrictEqual(names(`${folder}/outside`), []);
  }));

Deno.test("an abort removes what was made, open files and scratch too, and the folder if it was made", () =>
  inTempFolder((folder) => {
    const fill = (sink: DenoDirectorySink): void => {
      ok(sink.put("a/b/c", utf8("x")));
      sink.directory("d/e");
      sink.create("a/open")!.write(utf8("x"));
      sink.scratch.create().append(utf8("x"));
      sink.abort();
    };
    fill(new DenoDirectorySink(`${folder}/made`));
    deepStrictEqual(names(folder), []);
    Deno.mkdirSync(`${folder}/kept`);
    const { mode } = Deno.lstatSync(`${folder}/kept`);
    fill(new DenoDirectorySink(`${folder}/kept`));
    deepStrictEqual(names(`${folder}/kept`), []);
    strictEqual(Deno.lstatSync(`${folder}/kept`).mode, mode);
  }));

Deno.test("an abort leaves alone what somebody else put there", () =>
  inTempFolder((folder) => {
    for (const root of [`${folder}/made`, `${folder}/kept`]) {
      if (root.endsWith("kept")) Deno.mkdirSync(root);
      const sink = new DenoDirectorySink(root);
      ok(sink.put("a", utf8("x")));
      Deno.writeFileSync(`${root}/mine`, utf8("mine"));
      Deno.mkdirSync(`${root}/folder`);
      Deno.writeFileSync(`${root}/folder/mine`, utf8("mine"));
      strictEqual(sink.put("folder/ours", utf8("x")), false);
      sink.abort();
      deepStrictEqual([...readFolder(root).files.keys()].sort(), ["folder/mine", "mine"]);
    }
  }));

Deno.test("a full disk is an output error, and nothing is left after the abort", () =>
  inTempFolder((folder) => {
    const root = `${folder}/out`;
    const full = { name: "OutputError", code: "no-space", exitCode: 5, message: /no space/ };
    failingWrites(() => throws(() => new DenoDirectorySink(root), full));
    deepStrictEqual(names(folder), [], "also when INCOMPLETE cannot be written");
    const sink = new DenoDirectorySink(root);
    const open = sink.create("open")!;
    failingWrites(() => {
      throws(() => sink.put("a/b", utf8("x")), { ...full, file: root });
      throws(() => open.write(utf8("x")), { ...full, file: root });
    });
    sink.abort();
    deepStrictEqual(names(folder), []);
  }));

Deno.test("a missing permission names the flag for the whole folder", () =>
  inTempFolder((folder) => {
    const root = `${folder}/out`;
    const program = `
      import { DenoDirectorySink } from "${new URL(
      "../../src/sinks/deno_directory_sink.ts",
      import.meta.url,
    )}";
      try { new DenoDirectorySink(${JSON.stringify(root)}); }
      catch (error) { console.log(error.code, error.hint); }`;
    Deno.writeTextFileSync(`${folder}/program.ts`, program);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const said = (...flags: string[]): string => {
      const args = ["run", "--no-prompt", "--config", config, ...flags, `${folder}/program.ts`];
      return new TextDecoder().decode(
        new Deno.Command(Deno.execPath(), { args }).outputSync().stdout,
      )
        .trim();
    };
    strictEqual(said(), `permission add --allow-read=${root}`);
    strictEqual(said(`--allow-read=${root}`), `permission add --allow-write=${root}`);
    strictEqual(said(`--allow-read=${root}`, `--allow-write=${root}`), "");
    deepStrictEqual(names(root), ["INCOMPLETE"]);
  }));
