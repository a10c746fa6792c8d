/** Collections that are sorted in pieces and on disk. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { bytesField } from "../../support/generator/encoding.ts";
import type { TestEntry } from "../../support/stream.ts";
import { cat, double, dump, itemKey, sized } from "./support.ts";

/** Fields of which each begins like the next ones, so that stored order is another one. */
function fieldsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => "f" + i.toString(3));
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

Deno.test("many hashes with fields that are the beginnings of others, more than sort in memory", async () => {
  const value = "v".repeat(1000);
  const rows: TestEntry[] = [];
  // 6 MB under one name, then names of which each chunk takes some.
  const counts = new Map([
    ["large", 6000],
    ...Array.from(
      { length: 40 },
      (_, i): [string, number] => [`name ${i}`, 100],
    ),
  ]);
  for (const [name, count] of counts) {
    for (const field of fieldsOf(count)) rows.push({ key: sized("!hs|fld|", name, field), value });
  }
  const { tree, fates, noted } = await dump(rows);
  strictEqual(Object.keys(tree).length, counts.size);
  for (const [name, count] of counts) {
    const { fields } = JSON.parse(tree[`hashes/${name.replace(" ", "%20")}.json`]);
    deepStrictEqual(
      fields.map((field: { name: string }) => field.name),
      fieldsOf(count).sort(byBytes),
    );
    strictEqual(fields.every((field: { value: string }) => field.value === value), true);
  }
  deepStrictEqual(fates, { "redis written": 10_000 });
  deepStrictEqual(noted, []);
});

Deno.test("the fields of a hash are sorted together when the first of them is a long row", async () => {
  // The hash before it fills a piece; the long row is a batch of its own, in which no piece ends.
  const rows: TestEntry[] = Array.from({ length: 40 }, (_, i) => ({
    key: sized("!hs|fld|", "a", `f${i + 10}`),
    value: "v".repeat(60_000),
  }));
  for (const field of ["user:1", "user:12", "user:13"]) {
    const value = field === "user:12" ? "v".repeat(5 << 20) : field;
    rows.push({ key: sized("!hs|fld|", "b", field), value });
  }
  const { tree } = await dump(rows);
  deepStrictEqual(
    JSON.parse(tree["hashes/b.json"]).fields.map((field: { name: string }) => field.name),
    ["user:1", "user:12", "user:13"],
  );
});

Deno.test("items of lists whose names begin alike do not mix, however many there are", async () => {
  const value = "i".repeat(2000);
  const rows: TestEntry[] = [];
  // The second name goes on like the places of the first one's items.
  const names = ["a", "a\x7f\xff\xff\xff\xff\xff\xff\xff", "ab"];
  for (let i = -1500n; i < 1500n; i++) {
    for (const name of names) {
      rows.push({
        key: itemKey(Uint8Array.from(name, (c) => c.charCodeAt(0)), i),
        value: i + value,
      });
    }
  }
  const { tree, fates } = await dump(rows);
  deepStrictEqual(Object.keys(tree).sort(), [
    "lists/a%7F%FF%FF%FF%FF%FF%FF%FF.json",
    "lists/a.json",
    "lists/ab.json",
  ]);
  const wanted = Array.from({ length: 3000 }, (_, i) => i - 1500 + value);
  for (const text of Object.values(tree)) deepStrictEqual(JSON.parse(text).items, wanted);
  deepStrictEqual(fates, { "redis written": 9000 });
});

/** Names of which the first bytes do not tell them apart: of each that comes twice the last counts. */
const ALIKE = [300, 256, 255, 257, 300, 256, 1000, 255].map((length, i) =>
  "x".repeat(length - (i % 2)) + (i % 3 === 0 ? "" : "yz"[i % 2])
);

Deno.test("a collection in one row is sorted by whole names, however far they are alike", async () => {
  const names = [...ALIKE, ...ALIKE.slice(0, 5), "", "a", ""];
  const pairs = names.map((name, i): [string, string] => [name, `${i}`]);
  const last = [...new Map(pairs)].sort(([a], [b]) => byBytes(a, b));
  const { tree } = await dump([
    {
      key: "!redis|hash|h",
      value: cat(
        "\0RH\x01",
        ...pairs.map(([name, value]) =>
          bytesField(1, cat(bytesField(1, name), bytesField(2, value)))
        ),
      ),
    },
    {
      key: "!redis|set|s",
      value: cat("\0RS\x01", ...names.map((name) => bytesField(1, name))),
    },
    {
      key: "!redis|zset|z",
      value: cat(
        "\0RZ\x01",
        ...pairs.map(([name, value]) =>
          bytesField(
            1,
            cat(bytesField(1, name), Uint8Array.of(0x11), double(Number(value)).reverse()),
          )
        ),
      ),
    },
  ]);
  deepStrictEqual(
    JSON.parse(tree["hashes/h.json"]).fields,
    last.map(([name, value]) => ({ name, value })),
  );
  deepStrictEqual(JSON.parse(tree["sets/s.json"]).members, last.map(([name]) => name));
  deepStrictEqual(
    JSON.parse(tree["zsets/z.json"]).members,
    last.map(([member, score]) => ({ member, score: Number(score) })),
  );
});

Deno.test("entries of many fields and of long ones are the same in every form", async () => {
  const long = "\u00e9\n".repeat(200_000);
  const entries: [string, string][][] = [
    Array.from({ length: 20_000 }, (_, i) => ["", `${i % 7}`]),
    [["a", long], [long, ""], ["b", "c"]],
    [["short", "one"]],
  ];
  const { tree, records, commands } = await dump([
    { key: sized("!stream|meta|", "x"), value: cat(3n, 3n, 0n) },
    ...entries.map((fields, i) => ({
      key: sized("!stream|entry|", "x", BigInt(i + 1), 0n),
      value: cat("\0RXE\x01", ...fields.flat().map((text) => bytesField(2, text))),
    })),
  ]);
  const objects = entries.map((fields, i) => ({
    id: `${i + 1}-0`,
    fields: fields.map(([name, value]) => ({ name, value })),
  }));
  const lines = tree["streams/x.jsonl"].trimEnd().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(lines.slice(0, -1), objects);
  deepStrictEqual(JSON.parse(records[1]).value, objects);
  const utf8 = (latin1: string): string =>
    new TextDecoder().decode(Uint8Array.from(latin1, (c) => c.charCodeAt(0)));
  deepStrictEqual(
    commands.map((command) => command.map(utf8)),
    entries.map((fields, i) => ["XADD", "x", `${i + 1}-0`, ...fields.flat()]),
  );
});
