/**
 * What somebody can do to a snapshot of an encrypted cluster without its keys, one by one, and what is
 * said of it. docs/security.md has the same list.
 */

import { deepStrictEqual, match } from "node:assert/strict";
import { compareBytes } from "../../src/bytes/compare.ts";
import { decode } from "../../src/commands/decode.ts";
import { inspect } from "../../src/commands/inspect.ts";
import { verifySnapshot } from "../../src/commands/verify_snapshot.ts";
import { DecantError } from "../../src/errors.ts";
import { buildRoute, routeRowKey } from "../../src/keyspace/dist_keys.ts";
import {
  buildCommit,
  buildIntent,
  buildLock,
  buildRollback,
  lockKey,
  outcomeKey,
} from "../../src/keyspace/txn_keys.ts";
import { type OpenOptions, openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { clear, DATA_KEYS, type Pair, sealed, sealedStream } from "../support/sealed.ts";
import { bytesOf, nodeFile, storedKey } from "../support/stream.ts";

const PREFIX = "!redis|str|";

/** The clear body of a string. */
const body = (value: string): string => `\xff\x01\0${value}`;
const string = (name: string, value: string, ts: bigint, expireAt = 0n): Pair =>
  sealed(PREFIX + name, latin1(body(value)), { ts, expireAt });
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** All keys are one group's. */
const ROUTE = sealed(
  routeRowKey(1n),
  buildRoute({
    id: 1n,
    group: 1n,
    state: 0,
    parent: 0n,
    start: new Uint8Array(0),
    splitTime: 0n,
  }),
  { ts: 1n },
);

const OLD = string("a", "old", 3n);
const NEW = string("a", "new", 5n);
const OTHER = string("b", "other", 5n);
/** A row that was deleted, and what it was. */
const GONE = string("c", "gone", 3n);
const DELETED = clear(`${PREFIX}c`, undefined, { ts: 4n });
/** What the cluster wrote. */
const GENUINE: Pair[] = [ROUTE, OLD, NEW, OTHER, GONE, DELETED];

interface Verdict {
  /** The exit code, or the code of the error that ended it. */
  end: number | string;
  /** Codes of what is wrong. */
  codes: string[];
  /** The strings in the dump. */
  strings: Record<string, string>;
}

interface Reading extends Omit<OpenOptions, "keys"> {
  keys?: OpenOptions["keys"] | null;
  keepGoing?: boolean;
}

function open(
  files: Pair[] | Uint8Array[],
  { keys = DATA_KEYS, keepGoing: _, ...options }: Reading = {},
): Promise<Snapshot> {
  const list = files.length > 0 && files[0] instanceof Uint8Array
    ? files as Uint8Array[]
    : [nodeFile(sealedStream(files as Pair[]))];
  return openSnapshotInputs(
    list.map((bytes, i) => ({ source: new BytesSource(bytes, `${i}.fsm`) })),
    { ...options, keys: keys ?? undefined },
  );
}

async function judge(files: Pair[] | Uint8Array[], reading: Reading = {}): Promise<Verdict> {
  try {
    const sink = new MemorySink();
    const report = await decode(await open(files, reading), sink, { keepGoing: reading.keepGoing });
    // `verify` says the same.
    const { exitCode } = await verifySnapshot(await open(files, reading), {
      keepGoing: reading.keepGoing,
    });
    deepStrictEqual(exitCode, report.exitCode);
    const strings: Record<string, string> = {};
    for (const [path, bytes] of sink.files) {
      const name = /^redis\/db_0\/strings\/(.*)\.bin$/.exec(path)?.[1];
      if (name) strings[name] = new TextDecoder().decode(bytes);
    }
    return { end: report.exitCode, codes: report.problems.map(({ error }) => error.code), strings };
  } catch (error) {
    if (error instanceof DecantError) return { end: error.code, codes: [], strings: {} };
    throw error;
  }
}

/** The genuine rows without some, and with others. */
function forged(without: Pair[], ...more: Pair[]): Pair[] {
  return [...GENUINE.filter((pair) => !without.includes(pair)), ...more];
}

function changed([key, value]: Pair, at: number): Pair {
  return [key, value.with(at, value[at] ^ 1)];
}

const SOUND = { end: 0, codes: [] };
const WHOLE: Verdict = { ...SOUND, strings: { a: "new", b: "other" } };

Deno.test("what the cluster wrote is sound, also where encryption is required", async () => {
  deepStrictEqual(await judge(GENUINE), WHOLE);
  deepStrictEqual(await judge(GENUINE, { requireEncrypted: true }), WHOLE);
});

Deno.test("found: a changed byte of an encrypted value, of its header, its key or its time", async () => {
  const inHeader = changed(NEW, 1);
  const inValue = changed(NEW, NEW[1].length - 1);
  const otherTime: Pair = [storedKey(`${PREFIX}a`, 4n), NEW[1]];
  const otherKey: Pair = [storedKey(`${PREFIX}d`, 5n), NEW[1]];
  for (const one of [inHeader, inValue, otherTime, otherKey]) {
    const codes = ["decrypt-failed"];
    const file = forged([NEW], one);
    deepStrictEqual(await judge(file), { end: 4, codes, strings: {} });
    const { end, strings } = await judge(file, { keepGoing: true });
    // The key that it was taken from has its older version, as if the newer had been dropped.
    deepStrictEqual(end, 8);
    deepStrictEqual(strings, one === otherKey ? { a: "old", b: "other" } : { b: "other" });
  }
  deepStrictEqual((await judge(forged([], changed(string("a", "x", 9n), 12)))).codes, [
    "decrypt-failed",
  ]);
});

Deno.test("found: the envelope of one row under the key of another", async () => {
  const swapped = forged([NEW, OTHER], [NEW[0], OTHER[1]], [OTHER[0], NEW[1]]);
  deepStrictEqual((await judge(swapped)).codes, ["decrypt-failed", "decrypt-failed"]);
});

Deno.test("found: an encrypted value that is labelled clear, or deleted", async () => {
  for (const flags of [0, 1]) {
    const { end, codes } = await judge(forged([NEW], [NEW[0], NEW[1].with(0, flags)]));
    deepStrictEqual([end, codes], [4, ["cleartext-envelope"]]);
  }
});

Deno.test("not found: rows that were dropped", async () => {
  deepStrictEqual(await judge(forged([OTHER])), { ...SOUND, strings: { a: "new" } });
});

Deno.test("not found: newer versions that were dropped, which rolls rows back", async () => {
  deepStrictEqual((await judge(forged([NEW]))).strings, { a: "old", b: "other" });
  deepStrictEqual((await judge(forged([NEW]))).end, 0);
  deepStrictEqual((await judge(forged([DELETED]))).strings, { a: "new", b: "other", c: "gone" });
});

Deno.test("not found: a version that was put back at its own key and time", async () => {
  // Once it was gone, as it is when the node has removed old versions.
  const before = forged([OLD, GONE, DELETED]);
  deepStrictEqual(await judge(before), WHOLE);
  deepStrictEqual((await judge([...before, GONE])).strings, { a: "new", b: "other", c: "gone" });
  // It is older than what is there.
  deepStrictEqual(await judge([...before, OLD]), WHOLE);
});

Deno.test("not found: tombstones, which have nothing to authenticate; they are counted", async () => {
  const file = forged([], clear(`${PREFIX}a`, undefined, { ts: 9n }));
  for (const requireEncrypted of [false, true]) {
    deepStrictEqual(await judge(file, { requireEncrypted }), { ...SOUND, strings: { b: "other" } });
  }
  const { info } = await open(file);
  deepStrictEqual(info.totals.reduce((n, { tombstones }) => n + tombstones, 0), 2);
});

Deno.test("found only where encryption is required: clear values of users, new or in place of others", async () => {
  for (const [name, ts] of [["a", 9n], ["d", 5n]] as const) {
    const file = forged([], clear(PREFIX + name, latin1(body("forged")), { ts }));
    const { end, strings } = await judge(file);
    deepStrictEqual([end, strings[name]], [0, "forged"]);
    deepStrictEqual(await judge(file, { requireEncrypted: true }), {
      end: 4,
      codes: ["cleartext"],
      strings: {},
    });
  }
  // One that has expired takes the row with it.
  const file = forged([], clear(`${PREFIX}a`, latin1(body("x")), { ts: 9n, expireAt: 1n }));
  deepStrictEqual(await judge(file), { ...SOUND, strings: { b: "other" } });
  deepStrictEqual((await judge(file, { requireEncrypted: true })).codes, ["cleartext"]);
  const { scopes } = await inspect(await open(file));
  deepStrictEqual(scopes.map(({ expired }) => expired), [1, 0]);
});

Deno.test("found only where encryption is required: a write of a transaction that never was", async () => {
  const own = bytesOf(`${PREFIX}a`);
  const start = { startTime: 6n, primaryKey: own };
  const lock = buildLock({ ...start, primary: true, expiry: 100n });
  const intent = buildIntent({ startTime: 6n, value: latin1(body("forged")) });
  const file = forged(
    [],
    clear(lockKey("txn-lock", own), lock, { ts: 6n }),
    clear(lockKey("txn-intent", own), intent, { ts: 6n }),
    clear(outcomeKey("txn-commit", start), buildCommit(7n), { ts: 7n }),
  );
  deepStrictEqual((await judge(file)).strings, { a: "forged", b: "other" });
  const { end, codes } = await judge(file, { requireEncrypted: true });
  deepStrictEqual([end, codes], [4, ["cleartext", "cleartext"]]);
});

Deno.test("of a transaction in flight, a forged outcome is found where encryption is required, and a dropped one is not", async () => {
  const own = bytesOf(`${PREFIX}a`);
  const start = { startTime: 6n, primaryKey: bytesOf(`${PREFIX}p`) };
  const flight = [
    sealed(lockKey("txn-lock", own), buildLock({ ...start, primary: false, expiry: 100n }), {
      ts: 6n,
    }),
    sealed(
      lockKey("txn-intent", own),
      buildIntent({ startTime: 6n, value: latin1(body("sent")) }),
      { ts: 6n },
    ),
  ];
  const commit = sealed(outcomeKey("txn-commit", start), buildCommit(7n), { ts: 7n });
  deepStrictEqual((await judge(forged([], ...flight, commit))).strings.a, "sent");
  // As if it had been rolled back.
  deepStrictEqual((await judge(forged([], ...flight))).strings.a, "new");
  const outcomes: Pair[] = [
    clear(outcomeKey("txn-commit", start), buildCommit(7n), { ts: 7n }),
    clear(outcomeKey("txn-rollback", start), buildRollback(), { ts: 7n }),
  ];
  for (const [i, outcome] of outcomes.entries()) {
    const file = forged([], ...flight, outcome);
    deepStrictEqual((await judge(file)).strings.a, ["sent", "new"][i]);
    deepStrictEqual((await judge(file, { requireEncrypted: true })).codes, ["cleartext"]);
  }
});

Deno.test("not found: clear rows of the server's own, such as the routes that say how many groups there are", async () => {
  const alone = clear(
    routeRowKey(1n),
    buildRoute({ id: 1n, group: 2n, state: 0, parent: 0n, start: bytesOf("m"), splitTime: 0n }),
    { ts: 9n },
  );
  const { info } = await open(forged([], alone), { requireEncrypted: true });
  deepStrictEqual(info.problems, []);
  deepStrictEqual(info.groups.known, [2n]);
});

Deno.test("not found: a last commit in the future, with which rows expire; inspect shows both", async () => {
  const expiring = string("e", "x", 5n, 1000n);
  const genuine = nodeFile(sealedStream(forged([], expiring)));
  deepStrictEqual((await judge([genuine])).strings.e, "x");
  const later = nodeFile(sealedStream(forged([], expiring), 1n << 62n));
  deepStrictEqual(await judge([later]), WHOLE);
  const { commit_time, scopes } = await inspect(await open([later]));
  match(commit_time!.rfc3339, /^4199-/);
  deepStrictEqual(scopes[0].expired, 1);
});

Deno.test("not found: other numbers of the store, such as the moment from which on history is kept", async () => {
  const numbers: Pair = [bytesOf("_meta_min_retained_ts"), Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0)];
  deepStrictEqual((await judge(GENUINE, { at: 4n })).strings, { a: "old" });
  deepStrictEqual((await judge(forged([], numbers), { at: 4n })).end, "usage");
});

Deno.test("not found: an older file of the same cluster in place of the newest; its last commit is shown", async () => {
  const older = GENUINE.filter(([key]) => compareBytes(key.subarray(-8), OLD[0].subarray(-8)) >= 0);
  const snapshot = await open([nodeFile(sealedStream(older, 3n))]);
  deepStrictEqual((await judge(older)).strings, { a: "old", c: "gone" });
  deepStrictEqual(snapshot.info.lastCommitTs, 3n);
});

Deno.test("found: a file of a cluster with other keys", async () => {
  const foreign = new Map([[9, new Uint8Array(32).fill(9)]]);
  deepStrictEqual((await judge(GENUINE, { keys: foreign })).end, "encrypted");
  const sameId = new Map([[7, new Uint8Array(32).fill(9)]]);
  const { end, codes } = await judge(GENUINE, { keys: sameId });
  deepStrictEqual([end, new Set(codes)], [4, new Set(["decrypt-failed"])]);
});

Deno.test("found: a replica with another value for the same version, or one that does not authenticate", async () => {
  const file = (pairs: Pair[]): Uint8Array => nodeFile(sealedStream(pairs));
  const copy = sealed(`${PREFIX}a`, latin1(body("new")), { ts: 5n, nonce: 8 });
  deepStrictEqual(await judge([file(GENUINE), file(forged([NEW], copy))]), WHOLE);
  for (
    const [one, code] of [
      [changed(copy, copy[1].length - 1), "decrypt-failed"],
      [clear(`${PREFIX}a`, latin1(body("forged"))), "conflict"],
      [clear(`${PREFIX}a`, undefined), "conflict"],
    ] as const
  ) {
    const { end, codes } = await judge([file(GENUINE), file(forged([NEW], one))]);
    deepStrictEqual([end, codes], [4, [code]]);
  }
});

Deno.test("without keys nothing of encrypted rows is proven: they are refused, or the report says so", async () => {
  deepStrictEqual((await judge(GENUINE, { keys: null })).end, "encrypted");
  // Where clear rows and tombstones hide all encrypted ones.
  const tombstones = ["a", "b"].map((name) => clear(PREFIX + name, undefined, { ts: 9n }));
  const hidden = [...forged([ROUTE], ...tombstones)];
  const { info } = await open(hidden, { keys: null });
  deepStrictEqual(info.encrypted, { versions: 4, authenticated: false });
  const report = await decode(await open(hidden, { keys: null }), new MemorySink());
  deepStrictEqual(report.assumed, ["keys"]);
  deepStrictEqual(report.losses.map(({ kind }) => kind), ["groups"]);
});
