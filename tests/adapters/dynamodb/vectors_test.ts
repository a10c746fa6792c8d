/** Rows as bytes and the files that they become, byte for byte: all of them were run through the reference. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { concat } from "../../support/generator/encoding.ts";
import { hex, type TestEntry } from "../../support/stream.ts";
import { itemValue, tableRow } from "./rows.ts";
import { dump, sumOf } from "./support.ts";

/** The hash-only table `t`, whose key is the string `id`. */
const T: TestEntry = {
  key: hex("216464627c6d6574617c7461626c657c6441"),
  value: hex("004453010a017412070a0269641201531a040a02696428023801"),
};
/** The table `c` with the string `pk` and the number `sk`. */
const C: TestEntry = {
  key: "!ddb|meta|table|Yw",
  value: hex("004453010a016312070a02706b12015312070a02736b12014e1a080a02706b1202736b28023801"),
};
const T_SCHEMA = "8d3f5dd8e0e4fab01593c413d1e0315c9c885b1578aec62a34c617366c5d4db1";

Deno.test("a table and an item become two files", async () => {
  const dumped = await dump([T, {
    key: hex("216464627c6974656d7c64417c317c610001"),
    value: hex("004449010a090a02696412030a01610a0a0a016e12051203312e30"),
  }]);
  deepStrictEqual(dumped.tree, {
    "dynamodb/t/_schema.json": `{
  "format_version": 1,
  "table_name": "t",
  "primary_key": {
    "hash_key": {
      "name": "id",
      "type": "S"
    },
    "range_key": {}
  },
  "attribute_definitions": [
    {
      "name": "id",
      "type": "S"
    }
  ]
}`,
    "dynamodb/t/items/a.json": `{
  "id": {
    "S": "a"
  },
  "n": {
    "N": "1.0"
  }
}`,
  });
  strictEqual(sumOf(dumped, "dynamodb/t/_schema.json"), T_SCHEMA);
  strictEqual(
    sumOf(dumped, "dynamodb/t/items/a.json"),
    "517febcaabcee2e4aaa7d95e2b5850f32e25cf8bddd3ddb8a1b9190032fb0447",
  );
  deepStrictEqual(dumped.fates, { "t written": 2 });
});

Deno.test("indexes are written with what the table stores of them", async () => {
  const dumped = await dump([{
    key: hex("216464627c6d6574617c7461626c657c5977"),
    value: hex(
      "004453010a016312070a02672612014212070a02706b12015312070a02736b12014e1a080a02706b1202736b220b" +
        "0a016112060a040a02736b22230a017a121e0a0b0a0267261205756e646566120f0a07494e434c554445120162" +
        "12016128023803",
    ),
  }]);
  const path = "dynamodb/c/_schema.json";
  deepStrictEqual(JSON.parse(dumped.tree[path]), {
    format_version: 1,
    table_name: "c",
    primary_key: { hash_key: { name: "pk", type: "S" }, range_key: { name: "sk", type: "N" } },
    attribute_definitions: [
      { name: "g&", type: "B" },
      { name: "pk", type: "S" },
      { name: "sk", type: "N" },
    ],
    global_secondary_indexes: [
      {
        name: "a",
        key_schema: { hash_key: { name: "sk", type: "N" }, range_key: {} },
        projection: { type: "" },
      },
      {
        name: "z",
        key_schema: { hash_key: { name: "g&", type: "B" }, range_key: { name: "undef" } },
        projection: { type: "INCLUDE", non_key_attributes: ["b", "a"] },
      },
    ],
  });
  strictEqual(
    sumOf(dumped, path),
    "98387cb036cd871a4321dc54ed90ff9d868ff61199fe7cc8ea2a038eed5dcbdf",
  );
  deepStrictEqual([...dumped.directories], ["dynamodb/c", "dynamodb", "dynamodb/c/items"]);
});

Deno.test("an empty schema is a table without a name and a key", async () => {
  const dumped = await dump([{ key: T.key, value: hex("00445301") }]);
  strictEqual(dumped.files.get("dynamodb/t/_schema.json")!.length, 140);
  strictEqual(
    sumOf(dumped, "dynamodb/t/_schema.json"),
    "91f8b1a2de4af492cb809e8f59305d55442341f896726b2d93fa9fe9d382668d",
  );
});

Deno.test("a composite key becomes a folder and a file", async () => {
  const dumped = await dump([C, {
    key: hex("216464627c6974656d7c59777c317c612f6200ffc3a9000100fffdfefdffcecdca0001"),
    value: hex("004449010a0e0a02706b12080a06612f6200c3a90a0e0a02736b120812062d31322e3530"),
  }]);
  const path = "dynamodb/c/items/a%2Fb%00%C3%A9/-25%2F2.json";
  strictEqual(
    sumOf(dumped, path),
    "c15df1a47a6d6ce26efdfa81efa456d6816eb733165b3da6734c46e920b8eb43",
  );
  deepStrictEqual(dumped.items["c/items/a%2Fb%00%C3%A9/-25%2F2.json"], {
    pk: { S: "a/b\0é" },
    sk: { N: "-12.50" },
  });
});

Deno.test("an item with a legacy key is named by its attributes, as others are", async () => {
  const dumped = await dump([
    { key: T.key, value: hex("004453010a017412070a0269641201531a040a0269643801") },
    {
      key: hex("216464627c6974656d7c64417c317c654342357c"),
      value: hex("004449010a0b0a02696412050a03782079"),
    },
  ]);
  strictEqual(
    dumped.tree["dynamodb/t/items/x%20y.json"],
    '{\n  "id": {\n    "S": "x y"\n  }\n}',
  );
});

Deno.test("every kind of value, empty and not", async () => {
  const dumped = await dump([T, {
    key: hex("216464627c6974656d7c64417c317c6b0001"),
    value: hex(
      "004449010a100a00120c0a0a656d707479206e616d650a250a043c623e26121d0a1b3c783e26e280a8e280a97f" +
        "0001080c0a0d09225c2fc3a9f09f98800a0e0a014e12091207312e3530652b330a0c0a0362696e12051a0300ff" +
        "fe0a0e0a026273120842060a000a0268690a080a02656212021a000a090a03656273120242000a080a02656c12" +
        "024a000a080a02656d120252000a090a03657373120232000a070a0166120220000a090a02696412030a016b0a" +
        "2b0a016c12264a240a030a01780a074a050a031201310a1452120a070a014112020a000a070a017a120228010a" +
        "100a026e73120a3a080a01320a03312e300a090a036e756c120228010a0a0a046e756c46120228000a100a0273" +
        "73120a32080a01620a01610a000a070a0174120220010a090a05756e7365741200",
    ),
  }]);
  deepStrictEqual(dumped.items["t/items/k.json"], {
    "": { S: "empty name" },
    "<b>&": { S: '<x>&\u2028\u2029\x7f\0\x01\b\f\n\r\t"\\/é😀' },
    N: { N: "1.50e+3" },
    bin: { B: "AP/+" },
    bs: { BS: ["", "aGk="] },
    eb: { B: "" },
    ebs: { BS: [] },
    el: { L: [] },
    em: { M: {} },
    ess: { SS: [] },
    f: { BOOL: false },
    id: { S: "k" },
    l: { L: [{ S: "x" }, { L: [{ N: "1" }] }, { M: { A: { S: "" }, z: { NULL: true } } }] },
    ns: { NS: ["2", "1.0"] },
    nul: { NULL: true },
    nulF: { NULL: false },
    ss: { SS: ["b", "a", ""] },
    t: { BOOL: true },
    unset: { NULL: true },
  });
  strictEqual(dumped.files.get("dynamodb/t/items/k.json")!.length, 1017);
  strictEqual(
    sumOf(dumped, "dynamodb/t/items/k.json"),
    "66eb1c5fd0df05acfd353ee7f6f6db6bcb618eab8497711fb20d65744a6ee3b7",
  );
  deepStrictEqual(dumped.warnings, [["ddb_unreadable_item", "t", 1]]);
});

Deno.test("a binary key is named in base64", async () => {
  const dumped = await dump([T, {
    key: hex("216464627c6974656d7c64417c317c00ff01ff0001"),
    value: hex("004449010a0b0a02696412051a030001ff"),
  }]);
  strictEqual(
    sumOf(dumped, "dynamodb/t/items/b64.AAH_.json"),
    "36c3310a75bd15facb9a1037d0686907cffb083e13190360fc8bb4e702bea986",
  );
});

Deno.test("a string key that looks like base64 is hashed", async () => {
  const { files } = await dump([T, {
    key: hex("216464627c6974656d7c64417c317c6236342e780001"),
    value: hex("004449010a0d0a02696412070a056236342e78"),
  }]);
  const path = "dynamodb/t/items/261e3e281e06e9789437999358e26046__b64.x.json";
  strictEqual(files.get(path)!.length, 34);
});

Deno.test("a table that is being moved has the items of both generations once", async () => {
  const dumped = await dump([
    { key: T.key, value: hex("004453010a017412070a0269641201531a040a026964280230013802") },
    {
      key: "!ddb|item|dA|1|YQ|",
      value: hex("004449010a090a02696412030a01610a0a0a017612050a036f6c64"),
    },
    {
      key: "!ddb|item|dA|1|Yg|",
      value: hex("004449010a090a02696412030a01620a0f0a0176120a0a086f6e6c792d737263"),
    },
    {
      key: "!ddb|item|dA|2|a\0\x01",
      value: hex("004449010a090a02696412030a01610a0a0a017612050a036e6577"),
    },
    { key: "!ddb|item|dA|5|q\0\x01", value: hex("004449010a090a02696412030a0171") },
  ]);
  deepStrictEqual(dumped.items, {
    "t/items/a.json": { id: { S: "a" }, v: { S: "new" } },
    "t/items/b.json": { id: { S: "b" }, v: { S: "only-src" } },
  });
  strictEqual(dumped.files.get("dynamodb/t/items/a.json")!.length, 59);
  strictEqual(dumped.files.get("dynamodb/t/items/b.json")!.length, 64);
  deepStrictEqual(dumped.warnings, [["ddb_stale_generation_items", "t", 2n, 1n, 1]]);
  deepStrictEqual(dumped.fates, { "t written": 3, "t hidden": 1, "t stale-generation": 1 });
});

Deno.test("an item without a table is counted, and nothing is made for it", async () => {
  const dumped = await dump([{
    key: "!ddb|item|Z29uZQ|1|a\0\x01",
    value: hex("004449010a090a02696412030a0161"),
  }]);
  deepStrictEqual(dumped.warnings, [["ddb_orphan_items", "Z29uZQ", 1]]);
  deepStrictEqual([dumped.tree, dumped.directories.size], [{}, 0]);
  deepStrictEqual(dumped.fates, { "gone orphan": 1 });
});

Deno.test("an item with an empty hash stands beside the folders", async () => {
  const { items } = await dump([C, {
    key: hex("216464627c6974656d7c59777c317c00010202010100ff350001"),
    value: hex("004449010a080a02706b12020a000a090a02736b1203120135"),
  }]);
  deepStrictEqual(items, { "c/items/5.json": { pk: { S: "" }, sk: { N: "5" } } });
});

for (
  const [what, value, message] of [
    ["without its key", "0a080a017812030a0161", 'the item has no hash key attribute "id"'],
    [
      "with a key that is true or false",
      "0a080a02696412022001",
      'the hash key attribute "id" is of type BOOL',
    ],
    [
      "with a key without a value",
      "0a060a0269641200",
      'the hash key attribute "id" is of type NULL',
    ],
  ]
) {
  Deno.test(`an item ${what} is refused`, async () => {
    const dumped = await dump([T, {
      key: "!ddb|item|dA|1|a\0\x01",
      value: hex("00444901" + value),
    }]);
    deepStrictEqual([dumped.wrong, dumped.messages], [["invalid-item t"], [message]]);
    deepStrictEqual(dumped.fates, { "t written": 1, "t unsound": 1 });
    deepStrictEqual(dumped.items, {});
  });
}

Deno.test("lines of many items are what DynamoDB imports", async () => {
  const second = itemValue({
    "": { S: "empty name" },
    id: { S: "k" },
    l: { L: [{ S: "<x>&\u2028" }, { M: {} }] },
    ss: { SS: ["b", "a"] },
  });
  const { bundles } = await dump([
    T,
    {
      key: "!ddb|item|dA|1|a\0\x01",
      value: hex("004449010a090a02696412030a01610a0a0a016e12051203312e30"),
    },
    { key: "!ddb|item|dA|1|k\0\x01", value: second },
  ]);
  deepStrictEqual(bundles, {
    "dynamodb/t/items/data-00001.jsonl": [
      '{"Item":{"id":{"S":"a"},"n":{"N":"1.0"}}}',
      '{"Item":{"":{"S":"empty name"},"id":{"S":"k"},"l":{"L":[{"S":"<x>&\\u2028"},{"M":{}}]},' +
      '"ss":{"SS":["b","a"]}}}',
    ],
  });
  const text = bundles["dynamodb/t/items/data-00001.jsonl"].map((line) => line + "\n").join("");
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
  );
  strictEqual(
    digest.toHex(),
    "7b59839436febf01c332baf61370b40bb0329af338b6bb1f184c8df22adfb6d6",
  );
});

Deno.test("of several versions the newest counts, and what was deleted stays deleted", async () => {
  const dumped = await dump(hex(`
    454b565042424c311e00000000000000
    1a00000000000000216464627c6974656d7c64417c317c610001ffffffffffffffeb2400000000000000000000000000000000004449010a090a02696412030a01610a0a0a017612050a036e6577
    1a00000000000000216464627c6974656d7c64417c317c610001fffffffffffffff52400000000000000000000000000000000004449010a090a02696412030a01610a0a0a017612050a036f6c64
    1a00000000000000216464627c6974656d7c64417c317c640001ffffffffffffffea0900000000000000010000000000000000
    1a00000000000000216464627c6974656d7c64417c317c640001fffffffffffffff42800000000000000000000000000000000004449010a090a02696412030a01640a0e0a017612090a0764656c65746564
    1a00000000000000216464627c6d6574617c7461626c657c5a77ffffffffffffffe10900000000000000010000000000000000
    1a00000000000000216464627c6d6574617c7461626c657c5a77fffffffffffffff71800000000000000000000000000000000004453010a01671a040a0269643801
    1a00000000000000216464627c6d6574617c7461626c657c6441fffffffffffffff62300000000000000000000000000000000004453010a017412070a0269641201531a040a02696428023801
  `));
  deepStrictEqual(Object.keys(dumped.tree), ["dynamodb/t/_schema.json", "dynamodb/t/items/a.json"]);
  strictEqual(sumOf(dumped, "dynamodb/t/_schema.json"), T_SCHEMA);
  strictEqual(
    sumOf(dumped, "dynamodb/t/items/a.json"),
    "5a02bdad1394234e806d2154f564b9b93530ed115331aee34ea2168261827bda",
  );
});

/** Key, value of the item's `id`, file: payloads that the server makes. */
const KEYS: [key: string, id: string, path: string][] = [
  ["!ddb|item|dA|7|YQ|", "0a0161", "a.json"],
  ["!ddb|item|dA|7||", "0a00", ".json"],
  ["!ddb|item|dA|7|MS4w|", "1203312e30", "1.json"],
  ["!ddb|item|dA|7|AP8|", "1a0200ff", "b64.AP8.json"],
];

for (const [key, id, path] of KEYS) {
  Deno.test(`the legacy key ${key} is that of ${path}`, async () => {
    const member = concat(hex("0a02696412"), id.length / 2, hex(id));
    const { items } = await dump([
      tableRow("t", { version: 0, generation: 7 }),
      { key, value: concat(hex("004449010a"), member.length, member) },
    ]);
    deepStrictEqual(Object.keys(items), [`t/items/${path}`]);
  });
}
