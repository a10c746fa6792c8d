import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import {
  buildRoute,
  groupOf,
  parseRoute,
  parseRouteRowKey,
  type Route,
  routeKey,
  routeRowKey,
} from "../../src/keyspace/dist_keys.ts";
import { indexKey, itemKey, tableKey } from "../../src/keyspace/dynamodb_keys.ts";
import { deltaStamp, redisKey, sequence } from "../../src/keyspace/redis_keys.ts";
import { bucketKey, chunkKey, objectKey, partKey, uploadKey } from "../../src/keyspace/s3_keys.ts";
import { lockKey, outcomeKey } from "../../src/keyspace/txn_keys.ts";
import { byteStrings, check, hex, inside, join, raw, u64s } from "./support.ts";

const WHOLE: Route = {
  id: 1n,
  group: 1n,
  state: 0,
  parent: 0n,
  start: raw(""),
  splitTime: 0n,
};
const HEAD = "0000000000000001 0000000000000001 00 0000000000000000 0000000000000000 00";

Deno.test("the route of a fresh node covers all keys", () => {
  const key = hex("21646973747c726f7574657c0000000000000001");
  strictEqual(parseRouteRowKey(...inside(key)), 1n);
  deepStrictEqual(routeRowKey(1n), key);
  deepStrictEqual(parseRoute(...inside(hex("02" + HEAD + "0000000000000000"))), WHOLE);
  strictEqual(toHex(buildRoute(WHOLE)), `02${HEAD}0000000000000000`.replaceAll(" ", ""));
});

Deno.test("the first version has no split time, and later ones may say more", () => {
  deepStrictEqual(parseRoute(...inside(hex("01" + HEAD))), WHOLE);
  deepStrictEqual(parseRoute(...inside(hex("03" + HEAD + "0000000000000000 ff"))), WHOLE);
});

Deno.test("malformed rows say what is wrong", () => {
  const value = "02" + HEAD + "0000000000000000";
  for (
    const [digits, reason] of [
      ["", "it ends in the version"],
      ["00" + HEAD, "the version 0 is unknown"],
      ["01" + HEAD + "00", "unexpected bytes at the end: 1"],
      [value + "00", "unexpected bytes at the end: 1"],
      [value.slice(0, -2), "it ends in the split time"],
      ["03" + HEAD, "it ends in the split time"],
      ["01" + HEAD.slice(0, -2) + "02", "the mark of an end is 2"],
      ["01" + HEAD.slice(0, -2) + "01", "it ends in the length of the end"],
      ["01" + HEAD.slice(0, -2) + "01 0000000000000002 61", "the end is longer than what is left"],
    ]
  ) strictEqual(parseRoute(...inside(hex(digits))), reason, digits);
  strictEqual(
    parseRouteRowKey(...inside(raw("!dist|route|\0\0\0\x01"))),
    "it ends in the route id",
  );
  strictEqual(
    parseRouteRowKey(...inside(join(routeRowKey(1n), raw("\0")))),
    "unexpected bytes at the end: 1",
  );
});

Deno.test("parsing gives back what rows were built from", () => {
  const routes = fc.record({
    id: u64s,
    group: u64s,
    state: fc.nat(255),
    parent: u64s,
    start: byteStrings(),
    end: byteStrings(),
    splitTime: u64s,
  }, {
    requiredKeys: ["id", "group", "state", "parent", "start", "splitTime"],
    noNullPrototype: true,
  });
  check(fc.property(routes, (route) => {
    deepStrictEqual(parseRoute(...inside(buildRoute(route))), route);
    strictEqual(parseRouteRowKey(...inside(routeRowKey(route.id))), route.id);
  }));
});

const object = { bucket: raw("b"), generation: 256n, object: raw("k") };
const upload = { ...object, upload: raw("u") };
const chunk = { ...upload, part: 1n, chunk: 0n, version: 0n };
const OBJECT_ROUTE = "!s3route|b\0\x01\0\0\0\0\0\0\x01\0k\0\x01";

Deno.test("rows that belong together have one route key", () => {
  const t = raw("t");
  const routes: [Uint8Array, string][] = [
    [tableKey("ddb-table", t), "!ddb|route|table|dA"],
    [tableKey("ddb-generation", t), "!ddb|route|table|dA"],
    [itemKey(t, 1n, raw("a|b")), "!ddb|route|table|dA"],
    [indexKey(t, 1n, raw("i"), raw("a")), "!ddb|route|table|dA"],
    [raw("!sqs|queue|meta|cQ"), "!sqs|route|global"],
    [raw("!sqs|msg|data|p|cQ|"), "!sqs|route|global"],
    [objectKey(object), OBJECT_ROUTE],
    [uploadKey("s3-upload", upload), OBJECT_ROUTE],
    [uploadKey("s3-upload-gc", upload), OBJECT_ROUTE],
    [partKey(chunk), OBJECT_ROUTE],
    [chunkKey("s3-blob", chunk), OBJECT_ROUTE],
    [chunkKey("s3-chunkref", { ...chunk, version: 9n }), OBJECT_ROUTE],
    [bucketKey("s3-bucket", raw("b")), "!s3|bucket|meta|b\0\x01"],
    [raw("!s3|chunkblob|00"), "!s3|chunkblob|00"],
    [raw("!redis|str|k"), "k"],
    [raw("!redis|ttl|k|x"), "k|x"],
    [raw("!redis|txn-wide-zset|k"), "k"],
    [raw("!redis|read-fence-route-changed"), "!redis|read-fence-route-changed"],
    [redisKey("list-meta", raw("l")), "l"],
    [redisKey("list-item", raw("l"), { fixed: sequence(1n) }), "l"],
    [redisKey("list-claim", raw("l"), { fixed: sequence(1n) }), "l"],
    [redisKey("list-meta-delta", raw("l"), { fixed: deltaStamp(1n, 0) }), "l"],
    [redisKey("list-meta", raw("d|q")), "d|q"],
    [redisKey("hash-field", raw("h"), { tail: raw("f") }), "!hs|fld|\0\0\0\x01hf"],
    [redisKey("set-meta", raw("s")), "!st|meta|\0\0\0\x01s"],
    [raw("!fs|chk|0123456789abcdefindex"), "!fs|route|chk|0123456789abcdef"],
    [raw("!fs|usage|route|!fs|\0\xffx\0\0rest"), "!fs|\0x"],
    [raw("!fs|ino|1"), "!fs|ino|1"],
    [raw("!dist|meta|version"), "!dist|meta|version"],
    [raw("user:1"), "user:1"],
  ];
  for (const [key, route] of routes) {
    deepStrictEqual(routeKey(key), raw(route), route);
    deepStrictEqual(routeKey(lockKey("txn-lock", key)), raw(route), route);
    deepStrictEqual(routeKey(lockKey("txn-intent", key)), raw(route), route);
    const outcome = { primaryKey: key, startTime: 0x019e704488000000n };
    deepStrictEqual(routeKey(outcomeKey("txn-commit", outcome)), raw(route), route);
    deepStrictEqual(routeKey(outcomeKey("txn-rollback", outcome)), raw(route), route);
  }
});

Deno.test("a malformed key is its own route key", () => {
  for (
    const key of [
      "!ddb|item||1|x",
      "!s3|obj|head|b\0\x01\0\0\0",
      "!s3|obj|head|b\0\x01\0\0\0\0\0\0\0\x01k",
      "!lst|itm|1234567",
      "!fs|chk|short",
      "!fs|usage|route|x",
      "!fs|usage|route|x\0\x01\0\0",
    ]
  ) deepStrictEqual(routeKey(raw(key)), raw(key), key);
  deepStrictEqual(routeKey(raw("!txn|cmt|1234")), raw(""));
});

Deno.test("a key has the group of the range that holds its route key", () => {
  const routes: Route[] = [
    { ...WHOLE, group: 3n, start: raw("m") },
    { ...WHOLE, group: 1n, end: raw("!ddb|route|table|dA") },
    { ...WHOLE, group: 2n, start: raw("!ddb|route|table|dA"), end: raw("k") },
  ];
  const at = (key: string) => groupOf(routes, raw(key));
  strictEqual(at("!ddb|item|dA|1|x"), 2n);
  strictEqual(at("!ddb|item|cA|1|x"), 1n);
  strictEqual(at("!redis|str|a"), 2n);
  strictEqual(at("!redis|str|k"), undefined);
  strictEqual(at("!redis|str|m"), 3n);
  strictEqual(at("\xff\xff"), 3n);
  strictEqual(at("!txn|lock|!redis|str|zebra"), 3n);
});
