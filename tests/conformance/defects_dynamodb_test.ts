/** DynamoDB rows on which the reference is wrong, and what is right. */

import { deepStrictEqual } from "node:assert/strict";
import { casesOf, noteMissingCorpus } from "./cases.ts";
import { decodeBytes } from "./decoding.ts";

/** What a case gives: one code, or files. */
interface Expectation {
  /** Why nothing is published. */
  problem?: string;
  /** Events, in order. */
  warnings?: string[];
  /** Path in `dynamodb/` without `.json` → the item, or the name of the table; other path → text. */
  files?: Record<string, unknown>;
}

const EXPECTED: Readonly<Record<string, Expectation>> = {
  // Names that are not what base64 would have written could be a second table in one folder.
  "ddb-alias-crlf": { problem: "malformed-key" },
  "ddb-alias-table": { problem: "malformed-key" },
  "ddb-table-name-mismatch": { problem: "invalid-schema" },
  // A row that is in no output is not looked into.
  "ddb-corrupt-stale-row": {
    warnings: ["ddb_stale_generation_items"],
    files: { "t/_schema": "t", "t/items/a": { id: { S: "a" } } },
  },
  "ddb-dot-key-0": {
    files: {
      "t/_schema": "t",
      "t/items/%2E": { id: { S: "." } },
      "t/items/ok": { id: { S: "ok" } },
      "redis/db_0/strings/later.bin": "v",
    },
  },
  "ddb-dot-key-1": {
    files: {
      "t/_schema": "t",
      "t/items/%2E%2E": { id: { S: ".." } },
      "t/items/ok": { id: { S: "ok" } },
      "redis/db_0/strings/later.bin": "v",
    },
  },
  "ddb-dot-table-0": {
    warnings: ["not_restorable"],
    files: { "%2E/_schema": ".", "%2E/items/ok": { id: { S: "ok" } } },
  },
  "ddb-dot-table-1": {
    warnings: ["not_restorable"],
    files: { "%2E%2E/_schema": "..", "%2E%2E/items/ok": { id: { S: "ok" } } },
  },
  "ddb-empty-hash-vs-dir": {
    warnings: ["ddb_item_path_collision"],
    files: {
      "t/_schema": "t",
      "t/items/x.json/y": { pk: { S: "x.json" }, sk: { S: "y" } },
      "t/items/x~7e0d8753": { pk: { S: "" }, sk: { S: "x" } },
    },
  },
  "ddb-legacy-json": {
    warnings: ["ddb_legacy_json_value", "ddb_legacy_json_value"],
    files: {
      "t/_schema": "t",
      "t/items/a": { b: { B: "AP8=" }, id: { S: "a" }, n: { N: "1" } },
    },
  },
  // The server reads each spelling by itself as long as the table is not being moved.
  "ddb-legacy-spelling": {
    warnings: ["ddb_item_path_collision", "ddb_item_path_collision", "not_restorable"],
    files: {
      "t/_schema": "t",
      "t/items/1": { n: { N: "1" }, spelled: { S: "1" } },
      "t/items/1~3805797a": { n: { N: "1.00" }, spelled: { S: "1.00" } },
      "t/items/1~e5ccb1fa": { n: { N: "1.0" }, spelled: { S: "1.0" } },
      "t/items/2": { n: { N: "2" }, spelled: { S: "2" } },
    },
  },
  "ddb-numbers-huge": {
    warnings: ["ddb_number_key_out_of_bounds", "not_restorable"],
    files: {
      "huge/_schema": "huge",
      ...Object.fromEntries(
        ["1e1000000", "0.1e1000001", "10e1000000", "1e-1000000", "0x1p2000000", "1e1000001"]
          .map((sk, i) => [`huge/items/00${i}/${sk}`, { pk: { S: `00${i}` }, sk: { N: sk } }]),
      ),
    },
  },
  "ddb-path-collision-kinds": {
    warnings: ["ddb_item_path_collision", "ddb_item_path_collision"],
    files: {
      "t/_schema": "t",
      "t/items/1%2F2": { id: { S: "1/2" } },
      "t/items/1%2F2~93cdc309": { id: { N: "0.5" } },
      "t/items/5": { id: { S: "5" } },
      "t/items/5~1fc221f6": { id: { N: "5" } },
      "t/items/other": { id: { S: "other" } },
    },
  },
};

for (const { name, folder } of casesOf("defects")) {
  if (!name.startsWith("ddb-")) continue;
  const expected = EXPECTED[name];
  for (const kernel of ["wasm", "js"] as const) {
    Deno.test(`defects: ${name} is ${expected.problem ?? "read"} (${kernel})`, async () => {
      const input = { "input.fsm": Deno.readFileSync(`${folder}input.fsm`) };
      const { report, files, published } = await decodeBytes(input, { kernel });
      if (expected.problem) {
        deepStrictEqual(report.problems.map(({ error }) => error.code), [expected.problem]);
        deepStrictEqual([report.exitCode, published, files.size], [4, false, 0]);
        return;
      }
      deepStrictEqual(report.problems, []);
      deepStrictEqual(report.warnings.map(({ event }) => event), expected.warnings ?? []);
      deepStrictEqual([report.exitCode, published], [0, true]);
      deepStrictEqual(contentsOf(files), expected.files);
    });
  }
}
noteMissingCorpus("defects");

/** Every file but the two that close a dump. */
function contentsOf(files: Map<string, Uint8Array>): Record<string, unknown> {
  const contents: Record<string, unknown> = {};
  for (const [path, bytes] of [...files].sort(([a], [b]) => a < b ? -1 : 1)) {
    if (path === "MANIFEST.json" || path === "CHECKSUMS") continue;
    const text = new TextDecoder().decode(bytes);
    const name = /^dynamodb\/(.*)\.json$/.exec(path)?.[1];
    if (name === undefined) contents[path] = text;
    else {contents[name] = name.endsWith("/_schema")
        ? JSON.parse(text).table_name
        : JSON.parse(text);}
  }
  return contents;
}

Deno.test("every case of DynamoDB has its expectation, and each of these its case", () => {
  const names = casesOf("defects").map(({ name }) => name).filter((name) =>
    name.startsWith("ddb-")
  );
  deepStrictEqual(names, Object.keys(EXPECTED).sort());
});
