import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { itemKey, tableKey } from "../../src/keyspace/dynamodb_keys.ts";
import { totalsUnder } from "../../src/mvcc/prefix_totals.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { openInputs } from "../support/naive/agree.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { stream } from "../support/stream.ts";

Deno.test("counts of a prefix are those of the keys under it, or nobody knows", async () => {
  let known = 0;
  await forSeeds(50_000, 60, async (seed) => {
    const random = new Random(seed);
    const generated = generate(seed, { size: 6, transactions: 1 });
    const { info } = await openInputs([{ bytes: generated.file() }]);
    const all = generated.live().map(({ key }) => latin1(key));
    for (let i = 0; i < 60; i++) {
      const key = latin1(random.pick(generated.writes).key);
      const prefix = key.slice(0, random.below(key.length + 1));
      const counts = totalsUnder(bytesOf(prefix), info.totals);
      if (!counts) continue;
      known++;
      strictEqual(counts.live, all.filter((key) => key.startsWith(prefix)).length, prefix);
    }
  });
  ok(known > 1000, `${known} were known`);
});

Deno.test("counts of a table and of a family are known, those of a part of a table are not", async () => {
  const item = (table: string, id: string) => itemKey(bytesOf(table), 1n, bytesOf(id));
  const rows = [item("orders", "a"), item("orders", "b"), item("order", "c")];
  const schema = tableKey("ddb-table", bytesOf("orders"));
  const { info } = await openInputs([{
    bytes: stream([...rows, schema].map((key) => ({ key, value: "v" }))),
  }]);
  const live = (prefix: string): number | undefined =>
    totalsUnder(bytesOf(prefix), info.totals)?.live;
  deepStrictEqual(
    ["", "!ddb|", "!ddb|item|", "!ddb|item|b3JkZXJz|", "!ddb|meta|", "!s3|"].map(live),
    [4, 4, 3, 2, 1, 0],
  );
  deepStrictEqual(["!ddb|item|b3JkZXJz|1|", "!ddb|item|b3JkZXJz|1|a"].map(live), [
    undefined,
    undefined,
  ]);
});
