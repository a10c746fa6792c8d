import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import {
  indexKey,
  itemKey,
  legacyPayload,
  orderedPayload,
  parseTableKey,
  tableKey,
} from "../../src/keyspace/dynamodb_keys.ts";
import { orderedNumber } from "../../src/keyspace/ordered_number.ts";
import { byteStrings, check, hex, inside, raw } from "./support.ts";

const EMPTY = raw("");
const utf8 = (s: string) => new TextEncoder().encode(s);

Deno.test("keys of schemas and counters name the table", () => {
  strictEqual(toHex(tableKey("ddb-table", raw("t"))), "216464627c6d6574617c7461626c657c6441");
  strictEqual(toHex(tableKey("ddb-generation", raw("c"))), "216464627c6d6574617c67656e7c5977");
  deepStrictEqual(parseTableKey("ddb-table", ...inside(raw("!ddb|meta|table|Yw"))), raw("c"));
});

Deno.test("a table's name must be canonical base64 and not empty", () => {
  for (const name of ["", "d", "dA==", "d!", "dB", "dI", "dAB", "dAC", "d\r\nA", "dA|", "dA|1"]) {
    const reason = parseTableKey("ddb-table", ...inside(raw("!ddb|meta|table|" + name)));
    strictEqual(reason, "the table name is not canonical base64", name);
  }
});

Deno.test("items of tables in the older encoding always have a bar", () => {
  const key = (...parts: Uint8Array[]) => itemKey(raw("t"), 7n, legacyPayload(parts));
  deepStrictEqual(key(raw("a"), EMPTY), raw("!ddb|item|dA|7|YQ|"));
  deepStrictEqual(key(EMPTY, EMPTY), raw("!ddb|item|dA|7||"));
  deepStrictEqual(key(raw("1.0"), EMPTY), raw("!ddb|item|dA|7|MS4w|"));
  deepStrictEqual(key(raw("\0\xff"), EMPTY), raw("!ddb|item|dA|7|AP8|"));
  deepStrictEqual(
    itemKey(raw("c"), 1n, legacyPayload([raw("p"), raw("10")])),
    raw("!ddb|item|Yw|1|cA|MTA"),
  );
  strictEqual(
    toHex(itemKey(raw("t"), 1n, legacyPayload([raw("x y"), EMPTY]))),
    "216464627c6974656d7c64417c317c654342357c",
  );
});

Deno.test("items of tables in the newer encoding have a segment for each key attribute", () => {
  const key = (table: string, ...parts: Uint8Array[]) =>
    toHex(itemKey(raw(table), 1n, orderedPayload(parts)));
  strictEqual(key("t", raw("a")), "216464627c6974656d7c64417c317c610001");
  strictEqual(key("t", raw("k")), "216464627c6974656d7c64417c317c6b0001");
  strictEqual(key("t", hex("0001ff")), "216464627c6974656d7c64417c317c00ff01ff0001");
  strictEqual(key("t", EMPTY), toHex(raw("!ddb|item|dA|1|\0\x01")));
  strictEqual(
    key("c", utf8("a/b\0é"), orderedNumber("-12.50")!),
    "216464627c6974656d7c59777c317c612f6200ffc3a9000100fffdfefdffcecdca0001",
  );
  strictEqual(
    key("c", EMPTY, orderedNumber("5")!),
    "216464627c6974656d7c59777c317c00010202010100ff350001",
  );
  strictEqual(
    key("c", raw("p"), orderedNumber("-0.5")!),
    "216464627c6974656d7c59777c317c70000100fffeffca0001",
  );
  strictEqual(
    key("c", raw("p"), orderedNumber("10")!),
    "216464627c6974656d7c59777c317c7000010202010200ff310001",
  );
});

Deno.test("entries of indexes point from the index's attributes to the item's", () => {
  const key = (index: string, payload: Uint8Array) => indexKey(raw("c"), 1n, raw(index), payload);
  deepStrictEqual(
    key("ab", legacyPayload([hex("0001"), EMPTY, raw("p"), raw("10")])),
    raw("!ddb|gsi|Yw|1|YWI|AAE||cA|MTA"),
  );
  const ten = orderedNumber("10")!;
  strictEqual(
    toHex(key("ab", orderedPayload([hex("0001"), raw("p"), ten]))),
    "216464627c6773697c59777c317c5957497c00ff0100017000010202010200ff310001",
  );
  strictEqual(
    toHex(key("gi", orderedPayload([raw("us"), ten, raw("p"), ten]))),
    "216464627c6773697c59777c317c5a326b7c757300010202010200ff3100017000010202010200ff310001",
  );
});

Deno.test("parsing gives back what keys were built from", () => {
  check(fc.property(byteStrings(1), (table) => {
    for (const family of ["ddb-table", "ddb-generation"] as const) {
      deepStrictEqual(parseTableKey(family, ...inside(tableKey(family, table))), table);
    }
  }));
});
