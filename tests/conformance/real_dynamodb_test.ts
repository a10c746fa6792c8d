/** Captured files of running nodes: exactly the tables and items that the node's own API returned. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { loadKeyring } from "../../src/mvcc/keyring.ts";
import { casesOf, exists, noteMissingCorpus } from "./cases.ts";
import { decodeBytes, type Outcome } from "./decoding.ts";

interface TruthTable {
  description: {
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    KeySchema: { AttributeName: string; KeyType: string }[];
    GlobalSecondaryIndexes?: { IndexName: string }[];
  };
  items?: unknown[];
  /** What was sent to a table that the server then could not return. */
  items_written?: unknown[];
}

for (const { name, folder } of casesOf("real")) {
  if (!exists(`${folder}truth.json`)) continue;
  const truth = JSON.parse(Deno.readTextFileSync(`${folder}truth.json`));
  const tables: Record<string, TruthTable> = truth.dynamodb?.tables ?? {};
  if (Object.keys(tables).length === 0) continue;
  const files: string[] = truth.snapshots.map((snapshot: { file: string }) => snapshot.file);
  if (!files.every((file) => exists(folder + file))) continue;
  const inputs = (): Record<string, Uint8Array> =>
    Object.fromEntries(files.map((file) => [file, Deno.readFileSync(folder + file)]));
  const keys = exists(`${folder}keys.json`)
    ? loadKeyring(Deno.readFileSync(`${folder}keys.json`), Deno.readFileSync(`${folder}kek.bin`))
    : undefined;

  for (const kernel of ["wasm", "js"] as const) {
    Deno.test(`real: ${name} has the tables and items of the truth (${kernel})`, async () => {
      const outcome = await decodeBytes(inputs(), {
        adapters: ["dynamodb"],
        kernel,
        keys,
        accept: ["transactions"],
      });
      checkOutcome(outcome);
      deepStrictEqual(tablesIn(outcome), Object.keys(tables).sort());
      for (const [table, expected] of Object.entries(tables)) {
        deepStrictEqual(schemaIn(outcome, table), schemaOf(table, expected), table);
        deepStrictEqual(
          normal(itemsIn(outcome, table)),
          normal(expected.items_written ?? expected.items!),
          table,
        );
      }
    });
  }

  Deno.test(`real: ${name} has the same items as lines`, async () => {
    const outcome = await decodeBytes(inputs(), {
      adapters: ["dynamodb"],
      dynamodbBundleMode: "jsonl",
      keys,
    });
    checkOutcome(outcome);
    for (const [table, expected] of Object.entries(tables)) {
      deepStrictEqual(
        normal(linesIn(outcome, table)),
        normal(expected.items_written ?? expected.items!),
        table,
      );
    }
  });
}
noteMissingCorpus("real");

/** A group that was emptied has no row that says whose file it is. */
const EXPECTED_LOSSES = ["transactions", "groups"];

function checkOutcome({ report, published }: Outcome): void {
  deepStrictEqual(report.problems.map(({ error }) => error.message), []);
  ok(published);
  ok(report.exitCode === 0 || report.losses.every(({ kind }) => EXPECTED_LOSSES.includes(kind)));
  const { versions, live, superseded, tombstones, expired, later } = report.balance;
  strictEqual(versions, live + superseded + tombstones + expired + later);
  for (const { live, fates } of report.accounts) {
    strictEqual(live, Object.values(fates).reduce((a, b) => a + b, 0));
  }
}

/** The folder of each table, by the name in its schema. */
function folders({ files }: Outcome): Map<string, string> {
  const found = new Map<string, string>();
  for (const [path, bytes] of files) {
    const folder = /^dynamodb\/[^/]+\//.exec(path)?.[0];
    if (!folder || path !== `${folder}_schema.json`) continue;
    found.set(JSON.parse(new TextDecoder().decode(bytes)).table_name, folder);
  }
  return found;
}

function tablesIn(outcome: Outcome): string[] {
  return [...folders(outcome).keys()].sort();
}

function schemaIn(outcome: Outcome, table: string): unknown {
  const bytes = outcome.files.get(`${folders(outcome).get(table)}_schema.json`)!;
  const schema = JSON.parse(new TextDecoder().decode(bytes));
  return {
    table_name: schema.table_name,
    primary_key: schema.primary_key,
    attribute_definitions: schema.attribute_definitions,
    indexes: (schema.global_secondary_indexes ?? []).map(({ name }: { name: string }) => name),
  };
}

function schemaOf(table: string, { description }: TruthTable): unknown {
  const types = new Map(
    description.AttributeDefinitions.map(({ AttributeName, AttributeType }) => [
      AttributeName,
      AttributeType,
    ]),
  );
  const key = (type: string): Record<string, string> => {
    const attribute = description.KeySchema.find(({ KeyType }) => KeyType === type);
    return attribute
      ? { name: attribute.AttributeName, type: types.get(attribute.AttributeName)! }
      : {};
  };
  return {
    table_name: table,
    primary_key: { hash_key: key("HASH"), range_key: key("RANGE") },
    attribute_definitions: [...types].sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, type]) => ({ name, type })),
    indexes: (description.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName).sort(),
  };
}

function itemsIn(outcome: Outcome, table: string): unknown[] {
  const folder = `${folders(outcome).get(table)}items/`;
  return [...outcome.files].filter(([path]) => path.startsWith(folder))
    .map(([, bytes]) => JSON.parse(new TextDecoder().decode(bytes)));
}

function linesIn(outcome: Outcome, table: string): unknown[] {
  const folder = `${folders(outcome).get(table)}items/`;
  return [...outcome.files].filter(([path]) => path.startsWith(folder))
    .flatMap(([, bytes]) => new TextDecoder().decode(bytes).split("\n").slice(0, -1))
    .map((line) => JSON.parse(line).Item);
}

/** A value as text, with the members of objects in one order; lists of items in the order of their text. */
function normal(items: unknown[]): string[] {
  const ordered = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(ordered);
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, member]) => [name, ordered(member)]);
  };
  return items.map((item) => JSON.stringify(ordered(item))).sort();
}
