/**
 * The S3 cases of the corpus: trees that the reference wrote where it is right, inputs that it refuses,
 * and inputs that it gets wrong.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  argumentsOf,
  casesOf,
  expectedTree,
  lineSet,
  noteMissingCorpus,
} from "../../conformance/cases.ts";
import { optionsOf } from "../../conformance/options.ts";
import { hashedSegment } from "../../../src/tree/segment.ts";
import { bytesOf } from "../../support/stream.ts";
import { bodiesOf, type Dump, dump, type Name, warningsOf } from "./support.ts";

async function dumpCase(folder: string): Promise<Dump> {
  return await dump(Deno.readFileSync(`${folder}input.fsm`), optionsOf(argumentsOf(folder)));
}

/** Compares what lies below `s3/`; the order of lines in KEYMAP is free. */
function compareTrees(found: Map<string, Uint8Array>, expected: Map<string, Uint8Array>): void {
  const wanted = [...expected].filter(([path]) => path.startsWith("s3/"));
  deepStrictEqual([...found.keys()].sort(), wanted.map(([path]) => path).sort());
  for (const [path, bytes] of wanted) {
    if (path.endsWith("/KEYMAP.jsonl")) deepStrictEqual(lineSet(found.get(path)!), lineSet(bytes));
    else deepStrictEqual(found.get(path), bytes, path);
  }
}

/** Events of the log of a run of the reference that we have, too: `event bucket object`, sorted. */
function eventsOf(folder: string): string[] {
  const events = [];
  for (const line of Deno.readTextFileSync(`${folder}stderr.txt`).split("\n")) {
    const [, event] = /event=(\S+)/.exec(line) ?? [];
    const [, count] = / (?:chunks|stale_count)=(\d+)/.exec(line) ?? [];
    if (event) events.push(`${event} ${count}`);
  }
  return events.sort();
}

for (const { name, folder } of casesOf("parity")) {
  if (!name.startsWith("s3-")) continue;
  Deno.test(`parity: ${name} comes out as the reference wrote it`, async () => {
    const found = await dumpCase(folder);
    deepStrictEqual(found.wrong, []);
    compareTrees(found.files, expectedTree(folder, "expected")!);
    const events = found.warnings.filter(({ event }) => event !== "s3_bucket_meta_missing")
      .map(({ event, fields }) => `${event} ${fields.chunks ?? fields.stale_count}`);
    deepStrictEqual(events.sort(), eventsOf(folder));
  });
}

/** The code that an input is refused with, by the reference's class. */
const CODES: Record<string, string> = {
  ErrS3MalformedKey: "malformed-key",
  ErrS3InvalidBucketMeta: "malformed-value",
  ErrS3InvalidManifest: "malformed-value",
  ErrS3MetaSuffixCollision: "name-collision",
  ErrS3IncompleteBlobChunks: "incomplete-object",
  ErrS3InvalidChunkRef: "incomplete-object",
  ErrS3ChunkBlobHashMismatch: "incomplete-object",
};

/** What becomes of inputs that only the reference refuses. */
const ACCEPTED: [RegExp, Record<string, number>][] = [
  [/^err-s3-bucket-value-00$/, { "photos deleted": 1 }],
  [/^err-s3-manifest-value-00$/, { "b deleted": 1 }],
  [/^err-s3-(unsafe-name-\d+|name-too-long)$/, { "b written": 2 }],
  [/^err-s3-leaf-target$/, { "b written": 4 }],
  [/^err-s3-meta-suffix-target$/, { "b written": 3 }],
  [/^err-s3-unsafe-object-blob$/, { "b orphan": 1 }],
];

for (const { name, folder } of casesOf("parity")) {
  if (!name.startsWith("err-s3-")) continue;
  const accepted = ACCEPTED.find(([pattern]) => pattern.test(name));
  if (accepted) {
    Deno.test(`parity: ${name} is nothing that is wrong`, async () => {
      const { wrong, fates } = await dumpCase(folder);
      deepStrictEqual(wrong, []);
      deepStrictEqual(fates, accepted[1]);
    });
  } else {
    const kind = Deno.readTextFileSync(`${folder}class.txt`).trim();
    Deno.test(`parity: ${name} is one problem, ${CODES[kind]}`, async () => {
      const { problems, tree, ledger } = await dumpCase(folder);
      deepStrictEqual(problems.map(({ error }) => error.code), [CODES[kind]]);
      ok(ledger.count("unsound") > 0);
      ok(Object.keys(tree).every((path) => path === "s3/b/_bucket.json"));
    });
  }
}

const escaped = (key: Name): string => hashedSegment(bytesOf(key));

/** Bodies by name, of bucket `b`. */
const BODIES: Record<string, (bodies: Record<string, string>, found: Dump) => void> = {
  "s3-corrupt-unreferenced-blob": (bodies, { warnings, wrong }) => {
    deepStrictEqual(Object.keys(bodies), ["fine"]);
    deepStrictEqual(wrong, []);
    deepStrictEqual(warnings.map(({ event }) => event), ["s3_chunkblob_corrupt"]);
  },
  "s3-deleted-bucket": (_, { tree, fates }) => {
    deepStrictEqual(tree, {});
    deepStrictEqual(fates, { "b deleted": 2 });
  },
  "s3-empty-meta-value": (_, { tree, wrong, warnings }) => {
    deepStrictEqual([tree, wrong], [{}, []]);
    strictEqual(warnings[0].event, "s3_empty_value");
  },
  "s3-inflight-renames-object": (bodies) => deepStrictEqual(Object.keys(bodies), ["a"]),
  "s3-key-bucket-json": (bodies, { tree }) => {
    deepStrictEqual(Object.keys(bodies), [escaped("_bucket.json")]);
    strictEqual(JSON.parse(tree["s3/b/_bucket.json"]).name, "b");
  },
  "s3-key-keymap": (bodies, { tree }) => {
    const names = [escaped("KEYMAP.jsonl"), "a.elastickv-leaf-data", "a/b"];
    deepStrictEqual(Object.keys(bodies).sort(), names.sort());
    strictEqual(tree["s3/b/KEYMAP.jsonl"].split("\n").length, 3);
  },
  "s3-key-not-utf8": (bodies, { tree }) => {
    strictEqual(Object.keys(bodies).length, 4);
    ok(Object.keys(bodies).every((name) => /^[0-9a-f]{32}__/.test(name)));
    strictEqual(tree["s3/b/KEYMAP.jsonl"].match(/"kind":"sha-fallback"/g)?.length, 4);
  },
  "s3-key-reserved-prefix": (bodies, { tree }) => {
    const names = [escaped("_incomplete_uploads/records.jsonl"), escaped("_orphans/x")];
    deepStrictEqual(Object.keys(bodies).sort(), names.sort());
    strictEqual(tree["s3/b/KEYMAP.jsonl"].match(/"kind":"s3-unsafe-key"/g)?.length, 2);
    strictEqual(tree["s3/b/_incomplete_uploads/records.jsonl"].split("\n").length, 2);
  },
  "s3-key-under-bucket-json": (bodies) => {
    deepStrictEqual(Object.keys(bodies), [escaped("_bucket.json/x")]);
  },
  "s3-key-under-sidecar": (bodies) => {
    const names = ["a", escaped("a.elastickv-meta.json/b")];
    deepStrictEqual(Object.keys(bodies).sort(), names.sort());
  },
  "s3-long-component": (bodies) => {
    deepStrictEqual(Object.keys(bodies), [escaped("L".repeat(236))]);
  },
  "s3-nometa-two-generations": (bodies, found) => {
    deepStrictEqual([...new Set(Object.values(bodies))], ["gen 2"]);
    deepStrictEqual(warningsOf(found)[0], ["s3_bucket_meta_missing", "b", 2n]);
  },
  "s3-one-bad-object": (bodies, { wrong, fates }) => {
    strictEqual(Object.keys(bodies).length, 12);
    deepStrictEqual(wrong, ["incomplete-object: part 1 has 0 chunks instead of 1"]);
    strictEqual(fates["b unsound"], 1);
  },
  "s3-size-mismatch": (bodies, { problems }) => {
    deepStrictEqual(Object.keys(bodies), ["fine"]);
    deepStrictEqual(problems.map(({ error }) => error.code), Array(3).fill("incomplete-object"));
  },
};
const UNSAFE = ["dir/", "", "a//b", "/abs", "a\\b", "../escape", "nul\0x"];
for (const [i, key] of UNSAFE.entries()) {
  BODIES[`s3-unsafe-key-${i}`] = (bodies, { tree }) => {
    deepStrictEqual(Object.keys(bodies).sort(), [escaped(key), "ok.txt"]);
    const line = JSON.parse(tree["s3/b/KEYMAP.jsonl"]);
    deepStrictEqual(line.encoded, escaped(key));
    deepStrictEqual(line.kind, "s3-unsafe-key");
  };
}

for (const { name, folder } of casesOf("defects")) {
  if (!name.startsWith("s3-")) continue;
  Deno.test(`defects: ${name} is right here`, async () => {
    const found = await dumpCase(folder);
    ok(BODIES[name], "the test does not know the case");
    BODIES[name](bodiesOf(found.tree, "b"), found);
  });
}

for (const { name, folder } of casesOf("defects")) {
  if (name !== "real-s3") continue;
  Deno.test("defects: a node's file gives the tree of its newest versions", async () => {
    const found = await dumpCase(folder);
    deepStrictEqual(found.wrong, []);
    compareTrees(found.files, expectedTree(folder, "right")!);
  });
}
noteMissingCorpus("S3");
