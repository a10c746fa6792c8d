/** The programs that people unpack archives with make the same files of ours, in any locale, silently. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { decode } from "../../src/commands/decode.ts";
import { appendTarHeader, TAR_BLOCK } from "../../src/sinks/tar_header.ts";
import { TarSink } from "../../src/sinks/tar_sink.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import type { Sink } from "../../src/tree/sink.ts";
import { decodeDump, openBytes, WALL_TIME } from "../commands/dumps.ts";
import { hasProgram, isMissing } from "../support/programs.ts";
import { HOSTILE_PATHS, inTempFolder, pattern, readFolder } from "./support.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;

/** Without a filter, which some versions of Python ask for in a warning. */
const PYTHON_UNPACKS = `
import sys, tarfile
tarfile.TarFile.extraction_filter = staticmethod(lambda member, path: member)
tarfile.open(sys.argv[1]).extractall()
`;
const PYTHON_LISTS = `
import sys, tarfile
for member in tarfile.open(sys.argv[1]): print(member.size, member.name)
`;

/** Each program's arguments before the archive: to unpack into the current folder, and to list. */
const PROGRAMS = [
  { program: "tar", unpack: ["xf"], list: ["tvf"] },
  { program: "bsdtar", unpack: ["xf"], list: ["tvf"] },
  { program: "busybox", unpack: ["tar", "xf"], list: ["tar", "tvf"] },
  { program: "python3", unpack: ["-c", PYTHON_UNPACKS], list: ["-c", PYTHON_LISTS] },
];
const LOCALES = ["C", "C.UTF-8"];

/** Runs a program in a folder; it must end well and say nothing. Gives what it prints. */
type Run = (how: "unpack" | "list", archive: string, folder: string) => string;

/** Registers a test for each program and locale. */
function testEach(what: string, test: (run: Run) => void | Promise<void>): void {
  for (const { program, ...ways } of PROGRAMS) {
    for (const locale of LOCALES) {
      const run: Run = (how, archive, cwd) => {
        const { success, stdout, stderr } = new Deno.Command(program, {
          args: [...ways[how], archive],
          cwd,
          env: { LC_ALL: locale, LANG: locale },
        }).outputSync();
        deepStrictEqual([success, new TextDecoder().decode(stderr)], [true, ""]);
        return new TextDecoder().decode(stdout);
      };
      const ignore = isMissing(hasProgram(program));
      Deno.test({ name: `${program} in ${locale} ${what}`, ignore, fn: () => test(run) });
    }
  }
}

type Tree = ReturnType<typeof readFolder>;

async function archiveOf(fill: (sink: Sink) => Promise<unknown>): Promise<Uint8Array> {
  const out = new ByteBuilder();
  const output = { write: (b: Uint8Array) => void out.append(b), close() {}, abort() {} };
  await fill(new TarSink(output, new MemoryScratch()));
  return out.take();
}

/** What a program makes of an archive. */
function unpacked(run: Run, archive: Uint8Array): Promise<Tree> {
  return inTempFolder((folder) => {
    Deno.writeFileSync(`${folder}/a.tar`, archive);
    Deno.mkdirSync(`${folder}/out`);
    run("unpack", "../a.tar", `${folder}/out`);
    return readFolder(`${folder}/out`);
  });
}

testEach("unpacks every file under its name, with its bytes and mode", async (run) => {
  const expected = new Map<string, Uint8Array>();
  const paths = HOSTILE_PATHS.map((path, i) => `s3/bucket ${i}/${path}`);
  for (let n = 95; n < 105; n++) {
    paths.push("é".repeat(n / 2 | 0) + "n".repeat(n % 2), "f".repeat(n));
  }
  for (let n = 250; n < 256; n++) paths.push(`${"d".repeat(n)}/${"é".repeat(127)}`);
  paths.push("pair/caf\u00e9.txt", "pair/cafe\u0301.txt", "pair/Caf\u00e9.txt");
  const archive = await archiveOf(async (sink) => {
    for (const [i, path] of paths.entries()) {
      expected.set(path, pattern(i * 100, i));
      ok(await sink.put(path, expected.get(path)!), path);
    }
    sink.directory("empty/" + "e".repeat(100));
    await sink.finish();
  });
  const { files, modes } = await unpacked(run, archive);
  deepStrictEqual(files, expected);
  for (const [path, mode] of modes) strictEqual(mode, files.has(path) ? 0o600 : 0o700, path);
  ok(modes.has("empty/" + "e".repeat(100)));
});

/** Two keys that differ in their normalisation; a key that is not text; the worst of a real node. */
const SNAPSHOTS = [
  "reports/tar-colliding-names/input.fsm",
  "defects/s3-key-not-utf8/input.fsm",
  "real/s3-hostile-keys/snapshot.fsm",
];
let dumps: Promise<{ archive: Uint8Array; tree: Tree }[]> | undefined;

/** Each as an archive, and as the folder that the program makes itself. */
function dumped(): NonNullable<typeof dumps> {
  return dumps ??= Promise.all(SNAPSHOTS.map(async (path) => {
    const bytes = Deno.readFileSync(FIXTURES + path);
    const archive = await archiveOf(async (sink) =>
      await decode(await openBytes(bytes), sink, { wallTime: WALL_TIME }, new MemoryScratch())
    );
    const tree = await inTempFolder(async (folder) => {
      await decodeDump(`${folder}/dump`, bytes);
      return readFolder(`${folder}/dump`);
    });
    return { archive, tree };
  }));
}

testEach("makes the folder of real snapshots that the program makes itself", async (run) => {
  for (const { archive, tree } of await dumped()) {
    deepStrictEqual(await unpacked(run, archive), tree);
  }
});

testEach("reads sizes of 8 GiB and more", (run) =>
  inTempFolder((folder) => {
    for (const size of [2 ** 33 - 1, 2 ** 33, 2 ** 33 + 7, 2 ** 42 + 1]) {
      const header = new ByteBuilder();
      appendTarHeader(header, { path: "big", size, mtime: 0 });
      // A hole stands for the body; the end is two empty blocks.
      using file = Deno.openSync(`${folder}/a.tar`, { write: true, create: true, truncate: true });
      file.writeSync(header.view());
      file.truncateSync(Math.ceil(size / TAR_BLOCK) * TAR_BLOCK + 3 * TAR_BLOCK);
      match(run("list", "a.tar", folder), new RegExp(`\\b${size} .*big$`, "m"));
    }
  }));
