/** DuckDB reads what the recipe makes, and its answers are the truth of the node's clients. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { hasProgram, isFile, isMissing } from "../support/programs.ts";
import { Kitchen } from "./recipe.ts";
import { captured, truthOf } from "./snapshots.ts";

const DUCKDB = new URL("duckdb/", import.meta.url).pathname;
const ignore = isMissing(
  hasProgram("node") && isFile(`${DUCKDB}node_modules/@duckdb/node-api/package.json`),
);

type Row = { [column: string]: string | null };
type Item = { [name: string]: { [type: string]: string } };

/** The rows that the last of the recipe's queries gives. */
async function query(kitchen: Kitchen, ...blocks: string[]): Promise<Row[]> {
  const scripts = JSON.stringify(blocks.map((name) => kitchen.block(name)));
  const { code, stdout, stderr } = await kitchen.command("node", [`${DUCKDB}run.mjs`], scripts);
  strictEqual(code, 0, stderr);
  return JSON.parse(stdout).at(-1);
}

/** Orders by color: how many there are, and the sum of their ranks in tenths. */
function ordersByColor(): { color: string | null; items: number; tenths: number | null }[] {
  const orders: Item[] = truthOf("ddb-history").dynamodb.tables.orders.items;
  const groups = Map.groupBy(orders, (order) => order.color?.S ?? null);
  const colors = [...groups.keys()].sort((a, b) => (a ?? "~") < (b ?? "~") ? -1 : 1);
  return colors.map((color) => {
    const items = groups.get(color)!;
    const ranks = items.flatMap(({ rank }) => rank ? Math.round(Number(rank.N) * 10) : []);
    const tenths = ranks.length === 0 ? null : ranks.reduce((a, b) => a + b);
    return { color, items: items.length, tenths };
  });
}

/** Ten digits behind the point. */
function decimal(tenths: number | null): string | null {
  return tenths === null ? null : `${(tenths / 10).toFixed(1)}000000000`;
}

for (
  const [title, commands, queries] of [
    ["record lines", "records", ["view", "items"]],
    ["the JSON lines of a dump", "bundles", ["bundle-items"]],
  ] as const
) {
  Deno.test({
    name: `duckdb.md adds up the digits of numbers in ${title}`,
    ignore,
    async fn() {
      using kitchen = new Kitchen("duckdb", { SNAPSHOT: captured("ddb-history/snapshot.fsm")! });
      strictEqual((await kitchen.run(commands)).code, 0);
      const rows = ordersByColor().map(({ color, items, tenths }) => {
        return { color, items: String(items), rank: decimal(tenths), left_out: "0" };
      });
      ok(rows.length > 3);
      deepStrictEqual(await query(kitchen, ...queries), rows);
    },
  });
}

Deno.test({
  name: "duckdb.md counts the numbers that it cannot add up",
  ignore,
  async fn() {
    using kitchen = new Kitchen("duckdb");
    const numbers = ["10", "12345678901234567890123456789", "1E+30", "many", undefined];
    const lines = numbers.map((N) => {
      const value = { color: { S: "red" }, ...(N === undefined ? {} : { rank: { N } }) };
      return JSON.stringify({ adapter: "dynamodb", scope: "orders", type: "item", value }) + "\n";
    });
    Deno.writeTextFileSync(`${kitchen.folder}/records.jsonl`, lines.join(""));
    deepStrictEqual(await query(kitchen, "view", "items"), [
      { color: "red", items: "5", rank: "10.0000000000", left_out: "3" },
    ]);
  },
});

Deno.test({
  name: "duckdb.md reads record lines with plain items",
  ignore,
  async fn() {
    using kitchen = new Kitchen("duckdb", { SNAPSHOT: captured("ddb-history/snapshot.fsm")! });
    strictEqual((await kitchen.run("plain-records")).code, 0);
    const rows = ordersByColor().map(({ color, items, tenths }) => {
      return { color, items: String(items), rank: tenths === null ? null : tenths / 10 };
    });
    deepStrictEqual(await query(kitchen, "view", "plain-items"), rows);
  },
});

Deno.test({
  name: "duckdb.md finds the newest objects",
  ignore,
  async fn() {
    using kitchen = new Kitchen("duckdb", { SNAPSHOT: captured("multi-group/group-2.fsm")! });
    await kitchen.run("records");
    const { buckets } = truthOf("multi-group").s3;
    const objects = Object.keys(buckets).sort().flatMap((bucket) =>
      Object.keys(buckets[bucket].objects).sort().map((key) => {
        const { size, sha256, last_modified } = buckets[bucket].objects[key];
        return { bucket, key, size, second: last_modified, sha256 };
      })
    );
    const rows = await query(kitchen, "view", "objects");
    const found = rows.map(({ modified, size, ...others }) => {
      const second = Math.floor(Date.parse(`${modified}Z`) / 1000);
      return { ...others, size: Number(size), second };
    });
    const newest = objects.sort((a, b) => b.second - a.second || b.size - a.size);
    deepStrictEqual(found, newest.slice(0, 10));
  },
});

Deno.test({
  name: "duckdb.md counts the messages of each group",
  ignore,
  async fn() {
    using kitchen = new Kitchen("duckdb", { SNAPSHOT: captured("sqs-all/snapshot.fsm")! });
    strictEqual((await kitchen.run("records")).code, 0);
    const rows = await query(kitchen, "view", "messages");
    const found = new Map(rows.map((r) => [`${r.queue} ${r.message_group}`, Number(r.messages)]));
    const truth = new Map<string, number>();
    const { queues } = truthOf("sqs-all").sqs;
    for (const queue of Object.keys(queues)) {
      for (const { group_id } of queues[queue].messages) {
        const name = `${queue} ${group_id}`;
        truth.set(name, (truth.get(name) ?? 0) + 1);
      }
    }
    deepStrictEqual(found, truth);
  },
});
