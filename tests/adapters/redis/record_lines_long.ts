/** The record lines, character by character. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { TestEntry } from "../../support/stream.ts";
import { dump, fromLatin1, itemKey, sized } from "./support.ts";
import { keyOf, type Row, valueOf } from "./test_rows.ts";

function entries(rows: Row[]): TestEntry[] {
  return rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }));
}

const DATABASE = '{"adapter":"redis","scope":"0","type":"db"}';

function line(rest: string): string {
  return '{"adapter":"redis","scope":"0",' + rest;
}

Deno.test("each type has its line", async () => {
  const last: [bigint, bigint] = [9n, 2n];
  const meta = { is: "meta" as const, length: 1n, head: 0n, last };
  const { records } = await dump(entries([
    { is: "string", name: "k", form: "plain", body: "<v>" },
    { is: "string", name: "\xff", form: 7n, body: "\xfe\xff" },
    { is: "hll", name: "p", form: "plain", body: "a\nb" },
    { ...meta, type: "hash", name: "h", expire: 1788998400000n },
    { is: "field", name: "h", field: "f", value: "\xff" },
    { is: "item", name: "l", place: -1n, value: "a" },
    { is: "item", name: "l", place: 0n, value: "b" },
    { ...meta, type: "set", name: "s", length: 0n },
    { is: "scored", name: "z", member: "m", score: 1.5 },
    { ...meta, type: "stream", name: "x" },
    { is: "entry", name: "x", id: [5n, 0n], fields: ["f", "v"] },
  ]));
  deepStrictEqual(records, [
    DATABASE,
    line('"type":"string","key":"k","value":"<v>","expire_at_ms":null}'),
    line(
      '"type":"string","key":{"base64":"_w"},"value":{"base64":"_v8"},"expire_at_ms":7}',
    ),
    line(
      '"type":"hash","key":"h","value":[{"name":"f","value":{"base64":"_w"}}],' +
        '"expire_at_ms":1788998400000}',
    ),
    line('"type":"list","key":"l","value":["a","b"],"expire_at_ms":null}'),
    line('"type":"hll","key":"p","value":["a","b"],"expire_at_ms":null}'),
    line('"type":"set","key":"s","value":[],"expire_at_ms":null}'),
    line(
      '"type":"stream","key":"x","value":[{"id":"5-0","fields":[{"name":"f","value":"v"}]}],' +
        '"length":1,"last_ms":9,"last_seq":2,"expire_at_ms":null}',
    ),
    line('"type":"zset","key":"z","value":[{"member":"m","score":1.5}],"expire_at_ms":null}'),
  ]);
});

Deno.test("strings come first, then shorter keys before longer ones", async () => {
  const { records } = await dump(entries([
    { is: "member", name: "b", member: "" },
    { is: "member", name: "aa", member: "" },
    { is: "field", name: "a", field: "", value: "" },
    { is: "item", name: "", place: 0n, value: "" },
    { is: "string", name: "zz", form: "plain", body: "" },
    { is: "string", name: "z", form: "legacy", body: "" },
  ]));
  deepStrictEqual(records.slice(1).map((text) => JSON.parse(text).key), [
    "zz",
    "",
    "a",
    "b",
    "z",
    "aa",
  ]);
});

Deno.test("what an older type left behind says that it is not live", async () => {
  const { records } = await dump(entries([
    { is: "string", name: "k", form: "plain", body: "v" },
    { is: "member", name: "k", member: "m" },
  ]));
  deepStrictEqual(records.slice(1), [
    line('"type":"string","key":"k","value":"v","expire_at_ms":null}'),
    line('"type":"set","key":"k","value":["m"],"expire_at_ms":null,"live":false}'),
  ]);
});

Deno.test("a HyperLogLog whose members cannot be read is given as it is", async () => {
  const { records } = await dump([
    { key: "!redis|hll|j", value: "text" },
    { key: "!redis|hll|k", value: fromLatin1("\x01\xff") },
  ]);
  deepStrictEqual(records.slice(1), [
    line('"type":"hll","key":"j","value":"text","expire_at_ms":null}'),
    line('"type":"hll","key":"k","value":{"base64":"Af8"},"expire_at_ms":null}'),
  ]);
});

Deno.test("an empty database has a line, and one that was not asked for has none", async () => {
  deepStrictEqual((await dump([])).records, [DATABASE]);
  const unasked = await dump(
    entries([
      { is: "string", name: "k", form: "plain", body: "v" },
      { is: "index", name: "k", ms: 1n, ts: 1n },
      { is: "delta", type: "set", name: "s", length: 1n, head: 0n, ts: 1n },
      { is: "member", name: "s", member: "m" },
      { is: "broken", key: "!hs|fld|", value: "", code: "malformed-key" },
      { is: "bare", name: "b", body: "" },
    ]),
    { scopesOnly: [], redisBareStrings: true },
  );
  deepStrictEqual(unasked.records, []);
  deepStrictEqual(unasked.tree, {});
  deepStrictEqual(unasked.fates, { "redis not-selected": 5, "system not-selected": 1 });
  deepStrictEqual(unasked.scopes, []);
});

Deno.test("a collection of more than 16 MiB takes several lines", async () => {
  const value = "x".repeat(1 << 20);
  const rows: TestEntry[] = [];
  for (let i = 0; i < 40; i++) rows.push({ key: itemKey("l", BigInt(i)), value: i + value });
  rows.push({ key: sized("!st|mem|", "s", "m"), value: "" });
  const { records } = await dump(rows);
  const parts = records.slice(1, -1).map((text) => JSON.parse(text));
  deepStrictEqual(
    parts.map(({ value, ...rest }) => ({ ...rest, n: value.length })),
    [
      { n: 16, part: 1, last: false },
      { n: 16, part: 2, last: false },
      { n: 8, part: 3, last: true },
    ].map(({ n, ...rest }) => ({
      adapter: "redis",
      scope: "0",
      type: "list",
      key: "l",
      expire_at_ms: null,
      ...rest,
      n,
    })),
  );
  const items = parts.flatMap((part) => part.value);
  strictEqual(items.every((item, i) => item === i + value), true);
  strictEqual(
    records.at(-1),
    line('"type":"set","key":"s","value":["m"],"expire_at_ms":null}'),
  );
});
