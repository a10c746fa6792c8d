/** What `schema` prints is what the AWS CLI takes, by its own validation. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { whyAwsRefuses } from "../../src/adapters/dynamodb/aws_items.ts";
import type { AttributeValue, Item } from "../../src/adapters/dynamodb/item_objects.ts";
import type { TableSchema } from "../../src/adapters/dynamodb/schema.ts";
import { awsTable } from "../../src/commands/aws_table.ts";
import { cli, fixture } from "../cli/run.ts";
import { openBytes } from "../commands/dumps.ts";
import { bytesOf } from "../support/stream.ts";
import { hasProgram, isMissing } from "../support/programs.ts";
import { truthOf } from "./snapshots.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const BOTOCORE = new URL("botocore/", import.meta.url).pathname;
const isThere = (): boolean => {
  try {
    return hasProgram("python3") && Deno.statSync(`${BOTOCORE}packages/botocore`).isDirectory;
  } catch {
    return false;
  }
};

async function reports(requests: [operation: string, parameters: unknown][]): Promise<string[]> {
  const child = new Deno.Command("python3", {
    args: [`${BOTOCORE}validate.py`],
    env: { PYTHONPATH: `${BOTOCORE}packages` },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(
    new TextEncoder().encode(requests.map((one) => JSON.stringify(one) + "\n").join("")),
  );
  await writer.close();
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout).split("\n").slice(0, -1);
}

Deno.test({
  name: "the AWS CLI takes what schema prints, as create-table and as import-table",
  ignore: isMissing(isThere()),
  async fn() {
    const snapshot = await openBytes(Deno.readFileSync(SNAP));
    const requests: [string, unknown][] = [];
    for (const table of ["orders", "accounts", "emptied", "reborn"]) {
      const create = await awsTable(snapshot, bytesOf(table), "create-table", "");
      const load = await awsTable(snapshot, bytesOf(table), "import-table", "my-dumps");
      requests.push(["CreateTable", create.request], ["ImportTable", load.request]);
    }
    // The validation can fail.
    requests.push(["CreateTable", { TableName: 1, KeySchema: [{}] }]);
    const found = await reports(requests);
    deepStrictEqual(found.slice(0, -1), requests.slice(0, -1).map(() => ""));
    ok(found.at(-1)!.includes("AttributeName"), found.at(-1));
  },
});

Deno.test("the table is the one that clients of the node saw", async () => {
  const { stdout, stderr } = await cli(["schema", SNAP, "dynamodb/orders"], { read: [SNAP] });
  const table = JSON.parse(stdout);
  const truth = truthOf("ddb-history").dynamodb.tables.orders.description;
  deepStrictEqual(table.KeySchema, truth.KeySchema);
  const names = (list: { AttributeName: string }[]) => list.map((one) => one.AttributeName).sort();
  deepStrictEqual(names(table.AttributeDefinitions), names(truth.AttributeDefinitions));
  ok(/decant: (note|warning): AWS would (take|refuse)/.test(stderr), stderr);
  strictEqual((await cli(["schema", SNAP, "dynamodb/orders/batch/1"], { read: [SNAP] })).code, 2);
  strictEqual((await cli(["schema", SNAP, "dynamodb/order"], { read: [SNAP] })).code, 9);
});

const SCHEMA: TableSchema = {
  tableName: "t",
  attributeTypes: new Map([["id", "S"], ["at", "N"], ["color", "S"]]),
  key: { hash: "id", range: "at" },
  indexes: [{
    name: "by_color",
    key: { hash: "color", range: "" },
    projectionType: "ALL",
    nonKeyAttributes: [],
  }],
  keyEncodingVersion: 2n,
  migratingFrom: 0n,
  generation: 1n,
};

function nested(depth: number): AttributeValue {
  return depth === 0 ? { S: "x" } : { L: [nested(depth - 1)] };
}

const REFUSED: [why: string | undefined, item: Item][] = [
  [undefined, {}],
  [undefined, { s: { S: "" }, n: { N: "-0.00" }, l: { L: [] }, b: { B: "" } }],
  [undefined, { n: { N: "9.9999999999999999999999999999999999999E+125" } }],
  ["number", { n: { N: "1e126" } }],
  [undefined, { n: { N: "1e-130" } }],
  ["number", { n: { N: "1e-131" } }],
  ["number", { n: { N: "1".repeat(39) } }],
  [undefined, { n: { N: "1".repeat(38) + "000" } }],
  ["number", { n: { N: "NaN" } }],
  ["key-type", { id: { N: "1" } }],
  ["key-empty", { id: { S: "" } }],
  [undefined, { id: { S: "x".repeat(2048) } }],
  ["key-too-long", { id: { S: "é".repeat(1025) } }],
  ["index-key", { color: { N: "1" } }],
  ["index-key", { color: { S: "" } }],
  ["empty-set", { x: { L: [{ SS: [] }] } }],
  ["repeated-element", { x: { NS: ["1", "1.0"] } }],
  [undefined, { x: { NS: ["1", "10", "-1"] } }],
  ["not-null", { x: { NULL: false } }],
  [undefined, { x: nested(32) }],
  ["too-deep", { x: nested(33) }],
  [undefined, { x: { S: "x".repeat(400 * 1024 - 10) } }],
  ["too-large", { x: { S: "x".repeat(400 * 1024) } }],
  ["attribute-name", { "": { S: "x" } }],
];

Deno.test("each limit of AWS is counted as what it is", () => {
  for (const [why, attributes] of REFUSED) {
    const item = { id: { S: "a" }, at: { N: "1" }, ...attributes };
    strictEqual(whyAwsRefuses(item, SCHEMA), why, JSON.stringify(attributes).slice(0, 100));
  }
});
