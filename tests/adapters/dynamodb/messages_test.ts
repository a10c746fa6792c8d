/** Odd messages in values: what a reader of protocol buffers makes of them, and what it refuses. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { bytesField, concat } from "../../support/generator/encoding.ts";
import { hex, type TestEntry } from "../../support/stream.ts";
import { type AttributeValue, type Item, itemRow, tableRow } from "./rows.ts";
import { dump, readText } from "./support.ts";

const ID = "0a090a02696412030a016b"; // id = S "k"

function item(fragments: string): TestEntry {
  return { key: "!ddb|item|dA|1|k\0\x01", value: hex("00444901" + fragments) };
}

/** What follows the entry `id`, and the attributes that come of it. */
const READ: [what: string, fragments: string, attributes: Item][] = [
  ["of two members of a value the last counts", "0a0b0a016112060a0178120135", { a: { N: "5" } }],
  [
    "a set that comes twice is one set",
    "0a0f0a0161120a32030a017832030a0179",
    { a: { SS: ["x", "y"] } },
  ],
  [
    "a set with another member between is only the second one",
    "0a120a0161120d32030a01780a017132030a0179",
    { a: { SS: ["y"] } },
  ],
  [
    "a list that comes twice is one list",
    "0a130a0161120e4a050a030a01784a050a030a0179",
    { a: { L: [{ S: "x" }, { S: "y" }] } },
  ],
  [
    "a map that comes twice is one map, and the later entry of a name counts",
    "0a240a0161121f520a0a080a016212030a0178" +
    "52110a080a016212030a01790a050a01611200",
    { a: { M: { a: { NULL: true }, b: { S: "y" } } } },
  ],
  [
    "a member of the wrong wire type is no member",
    "0a0a0a016112050a01781005",
    { a: { S: "x" } },
  ],
  [
    "a later entry of a name replaces the earlier one",
    "0a080a016112030a01780a0a0a0161120532030a0179",
    { a: { SS: ["y"] } },
  ],
  [
    "two values in one entry are one value",
    "0a110a0161120532030a0178120532030a0179",
    { a: { SS: ["x", "y"] } },
  ],
  [
    "of two values in one entry that are of two kinds the last counts",
    "0a0d0a016112030a01781203120135",
    { a: { N: "5" } },
  ],
  ["a value may stand before its name", "0a0812030a01780a0161", { a: { S: "x" } }],
  ["an entry without a value is null", "0a030a0161", { a: { NULL: true } }],
  ["an entry with an empty value is null", "0a050a01611200", { a: { NULL: true } }],
  ["an entry without a name has the empty name", "0a0512030a0178", { "": { S: "x" } }],
  ["an empty entry is null with the empty name", "0a00", { "": { NULL: true } }],
  ["of two names in one entry the last counts", "0a0b0a01610a016212030a0178", { b: { S: "x" } }],
  ["an unknown field is skipped", "9a06027a7a", {}],
  ["an unknown group is skipped", "13080114", {}],
  ["a group in a group is skipped", "131b08011c14", {}],
  ["a field of the wrong wire type is skipped", "0805", {}],
  ["a varint may be longer than needed", "0a080a016112032082" + "00", { a: { BOOL: true } }],
  ["any number but 0 is true", "0a070a016112022802", { a: { NULL: true } }],
  [
    "a number of 64 bits is true",
    "0a100a0161120b20808080808080808080" + "01",
    { a: { BOOL: true } },
  ],
  ["text that is not UTF-8 in an unknown field is skipped", "9a0602c328", {}],
  ["an unknown member of a value is skipped", "0a0a0a016112055a01780a00", { a: { S: "" } }],
];

for (const [what, fragments, attributes] of READ) {
  Deno.test(`in items, ${what}`, async () => {
    const dumped = await dump([tableRow("t"), item(ID + fragments)]);
    deepStrictEqual(dumped.wrong, []);
    deepStrictEqual(dumped.items, { "t/items/k.json": { ...attributes, id: { S: "k" } } });
  });
}

Deno.test("attributes are written in the order of their bytes and once, also in maps", async () => {
  // z, then M { b = y, a, é, b = x }, which no server writes, then b.
  const map = "0a080a016212030a0179" + "0a050a01611200" + "0a060a02c3a91200" +
    "0a080a016212030a0178";
  const { bundles } = await dump([
    tableRow("t"),
    item("0a080a017a12030a0131" + "0a2a0a016d1225" + "5223" + map + ID + "0a080a016212030a0132"),
  ]);
  deepStrictEqual(bundles["dynamodb/t/items/data-00001.jsonl"], [
    '{"Item":{"b":{"S":"2"},"id":{"S":"k"},' +
    '"m":{"M":{"a":{"NULL":true},"b":{"S":"x"},"é":{"NULL":true}}},"z":{"S":"1"}}}',
  ]);
});

const NOT_TEXT = "a string is not UTF-8";
const MALFORMED = "the protocol buffer is malformed";

const REFUSED: [what: string, fragments: string, message: string][] = [
  ["a string that is not UTF-8", "0a090a016112040a02c328", NOT_TEXT],
  ["half of a surrogate pair", "0a0a0a016112050a03eda080", NOT_TEXT],
  ["a number that is not UTF-8", "0a080a016112031201ff", NOT_TEXT],
  ["a name that is not UTF-8", "0a070a01ff12020a00", NOT_TEXT],
  ["a name that is not UTF-8 before a good one", "0a0a0a01ff0a016112020a00", NOT_TEXT],
  ["an element of a set of strings that is not UTF-8", "0a0a0a0161120532030a01ff", NOT_TEXT],
  ["an element of a set of numbers that is not UTF-8", "0a0a0a016112053a030a01ff", NOT_TEXT],
  ["a name in a map that is not UTF-8", "0a0c0a0161120752050a030a01ff", NOT_TEXT],
  [
    "a string that another member replaces and is not UTF-8",
    "0a0b0a016112060a01ff120135",
    NOT_TEXT,
  ],
  ["a value that is cut off", "0a0a0a016112050a0a78", MALFORMED],
  ["an entry that goes over the end", "0a7f", MALFORMED],
  ["a value that goes over the end of its entry", "0a080a016112040a0178", MALFORMED],
  ["a field of number 0", "0200", MALFORMED],
  ["a field number of more than 29 bits", "8280808010" + "00", MALFORMED],
  ["the wire type 6", "0e", MALFORMED],
  ["the wire type 7", "0f", MALFORMED],
  ["the end of a group that did not begin", "14", MALFORMED],
  ["the end of another group", "130c", MALFORMED],
  ["a group without an end", "1308", MALFORMED],
  ["a varint of eleven bytes", "0a110a0161120c20808080808080808080" + "8001", MALFORMED],
  ["a varint of more than 64 bits", "0a100a0161120b20808080808080808080" + "02", MALFORMED],
  ["a varint that is cut off", "0a060a0161120120", MALFORMED],
];

for (const [what, fragments, message] of REFUSED) {
  Deno.test(`an item with ${what} is refused`, async () => {
    const dumped = await dump([tableRow("t"), item(ID + fragments)]);
    deepStrictEqual([dumped.wrong, dumped.messages], [["malformed-value t"], [message]]);
    deepStrictEqual(dumped.fates, { "t written": 1, "t unsound": 1 });
  });
}

for (
  const [what, value] of [
    ["an empty value", ""],
    ["three bytes", "004449"],
    ["the magic number of schemas", "00445301" + ID],
    ["text", "68656c6c6f"],
  ]
) {
  Deno.test(`${what} is no item`, async () => {
    const { wrong, messages } = await dump([
      tableRow("t"),
      { key: "!ddb|item|dA|1|k\0\x01", value: hex(value) },
    ]);
    deepStrictEqual([wrong, messages], [
      ["malformed-value t"],
      ["the magic number of items is missing"],
    ]);
  });
}

/** A string inside of so many lists or maps. */
function nested(depth: number, kind: "L" | "M"): AttributeValue {
  let value: AttributeValue = { S: "deep" };
  for (let i = 1; i < depth; i++) value = kind === "L" ? { L: [value] } : { M: { m: value } };
  return value;
}

for (const kind of ["L", "M"] as const) {
  for (const depth of [31, 32, 33, 98, 99, 100, 101, 102]) {
    for (const form of ["message", "JSON"] as const) {
      const verdict = depth > 100 ? "refused" : depth > 32 ? "read, with a warning" : "read";
      Deno.test(`values in values, ${depth} deep, of kind ${kind} as ${form}: ${verdict}`, async () => {
        const value: Item = { id: { S: "k" }, n: nested(depth, kind) };
        const row = itemRow("t", value);
        if (form === "JSON") row.value = JSON.stringify(value);
        const dumped = await dump([tableRow("t"), row]);
        if (depth > 100) {
          deepStrictEqual(dumped.wrong, ["malformed-value t"]);
          match(dumped.messages[0], /nested/);
          return;
        }
        deepStrictEqual(dumped.wrong, []);
        deepStrictEqual(dumped.items["t/items/k.json"], value);
        const unreadable = dumped.warnings.filter(([event]) => event === "ddb_unreadable_item");
        deepStrictEqual(unreadable, depth > 32 ? [["ddb_unreadable_item", "t", 1]] : []);
      });
    }
  }
}

for (
  const [what, value] of [
    ["an empty set", { SS: [] }],
    ["an empty set of numbers in a list", { L: [{ NS: [] }] }],
    ["an empty set of binaries in a map", { M: { a: { BS: [] } } }],
    ["a NULL that is false", { NULL: false }],
  ] as [string, AttributeValue][]
) {
  Deno.test(`an item with ${what} is written, with a warning`, async () => {
    const rows = [
      itemRow("t", { id: { S: "a" }, odd: value }),
      itemRow("t", { id: { S: "b" }, odd: value }),
      itemRow("t", { id: { S: "c" } }),
    ];
    const dumped = await dump([tableRow("t"), ...rows]);
    deepStrictEqual(dumped.items["t/items/a.json"], { id: { S: "a" }, odd: value });
    deepStrictEqual(dumped.warnings, [["ddb_unreadable_item", "t", 2]]);
  });
}

for (
  const [what, field, count] of [
    ["elements of a set", 6, 1_100_000],
    ["elements of a list", 9, 1_100_000],
    // They all have the name "", so the last one is left.
    ["members of a map", 10, 1],
  ] as const
) {
  Deno.test(`an item may have millions of values, such as ${what}`, () => {
    const contents = new Uint8Array(2_200_000);
    for (let i = 0; i < contents.length; i += 2) contents[i] = 0x0a;
    const value = bytesField(field, contents);
    const bytes = concat(hex("00444901" + ID), bytesField(1, bytesField(2, value)));
    const { "": read } = JSON.parse(readText(bytes, { plain: true }));
    strictEqual(field === 10 ? Object.keys(read).length : read.length, count);
  });
}

Deno.test("many large and small items in one table come out in groups that lose none", async () => {
  const rows = Array.from(
    { length: 1500 },
    (_, i) =>
      itemRow("t", { id: { S: String(i).padStart(4, "0") }, v: { S: "x".repeat(i % 97 * 20) } }),
  );
  rows[700].value = "garbage";
  const dumped = await dump([tableRow("t"), ...rows]);
  strictEqual(Object.keys(dumped.items).length, 1499);
  deepStrictEqual(dumped.fates, { "t written": 1500, "t unsound": 1 });
});
