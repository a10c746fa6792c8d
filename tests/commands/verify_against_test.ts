import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { Fault } from "../../src/commands/faults.ts";
import {
  type AgainstReport,
  verifyAgainst,
  type VerifyAgainstOptions,
} from "../../src/commands/verify_against.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { generate } from "../support/generator/mod.ts";
import { inTempFolder, readFolder } from "../sinks/support.ts";
import { decodeDump, edit, exists, forgeChecksums, openBytes } from "./dumps.ts";

type Inputs = Uint8Array | Uint8Array[];

interface Case {
  inputs: Inputs;
  options?: DecodeOptions;
  at?: bigint;
  change?: (root: string) => void;
  /** What is verified against; the same inputs unless given. */
  against?: Inputs;
  verify?: VerifyAgainstOptions;
}

/** Makes a dump, changes it, and compares it with a snapshot. */
async function compared({
  inputs,
  options,
  at,
  change = () => {},
  against = inputs,
  verify,
}: Case): Promise<AgainstReport & { decodedWith: number }> {
  let result: AgainstReport & { decodedWith: number } | undefined;
  await inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    const { exitCode } = await decodeDump(root, inputs, options, at);
    change(root);
    const snapshot = await openBytes(against, at);
    const report = await verifyAgainst(new DenoDirectory(root), snapshot, verify);
    result = { ...report, decodedWith: exitCode };
  });
  return result!;
}

const shown = (faults: Fault[]): string[] =>
  faults.map(({ kind, path, detail }) => [kind, path, detail].filter((s) => s).join(" "));

/** A dump that nobody changed is what its snapshot holds. */
async function agrees(what: Case): Promise<AgainstReport> {
  const report = await compared(what);
  deepStrictEqual(shown(report.tree.faults), []);
  deepStrictEqual(shown(report.faults), []);
  deepStrictEqual([report.exitCode, report.faultCount], [report.decodedWith, 0]);
  return report;
}

const TABLES = generate(1, { families: ["dynamodb"] });
const BYTES = TABLES.file({ footer: true });

Deno.test("a dump agrees with the snapshot that it was made from", async () => {
  for (const seed of [1, 2, 3, 4]) {
    const report = await agrees({ inputs: generate(seed).file() });
    ok(report.tree.files > 10);
  }
  strictEqual((await agrees({ inputs: BYTES })).exitCode, 0);
});

/** Options that the manifest says, so that the same dump is made again. */
const OPTIONS: [string, DecodeOptions][] = [
  ["another layout", { dynamodbBundleMode: "jsonl" }],
  ["one adapter", { adapters: ["dynamodb"] }],
  ["two adapters", { adapters: ["sqs", "dynamodb"] }],
  ["raw rows", { raw: true }],
  ["everything that can be included", {
    includeIncompleteUploads: true,
    includeOrphans: true,
    includeSqsSideRecords: true,
    preserveSqsVisibility: true,
    renameCollisions: false,
    keepGoing: true,
  }],
  ["accepted losses", { accept: ["unknown", "bare", "orphans", "transactions", "groups"] }],
  ["a name of the cluster", { clusterId: "a<b" }],
];

for (const [what, options] of OPTIONS) {
  Deno.test(`a dump with ${what} agrees with its snapshot`, async () => {
    await agrees({ inputs: generate(5).file(), options });
  });
}

Deno.test("a dump of some scopes agrees with its snapshot", async () => {
  const bytes = generate(1, { families: ["dynamodb", "sqs"] }).file();
  const { tree } = await agrees({ inputs: bytes });
  const [table] = tree.manifest.adapters.dynamodb!.tables!;
  const selected = await agrees({ inputs: bytes, options: { scopes: { dynamodb: [table] } } });
  deepStrictEqual(selected.tree.manifest.adapters, { dynamodb: { tables: [table] } });
});

Deno.test("a dump of an earlier moment agrees with the snapshot at that moment only", async () => {
  const at = TABLES.moments[2];
  const report = await agrees({ inputs: BYTES, at });
  strictEqual(report.tree.manifest.read_ts, at);
  await inTempFolder(async (folder) => {
    await decodeDump(`${folder}/past`, BYTES, {}, at);
    await decodeDump(`${folder}/now`, BYTES);
    const past = new DenoDirectory(`${folder}/past`);
    const now = new DenoDirectory(`${folder}/now`);
    const usage = { name: "UsageError", code: "usage" };
    await rejects(verifyAgainst(past, await openBytes(BYTES)), {
      ...usage,
      hint: new RegExp(`^open it at ${at}$`),
    });
    await rejects(verifyAgainst(past, await openBytes(BYTES, TABLES.moments[3])), usage);
    await rejects(verifyAgainst(now, await openBytes(BYTES, at)), {
      ...usage,
      hint: /without a moment/,
    });
    await rejects(verifyAgainst(now, await openBytes(BYTES, undefined, false)), {
      ...usage,
      message: /hash/,
    });
  });
});

Deno.test("a dump agrees whatever options it was made with", async () => {
  const inputs = generate(2, { families: ["dynamodb", "redis"], size: 200 }).file();
  await agrees({ inputs, options: { dynamodbBundleMode: "jsonl", dynamodbBundleSize: 1000 } });
  await agrees({ inputs, options: { redisBareStrings: true } });
  await agrees({ inputs, options: { raw: true } });
});

Deno.test("files of several groups agree in any order", async () => {
  const groups = generate(3, { groups: 3 }).groupFiles().map(({ bytes }) => bytes);
  await agrees({ inputs: groups });
  const report = await compared({ inputs: groups, against: groups.toReversed() });
  deepStrictEqual([shown(report.faults), report.exitCode], [[], report.decodedWith]);
});

/** The first file whose path matches. */
function find(root: string, pattern: RegExp): string {
  const path = [...readFolder(root).files.keys()].sort().find((path) => pattern.test(path));
  ok(path, `${pattern}`);
  return path;
}

/** What somebody did who then wrote CHECKSUMS anew. */
const HIDDEN: [string, (root: string) => void, RegExp[]][] = [
  [
    "an item is another one",
    (root) => edit(`${root}/${find(root, /items\/.*json$/)}`, /"(\w+)"/, '"x$1"'),
    [/^changed dynamodb\/.*json$/],
  ],
  [
    "an item is gone",
    (root) => Deno.removeSync(`${root}/${find(root, /items\/.*json$/)}`),
    [/^missing dynamodb\/.*json$/],
  ],
  [
    "an item is new",
    (root) => {
      const path = `${root}/${find(root, /items\/.*json$/)}`;
      Deno.copyFileSync(path, path.replace(/\.json$/, "-copy.json"));
    },
    [/^extra dynamodb\/.*-copy\.json$/],
  ],
  [
    "a file is new beside the adapters' folders",
    (root) => Deno.writeTextFileSync(`${root}/README`, ""),
    [/^extra README$/],
  ],
  [
    "an item has another name",
    (root) => {
      const path = `${root}/${find(root, /items\/.*json$/)}`;
      Deno.renameSync(path, path.replace(/[^/]*$/, "0.json"));
    },
    [/^extra .*\/0\.json$/, /^missing /],
  ],
  [
    "raw rows are claimed",
    (root) => {
      Deno.mkdirSync(`${root}/_raw`);
      Deno.writeTextFileSync(`${root}/_raw/records.jsonl`, "{}\n");
    },
    [/^extra _raw\/records\.jsonl$/],
  ],
  [
    "the last commit is another one",
    (root) => edit(`${root}/MANIFEST.json`, /("last_commit_ts": \d+)\d/, "$1" + "0"),
    [/^untrue MANIFEST.json last_commit_ts /],
  ],
  [
    "the balance is another one, which adds up as well",
    (root) =>
      edit(`${root}/MANIFEST.json`, /"written": (\d+),\n(\s+)"derivable": (\d+)/, (found) => {
        const [written, derivable] = found.match(/\d+/g)!.map(Number);
        return found.replace(/\d+/, `${written - 1}`).replace(/\d+$/, `${derivable + 1}`);
      }),
    [/^untrue MANIFEST.json balance /],
  ],
  [
    "the balance is gone",
    (root) => edit(`${root}/MANIFEST.json`, /,\n {2}"balance": \{[^]*(?=\n\}\n$)/, ""),
    [/^untrue MANIFEST.json balance /],
  ],
  [
    "a table has another name",
    (root) => edit(`${root}/MANIFEST.json`, /(?<="tables": \[\n\s+")/, "x"),
    [/^untrue MANIFEST.json adapters /],
  ],
  [
    "completeness is denied",
    (root) => edit(`${root}/MANIFEST.json`, '"complete": true', '"complete": false'),
    [/^untrue MANIFEST.json complete /],
  ],
  [
    "the layout is another one",
    (root) => edit(`${root}/MANIFEST.json`, '"per-item"', '"jsonl"'),
    [/^missing dynamodb/, /^extra dynamodb/],
  ],
];

for (const [what, change, expected] of HIDDEN) {
  Deno.test(`a change is found although CHECKSUMS was written anew: ${what}`, async () => {
    const report = await compared({
      inputs: BYTES,
      change: (root) => {
        change(root);
        forgeChecksums(root);
      },
    });
    strictEqual(report.exitCode, 7);
    deepStrictEqual(shown(report.tree.faults), [], "the dump agrees with itself");
    const faults = shown(report.faults);
    for (const pattern of expected) {
      ok(faults.some((fault) => pattern.test(fault)), `${pattern}: ${faults.join("; ")}`);
    }
    for (const fault of faults) ok(expected.some((pattern) => pattern.test(fault)), fault);
    strictEqual(report.faultCount, faults.length);
  });
}

Deno.test("a dump that disagrees with itself is told so, too", async () => {
  const report = await compared({
    inputs: BYTES,
    change: (root) => edit(`${root}/${find(root, /items\/.*json$/)}`, /$/, " "),
  });
  deepStrictEqual([report.exitCode, report.tree.exitCode, report.faultCount], [7, 7, 0]);
  strictEqual(report.tree.faults[0].kind, "changed");
});

Deno.test("a dump of another snapshot is not this one's", async () => {
  const other = generate(2, { families: ["dynamodb"] }).file({ footer: true });
  const report = await compared({ inputs: BYTES, against: other });
  strictEqual(report.exitCode, 7);
  const faults = shown(report.faults);
  ok(/^untrue MANIFEST.json made from 0.fsm, [0-9a-f]{64}: not given$/.test(faults[0]), faults[0]);
  ok(/^untrue MANIFEST.json not made from .*0.fsm, [0-9a-f]{64}$/.test(faults[1]), faults[1]);
  ok(faults.some((fault) => fault.startsWith("missing dynamodb/")));
  ok(faults.some((fault) => fault.startsWith("extra dynamodb/")));
});

Deno.test("one input more or less than the dump was made from is a difference", async () => {
  const groups = generate(3, { groups: 3 }).groupFiles().map(({ bytes }) => bytes);
  const fewer = await compared({ inputs: groups, against: groups.slice(1) });
  strictEqual(shown(fewer.faults).filter((fault) => /not given/.test(fault)).length, 1);
  const more = await compared({ inputs: groups.slice(1), against: groups });
  strictEqual(shown(more.faults).filter((fault) => /not made from/.test(fault)).length, 1);
  deepStrictEqual([fewer.exitCode, more.exitCode], [7, 7]);
});

Deno.test("a dump of a damaged snapshot agrees with it, and not when it claims to be complete", async () => {
  const damaged = BYTES.slice();
  damaged[damaged.length - 1] ^= 1; // the footer
  const options = { keepGoing: true };
  const report = await agrees({ inputs: damaged, options });
  deepStrictEqual([report.exitCode, report.tree.manifest.complete], [8, false]);
  strictEqual(report.decoded.problems[0].error.code, "checksum-mismatch");
  const forged = await compared({
    inputs: damaged,
    options,
    change: (root) => {
      edit(`${root}/MANIFEST.json`, '"complete": false', '"complete": true');
      Deno.removeSync(`${root}/ERRORS.jsonl`);
      forgeChecksums(root);
    },
  });
  strictEqual(forged.exitCode, 7);
  deepStrictEqual(shown(forged.faults).sort(), [
    "missing ERRORS.jsonl",
    "untrue MANIFEST.json complete is not what the snapshot gives",
  ]);
});

Deno.test("the reference's dumps agree, but for the order of lines that it does not sort", async () => {
  const fixtures = new URL("../fixtures/parity/", import.meta.url).pathname;
  let agreed = 0;
  for (const { name } of Deno.readDirSync(fixtures)) {
    const directory = new DenoDirectory(`${fixtures}${name}/expected`);
    if (!exists(`${directory.name}/CHECKSUMS`)) continue;
    const snapshot = await openBytes(Deno.readFileSync(`${fixtures}${name}/input.fsm`));
    const { tree, faults } = await verifyAgainst(directory, snapshot);
    const other = shown([...tree.faults, ...faults])
      .filter((fault) => !/^changed .*\/(KEYMAP|strings_ttl|hll_ttl)\.jsonl$/.test(fault));
    deepStrictEqual([name, other], [name, []]);
    if (faults.length === 0) agreed++;
  }
  ok(agreed > 30, `${agreed} dumps`);
});

Deno.test("comparing can be interrupted", async () => {
  const verify = { signal: AbortSignal.abort() };
  await rejects(compared({ inputs: BYTES, verify }), { code: "aborted" });
});

Deno.test("comparing can be interrupted when everything was decoded, and only files are left", async () => {
  await inTempFolder(async (root) => {
    await decodeDump(`${root}/dump`, BYTES);
    const snapshot = await openBytes(BYTES);
    const stop = new AbortController();
    class Directory extends DenoDirectory {
      opened = 0;
      // It is opened to verify the dump, and once more to compare it.
      override open(path: string): ReturnType<DenoDirectory["open"]> {
        if (path === "CHECKSUMS" && ++this.opened === 2) stop.abort();
        return super.open(path);
      }
    }
    const directory = new Directory(`${root}/dump`);
    const against = verifyAgainst(directory, snapshot, { signal: stop.signal });
    await rejects(against, { code: "aborted" });
    strictEqual(directory.opened, 2);
  });
});
