/**
 * Inputs on which the reference is wrong: files as nodes write them, oddities of the container and the
 * command line, families that nothing decodes. What each gives here is in the table; where a right tree
 * is known, the folders of all adapters are compared with it.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ADAPTERS } from "../../src/commands/selection.ts";
import { cli } from "../cli/run.ts";
import {
  argumentsOf,
  casesOf,
  exists,
  expectedTree,
  hasCorpus,
  lineSet,
  noteMissingCorpus,
} from "./cases.ts";
import { decodeBytes, type Outcome } from "./decoding.ts";
import { optionsOf } from "./options.ts";

/** What a case gives. */
interface Expectation {
  exit: 0 | 4 | 8;
  /** Codes of what is wrong. */
  problems?: string[];
  /** Rows that are in no file, by what `--accept` calls them. */
  losses?: Record<string, number | undefined>;
  /** All files of adapters, where there is no right tree to compare with. */
  files?: string[];
  check?: (outcome: Outcome) => void;
}

/** A file of four adapters, with the locks of two transactions without an outcome. */
const FOUR: Expectation = { exit: 8, losses: { transactions: 2 } };
/** The same as a node's file, without routes: how many groups there are is not known. */
const NODE: Expectation = { exit: 8, losses: { groups: undefined, transactions: 2 } };
const MIXED: Expectation = { exit: 8, losses: { bare: 3, transactions: 2, unknown: 5 } };

const EXPECTED: Readonly<Record<string, Expectation>> = {
  "real-bad-footer": {
    exit: 4,
    problems: ["checksum-mismatch"],
    losses: { ...NODE.losses, unsound: undefined },
  },
  "real-ddb": { exit: 8, losses: { groups: undefined } },
  "real-footer-only": NODE,
  "real-header-v1-only": {
    exit: 8,
    losses: { groups: undefined, checksum: 1, transactions: 2 },
  },
  "real-header-v2": NODE,
  "real-header-v2-long": NODE,
  "real-meta-rows-only": NODE,
  "real-mixed": { exit: 8, losses: { groups: undefined, ...MIXED.losses } },
  "real-multiversion-bare": MIXED,
  "real-redis": { exit: 8, losses: { groups: undefined } },
  "real-registry-row": FOUR,
  "real-s3": { exit: 8, losses: { groups: undefined, orphans: 1 } },
  "real-sqs": { exit: 8, losses: { groups: undefined, orphans: 2 } },
  "container-expired": { exit: 0, files: ["redis/db_0/strings/alive.bin"] },
  "container-interleaved": { exit: 0 },
  "container-tv5": {
    exit: 8,
    losses: { groups: undefined },
    files: ["redis/db_0/strings/a.bin"],
    check: ({ files }) =>
      strictEqual(new TextDecoder().decode(files.get("redis/db_0/strings/a.bin")), "new"),
  },
  "container-unordered": { exit: 4, problems: ["unordered"], losses: { unsound: undefined } },
  "cli-hex-index": { ...FOUR, check: hasIndex(100) },
  "cli-hex-index-letters": { ...FOUR, check: hasIndex(26) },
  "unknown-families": {
    exit: 8,
    losses: { bare: 3, unknown: 5 },
    // Legacy blobs are read; fences are the server's own.
    files: ["redis/db_0/hashes/h.json", "redis/db_0/sets/s.json"],
    check: ({ report }) =>
      deepStrictEqual(report.accounts.map(({ adapter, fates }) => [adapter, fates]), [
        ["dynamodb", { unknown: 1 }],
        ["s3", { operational: 1 }],
        ["redis", { unknown: 1 }],
        ["redis", { written: 3, operational: 1 }],
        ["sqs", { unknown: 1 }],
        ["system", { unknown: 2, bare: 3 }],
      ]),
  },
};

function hasIndex(index: number): (outcome: Outcome) => void {
  return ({ files }) => {
    const manifest = JSON.parse(new TextDecoder().decode(files.get("MANIFEST.json")));
    strictEqual(manifest.snapshot_index, index);
  };
}

for (const { name, folder } of casesOf("defects")) {
  if (!/^(real|container|cli|unknown)-/.test(name) || name === "cli-positional") continue;
  const expected = EXPECTED[name];
  if (!expected) throw new Error(`nothing is expected of ${name}`);
  Deno.test(`defects: ${name} ends with exit code ${expected.exit}`, async () => {
    const [file] = [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith(".fsm"));
    const outcome = await decodeBytes(
      { [file]: Deno.readFileSync(folder + file) },
      optionsOf(argumentsOf(folder)),
    );
    const { report, files, published } = outcome;
    strictEqual(report.exitCode, expected.exit);
    strictEqual(published, expected.exit !== 4);
    deepStrictEqual(report.problems.map(({ error }) => error.code), expected.problems ?? []);
    deepStrictEqual(
      Object.fromEntries(report.losses.map(({ kind, count }) => [kind, count])),
      expected.losses ?? {},
    );
    if (!published) deepStrictEqual([...files], []);
    for (const { live, fates } of report.accounts) {
      strictEqual(live, Object.values(fates).reduce((a, b) => a + b, 0));
    }
    if (expected.files) deepStrictEqual(adapterPaths(files), expected.files);
    const right = expectedTree(folder, "right");
    if (right) compareTrees(files, right);
    expected.check?.(outcome);
  });
}
noteMissingCorpus("defects");

const FOLDERS = ADAPTERS.map(({ name }) => `${name}/`);

function adapterPaths(files: Map<string, Uint8Array>): string[] {
  return [...files.keys()].filter((path) => FOLDERS.some((folder) => path.startsWith(folder)))
    .sort();
}

/** The folders of the adapters are the same, but for the order of lines where that is free. */
function compareTrees(ours: Map<string, Uint8Array>, right: Map<string, Uint8Array>): void {
  deepStrictEqual(adapterPaths(ours), adapterPaths(right));
  for (const path of adapterPaths(right)) {
    const [mine, theirs] = [ours.get(path)!, right.get(path)!];
    if (/(^|\/)(KEYMAP|strings_ttl|hll_ttl)\.jsonl$/.test(path)) {
      deepStrictEqual(lineSet(mine), lineSet(theirs), path);
    } else deepStrictEqual(mine, theirs, path);
  }
}

for (const { name, folder } of casesOf("defects")) {
  if (name !== "cli-positional" || !exists(`${folder}args.txt`)) continue;
  Deno.test("defects: cli-positional is wrong usage, and nothing is written", async () => {
    const out = Deno.makeTempDirSync();
    try {
      const input = `${folder}input.fsm`;
      const args = ["decode", "--input", input, "--output", `${out}/tree`, ...argumentsOf(folder)];
      const { code, stderr } = await cli(args, { read: [folder, out, "true"], write: [out] });
      strictEqual(code, 2, stderr);
      deepStrictEqual([...Deno.readDirSync(out)], []);
    } finally {
      Deno.removeSync(out, { recursive: true });
    }
  });
}

Deno.test("every expectation is that of a case", () => {
  const names = new Set(casesOf("defects").map(({ name }) => name));
  const large = ["real-mixed", "real-multiversion-bare", "real-redis", "real-s3", "real-sqs"];
  for (const name of Object.keys(EXPECTED)) {
    ok(names.has(name) || (!hasCorpus && large.includes(name)), name);
  }
});
