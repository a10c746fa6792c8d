/** Schemas as messages: odd ones, and ones that a careless reader would read as something else. */

import { deepStrictEqual } from "node:assert/strict";
import {
  bytesField,
  concat,
  mapFields,
  text,
  varintField,
} from "../../support/generator/encoding.ts";
import { hex } from "../../support/stream.ts";
import { seg } from "./rows.ts";
import { dump } from "./support.ts";

const MAGIC = hex("00445301");

async function schemaOf(...fields: Uint8Array[]) {
  const dumped = await dump([
    { key: `!ddb|meta|table|${seg("t")}`, value: concat(MAGIC, ...fields) },
  ]);
  const file = dumped.tree["dynamodb/t/_schema.json"];
  return { wrong: dumped.wrong, schema: file === undefined ? undefined : JSON.parse(file) };
}

Deno.test("names that JavaScript would put in another order or lose are kept", async () => {
  const names = ["", "!", "10", "9", "__proto__", "constructor", "é", "\uffff", "😀"];
  const index = concat(
    bytesField(1, bytesField(1, "__proto__")),
    bytesField(2, bytesField(1, "ALL")),
  );
  const { schema } = await schemaOf(
    bytesField(1, "t"),
    mapFields(2, names.map((name, i) => [name, text("SNB"[i % 3])])),
    bytesField(3, concat(bytesField(1, "10"), bytesField(2, "__proto__"))),
    mapFields(4, names.map((name) => [name, index])),
  );
  deepStrictEqual(
    schema.attribute_definitions,
    names.map((name, i) => ({ name, type: "SNB"[i % 3] })),
  );
  deepStrictEqual(schema.primary_key, {
    hash_key: { name: "10", type: "B" },
    range_key: { name: "__proto__", type: "N" },
  });
  deepStrictEqual(
    schema.global_secondary_indexes.map(({ name }: { name: string }) => name),
    names,
  );
});

Deno.test("what comes twice is merged or replaced as the format says", async () => {
  const { schema } = await schemaOf(
    bytesField(1, "u"),
    bytesField(1, "t"),
    bytesField(3, bytesField(1, "old")),
    bytesField(3, bytesField(2, "range")),
    bytesField(3, bytesField(1, "hash")),
    mapFields(2, [["hash", text("N")]]),
    mapFields(2, [["hash", text("S")]]),
    bytesField(2, bytesField(1, "untyped")),
    bytesField(2, bytesField(2, "B")),
    varintField(7, 1),
    varintField(7, 2),
    varintField(99, 5),
    hex("9b0608019c06"), // an unknown group
  );
  deepStrictEqual(schema, {
    format_version: 1,
    table_name: "t",
    primary_key: { hash_key: { name: "hash", type: "S" }, range_key: { name: "range" } },
    attribute_definitions: [
      { name: "", type: "B" },
      { name: "hash", type: "S" },
      { name: "untyped", type: "" },
    ],
  });
});

/** Each would be read as a schema by code that trusts the numbers of fields. */
const REFUSED: [what: string, fields: string][] = [
  ["a name that is a number", "0801"],
  ["a key that is a number", "1803"],
  ["an attribute that is a number", "1000"],
  ["an index that is a number", "2000"],
  ["a generation that is bytes", "3a0101"],
  ["a generation of fixed width", "390100000000000000"],
  ["a name of an attribute that is a number", "12050801120153"],
  ["a type of an attribute that is a number", "12050a01611001"],
  ["a key of an index that is a number", "22070a0167120208" + "01"],
  ["a projected name that is a number", "22090a016712041202" + "1001"],
  ["a key that goes over its end", "1a020a0561"],
  ["an attribute that goes over its end", "12040a0161120153"],
  ["an index that goes over its end", "22060a01671204" + "0a04"],
  ["a generation of eleven bytes", "38" + "80".repeat(10) + "01"],
  ["a generation of more than 64 bits", "38" + "ff".repeat(9) + "02"],
  ["an unknown number of eleven bytes", "9806" + "80".repeat(10) + "01"],
  ["a field of number 0", "0000"],
  ["an end of a group", "0c"],
  ["a type that is not UTF-8", "12060a01611201ff"],
];

for (const [what, fields] of REFUSED) {
  Deno.test(`a schema with ${what} is refused`, async () => {
    const { wrong } = await schemaOf(bytesField(1, "t"), hex(fields));
    deepStrictEqual(wrong, ["invalid-schema t"]);
  });
}

Deno.test("a schema that is cut off anywhere is refused, or has lost whole fields", async () => {
  const fields = [
    bytesField(1, "t"),
    mapFields(2, [["id", text("S")], ["x", text("N")]]),
    bytesField(3, bytesField(1, "id")),
    varintField(5, 2),
    varintField(7, 1),
  ];
  const whole = concat(...fields);
  const ends = new Set<number>([0]);
  // An entry of a map is a field of its own.
  for (const field of [fields[0], ...entriesOf(fields[1]), ...fields.slice(2)]) {
    ends.add(Math.max(...ends) + field.length);
  }
  for (let length = 0; length < whole.length; length++) {
    const { wrong } = await schemaOf(whole.subarray(0, length));
    deepStrictEqual(wrong, ends.has(length) ? [] : ["invalid-schema t"], `${length} bytes`);
  }
});

function entriesOf(map: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < map.length; at += 2 + map[at + 1]) {
    entries.push(map.subarray(at, at + 2 + map[at + 1]));
  }
  return entries;
}
