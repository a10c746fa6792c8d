import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { compareBytes } from "../../src/bytes/compare.ts";
import { buildRoute, routeRowKey } from "../../src/keyspace/dist_keys.ts";
import {
  buildCommit,
  buildIntent,
  buildLock,
  buildRollback,
  lockKey,
  outcomeKey,
} from "../../src/keyspace/txn_keys.ts";
import { prefixRange } from "../../src/mvcc/key_range.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { ReadMoment } from "../../src/mvcc/moments.ts";
import { MemoryScratch, type Scratch } from "../../src/sources/scratch.ts";
import { agree, openInputs, scanned, thrownBy } from "../support/naive/agree.ts";
import { bytesOf } from "../support/naive/parse.ts";
import { clear, DATA_KEYS, sealed, sealedStream } from "../support/sealed.ts";
import { rawStream, storedKey, storedValue, stream, type TestEntry } from "../support/stream.ts";

const K = bytesOf("k");
const PRIMARY = bytesOf("p");
const START = 100n;
const NOTHING = bytesOf("");

const old: TestEntry = { key: K, value: "old", ts: 50n };

function lock(key = K, { startTime = START, primaryKey = PRIMARY, ts = START } = {}): TestEntry {
  const primary = key === primaryKey;
  return {
    key: lockKey("txn-lock", key),
    value: buildLock({ startTime, primaryKey, primary, expiry: startTime + 1000n }),
    ts,
  };
}

function intent(value: string | undefined, { key = K, startTime = START } = {}): TestEntry {
  const bytes = value === undefined ? undefined : bytesOf(value);
  return {
    key: lockKey("txn-intent", key),
    value: buildIntent({ startTime, value: bytes }),
    ts: START,
  };
}

function committed(ts: bigint, startTime = START): TestEntry {
  return {
    key: outcomeKey("txn-commit", { primaryKey: PRIMARY, startTime }),
    value: buildCommit(ts),
    ts,
  };
}

const rolledBack: TestEntry = {
  key: outcomeKey("txn-rollback", { primaryKey: PRIMARY, startTime: START }),
  value: buildRollback(),
  ts: 110n,
};

/** All keys are group 1's. */
const route: TestEntry = {
  key: routeRowKey(1n),
  value: buildRoute({ id: 1n, group: 1n, state: 0, parent: 0n, start: NOTHING, splitTime: 0n }),
};

/** The value of K and what is counted, in the program and in the naive decoder. */
async function outcome(entries: TestEntry[], at?: bigint): Promise<[string | undefined, string]> {
  const input = { bytes: stream(entries, 1n), group: 1n };
  const naive = await agree([input], { at });
  ok(typeof naive !== "string");
  const counts = Object.entries(naive.transactions).filter(([, n]) => n > 0);
  return [naive.get("k")?.value, counts.map(([name, n]) => `${name} ${n}`).join()];
}

Deno.test("a key that a committed write gives a value is an example once, one that it deletes is none", async () => {
  for (const [value, count] of [["new", 1], [undefined, 0]] as const) {
    const { info } = await openInputs([{
      bytes: stream([old, lock(), intent(value), committed(110n)], 1n),
    }]);
    const examples = info.totals.flatMap(({ examples }) => examples ?? []);
    deepStrictEqual(examples, Array(count).fill({ key: K }));
  }
});

Deno.test("scratch space of committed writes is let go of with the snapshot, and when opening fails", async () => {
  let held = 0;
  const memory = new MemoryScratch();
  const scratch: Scratch = {
    room: 0,
    create() {
      const file = memory.create();
      const close = file.close.bind(file);
      let isOpen = true;
      held++;
      file.close = () => {
        if (isOpen) held--;
        isOpen = false;
        close();
      };
      return file;
    },
    close: () => memory.close(),
  };
  const bytes = stream([old, lock(), intent("new"), committed(110n)], 110n);
  const opened = (at?: ReadMoment): Promise<Snapshot> =>
    openSnapshotInputs([{ source: new BytesSource(bytes) }], { scratch, at });
  for (const at of [undefined, 110n, { beforeLastMs: 0n }]) {
    const snapshot = await opened(at);
    deepStrictEqual([snapshot.info.transactions.applied, held], [1, 1]);
    snapshot.close();
    strictEqual(held, 0);
  }
  strictEqual(await thrownBy(() => opened(1n)), "usage");
  strictEqual(held, 0);
});

Deno.test("a committed write is applied at its commit, not at its start", async () => {
  deepStrictEqual(await outcome([old, lock(), intent("new"), committed(110n)]), [
    "new",
    "applied 1",
  ]);
  const later = { key: K, value: "later", ts: 120n };
  deepStrictEqual(await outcome([later, old, lock(), intent("new"), committed(110n)]), [
    "later",
    "applied 1",
  ]);
  const between = { key: K, value: "between", ts: 105n };
  deepStrictEqual(await outcome([between, lock(), intent("new"), committed(110n)]), [
    "new",
    "applied 1",
  ]);
});

Deno.test("a committed deletion hides the key, and an empty value does not", async () => {
  deepStrictEqual(await outcome([old, lock(), intent(undefined), committed(110n)]), [
    undefined,
    "applied 1",
  ]);
  deepStrictEqual(await outcome([old, lock(), intent(""), committed(110n)]), ["", "applied 1"]);
});

Deno.test("a committed write of a key that has no row yet makes one", async () => {
  deepStrictEqual(await outcome([lock(), intent("new"), committed(110n)]), ["new", "applied 1"]);
});

Deno.test("a write that was already copied to its row counts once", async () => {
  const copied = { key: K, value: "new", ts: 110n };
  const entries = [copied, old, lock(), intent("new"), committed(110n)];
  deepStrictEqual(await outcome(entries), ["new", "applied 1"]);
  const { info } = await openInputs([{ bytes: stream(entries) }]);
  strictEqual(info.copies, 1);
});

Deno.test("a lock that was released is no lock", async () => {
  const released = { key: lockKey("txn-lock", K), ts: 115n };
  deepStrictEqual(await outcome([old, released, lock(), intent("new"), committed(110n)]), [
    "old",
    "",
  ]);
});

Deno.test("an intent of another transaction than the lock's is not applied", async () => {
  const { info } = await openInputs([
    { bytes: stream([old, lock(), intent("new", { startTime: 90n }), committed(110n)]) },
  ]);
  deepStrictEqual(info.transactions.applied, 0);
});

Deno.test("a commit record of another start says nothing", async () => {
  deepStrictEqual(await outcome([old, lock(), intent("new"), committed(110n, 99n)]), [
    "old",
    "undecidedLocks 1,undecidedIntents 1",
  ]);
});

Deno.test("a rollback record discards the write", async () => {
  deepStrictEqual(await outcome([old, lock(), intent("new"), rolledBack]), ["old", "rolledBack 1"]);
  deepStrictEqual(await outcome([old, lock(), rolledBack]), ["old", ""]);
});

Deno.test("as long as the primary key is locked by it, a transaction is undecided", async () => {
  const open = "undecidedLocks 2,undecidedIntents 1";
  const primary = lock(PRIMARY);
  deepStrictEqual(await outcome([old, lock(), intent("new"), primary]), ["old", open]);
  deepStrictEqual(await outcome([old, lock(), intent("new"), primary, route]), ["old", open]);
});

Deno.test("once the primary key is locked by another or free, it is rolled back", async () => {
  const other = lock(PRIMARY, { startTime: 105n, ts: 105n });
  deepStrictEqual(await outcome([old, lock(), intent("new"), other]), [
    "old",
    "rolledBack 1,undecidedLocks 1",
  ]);
  deepStrictEqual(await outcome([old, lock(), intent("new"), route]), ["old", "rolledBack 1"]);
});

Deno.test("a primary lock without an outcome is undecided, whatever else is known", async () => {
  const entries = [old, lock(K, { primaryKey: K }), intent("new"), route];
  deepStrictEqual(await outcome(entries), ["old", "undecidedLocks 1,undecidedIntents 1"]);
});

Deno.test("at an earlier moment, only what was committed by then is applied", async () => {
  const entries = [old, lock(), intent("new"), committed(110n)];
  for (const at of [50n, 99n]) deepStrictEqual(await outcome(entries, at), ["old", ""]);
  for (const at of [100n, 109n]) {
    deepStrictEqual(await outcome(entries, at), ["old", "undecidedLocks 1,undecidedIntents 1"]);
  }
  deepStrictEqual(await outcome(entries, 110n), ["new", "applied 1"]);
  // A record that was written before the time that it names.
  const early = { ...committed(150n), ts: 105n };
  deepStrictEqual(await outcome([old, lock(), intent("new"), early], 106n), ["old", ""]);
});

Deno.test("malformed locks, intents and records apply nothing, and are problems", async () => {
  const bad = (entry: TestEntry): TestEntry => ({ ...entry, value: bytesOf("\x02bad") });
  for (
    const [entries, undecided] of [
      [[bad(lock()), intent("new"), committed(110n)], 1],
      [[lock(), bad(intent("new")), committed(110n)], 1],
      [[lock(), intent("new"), bad(committed(110n))], 1],
    ] as const
  ) {
    const snapshot = await openInputs([{ bytes: stream([old, ...entries]) }]);
    deepStrictEqual(snapshot.info.transactions.applied, 0);
    deepStrictEqual(snapshot.info.transactions.undecidedLocks, undecided);
    deepStrictEqual(snapshot.info.problems.map(({ code }) => code), ["malformed-value"]);
    strictEqual((await scanned(snapshot)).find(({ key }) => key === "k")?.value, "old");
  }
});

Deno.test("applied writes are rows like others: scanned, found, with a history and a handle, in any number", async () => {
  const entries: TestEntry[] = [committed(110n)];
  for (let i = 0; i < 500; i++) {
    const key = bytesOf(`key-${i}${"\xff".repeat(i % 9)}`);
    if (i % 2 === 0) entries.push({ key, value: "old", ts: 50n });
    entries.push(lock(key), intent(`new ${i}`, { key }));
  }
  const naive = await agree([{ bytes: stream(entries, 1n), group: 1n }]);
  ok(typeof naive !== "string");
  strictEqual(naive.transactions.applied, 500);
});

Deno.test("an applied write is not asked to be encrypted, but its intent and its commit are", async () => {
  const own = bytesOf("!redis|str|k");
  const entries = [lock(own), intent("new", { key: own }), committed(110n)];
  const open = (clearOne?: number): Promise<Snapshot> => {
    const pairs = entries.map(({ key, value, ts }, i) =>
      i === clearOne ? clear(key, value, { ts }) : sealed(key, value!, { ts })
    );
    return openSnapshotInputs([{ source: new BytesSource(sealedStream(pairs), "test.fsm") }], {
      keys: DATA_KEYS,
      requireEncrypted: true,
    });
  };
  const snapshot = await open();
  deepStrictEqual(snapshot.info.problems, []);
  strictEqual(snapshot.info.transactions.applied, 1);
  deepStrictEqual((await scanned(snapshot, prefixRange(own))).map(({ value }) => value), ["new"]);
  for (const i of entries.keys()) {
    const { info } = await open(i);
    deepStrictEqual(info.problems.map(({ code }) => code), ["cleartext"], `entry ${i}`);
    deepStrictEqual([info.transactions.applied, info.transactions.undecidedLocks], [0, 1]);
  }
});

Deno.test("a clear row that a committed write replaces is no problem, however often the rows are counted", async () => {
  const own = bytesOf("!redis|str|k");
  const other = bytesOf("!redis|str|l");
  const written = [lock(own), intent("new", { key: own }), committed(110n)];
  const pairs = [
    clear(own, "old", { ts: 50n }),
    ...written.map(({ key, value, ts }) => sealed(key, value!, { ts })),
    // It expires behind the last commit that the header names, so rows are counted once more.
    sealed(other, "x", { ts: 60n, expireAt: 200n }),
  ];
  for (const last of [100n, 110n]) {
    for (const more of [[], [clear(other, "old", { ts: 70n })]]) {
      const bytes = sealedStream([...pairs, ...more], last);
      const source = new BytesSource(bytes, "test.fsm");
      const { info } = await openSnapshotInputs([{ source }], {
        keys: DATA_KEYS,
        requireEncrypted: true,
      });
      strictEqual(info.transactions.applied, 1);
      deepStrictEqual(info.problems.map(({ key }) => key), more.map(() => other));
    }
  }
});

Deno.test("what decides about a write expires as any row does", async () => {
  const entries = (expireAt: bigint): TestEntry[] => [
    old,
    lock(),
    intent("new"),
    { ...committed(110n), expireAt },
  ];
  for (const expireAt of [0n, 111n, 1n << 60n]) {
    deepStrictEqual(await outcome(entries(expireAt)), ["new", "applied 1"]);
    deepStrictEqual(await outcome(entries(expireAt), 110n), ["new", "applied 1"]);
  }
  for (const expireAt of [1n, 110n]) {
    deepStrictEqual(await outcome([...entries(expireAt), lock(PRIMARY)]), [
      "old",
      "undecidedLocks 2,undecidedIntents 1",
    ]);
  }
  deepStrictEqual((await outcome(entries(111n), 111n))[0], "old");
});

Deno.test("a malformed intent or outcome decides nothing, and is told once", async () => {
  const entries = [old, lock(), intent("new"), committed(110n)];
  for (const [i, { key, ts }] of entries.entries()) {
    if (i < 2) continue;
    const pairs = entries.map((entry): [Uint8Array, Uint8Array] => [
      storedKey(entry.key, entry.ts!),
      storedValue(entry),
    ]);
    pairs[i] = [storedKey(key, ts!), Uint8Array.of(0)];
    const bytes = rawStream(pairs.sort(([a], [b]) => compareBytes(a, b)));
    const naive = await agree([{ bytes, group: 1n }]);
    ok(typeof naive !== "string");
    deepStrictEqual(naive.problems, ["short-value"]);
    deepStrictEqual([naive.transactions.applied, naive.transactions.undecidedLocks], [0, 1]);
  }
});

Deno.test("writes that do not fit into scratch are refused with what to do", async () => {
  const value = "x".repeat(5000);
  const bytes = stream([lock(), intent(value), committed(110n)]);
  const open = (limit: number) => () =>
    openSnapshotInputs([{ source: new BytesSource(bytes) }], { scratch: new MemoryScratch(limit) });
  strictEqual(await thrownBy(open(4000)), "spool-needed");
  strictEqual(await thrownBy(open(6000)), undefined);
});
