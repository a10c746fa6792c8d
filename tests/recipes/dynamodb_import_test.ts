/** The recipe makes files of the shape that DynamoDB's import reads. Nothing is imported here. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Kitchen } from "./recipe.ts";
import { captured, truthOf } from "./snapshots.ts";

type Item = { [name: string]: { [type: string]: string } };

Deno.test("dynamodb-import.md makes lines that hold each item once", async () => {
  using kitchen = new Kitchen("dynamodb-import", {
    SNAPSHOT: captured("ddb-history/snapshot.fsm")!,
  });
  strictEqual((await kitchen.run("bundles")).code, 0);
  const folder = `${kitchen.folder}/dump/dynamodb/orders/items`;
  deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["data-00001.jsonl"]);
  const text = Deno.readTextFileSync(`${folder}/data-00001.jsonl`);
  ok(text.endsWith("}}\n"));
  const items = text.trimEnd().split("\n").map((line) => {
    const { Item, ...others } = JSON.parse(line);
    deepStrictEqual(others, {});
    return Item as Item;
  });
  const truth: Item[] = truthOf("ddb-history").dynamodb.tables.orders.items;
  deepStrictEqual(items.sort(byKey), truth.sort(byKey));
});

function byKey(a: Item, b: Item): number {
  const [x, y] = [a, b].map(({ pk, sk }) => `${pk.S} ${sk.N}`);
  return x < y ? -1 : x > y ? 1 : 0;
}

Deno.test({
  name: "dynamodb-import.md describes the table as clients of the node saw it",
  async fn() {
    using kitchen = new Kitchen("dynamodb-import", {
      SNAPSHOT: captured("ddb-history/snapshot.fsm")!,
    });
    await kitchen.run("bundles");
    const { code, stderr } = await kitchen.run("table");
    strictEqual(code, 0, stderr);
    const table = JSON.parse(Deno.readTextFileSync(`${kitchen.folder}/orders.json`));
    const truth = truthOf("ddb-history").dynamodb.tables.orders.description;
    deepStrictEqual(Object.keys(table), [
      "TableName",
      "KeySchema",
      "AttributeDefinitions",
      "BillingMode",
      "GlobalSecondaryIndexes",
    ]);
    for (const name of ["TableName", "KeySchema"]) deepStrictEqual(table[name], truth[name]);
    deepStrictEqual(
      table.AttributeDefinitions.toSorted(byAttribute),
      truth.AttributeDefinitions.toSorted(byAttribute),
    );
    const indexes = truth.GlobalSecondaryIndexes.map(
      (
        { IndexName, KeySchema, Projection }: {
          IndexName: string;
          KeySchema: unknown;
          Projection: unknown;
        },
      ) => ({ IndexName, KeySchema, Projection }),
    );
    deepStrictEqual(table.GlobalSecondaryIndexes, indexes);
  },
});

function byAttribute(a: { AttributeName: string }, b: { AttributeName: string }): number {
  return a.AttributeName < b.AttributeName ? -1 : 1;
}

Deno.test({
  name: "dynamodb-import.md describes a table without a range key and indexes",
  async fn() {
    using kitchen = new Kitchen("dynamodb-import", {
      SNAPSHOT: captured("ddb-history/snapshot.fsm")!,
    });
    const table = (text: string): string => text.replaceAll("orders", "accounts");
    const bash = (text: string) => kitchen.command("bash", ["-euo", "pipefail", "-c", text]);
    await bash(table(kitchen.block("bundles")));
    strictEqual((await bash(table(kitchen.block("table")))).code, 0);
    deepStrictEqual(JSON.parse(Deno.readTextFileSync(`${kitchen.folder}/accounts.json`)), {
      TableName: "accounts",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    });
  },
});
