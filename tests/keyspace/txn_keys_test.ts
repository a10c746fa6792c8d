import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import {
  buildCommit,
  buildIntent,
  buildLock,
  buildRollback,
  checkRollback,
  lockedKey,
  lockKey,
  outcomeKey,
  parseCommit,
  parseIntent,
  parseLock,
  parseOutcomeKey,
} from "../../src/keyspace/txn_keys.ts";
import { byteStrings, check, hex, inside, raw, u64s } from "./support.ts";

const START = 0x019e704488000000n;
const PRIMARY = raw("!redis|str|p");
const LOCK = "01 019e704488000000 019e7044fd300000 00 000000000000000c 2172656469737c7374727c70";
const INTENT = "01 019e704488000000 00 0000000000000004 ff010076";
const COMMIT_KEY = "2174786e7c636d747c2172656469737c7374727c70019e704488000000";
const COMMIT = "01 019e704488010000";

Deno.test("a transaction that spans groups reads as the server wrote it", () => {
  const key = raw("!txn|lock|!redis|str|k");
  deepStrictEqual(lockedKey("txn-lock", ...inside(key)), raw("!redis|str|k"));
  deepStrictEqual(lockKey("txn-lock", raw("!redis|str|k")), key);
  deepStrictEqual(lockKey("txn-intent", raw("k")), raw("!txn|int|k"));
  deepStrictEqual(parseLock(...inside(hex(LOCK))), {
    startTime: START,
    expiry: 0x019e7044fd300000n,
    primary: false,
    primaryKey: PRIMARY,
  });
  deepStrictEqual(parseIntent(...inside(hex(INTENT))), {
    startTime: START,
    value: hex("ff010076"),
  });
  deepStrictEqual(parseOutcomeKey("txn-commit", ...inside(hex(COMMIT_KEY))), {
    primaryKey: PRIMARY,
    startTime: START,
  });
  strictEqual(parseCommit(...inside(hex(COMMIT))), 0x019e704488010000n);
  strictEqual(checkRollback(...inside(hex("01"))), undefined);
});

Deno.test("an intent may delete", () => {
  const value = hex("01 019e704488000000 01 0000000000000000");
  deepStrictEqual(parseIntent(...inside(value)), { startTime: START, value: undefined });
});

Deno.test("malformed rows say what is wrong", () => {
  for (
    const [parse, digits, reason] of [
      [parseLock, "", "it ends in the version"],
      [parseLock, LOCK.replace("01", "02"), "the version 2 is unknown"],
      [parseLock, "01 019e7044880000", "it ends in the start time"],
      [parseLock, "01 019e704488000000 00", "it ends in the expiry"],
      [parseLock, LOCK.slice(0, 36), "it ends in the flags"],
      [parseLock, LOCK + "00", "unexpected bytes at the end: 1"],
      [parseLock, LOCK.slice(0, -2), "the primary key is longer than what is left"],
      [parseIntent, INTENT.replace(" 00 ", " 02 "), "the operation 2 is unknown"],
      [
        parseIntent,
        INTENT.replace("0000000000000004", "ffffffffffffffff"),
        "the new value is longer than what is left",
      ],
      [parseIntent, INTENT.slice(0, 37), "it ends in the length of the new value"],
      [parseCommit, COMMIT.slice(0, -2), "it ends in the commit time"],
      [parseCommit, COMMIT + "00", "unexpected bytes at the end: 1"],
      [checkRollback, "00", "the version 0 is unknown"],
      [checkRollback, "0101", "unexpected bytes at the end: 1"],
    ] as const
  ) strictEqual(parse(...inside(hex(digits))), reason, digits);
  strictEqual(
    parseOutcomeKey("txn-commit", ...inside(raw("!txn|cmt|1234567"))),
    "the start time is cut off",
  );
});

Deno.test("the server's bytes come out of its rows", () => {
  strictEqual(
    toHex(
      buildLock({
        startTime: START,
        expiry: 0x019e7044fd300000n,
        primary: false,
        primaryKey: PRIMARY,
      }),
    ),
    LOCK.replaceAll(" ", ""),
  );
  strictEqual(
    toHex(buildIntent({ startTime: START, value: hex("ff010076") })),
    INTENT.replaceAll(" ", ""),
  );
  strictEqual(
    toHex(outcomeKey("txn-commit", { primaryKey: PRIMARY, startTime: START })),
    COMMIT_KEY,
  );
  strictEqual(toHex(buildCommit(0x019e704488010000n)), COMMIT.replaceAll(" ", ""));
  strictEqual(toHex(buildRollback()), "01");
});

Deno.test("parsing gives back what rows were built from", () => {
  const value = fc.option(byteStrings(), { nil: undefined });
  check(
    fc.property(u64s, u64s, fc.boolean(), byteStrings(), value, (startTime, other, ...rest) => {
      const [primary, primaryKey, value] = rest;
      const lock = { startTime, expiry: other, primary, primaryKey };
      deepStrictEqual(parseLock(...inside(buildLock(lock))), lock);
      const intent = { startTime, value };
      deepStrictEqual(parseIntent(...inside(buildIntent(intent))), intent);
      strictEqual(parseCommit(...inside(buildCommit(other))), other);
      for (const family of ["txn-lock", "txn-intent"] as const) {
        deepStrictEqual(lockedKey(family, ...inside(lockKey(family, primaryKey))), primaryKey);
      }
      const transaction = { primaryKey, startTime };
      for (const family of ["txn-commit", "txn-rollback"] as const) {
        const key = outcomeKey(family, transaction);
        deepStrictEqual(parseOutcomeKey(family, ...inside(key)), transaction);
      }
    }),
  );
});
