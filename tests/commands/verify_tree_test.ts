import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type Fault, FaultList, MAX_FAULTS } from "../../src/commands/faults.ts";
import { NOT_PROVEN, type TreeReport, verifyTree } from "../../src/commands/verify_tree.ts";
import { TarSink } from "../../src/sinks/tar_sink.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import type { Balance, Manifest } from "../../src/tree/manifest.ts";
import { TreeOutput } from "../../src/tree/output.ts";
import { HOSTILE_PATHS, inTempFolder, readFolder, utf8 } from "../sinks/support.ts";
import { hasProgram, isMissing } from "../support/programs.ts";
import { edit, exists, forgeChecksums, MANIFEST, writeDump } from "./dumps.ts";

const SIDECAR = ".elastickv-meta.json";
/** In the order of a file system, not of CHECKSUMS. */
const FILES: [string, string][] = [
  ["s3/b/_bucket.json", "{}"],
  ["s3/b/a", "one"],
  [`s3/b/a${SIDECAR}`, '{"size_bytes": 3}'],
  ["s3/b/a-b", ""],
  [`s3/b/a-b${SIDECAR}`, '{"size_bytes": 0}'],
  ["s3/b/a.d/e", "nested"],
  [`s3/b/a.d/e${SIDECAR}`, '{"size_bytes": 6}'],
  ["s3/b/a.d.txt", "four"],
  [`s3/b/a.d.txt${SIDECAR}`, '{"size_bytes": 4}'],
];

/** A dump of {@link FILES}, changed, and what verifying it says. */
async function verified(
  change: (root: string) => void,
  files: Iterable<[string, string | Uint8Array]> = FILES,
  manifest: Manifest = MANIFEST,
): Promise<TreeReport> {
  let report: TreeReport | undefined;
  await inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    await writeDump(root, files, manifest);
    change(root);
    report = await verifyTree(new DenoDirectory(root));
  });
  return report!;
}

const shown = (faults: Fault[]): string[] =>
  faults.map(({ kind, path, detail }) => [kind, path, detail].filter((s) => s).join(" "));

Deno.test("a dump as it was written is sound", async () => {
  const report = await verified(() => {});
  deepStrictEqual(report, {
    exitCode: 0,
    manifest: MANIFEST,
    files: FILES.length + 1,
    bytes: report.bytes,
    faults: [],
    faultCount: 0,
  });
  ok(report.bytes > 100);
  ok(/not forgery/.test(NOT_PROVEN));
});

Deno.test("names of every kind are verified, and a folder may be empty", async () => {
  const files = HOSTILE_PATHS.map((path): [string, string] => [`redis/db_0/${path}`, path]);
  const report = await verified((root) =>
    Deno.mkdirSync(`${root}/redis/empty/x`, {
      recursive: true,
    }), files);
  deepStrictEqual([report.exitCode, report.files], [0, files.length + 1]);
});

/** A change, and what is found. */
const CHANGES: [string, (root: string) => void, string[]][] = [
  ["a byte is another one", (root) => edit(`${root}/s3/b/a`, "one", "onf"), ["changed s3/b/a"]],
  [
    "a byte is added",
    (root) => edit(`${root}/s3/b/a-b`, /^/, "x"),
    ["changed s3/b/a-b", `size s3/b/a-b 1 bytes, and 0 by s3/b/a-b${SIDECAR}`],
  ],
  ["a file is gone", (root) => Deno.removeSync(`${root}/s3/b/a.d.txt`), ["missing s3/b/a.d.txt"]],
  [
    "a folder is gone",
    (root) => Deno.removeSync(`${root}/s3/b/a.d`, { recursive: true }),
    ["missing s3/b/a.d/e", `missing s3/b/a.d/e${SIDECAR}`],
  ],
  ["a file is new", (root) => Deno.writeTextFileSync(`${root}/s3/b/z`, ""), ["extra s3/b/z"]],
  ["a hidden file is new", (root) => Deno.writeTextFileSync(`${root}/.x`, ""), ["extra .x"]],
  [
    "a folder has the name of the list",
    (root) => {
      Deno.mkdirSync(`${root}/s3/CHECKSUMS`);
      Deno.writeTextFileSync(`${root}/s3/CHECKSUMS/CHECKSUMS`, "");
    },
    ["extra s3/CHECKSUMS/CHECKSUMS"],
  ],
  [
    "a file has another name",
    (root) => Deno.renameSync(`${root}/s3/b/_bucket.json`, `${root}/s3/b/_Bucket.json`),
    ["extra s3/b/_Bucket.json", "missing s3/b/_bucket.json"],
  ],
  [
    "a folder stands where a file was",
    (root) => {
      Deno.removeSync(`${root}/s3/b/_bucket.json`);
      Deno.mkdirSync(`${root}/s3/b/_bucket.json`);
      Deno.writeTextFileSync(`${root}/s3/b/_bucket.json/x`, "");
    },
    ["missing s3/b/_bucket.json", "extra s3/b/_bucket.json/x"],
  ],
  [
    "a file became a symlink to a copy of itself",
    (root) => {
      Deno.renameSync(`${root}/s3/b/_bucket.json`, `${root}/../copy`);
      Deno.symlinkSync("../../../copy", `${root}/s3/b/_bucket.json`);
    },
    ["special s3/b/_bucket.json"],
  ],
  [
    "a folder became a symlink to itself",
    (root) => {
      Deno.renameSync(`${root}/s3/b/a.d`, `${root}/../copy`);
      Deno.symlinkSync("../../../copy", `${root}/s3/b/a.d`);
    },
    ["special s3/b/a.d", "missing s3/b/a.d/e", `missing s3/b/a.d/e${SIDECAR}`],
  ],
  [
    "a symlink is new",
    (root) => Deno.symlinkSync("/", `${root}/s3/b/root`),
    ["special s3/b/root"],
  ],
  [
    "the manifest says something else",
    (root) => edit(`${root}/MANIFEST.json`, "15:42:11Z", "15:42:12Z"),
    ["changed MANIFEST.json"],
  ],
  [
    "a sum is another one",
    (root) => edit(`${root}/CHECKSUMS`, /^\S{64}(?= {2}s3\/b\/a$)/m, "0".repeat(64)),
    ["changed s3/b/a"],
  ],
  [
    "a line is gone",
    (root) => edit(`${root}/CHECKSUMS`, /^.* {2}s3\/b\/a\n/m, ""),
    ["extra s3/b/a"],
  ],
  [
    "the last line is gone",
    (root) => edit(`${root}/CHECKSUMS`, /[^\n]*\n$/, ""),
    [`extra s3/b/a${SIDECAR}`],
  ],
  [
    "a line is new",
    (root) => edit(`${root}/CHECKSUMS`, /$/, `${"0".repeat(64)}  s3/b/c\n`),
    ["missing s3/b/c"],
  ],
];

for (const [what, change, faults] of CHANGES) {
  Deno.test(`a dump is not sound when ${what}`, async () => {
    const report = await verified(change);
    deepStrictEqual(shown(report.faults), faults);
    deepStrictEqual([report.exitCode, report.faultCount], [7, faults.length]);
  });
}

Deno.test({
  name: "a pipe is found and not waited for",
  ignore: isMissing(hasProgram("mkfifo")),
  fn: async () => {
    const report = await verified((root) => {
      Deno.removeSync(`${root}/s3/b/a`);
      for (const path of [`${root}/s3/b/a`, `${root}/pipe`]) {
        ok(new Deno.Command("mkfifo", { args: [path] }).outputSync().success);
      }
    });
    deepStrictEqual(shown(report.faults), ["special pipe", "special s3/b/a"]);
  },
});

Deno.test("a changed byte is found wherever it is", async () => {
  await inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    await writeDump(root, FILES);
    const { files } = readFolder(root);
    let flipped = 0;
    for (const [path, bytes] of files) {
      // Every byte of small files; of the others those whose place depends on the file's name.
      const step = bytes.length > 200 ? 7 : 1;
      for (let at = path.length % step; at < bytes.length; at += step) {
        const changed = bytes.slice();
        changed[at] ^= 1;
        Deno.writeFileSync(`${root}/${path}`, changed);
        const code = await verifyTree(new DenoDirectory(root)).then(
          ({ exitCode }) => exitCode,
          ({ exitCode }) => exitCode,
        );
        ok([3, 4, 7].includes(code), `${path} at ${at}: ${code}`);
        flipped++;
      }
      Deno.writeFileSync(`${root}/${path}`, bytes);
    }
    ok(flipped > 200);
    strictEqual((await verifyTree(new DenoDirectory(root))).exitCode, 0);
  });
});

/** What makes a folder no dump at all. */
const REFUSALS: [string, (root: string) => void, RegExp][] = [
  ["is not finished", (root) => Deno.writeTextFileSync(`${root}/INCOMPLETE`, ""), /not finished/],
  [
    "has a symlink that says so",
    (root) => Deno.symlinkSync("MANIFEST.json", `${root}/INCOMPLETE`),
    /not finished/,
  ],
  ["has no CHECKSUMS", (root) => Deno.removeSync(`${root}/CHECKSUMS`), /there is no CHECKSUMS/],
  [
    "has no MANIFEST.json",
    (root) => Deno.removeSync(`${root}/MANIFEST.json`),
    /there is no MANIFEST.json/,
  ],
  [
    "has a symlink for CHECKSUMS",
    (root) => {
      Deno.renameSync(`${root}/CHECKSUMS`, `${root}/../copy`);
      Deno.symlinkSync("../copy", `${root}/CHECKSUMS`);
    },
    /CHECKSUMS is not a file/,
  ],
  [
    "has a folder for MANIFEST.json",
    (root) => {
      Deno.removeSync(`${root}/MANIFEST.json`);
      Deno.mkdirSync(`${root}/MANIFEST.json`);
    },
    /MANIFEST.json is not a file/,
  ],
];

for (const [what, change, message] of REFUSALS) {
  Deno.test(`a folder is refused that ${what}`, async () => {
    const error = { name: "MismatchError", code: "mismatch", exitCode: 7, message, hint: /decode/ };
    await rejects(verified(change), error);
  });
}

const ZEROS = "0".repeat(64);
const FIRST = /^.*\n/;
/** Lists that no writer makes. */
const MALFORMED: [string, (root: string) => void, RegExp][] = [
  [
    "leads out of the dump",
    (root) => edit(`${root}/CHECKSUMS`, /^/, `${ZEROS}  ../x\n`),
    /leaves the dump/,
  ],
  [
    "has an absolute path",
    (root) => edit(`${root}/CHECKSUMS`, /^/, `${ZEROS}  /etc/passwd\n`),
    /absolute path/,
  ],
  [
    "has a file twice",
    (root) => edit(`${root}/CHECKSUMS`, FIRST, "$&$&"),
    /MANIFEST.json is listed twice/,
  ],
  [
    "has a file twice, once with a detour",
    (root) => edit(`${root}/CHECKSUMS`, FIRST, `$&${ZEROS}  x/../MANIFEST.json\n`),
    /MANIFEST.json is listed twice/,
  ],
  [
    "is in another order",
    (root) => edit(`${root}/CHECKSUMS`, /^(.*\n)(.*\n)/, "$2$1"),
    /MANIFEST.json is not in its place/,
  ],
  ["is empty", (root) => Deno.writeTextFileSync(`${root}/CHECKSUMS`, ""), /no file is listed/],
  [
    "ends in the middle of a sum",
    (root) => Deno.truncateSync(`${root}/CHECKSUMS`, 60),
    /does not begin with a SHA-256/,
  ],
  [
    "has digits that no writer writes",
    (root) => edit(`${root}/CHECKSUMS`, /^.*$/m, (line) => line.toUpperCase()),
    /does not begin with a SHA-256/,
  ],
];

for (const [what, change, message] of MALFORMED) {
  Deno.test(`CHECKSUMS is refused that ${what}`, async () => {
    const error = { name: "UnsoundError", code: "invalid-tree", exitCode: 4, message };
    await rejects(verified(change), { ...error, file: "CHECKSUMS" });
  });
}

Deno.test("CHECKSUMS that ends too early is never enough, wherever it ends", async () => {
  await inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    await writeDump(root, FILES);
    const whole = Deno.readFileSync(`${root}/CHECKSUMS`);
    for (let length = 0; length < whole.length - 1; length++) {
      Deno.writeFileSync(`${root}/CHECKSUMS`, whole.subarray(0, length));
      const code = await verifyTree(new DenoDirectory(root)).then(
        ({ exitCode }) => exitCode,
        ({ exitCode }) => exitCode,
      );
      ok(code === 4 || code === 7, `cut at ${length}: ${code}`);
    }
  });
});

Deno.test("a manifest that cannot be read is refused before anything else", async () => {
  await rejects(
    verified((root) => Deno.truncateSync(`${root}/MANIFEST.json`, 100)),
    { code: "invalid-tree", file: "MANIFEST.json" },
  );
  await rejects(
    verified((root) => edit(`${root}/MANIFEST.json`, '"format_version": 1', '"format_version": 2')),
    { code: "unsupported-format", exitCode: 3 },
  );
});

const BALANCE: Balance = {
  versions: 100,
  live: 50,
  superseded: 20,
  tombstones: 15,
  expired: 10,
  later: 5,
  scopes: [
    {
      adapter: "s3",
      scope: "b",
      live: 40,
      written: 20,
      derivable: 10,
      operational: 5,
      left_out: { orphan: 3, unknown: 2 },
    },
    {
      adapter: "system",
      scope: "",
      live: 10,
      written: 0,
      derivable: 0,
      operational: 10,
      left_out: {},
    },
  ],
};

Deno.test("the sums of a manifest must add up, also when CHECKSUMS agrees with it", async () => {
  const withBalance = (balance: Balance) => verified(() => {}, FILES, { ...MANIFEST, balance });
  strictEqual((await withBalance(BALANCE)).exitCode, 0);
  const [scope, other] = BALANCE.scopes;
  const wrong: [Balance, string[]][] = [
    [{ ...BALANCE, versions: 101 }, [
      "versions: 101 are named and 100 are accounted for",
    ]],
    [{ ...BALANCE, later: undefined }, ["versions: 100 are named and 95 are accounted for"]],
    [{ ...BALANCE, live: 51, versions: 101 }, [
      "live rows: 51 are named and 50 are accounted for",
    ]],
    [{ ...BALANCE, scopes: [{ ...scope, written: 21 }, other] }, [
      "live rows of s3 b: 40 are named and 41 are accounted for",
    ]],
    [{ ...BALANCE, scopes: [{ ...scope, left_out: { orphan: 3 } }, other] }, [
      "live rows of s3 b: 40 are named and 38 are accounted for",
    ]],
    [{ ...BALANCE, scopes: [scope, { ...other, operational: 9 }] }, [
      "live rows of system: 10 are named and 9 are accounted for",
    ]],
  ];
  for (const [balance, sentences] of wrong) {
    const report = await withBalance(balance);
    const untrue = sentences.map((sentence) => `untrue MANIFEST.json ${sentence}`);
    deepStrictEqual(shown(report.faults), untrue);
    strictEqual(report.exitCode, 7);
  }
});

Deno.test("a sound dump that says it is not complete is not a success", async () => {
  const incomplete = { ...MANIFEST, complete: false };
  const report = await verified(() => {}, FILES, incomplete);
  deepStrictEqual([report.exitCode, report.faults], [8, []]);
  strictEqual(report.manifest.complete, false);
  strictEqual((await verified(() => {}, FILES, { ...MANIFEST, complete: true })).exitCode, 0);
  const broken = (root: string) => Deno.removeSync(`${root}/s3/b/a-b`);
  strictEqual((await verified(broken, FILES, incomplete)).exitCode, 7);
});

/** What somebody did who then wrote CHECKSUMS anew, and what sidecars tell all the same. */
const HIDDEN: [string, (root: string) => void, string[]][] = [
  [
    "a body is longer",
    (root) => edit(`${root}/s3/b/a`, "one", "more"),
    [`size s3/b/a 4 bytes, and 3 by s3/b/a${SIDECAR}`],
  ],
  [
    "a body is shorter, and other names lie between it and its sidecar",
    (root) => {
      edit(`${root}/s3/b/a`, "one", "on");
      for (const name of ["a ", "a!", "a-", "a.", "a.e", "a.elastickv"]) {
        Deno.writeTextFileSync(`${root}/s3/b/${name}`, "");
      }
    },
    [`size s3/b/a 2 bytes, and 3 by s3/b/a${SIDECAR}`],
  ],
  [
    "a body is gone",
    (root) => Deno.removeSync(`${root}/s3/b/a.d/e`),
    [`missing s3/b/a.d/e the body that s3/b/a.d/e${SIDECAR} is about`],
  ],
  [
    "a sidecar is no JSON",
    (root) => edit(`${root}/s3/b/a${SIDECAR}`, "}", "]"),
    [`untrue s3/b/a${SIDECAR}`],
  ],
  [
    "a sidecar has no size",
    (root) => edit(`${root}/s3/b/a${SIDECAR}`, "size_bytes", "size"),
    [`untrue s3/b/a${SIDECAR} size_bytes is missing`],
  ],
  [
    "what is not an object's looks like a sidecar",
    (root) => {
      for (const folder of ["s3/b/_orphans", "s3/b/_incomplete_uploads", "redis/db_0"]) {
        Deno.mkdirSync(`${root}/${folder}`, { recursive: true });
        Deno.writeTextFileSync(`${root}/${folder}/x${SIDECAR}`, "");
      }
    },
    [],
  ],
];

for (const [what, change, expected] of HIDDEN) {
  Deno.test(`with CHECKSUMS written anew: ${what}`, async () => {
    const { faults, exitCode } = await verified((root) => {
      change(root);
      forgeChecksums(root);
    });
    deepStrictEqual(faults.length, expected.length, shown(faults).join("; "));
    for (const [i, fault] of shown(faults).entries()) ok(fault.startsWith(expected[i]), fault);
    strictEqual(exitCode, expected.length > 0 ? 7 : 0);
  });
}

Deno.test({
  name: "sha256sum accepts every dump",
  ignore: isMissing(hasProgram("sha256sum")),
  fn: () =>
    inTempFolder(async (folder) => {
      const root = `${folder}/dump`;
      const hostile = HOSTILE_PATHS.map((path): [string, string] => [`redis/db_0/${path}`, path]);
      await writeDump(root, [...FILES, ...hostile]);
      const { success, stdout, stderr } = new Deno.Command("sha256sum", {
        args: ["--check", "--strict", "CHECKSUMS"],
        cwd: root,
      }).outputSync();
      const text = new TextDecoder();
      deepStrictEqual([success, text.decode(stderr)], [true, ""]);
      strictEqual(
        text.decode(stdout).match(/: OK$/gm)?.length,
        FILES.length + HOSTILE_PATHS.length + 1,
      );
    }),
});

Deno.test({
  name: "an archive that was cut unpacks to what is refused, wherever it was cut",
  ignore: isMissing(hasProgram("tar")),
  fn: () =>
    inTempFolder(async (folder) => {
      const parts: Uint8Array[] = [];
      const output = {
        write: (b: Uint8Array) => void parts.push(b.slice()),
        close() {},
        abort() {},
      };
      const scratch = new MemoryScratch();
      const tree = new TreeOutput(new TarSink(output, scratch), scratch);
      for (const [path, content] of FILES) await tree.putNew(path, utf8(content));
      await tree.finish(MANIFEST);
      const archive = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
      const unpack = async (length: number): Promise<number> => {
        const root = `${folder}/${length}`;
        Deno.mkdirSync(root);
        Deno.writeFileSync(`${root}.tar`, archive.subarray(0, length));
        new Deno.Command("tar", { args: ["xf", `${root}.tar`, "-C", root] }).outputSync();
        return await verifyTree(new DenoDirectory(root)).then(
          ({ exitCode }) => exitCode,
          ({ exitCode }) => exitCode,
        );
      };
      strictEqual(await unpack(archive.length), 0);
      // CHECKSUMS is the last file: its blocks end 1024 bytes before the end of the archive.
      const cuts = Array.from(
        { length: 16 },
        (_, i) => Math.floor(i / 16 * (archive.length - 2560)),
      );
      cuts.push(archive.length - 2560, archive.length - 2048);
      for (const cut of cuts) ok([4, 7].includes(await unpack(cut)), `cut at ${cut}`);
    }),
});

Deno.test("every tree that the reference wrote is sound", async () => {
  const fixtures = new URL("../fixtures/parity/", import.meta.url).pathname;
  let trees = 0;
  for (const { name } of Deno.readDirSync(fixtures)) {
    const root = `${fixtures}${name}/expected`;
    if (!exists(`${root}/CHECKSUMS`)) continue;
    const report = await verifyTree(new DenoDirectory(root));
    deepStrictEqual([name, report.exitCode, shown(report.faults)], [name, 0, []]);
    trees++;
  }
  ok(trees > 30, `${trees} trees`);
});

Deno.test("verifying can be interrupted, and says how far it is", async () => {
  await inTempFolder(async (folder) => {
    await writeDump(`${folder}/dump`, FILES);
    const directory = new DenoDirectory(`${folder}/dump`);
    await rejects(verifyTree(directory, { signal: AbortSignal.abort() }), { code: "aborted" });
    const steps: [number, number][] = [];
    const { bytes } = await verifyTree(directory, { progress: (...step) => steps.push(step) });
    strictEqual(steps.at(-1)![1], bytes);
    ok(steps.length >= FILES.length - 1);
  });
});

Deno.test("the list of faults has an end, and their number is right", () => {
  const faults = new FaultList();
  for (let i = 0; i < MAX_FAULTS + 5; i++) faults.add("extra", `${i}`);
  deepStrictEqual([faults.list.length, faults.count], [MAX_FAULTS, MAX_FAULTS + 5]);
  deepStrictEqual(faults.list[1], { kind: "extra", path: "1", detail: undefined });
});
