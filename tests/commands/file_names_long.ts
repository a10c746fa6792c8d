/** The names of all files of a dump: what can be in one, and that no two meet. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { verifyAgainst } from "../../src/commands/verify_against.ts";
import { verifyTree } from "../../src/commands/verify_tree.ts";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import { DenoOutputFile } from "../../src/sinks/deno_output_file.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { TarSink } from "../../src/sinks/tar_sink.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { isPortable, MAX_NAME } from "../../src/tree/portable.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { inTempFolder, readFolder } from "../sinks/support.ts";
import { hostileSnapshot } from "../support/hostile_names.ts";
import { PickySink } from "../support/picky_sink.ts";
import { stream } from "../support/stream.ts";
import { decodeDump, openBytes, WALL_TIME } from "./dumps.ts";

const ALL: DecodeOptions = {
  includeOrphans: true,
  includeIncompleteUploads: true,
  includeSqsSideRecords: true,
  raw: true,
  wallTime: WALL_TIME,
};

const SNAPSHOT = hostileSnapshot();

async function decodeInto(sink: MemorySink, options: DecodeOptions = ALL): Promise<DecodeReport> {
  const report = await decode(await openBytes(SNAPSHOT), sink, options);
  deepStrictEqual(report.problems.map(({ error }) => [error.code, error.message]), []);
  return report;
}

/** A component that a name from the snapshot becomes: a segment, hashed or not, or binary. */
const NAME = "[A-Za-z0-9._%-]{1,240}";
/** What tells clashing items apart. */
const CLASH = "~[0-9a-f]{8}";

/** Every path that a dump can have, by what is in it. S3 keys are paths of any number of components. */
const PATHS: { readonly [what: string]: RegExp } = {
  papers: /^(MANIFEST\.json|CHECKSUMS|_raw\/records\.jsonl|_extra\/(s3|sqs|redis)\.jsonl)$/,
  "a table's schema": new RegExp(`^dynamodb/${NAME}/_schema\\.json$`),
  "an item": new RegExp(`^dynamodb/${NAME}/items/[A-Za-z0-9._%-]{0,240}\\.json$`),
  "an item of two keys": new RegExp(
    `^dynamodb/${NAME}/items/${NAME}/[A-Za-z0-9._%-]{0,240}\\.json$`,
  ),
  "an item that clashes": new RegExp(
    `^dynamodb/${NAME}/items/(${NAME}/)?[A-Za-z0-9._%-]{0,240}${CLASH}\\.json$`,
  ),
  "a bucket": new RegExp(`^s3/${NAME}/_bucket\\.json$`),
  "a list of keys": new RegExp(`^s3/${NAME}/KEYMAP\\.jsonl$`),
  uploads: new RegExp(`^s3/${NAME}/_incomplete_uploads/records\\.jsonl$`),
  "a chunk": new RegExp(`^s3/${NAME}/_orphans/${NAME}/gen-[0-9]+/${NAME}\\.bin$`),
  "an object": new RegExp(`^s3/${NAME}/(?!_orphans/)[^]+$`),
  "a value": new RegExp("^redis/db_0/(strings|hll)/[A-Za-z0-9._%-]{0,240}\\.bin$"),
  "a collection": new RegExp(
    "^redis/db_0/(hashes|lists|sets|zsets)/[A-Za-z0-9._%-]{0,240}\\.json$",
  ),
  "lists of Redis": /^redis\/db_0\/(KEYMAP|strings_ttl|hll_ttl)\.jsonl$/,
  "a queue": new RegExp(`^sqs/${NAME}/_queue\\.json$`),
  messages: new RegExp(`^sqs/${NAME}/messages\\.jsonl$`),
  "messages that clash": new RegExp(`^sqs/${NAME}${CLASH}/messages\\.jsonl$`),
  "side records": new RegExp(`^sqs/${NAME}(${CLASH})?/_internals/side_records\\.jsonl$`),
};

for (const portable of [false, true]) {
  const rule = portable ? "portable" : "plain";
  Deno.test(`every component of every path follows the ${rule} rule`, async () => {
    const sink = portable ? new PickySink() : new MemorySink();
    await decodeInto(sink);
    const seen = new Set<string>();
    for (const path of sink.files.keys()) {
      const what = Object.keys(PATHS).find((what) => PATHS[what].test(path));
      ok(what !== undefined, path);
      seen.add(what);
      for (const name of path.split("/")) {
        const bytes = new TextEncoder().encode(name).length;
        ok(bytes > 0 && bytes <= MAX_NAME && !/^\.\.?$|\0/.test(name), path);
        ok(!portable || isPortable(name), path);
      }
    }
    const missing = Object.keys(PATHS).filter((what) => !seen.has(what));
    deepStrictEqual(missing, [], "every kind of path is there");
  });
}

/** How often each content is there; papers and lists of names aside. */
function contentsOf({ files }: MemorySink): Map<string, number> {
  const contents = new Map<string, number>();
  for (const [path, bytes] of files) {
    if (/(^|\/)(MANIFEST\.json|CHECKSUMS|KEYMAP\.jsonl)$|^_extra\/redis/.test(path)) continue;
    const sum = sha256Hex(bytes);
    contents.set(sum, (contents.get(sum) ?? 0) + 1);
  }
  return contents;
}

Deno.test("both rules write the same contents and keep the same balance", async () => {
  const plain = new MemorySink();
  const portable = new PickySink();
  const reports = [await decodeInto(plain), await decodeInto(portable)];
  deepStrictEqual(reports[1].accounts, reports[0].accounts);
  deepStrictEqual(reports[1].balance, reports[0].balance);
  deepStrictEqual(contentsOf(portable), contentsOf(plain));
  const warned = reports.map(({ warnings }) => warnings.map(({ event }) => event));
  strictEqual(warned[1].includes("portable_names"), true);
  const manifest = (sink: MemorySink): string =>
    new TextDecoder().decode(sink.files.get("MANIFEST.json"));
  ok(!manifest(plain).includes("file_names"));
  ok(manifest(portable).includes('"file_names": "portable"'));
});

Deno.test("names do not depend on what else is asked for", async () => {
  const whole = new PickySink();
  await decodeInto(whole);
  const parts: DecodeOptions[] = [
    { ...ALL, scopes: { s3: ["aa"], sqs: ["con"], dynamodb: ["Aa"] } },
    { ...ALL, adapters: ["redis"], raw: false },
  ];
  for (const options of parts) {
    const part = new PickySink();
    await decodeInto(part, options);
    const paths = [...part.files.keys()].filter((path) =>
      path.includes("/") && !path.startsWith("_")
    );
    ok(paths.length > 2);
    for (const path of paths) deepStrictEqual(part.files.get(path), whole.files.get(path), path);
  }
});

Deno.test("a dump of portable names is verified by that rule", () =>
  inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    const { exitCode } = await decodeDump(root, SNAPSHOT, { ...ALL, portableNames: true });
    strictEqual(exitCode, 0);
    strictEqual((await verifyTree(new DenoDirectory(root))).faultCount, 0);
    const against = await verifyAgainst(new DenoDirectory(root), await openBytes(SNAPSHOT));
    deepStrictEqual([against.exitCode, against.faults], [0, []]);
  }));

Deno.test("names that a file system decomposes are found again, and others are not", () =>
  inTempFolder(async (folder) => {
    const root = `${folder}/dump`;
    await decodeDump(root, SNAPSHOT, { ...ALL, portableNames: true });
    const paths = [...readFolder(root).files.keys()].filter((path) =>
      path.normalize("NFD") !== path
    );
    ok(paths.length > 0);
    for (const path of paths.slice(0, 1)) {
      const decomposed = path.normalize("NFD");
      Deno.mkdirSync(`${root}/${decomposed}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.renameSync(`${root}/${path}`, `${root}/${decomposed}`);
    }
    strictEqual((await verifyTree(new DenoDirectory(root))).faultCount, 0);
    const manifest = Deno.readTextFileSync(`${root}/MANIFEST.json`);
    Deno.writeTextFileSync(`${root}/MANIFEST.json`, manifest.replace(/.*"file_names".*\n/, ""));
    const { faults } = await verifyTree(new DenoDirectory(root));
    deepStrictEqual(faults.map(({ kind }) => kind).sort(), ["changed", "extra", "missing"]);
  }));

for (const portableNames of [false, true]) {
  Deno.test(`an archive of hostile names unpacks to its checksums; portable names: ${portableNames}`, () =>
    inTempFolder(async (folder) => {
      const sink = new TarSink(new DenoOutputFile(`${folder}/a.tar`), new MemoryScratch());
      const options = { ...ALL, portableNames };
      const report = await decode(await openBytes(SNAPSHOT), sink, options);
      Deno.mkdirSync(`${folder}/out`);
      const run = (program: string, ...args: string[]): Deno.CommandOutput => {
        const env = { LC_ALL: "C" };
        return new Deno.Command(program, { args, cwd: `${folder}/out`, env }).outputSync();
      };
      const { success, stderr } = run("tar", "-xf", `${folder}/a.tar`);
      deepStrictEqual([success, new TextDecoder().decode(stderr)], [true, ""]);
      strictEqual(readFolder(`${folder}/out`).files.size, report.files + 1); // CHECKSUMS
      ok(run("sha256sum", "-c", "--quiet", "CHECKSUMS").success);
    }));
}

Deno.test("a name that the file system refuses later ends the decode, and leaves nothing", () =>
  inTempFolder(async (folder) => {
    // Paths have up to 4,095 bytes.
    const deep = folder + `/${"d".repeat(200)}`.repeat(10);
    Deno.mkdirSync(deep, { recursive: true });
    const rows = stream([...bucketRows("b"), ...objectRows("k/".repeat(1100) + "k", "body")]);
    const sink = new DenoDirectorySink(`${deep}/dump`);
    await rejects(decode(await openBytes(rows), sink, {}, sink.scratch), {
      code: "output-failed",
      message: "the file system refuses this name",
      exitCode: 5,
    });
    deepStrictEqual([...Deno.readDirSync(deep)], []);
    // Portable names have shorter paths.
    const { exitCode } = await decodeDump(`${deep}/dump`, rows, { portableNames: true });
    strictEqual(exitCode, 0);
  }));
