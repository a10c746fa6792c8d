/** Lists, single records, histories and queries for programs. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { openSnapshot } from "../../mod.ts";
import { pulled } from "../../src/commands/pulled.ts";
import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { stream } from "../support/stream.ts";

const PAIRS = { range: "at", types: { id: "S", at: "N" } };
const item = (id: string, at: number) =>
  itemRow("pairs", { id: { S: id }, at: { N: `${at}` } }, { range: "at" });
const SNAPSHOT = stream([
  tableRow("pairs", PAIRS),
  ...[3, -1, 20, 7].map((at) => item("a", at)),
  ...[1, 2].map((at) => item("ab", at)),
  item("b", 0),
  ...bucketRows("b"),
  ...objectRows("k", "body"),
]);

Deno.test("items are queried by their hash attribute, a page at a time", async () => {
  using snap = await openSnapshot(SNAPSHOT);
  const pairs = snap.dynamodb.table("pairs");
  const query = async (...args: Parameters<typeof pairs.query>): Promise<string[]> => {
    const found: string[] = [];
    for await (const { at } of pairs.query(...args)) found.push((at as { N: string }).N);
    return found;
  };
  const all = await query({ id: "a" });
  deepStrictEqual(all.toSorted(), ["-1", "20", "3", "7"]);
  deepStrictEqual(all.filter((at) => at !== "-1"), ["3", "7", "20"]);
  const first = await query({ id: "a" }, { limit: 2 });
  deepStrictEqual(first, all.slice(0, 2));
  const rest = await query({ id: "a" }, { from: { id: "a", at: first[1] } });
  deepStrictEqual(rest, all.slice(1));
  deepStrictEqual(await query({ id: "c" }), []);
  deepStrictEqual(await query({ id: "a" }, { limit: 0 }), []);
  await rejects(query({ id: "a", at: 1 }), { code: "usage" });
  await rejects(query({ id: "a" }, { signal: AbortSignal.abort() }), { code: "aborted" });
});

Deno.test("files are listed and read by programs, who may leave whenever they want", async () => {
  using snap = await openSnapshot(SNAPSHOT);
  const paths: string[] = [];
  for await (const { path } of snap.list({ only: ["s3"] })) paths.push(path);
  deepStrictEqual(paths, ["s3/b/_bucket.json", "s3/b/k", "s3/b/k.elastickv-meta.json"]);
  for await (const { path } of snap.list()) {
    ok(path.startsWith("dynamodb/"));
    break;
  }
  let text = "";
  for await (const bytes of snap.read("s3://b/k")) text += new TextDecoder().decode(bytes);
  strictEqual(text, "body");
  for await (const { bytes } of snap.recordHistory("dynamodb/pairs", { id: "b", at: 0 })) {
    ok(new TextDecoder().decode(bytes).includes('"b"'));
  }
  await rejects(snap.read("s3://b/x").next(), { code: "nothing-selected" });
  await rejects(snap.list({ signal: AbortSignal.abort() }).next(), { code: "aborted" });
});

Deno.test("what is pushed is pulled one by one, and an error comes where it happened", async () => {
  const pushed: number[] = [];
  const numbers = () =>
    pulled<number>(async (take) => {
      for (let i = 0; i < 5; i++) {
        pushed.push(i);
        await take(i);
      }
      throw new Error("the end");
    });
  const seen: number[] = [];
  await rejects(
    async () => {
      for await (const n of numbers()) {
        seen.push(n);
        strictEqual(pushed.length, seen.length);
      }
    },
    /the end/,
  );
  deepStrictEqual(seen, [0, 1, 2, 3, 4]);
  pushed.length = 0;
  for await (const n of numbers()) if (n === 1) break;
  deepStrictEqual(pushed, [0, 1]);
});
