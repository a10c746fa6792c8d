import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type ItemKey, openSnapshot } from "../../mod.ts";

const FILE = new URL("../fixtures/real/ddb-history/snapshot.fsm", import.meta.url);

Deno.test("the versions of every item begin with what it is now, and their times descend", async () => {
  using snap = await openSnapshot(FILE);
  let several = 0;
  for (const name of ["accounts", "orders"]) {
    const table = snap.dynamodb.table(name);
    const { hash, range } = (await table.schema()).key;
    for await (const item of table.items()) {
      const key = Object.fromEntries(
        [hash, range].filter(Boolean).map((part) => [part, item[part]]),
      );
      const versions = await Array.fromAsync(table.versions(key as ItemKey));
      deepStrictEqual(versions[0].item, item);
      const times = versions.map(({ commitTs }) => commitTs);
      deepStrictEqual(times.toSorted((a, b) => a < b ? 1 : -1), times);
      strictEqual(new Set(times).size, times.length);
      if (versions.length > 1) several++;
    }
  }
  ok(several > 0);
});

Deno.test("an item that never was has no versions, and a key that cannot be one is refused", async () => {
  using snap = await openSnapshot(FILE);
  const table = snap.dynamodb.table("accounts");
  deepStrictEqual(await Array.fromAsync(table.versions({ id: "nobody" })), []);
  await rejects(Array.fromAsync(table.versions({ other: "x" })), { code: "usage" });
});
