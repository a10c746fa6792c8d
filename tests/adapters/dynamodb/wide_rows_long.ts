/** One row of tens of MiB in each family, in all forms: memory is that of the row, not of its text. */

import {
  itemKey,
  legacyPayload,
  orderedPayload,
  tableKey,
} from "../../../src/keyspace/dynamodb_keys.ts";
import {
  bytesField,
  concat,
  mapFields,
  numberField,
  type Part,
  text,
} from "../../support/generator/encoding.ts";
import { copies, MIB, numbered, testWideRows, type WideRow } from "../../support/wide_rows.ts";

const SIZE = 40 * MIB;
const TABLE = text("t");
const ITEM = Uint8Array.of(0, 0x44, 0x49, 1);
const ID = mapFields(1, [["id", bytesField(1, "a")]]);

function table(more: Part = "", type = "S"): WideRow[] {
  const schema = concat(
    Uint8Array.of(0, 0x44, 0x53, 1),
    mapFields(2, [["id", text(type)]]),
    bytesField(3, bytesField(1, "id")),
    more,
    numberField(5, 2),
    numberField(7, 2),
  );
  return [
    [tableKey("ddb-table", TABLE), schema],
    [tableKey("ddb-generation", TABLE), text("2")],
  ];
}

function row(body: Uint8Array): WideRow {
  return [itemKey(TABLE, 2n, orderedPayload([text("a")])), body];
}

/** An item whose attribute `v` is this value. */
function value(...parts: Part[]): Uint8Array {
  return concat(
    ITEM,
    ID,
    bytesField(1, concat(bytesField(1, "v"), bytesField(2, concat(...parts)))),
  );
}

/** Entries of a map, in the order of their names or in another. */
function entries(turned: boolean): Uint8Array {
  const name = (n: string): string => turned ? [...n].reverse().join("") : n;
  return text(numbered(SIZE, (n) => `\x0a\x11\x0a\x08${name(n)}\x12\x05\x0a\x03abc`));
}

const NEST = 30;
/** A list of empty texts, deep in lists: each takes a line of 120 spaces. */
function deep(): Uint8Array {
  let list = bytesField(9, copies(bytesField(1, bytesField(1, "")), SIZE));
  for (let i = 1; i < NEST; i++) list = bytesField(9, bytesField(1, list));
  return list;
}

const ITEMS: Record<string, () => WideRow[]> = {
  "a text": () => [...table(), row(value(bytesField(1, copies("x", SIZE))))],
  "control characters": () => [...table(), row(value(bytesField(1, copies(1, SIZE))))],
  "binary": () => [...table(), row(value(bytesField(3, copies(7, SIZE))))],
  "a long number": () => [...table(), row(value(bytesField(2, copies("1", SIZE))))],
  "a list of empty texts": () => [
    ...table(),
    row(value(bytesField(9, copies(bytesField(1, bytesField(1, "")), SIZE)))),
  ],
  "a set": () => [...table(), row(value(bytesField(6, copies(bytesField(1, "abc"), SIZE))))],
  "a map": () => [...table(), row(value(bytesField(10, entries(false))))],
  "a map in another order": () => [...table(), row(value(bytesField(10, entries(true))))],
  "many attributes": () => [...table(), row(concat(ITEM, entries(false), ID))],
  "attributes in another order": () => [...table(), row(concat(ITEM, entries(true), ID))],
  "a name": () => [
    ...table(),
    row(concat(
      ITEM,
      bytesField(1, concat(bytesField(1, copies("\x01", SIZE)), bytesField(2, bytesField(1, "")))),
      ID,
    )),
  ],
  "a key attribute": () => [
    ...table(),
    row(concat(
      ITEM,
      bytesField(1, concat(bytesField(1, "id"), bytesField(2, bytesField(1, copies(1, SIZE))))),
    )),
  ],
  "a key attribute of another type": () => [
    ...table("", "N"),
    row(concat(
      ITEM,
      bytesField(1, concat(bytesField(1, "id"), bytesField(2, bytesField(1, copies("x", SIZE))))),
    )),
  ],
  "legacy JSON of lists": () => [
    ...table(),
    row(text(`{"id":{"S":"a"},"v":{"L":[${numbered(SIZE, (n) => `{"S":"${n}"},`)}{"S":""}]}}`)),
  ],
  "legacy JSON of maps": () => [
    ...table(),
    row(text(
      `{"id":{"S":"a"},"v":{"M":{${
        numbered(SIZE, (n) => `"${[...n].reverse().join("")}":{"S":"abc"},`)
      }"z":{"S":""}}}}`,
    )),
  ],
  "an item that is to be moved": () => [
    ...table(numberField(6, 1)),
    [
      itemKey(TABLE, 1n, legacyPayload([text("a"), text("")])),
      value(bytesField(1, copies("x", SIZE))),
    ],
    row(concat(ITEM, mapFields(1, [["id", bytesField(1, "b")]]))),
  ],
};

const ACCEPT = ["--accept", "groups"];
const FORMS = [
  [],
  ["--dynamodb-bundle-mode", "jsonl"],
  ["--format", "records", "--spool", "SPOOL"],
];

for (const [name, rows] of Object.entries(ITEMS)) {
  for (const form of FORMS) {
    testWideRows(name, rows, ["decode", "SNAP", "-o", "OUT", ...form, ...ACCEPT]);
  }
}

testWideRows("an item deep in lists", () => [...table(), row(value(deep()))], [
  ...["decode", "SNAP", "-o", "OUT", "--dry-run"],
  ...ACCEPT,
]);
testWideRows("plain values", ITEMS["a map"], [
  ...["decode", "SNAP", "-o", "OUT", "--format", "records", "--spool", "SPOOL"],
  ...["--dynamodb-json", "plain"],
  ...ACCEPT,
]);

const projection = (): WideRow[] =>
  table(bytesField(
    4,
    concat(
      bytesField(1, "i"),
      bytesField(
        2,
        concat(
          bytesField(1, bytesField(1, "id")),
          bytesField(2, concat(bytesField(1, "INCLUDE"), copies(bytesField(2, "abc"), SIZE))),
        ),
      ),
    ),
  ));
const attributes = (): WideRow[] =>
  table(text(numbered(SIZE, (n) => `\x12\x0d\x0a\x08${n}\x12\x01S`)));

for (const form of [FORMS[0], FORMS[2]]) {
  testWideRows("a projection", projection, ["decode", "SNAP", "-o", "OUT", ...form, ...ACCEPT]);
  testWideRows("attributes of a table", attributes, [
    ...["decode", "SNAP", "-o", "OUT"],
    ...form,
    ...ACCEPT,
  ]);
}

testWideRows("a map in another order", ITEMS["a map in another order"], ["inspect", "SNAP"]);
testWideRows("an item without a table", () => [row(value(bytesField(1, copies(1, SIZE))))], [
  ...["decode", "SNAP", "-o", "OUT", "--raw", "--accept", "groups,orphans"],
]);
for (const name of ["a key attribute", "attributes in another order"]) {
  const restorable = ["decode", "SNAP", "-o", "OUT", "--restorable", "--accept", "groups"];
  testWideRows(name, ITEMS[name], restorable);
}
