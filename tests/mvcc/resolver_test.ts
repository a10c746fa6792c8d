import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { EntryBatch } from "../../src/container/entry_batch.ts";
import { Resolver, Verdict } from "../../src/mvcc/resolver.ts";
import { Random } from "../support/generator/random.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { hex } from "../support/stream.ts";

const STREAMS = 20_000;
const MAX_TIME = 0xffff_ffff_ffff_ffffn;

interface Version {
  /** Key with its timestamp, one character a byte. */
  stored: string;
  flags: number;
  expireAt: bigint;
}

function batchOf(versions: Version[]): EntryBatch {
  const parts: string[] = [];
  const ranges: number[] = [];
  let at = 0;
  for (const { stored, flags, expireAt } of versions) {
    const expiry = latin1(new Uint8Array(new BigUint64Array([expireAt]).buffer));
    const value = String.fromCharCode(flags) + expiry + "body";
    ranges.push(at, at + stored.length, at + stored.length, at + stored.length + value.length);
    parts.push(stored, value);
    at += stored.length + value.length;
  }
  return {
    bytes: bytesOf(parts.join("")),
    count: versions.length,
    ranges: Uint32Array.from(ranges),
    positions: new Float64Array(versions.length),
    inputs: new Uint16Array(versions.length),
  };
}

function tsOf(stored: string): bigint {
  let suffix = 0n;
  for (const c of stored.slice(-8)) suffix = (suffix << 8n) | BigInt(c.charCodeAt(0));
  return MAX_TIME - suffix;
}

/** What each version is, from a map of keys. */
function oracle(versions: Version[], readTime: bigint, now: bigint): number[] {
  const newest = new Map<string, bigint>();
  for (const { stored } of versions) {
    const key = stored.slice(0, -8);
    const ts = tsOf(stored);
    if (ts <= readTime && ts > (newest.get(key) ?? -1n)) newest.set(key, ts);
  }
  return versions.map(({ stored, flags, expireAt }) => {
    const ts = tsOf(stored);
    if (ts > readTime) return Verdict.LATER;
    if (ts !== newest.get(stored.slice(0, -8))) return Verdict.SUPERSEDED;
    if (flags & 1) return Verdict.DELETED;
    if (expireAt === 0n || expireAt > now) return Verdict.LIVE;
    // Without keys, what an encrypted version says of itself proves nothing.
    return flags & 2 ? Verdict.UNDECIDED : Verdict.EXPIRED;
  });
}

/** Keys and timestamps of few different bytes, so that everything is a prefix of something. */
function adversarial(random: Random): Version[] {
  const letters = random.pick(["\xff", "\xff\xfe", "\xff\xfe\0", "k\xff", "\0"]);
  const word = (length: number): string =>
    Array.from({ length }, () => letters[random.below(letters.length)]).join("");
  const stored = new Set<string>();
  for (let i = random.between(1, 14); i > 0; i--) {
    const base = random.chance(0.5) && stored.size > 0 ? random.pick([...stored]) : "";
    stored.add(
      (base.slice(0, random.below(base.length + 1)) + word(16)).slice(0, random.between(8, 20)),
    );
  }
  return [...stored].sort().map((s) => ({
    stored: s,
    flags: random.pick([0, 0, 0, 1, 2]),
    expireAt: random.pick([0n, 0n, 0n, 5n, MAX_TIME]),
  }));
}

Deno.test("20,000 adversarial streams resolve as a map of all keys does", () => {
  const random = new Random(20260822);
  const seen = new Map<number, number>();
  for (let i = 0; i < STREAMS; i++) {
    const versions = adversarial(random);
    const readTime = random.chance(0.5) ? MAX_TIME : tsOf(random.pick(versions).stored);
    const now = random.pick([0n, 4n, 5n, readTime]);
    const resolver = new Resolver(readTime, now);
    const batch = batchOf(versions);
    const expected = oracle(versions, readTime, now);
    const actual: number[] = [];
    // The batch may be resolved in steps, as when it is only a part of the stream.
    for (let from = 0; from < versions.length;) {
      const to = random.between(from, versions.length);
      resolver.resolve(batch, from, to);
      actual.push(...resolver.verdicts.subarray(from, to));
      from = to;
    }
    deepStrictEqual(
      actual,
      expected,
      `stream ${i}: ${JSON.stringify(versions.map((v) => v.stored))}`,
    );
    for (const verdict of expected) seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
  }
  strictEqual(seen.size, 6);
  for (const [verdict, count] of seen) ok(count > 1000, `verdict ${verdict}: ${count}`);
});

Deno.test("what was decided is remembered from one batch to the next", () => {
  const random = new Random(7);
  for (let i = 0; i < 500; i++) {
    const versions = adversarial(random);
    const resolver = new Resolver();
    const actual: number[] = [];
    for (const version of versions) {
      const batch = batchOf([version]);
      resolver.resolve(batch);
      batch.bytes.fill(0xaa);
      actual.push(resolver.verdicts[0]);
    }
    deepStrictEqual(actual, oracle(versions, MAX_TIME, MAX_TIME), `stream ${i}`);
  }
});

/** Resolves entries given as stored key and value in hexadecimal. */
function verdictsOf(entries: [key: string, value: string][], readTime?: bigint): number[] {
  const parts: Uint8Array[] = [];
  const ranges: number[] = [];
  let at = 0;
  for (const [key, value] of entries) {
    const [k, v] = [hex(key), hex(value)];
    ranges.push(at, at + k.length, at + k.length, at + k.length + v.length);
    parts.push(k, v);
    at += k.length + v.length;
  }
  const batch = {
    bytes: bytesOf(parts.map(latin1).join("")),
    count: entries.length,
    ranges: Uint32Array.from(ranges),
    positions: new Float64Array(entries.length),
    inputs: new Uint16Array(entries.length),
  };
  const resolver = new Resolver(readTime);
  resolver.resolve(batch);
  return [...resolver.verdicts.subarray(0, entries.length)];
}

const CLEAR = "00 0000000000000000";
const toHex = (s: string): string =>
  Array.from(s, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");

Deno.test("rows of the store itself are told by their whole key", () => {
  const names = [
    "_meta_applied_index",
    "_meta_last_commit_ts",
    "_meta_min_retained_ts",
    "_meta_pending_min_retained_ts",
  ];
  for (const name of names) {
    deepStrictEqual(verdictsOf([[toHex(name), "0000000000000000"]]), [Verdict.SYSTEM]);
    deepStrictEqual(verdictsOf([[toHex(name), ""]]), [Verdict.SYSTEM]);
    deepStrictEqual(verdictsOf([[toHex(name) + "00", CLEAR]]), [Verdict.LIVE]);
    deepStrictEqual(verdictsOf([[toHex(name.slice(0, -1)), CLEAR]]), [Verdict.LIVE]);
  }
  const writer = "21656e6372797074696f6e7c777269746572737c000000077cd4c0";
  deepStrictEqual(verdictsOf([[writer, "08b37b07b558d4c000000003"]]), [Verdict.SYSTEM]);
  deepStrictEqual(verdictsOf([[writer + "00", CLEAR]]), [Verdict.LIVE]);
  deepStrictEqual(verdictsOf([[writer.replace("7cd4c0", "7dd4c0"), CLEAR]]), [Verdict.LIVE]);
});

Deno.test("malformed entries are unsound, whatever else they are", () => {
  const at = "ffffffffffffff";
  for (const key of ["", "61", `${at}`]) {
    deepStrictEqual(verdictsOf([[key, CLEAR]]), [Verdict.UNSOUND]);
  }
  deepStrictEqual(verdictsOf([[`${at}ff`, CLEAR]]), [Verdict.LIVE]);
  for (let length = 0; length < 9; length++) {
    deepStrictEqual(verdictsOf([[`61${at}ff`, "00".repeat(length)]]), [Verdict.UNSOUND]);
  }
  for (let flags = 0; flags < 256; flags++) {
    const value = flags.toString(16).padStart(2, "0") + "0000000000000000";
    const expected = [Verdict.LIVE, Verdict.DELETED, Verdict.LIVE][flags] ?? Verdict.UNSOUND;
    deepStrictEqual(verdictsOf([[`61${at}ff`, value]]), [expected], `flags ${flags}`);
  }
});

Deno.test("a malformed version decides all the same: what is older does not come back", () => {
  for (const bad of ["04" + "00".repeat(8), "03" + "00".repeat(8), "00"]) {
    const entries: [string, string][] = [
      ["61fffffffffffffff6", bad],
      ["61fffffffffffffffa", CLEAR],
      ["61fffffffffffffffb", bad],
    ];
    deepStrictEqual(verdictsOf(entries), [Verdict.UNSOUND, Verdict.SUPERSEDED, Verdict.UNSOUND]);
    // Before it was written, the older version is the newest.
    deepStrictEqual(verdictsOf(entries, 6n), [Verdict.UNSOUND, Verdict.LIVE, Verdict.UNSOUND]);
  }
});

Deno.test("chunks of objects are read at whatever time they have", () => {
  const blob = toHex("!s3|chunkblob|0");
  const blobs = toHex("!s3|chunkblog|0");
  deepStrictEqual(verdictsOf([[blob + "fffffffffffffff0", CLEAR]], 1n), [Verdict.LIVE]);
  deepStrictEqual(verdictsOf([[blobs + "fffffffffffffff0", CLEAR]], 1n), [Verdict.LATER]);
});

Deno.test("a resolver tells whether any deciding version had an expiry", () => {
  const resolver = new Resolver();
  resolver.resolve(batchOf([{ stored: "a" + "\xff".repeat(8), flags: 0, expireAt: 0n }]));
  strictEqual(resolver.sawExpiry, false);
  resolver.resolve(batchOf([{ stored: "b" + "\xff".repeat(8), flags: 0, expireAt: MAX_TIME }]));
  strictEqual(resolver.sawExpiry, true);
});
