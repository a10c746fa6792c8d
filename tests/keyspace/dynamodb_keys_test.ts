import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { fromBase64, URL_SAFE } from "../../src/bytes/base64.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { MAX_U64 } from "../../src/bytes/integers.ts";
import {
  IndexKey,
  indexKey,
  ItemKey,
  itemKey,
  legacyPayload,
  orderedPayload,
  parseIndexKey,
  parseItemKey,
  parseTableKey,
  tableKey,
} from "../../src/keyspace/dynamodb_keys.ts";
import { orderedNumber } from "../../src/keyspace/ordered_number.ts";
import { byteStrings, check, hex, inside, raw, u64s } from "./support.ts";

const EMPTY = raw("");
const utf8 = (s: string) => new TextEncoder().encode(s);

/** The parts of an item's key, or what is wrong with it. */
function item(key: Uint8Array) {
  const [bytes, start, end] = inside(key);
  const at = new ItemKey();
  return parseItemKey(bytes, start, end, at) ?? {
    table: fromBase64(URL_SAFE, bytes, at.tableStart, at.tableEnd),
    generation: at.generation,
    payload: bytes.slice(at.payloadStart, end),
  };
}

/** The same for an entry of an index. */
function entry(key: Uint8Array) {
  const [bytes, start, end] = inside(key);
  const at = new IndexKey();
  return parseIndexKey(bytes, start, end, at) ?? {
    table: fromBase64(URL_SAFE, bytes, at.tableStart, at.tableEnd),
    generation: at.generation,
    index: fromBase64(URL_SAFE, bytes, at.indexStart, at.indexEnd),
    payload: bytes.slice(at.payloadStart, end),
  };
}

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
  const gi = key("gi", orderedPayload([raw("us"), ten, raw("p"), ten]));
  strictEqual(
    toHex(gi),
    "216464627c6773697c59777c317c5a326b7c757300010202010200ff3100017000010202010200ff310001",
  );
  deepStrictEqual(entry(gi), {
    table: raw("c"),
    generation: 1n,
    index: raw("gi"),
    payload: hex("757300010202010200ff3100017000010202010200ff310001"),
  });
});

Deno.test("malformed keys of items say what is wrong", () => {
  const table = "the table name is not canonical base64";
  const number = "the generation is not a decimal number";
  for (
    const [rest, reason] of [
      ["", table],
      ["dA", "nothing follows the table name"],
      ["|1|x", table],
      ["d!|1|x", table],
      ["d|1|y", table],
      ["dA==|1|y", table],
      ["dB|1|y", table],
      ["dI|1|y", table],
      ["dAC|1|y", table],
      ["d\nA|1|y", table],
      ["dA|", "nothing follows the generation"],
      ["dA|1", "nothing follows the generation"],
      ["dA||x", "the generation is empty"],
      ["dA|x|y", number],
      ["dA|1:|y", number],
      ["dA|+1|y", number],
      ["dA|-1|y", number],
      ["dA|1_0|y", number],
      ["dA| 1|y", number],
      ["dA|18446744073709551616|y", "the generation is above the largest 64-bit number"],
      ["dA|99999999999999999999999999|y", "the generation is above the largest 64-bit number"],
      ["dA|1|", "the payload is empty"],
    ]
  ) strictEqual(item(raw("!ddb|item|" + rest)), reason, rest);
});

Deno.test("malformed keys of index entries say what is wrong", () => {
  for (
    const [rest, reason] of [
      ["junk that nobody parses", "the table name is not canonical base64"],
      ["Yw|1|", "the index name is not canonical base64"],
      ["Yw|1||x", "the index name is not canonical base64"],
      ["Yw|1|YWI", "nothing follows the index name"],
      ["Yw|1|YWI|", "the payload is empty"],
    ]
  ) strictEqual(entry(raw("!ddb|gsi|" + rest)), reason, rest);
});

Deno.test("generations go up to the largest 64-bit number and may have leading zeros", () => {
  for (
    const [written, generation] of [
      ["01", 1n],
      ["0000000000000000000000000000042", 42n],
      ["4294967296", 1n << 32n],
      ["18446744073709551615", MAX_U64],
    ] as const
  ) {
    const key = item(raw(`!ddb|item|dA|${written}|y`));
    ok(typeof key !== "string");
    strictEqual(key.generation, generation);
  }
});

Deno.test("a payload may contain bars", () => {
  deepStrictEqual(item(raw("!ddb|item|dA|1|a|b|c\0\x01")), {
    table: raw("t"),
    generation: 1n,
    payload: raw("a|b|c\0\x01"),
  });
});

Deno.test("parsing gives back what keys were built from", () => {
  const names = byteStrings(1);
  check(fc.property(names, u64s, names, byteStrings(1), (table, generation, index, payload) => {
    deepStrictEqual(parseTableKey("ddb-table", ...inside(tableKey("ddb-table", table))), table);
    deepStrictEqual(
      parseTableKey("ddb-generation", ...inside(tableKey("ddb-generation", table))),
      table,
    );
    deepStrictEqual(item(itemKey(table, generation, payload)), { table, generation, payload });
    deepStrictEqual(entry(indexKey(table, generation, index, payload)), {
      table,
      generation,
      index,
      payload,
    });
  }));
});
