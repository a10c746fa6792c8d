import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isWriterKey, META_KEYS, metaKey } from "../../src/keyspace/meta_rows.ts";
import { hex, inside, raw } from "./support.ts";

Deno.test("the four rows about the store are known by their whole stored key", () => {
  deepStrictEqual(META_KEYS.map((key) => metaKey(...inside(raw(key)))), [...META_KEYS]);
  for (const key of META_KEYS) {
    strictEqual(metaKey(...inside(raw(key + "s"))), undefined);
    strictEqual(metaKey(...inside(raw(key.slice(0, -1)))), undefined);
    // A user's key of that name has a timestamp behind it.
    strictEqual(metaKey(...inside(raw(key + "\xfe\x61\x8f\xbb\x77\xff\xff\xff"))), undefined);
  }
  strictEqual(metaKey(...inside(raw("_meta_other"))), undefined);
  strictEqual(metaKey(...inside(raw(""))), undefined);
});

Deno.test("a row of the registry of writers has 27 bytes and a bar at the right place", () => {
  const key = "21656e6372797074696f6e7c777269746572737c 00000007 7c d4c0";
  strictEqual(isWriterKey(...inside(hex(key))), true);
  strictEqual(isWriterKey(...inside(hex(key + "00"))), false);
  strictEqual(isWriterKey(...inside(hex(key).slice(0, -1))), false);
  strictEqual(isWriterKey(...inside(hex(key.replace(" 7c ", " 7d ")))), false);
  strictEqual(isWriterKey(...inside(hex(key.replace("21", "20")))), false);
});
