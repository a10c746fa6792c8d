/** Rows of servers of early 2026, whose values are JSON. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { TestEntry } from "../../support/stream.ts";
import { type Item, itemRow, seg, tableRow } from "./rows.ts";
import { dump, sumOf } from "./support.ts";

function schemaRow(json: unknown): TestEntry {
  return {
    key: `!ddb|meta|table|${seg("t")}`,
    value: typeof json === "string" ? json : JSON.stringify(json),
  };
}

/** An item as such a server stored it. */
function jsonRow(id: string, json: string, version = 2): TestEntry {
  return { ...itemRow("t", { id: { S: id } }, { version }), value: json };
}

const EVERYTHING: Item = {
  "": { S: "empty name" },
  "<b>&": { S: '<x>&\u2028\0\x01\b\f\n\r\t"\\/é😀' },
  "10": { N: "10" },
  "9": { N: "1.50e+3" },
  __proto__x: { NULL: true },
  bin: { B: "AP/+" },
  bs: { BS: ["", "aGk="] },
  eb: { B: "" },
  el: { L: [] },
  em: { M: {} },
  f: { BOOL: false },
  id: { S: "k" },
  l: { L: [{ S: "x" }, { L: [{ N: "1" }] }, { M: { A: { S: "" }, z: { NULL: true } } }] },
  ns: { NS: ["2", "1.0"] },
  ss: { SS: ["b", "a", ""] },
  t: { BOOL: true },
};

Deno.test("an item in JSON comes out as the same item in a message does", async () => {
  const now = await dump([tableRow("t"), itemRow("t", EVERYTHING)]);
  for (
    const [what, json] of [
      ["as servers wrote it", JSON.stringify(EVERYTHING)],
      ["with space", ` \n\t\r${JSON.stringify(EVERYTHING, null, 2)}\n`],
      [
        "in another order",
        JSON.stringify(Object.fromEntries(Object.entries(EVERYTHING).reverse())),
      ],
      ["with escapes", JSON.stringify(EVERYTHING).replace(/[^\x20-\x7e]/g, escape)],
    ]
  ) {
    const then = await dump([tableRow("t"), jsonRow("k", json)]);
    deepStrictEqual(then.tree, now.tree, what);
    deepStrictEqual(then.bundles, now.bundles, what);
    deepStrictEqual(then.records, now.records, what);
    deepStrictEqual(then.warnings, [["ddb_legacy_json_value", "t", "item", 1]], what);
  }
});

function escape(c: string): string {
  return "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
}

Deno.test("of an attribute that comes twice the last counts", async () => {
  const { items } = await dump([
    tableRow("t"),
    jsonRow("k", '{"a":{"S":"x"},"id":{"S":"k"},"a":{"N":"1"}}'),
  ]);
  deepStrictEqual(items, { "t/items/k.json": { a: { N: "1" }, id: { S: "k" } } });
});

Deno.test("an attribute may have a name that JavaScript has a meaning for", async () => {
  const json = '{"__proto__":{"S":"x"},"constructor":{"M":{"__proto__":{"N":"1"}}},"id":{"S":"k"}}';
  const { tree } = await dump([tableRow("t"), jsonRow("k", json)]);
  strictEqual(JSON.stringify(JSON.parse(tree["dynamodb/t/items/k.json"])), json);
});

for (
  const [what, json] of [
    ["that is cut off", '{"id":{"S":"k"}'],
    ["with something behind it", '{"id":{"S":"k"}}}'],
    ["with a value that is no object", '{"id":{"S":"k"},"a":"x"}'],
    ["with a value of no type", '{"id":{"S":"k"},"a":{}}'],
    ["with a value of two types", '{"id":{"S":"k"},"a":{"S":"x","N":"1"}}'],
    ["with an unknown type", '{"id":{"S":"k"},"a":{"s":"x"}}'],
    ["with a number that is no string", '{"id":{"S":"k"},"a":{"N":1}}'],
    ["with a BOOL that is no boolean", '{"id":{"S":"k"},"a":{"BOOL":"true"}}'],
    ["with a NULL that is null", '{"id":{"S":"k"},"a":{"NULL":null}}'],
    ["with base64 of the wrong alphabet", '{"id":{"S":"k"},"a":{"B":"_-8="}}'],
    ["with base64 without padding", '{"id":{"S":"k"},"a":{"B":"YQ"}}'],
    ["with base64 that has bits too many", '{"id":{"S":"k"},"a":{"B":"YR=="}}'],
    ["with a set that is no array", '{"id":{"S":"k"},"a":{"SS":"x"}}'],
    ["with a set of no strings", '{"id":{"S":"k"},"a":{"NS":[1]}}'],
    ["with a list that is no array", '{"id":{"S":"k"},"a":{"L":{}}}'],
    ["with a map that is no object", '{"id":{"S":"k"},"a":{"M":[]}}'],
    ["with half of a surrogate pair", '{"id":{"S":"k"},"a":{"S":"\\ud800"}}'],
  ]
) {
  Deno.test(`an item in JSON ${what} is refused`, async () => {
    const { wrong, messages } = await dump([tableRow("t"), jsonRow("k", json)]);
    deepStrictEqual(wrong, ["malformed-value t"]);
    match(messages[0], /^the legacy JSON is malformed: /);
  });
}

Deno.test("an item in JSON without its key is refused as any other", async () => {
  const { wrong } = await dump([
    tableRow("t"),
    jsonRow("k", '{"a":{"S":"x"}}'),
    jsonRow("l", "{}"),
  ]);
  deepStrictEqual(wrong, ["invalid-item t", "invalid-item t"]);
});

/** Everything that a schema of that time could say. */
const NOW = {
  table_name: "t",
  attribute_definitions: { r: "N", id: "S", "10": "B" },
  primary_key: { hash_key: "id", range_key: "r" },
  global_secondary_indexes: {
    z: {
      key_schema: { hash_key: "10", range_key: "id" },
      projection: { projection_type: "INCLUDE", non_key_attributes: ["b", "a"] },
    },
    a: { key_schema: { hash_key: "r" }, projection: { projection_type: "KEYS_ONLY" } },
  },
  key_encoding_version: 1,
  migrating_from_generation: 0,
  generation: 3,
};

Deno.test("a schema in JSON", async () => {
  const dumped = await dump([schemaRow(NOW)]);
  deepStrictEqual(JSON.parse(dumped.tree["dynamodb/t/_schema.json"]), {
    format_version: 1,
    table_name: "t",
    primary_key: { hash_key: { name: "id", type: "S" }, range_key: { name: "r", type: "N" } },
    attribute_definitions: [
      { name: "10", type: "B" },
      { name: "id", type: "S" },
      { name: "r", type: "N" },
    ],
    global_secondary_indexes: [
      {
        name: "a",
        key_schema: { hash_key: { name: "r", type: "N" }, range_key: {} },
        projection: { type: "KEYS_ONLY" },
      },
      {
        name: "z",
        key_schema: { hash_key: { name: "10", type: "B" }, range_key: { name: "id", type: "S" } },
        projection: { type: "INCLUDE", non_key_attributes: ["b", "a"] },
      },
    ],
  });
  deepStrictEqual(dumped.warnings, [["ddb_legacy_json_value", "t", "schema", 1]]);
});

Deno.test("a schema in the oldest form, whose indexes hold their keys themselves", async () => {
  const { tree } = await dump([
    schemaRow({
      table_name: "t",
      attribute_definitions: { id: "S", x: "N" },
      primary_key: { hash_key: "id" },
      global_secondary_indexes: { g: { hash_key: "x", range_key: "id" } },
      generation: 1,
    }),
  ]);
  deepStrictEqual(JSON.parse(tree["dynamodb/t/_schema.json"]).global_secondary_indexes, [{
    name: "g",
    key_schema: { hash_key: { name: "x", type: "N" }, range_key: { name: "id", type: "S" } },
    projection: { type: "ALL" },
  }]);
});

Deno.test("a table all in JSON is the same table as one of today", async () => {
  const json = {
    table_name: "t",
    attribute_definitions: { id: "S" },
    primary_key: { hash_key: "id", range_key: "" },
    generation: 4,
  };
  const shape = { version: 0, generation: 4 };
  const now = await dump([tableRow("t", shape), itemRow("t", { id: { S: "x/y" } }, shape)]);
  const then = await dump([
    schemaRow(json),
    { ...itemRow("t", { id: { S: "x/y" } }, shape), value: '{"id":{"S":"x/y"}}' },
  ]);
  deepStrictEqual(then.tree, now.tree);
  strictEqual(
    sumOf(then, "dynamodb/t/_schema.json"),
    "8d3f5dd8e0e4fab01593c413d1e0315c9c885b1578aec62a34c617366c5d4db1",
  );
});

Deno.test("items in JSON are compared and sorted like others while their table is being moved", async () => {
  const old = (n: string, v: string): TestEntry => ({
    ...itemRow("t", { id: { N: n } }, { version: 0, generation: 1 }),
    value: JSON.stringify({ id: { N: n }, v: { S: v } }),
  });
  const dumped = await dump([
    tableRow("t", { types: { id: "N" }, generation: 2, from: 1 }),
    old("1.0", "hidden"),
    itemRow("t", { id: { N: "1" }, v: { S: "new" } }, { generation: 2 }),
    old("2.0", "old"), // waits for its name, since it is spelled in another way
    old("3", "old"),
  ]);
  deepStrictEqual(dumped.items, {
    "t/items/1.json": { id: { N: "1" }, v: { S: "new" } },
    "t/items/2.json": { id: { N: "2.0" }, v: { S: "old" } },
    "t/items/3.json": { id: { N: "3" }, v: { S: "old" } },
  });
  deepStrictEqual(dumped.bundles["dynamodb/t/items/data-00001.jsonl"], [
    '{"Item":{"id":{"N":"2.0"},"v":{"S":"old"}}}',
    '{"Item":{"id":{"N":"3"},"v":{"S":"old"}}}',
    '{"Item":{"id":{"N":"1"},"v":{"S":"new"}}}',
  ]);
  deepStrictEqual(dumped.warnings, [["ddb_legacy_json_value", "t", "item", 2]]);
});

for (
  const [what, json] of [
    ["that is cut off", '{"table_name":"t"'],
    ["of which the name is no string", '{"table_name":5}'],
    ["of which the attributes are a list", '{"table_name":"t","attribute_definitions":[]}'],
    ["of which a type is no string", '{"table_name":"t","attribute_definitions":{"a":1}}'],
    ["of which the key is a string", '{"table_name":"t","primary_key":"id"}'],
    ["of which a key name is an object", '{"table_name":"t","primary_key":{"hash_key":{}}}'],
    ["of which an index is a string", '{"table_name":"t","global_secondary_indexes":{"g":"x"}}'],
    ["of which the indexes are a number", '{"table_name":"t","global_secondary_indexes":5}'],
    [
      "of which a projection is a string",
      '{"table_name":"t","global_secondary_indexes":{"g":{"projection":"ALL"}}}',
    ],
    [
      "of which projected names are a string",
      '{"table_name":"t","global_secondary_indexes":{"g":{"projection":{"non_key_attributes":"x"}}}}',
    ],
    ["of which the generation is negative", '{"table_name":"t","generation":-1}'],
    ["of which the generation is a fraction", '{"table_name":"t","generation":1.5}'],
    ["of which the generation has 65 bits", '{"table_name":"t","generation":18446744073709551616}'],
    ["of another table", '{"table_name":"u"}'],
  ]
) {
  Deno.test(`a schema in JSON ${what} is refused`, async () => {
    const { wrong } = await dump([schemaRow(json)]);
    deepStrictEqual(wrong, ["invalid-schema t"]);
  });
}

Deno.test("an index that comes twice is one index", async () => {
  const { tree } = await dump([
    schemaRow(
      '{"table_name":"t","global_secondary_indexes":{"g":{"hash_key":"a"},"g":{"hash_key":"b"}}}',
    ),
  ]);
  deepStrictEqual(
    JSON.parse(tree["dynamodb/t/_schema.json"]).global_secondary_indexes.map(
      ({ key_schema }: { key_schema: unknown }) => key_schema,
    ),
    [{ hash_key: { name: "b" }, range_key: {} }],
  );
});
