/** Transactions over several keys, caught at every stage. @module */

import {
  buildCommit,
  buildIntent,
  buildLock,
  buildRollback,
  lockKey,
  outcomeKey,
  type Transaction,
} from "../../../src/keyspace/txn_keys.ts";
import { concat } from "./encoding.ts";
import { type History, latin1, type Write } from "./history.ts";

const LOCK_MILLISECONDS = 30_000n;

/**
 * About `count` transactions over keys that were written before.
 *
 * @returns What a reader sees although its row does not say so yet.
 */
export function transactions(history: History, count: number): Write[] {
  const { random } = history;
  const keys = lockable(history.writes);
  const applied: Write[] = [];
  for (let i = 0; i < count && keys.length >= 3; i++) {
    const chosen = Array.from(
      { length: random.between(1, 3) },
      () => keys.splice(random.below(keys.length), 1)[0],
    );
    applied.push(...transaction(history, chosen));
  }
  return applied;
}

/** Keys of items, strings and bare keys, each with a value that it may have. */
function lockable(writes: readonly Write[]): { key: Uint8Array; value: Uint8Array }[] {
  const values = new Map<string, { key: Uint8Array; value: Uint8Array }>();
  for (const { key, value, expireAt } of writes) {
    const name = latin1(key);
    if (!value || expireAt > 0n || !/^!redis\|str\||^!ddb\|item\||^[^!]/.test(name)) continue;
    values.set(name, { key, value });
  }
  return [...values.values()];
}

function transaction(
  history: History,
  keys: { key: Uint8Array; value: Uint8Array }[],
): Write[] {
  const { random } = history;
  const startTime = history.tick();
  const primaryKey = keys[0].key;
  const id: Transaction = { primaryKey, startTime };
  const writes = keys.map(({ key, value }) => {
    const isItem = latin1(key).startsWith("!ddb|");
    const next = random.chance(0.25)
      ? undefined
      : isItem
      ? value
      : concat(0xff, 1, 0, random.bytes(random.below(9)));
    return { key, value: next };
  });
  for (const [i, { key, value }] of writes.entries()) {
    const expiry = startTime + (LOCK_MILLISECONDS << 16n);
    const lock = buildLock({ ...id, expiry: BigInt.asUintN(64, expiry), primary: i === 0 });
    history.put(lockKey("txn-lock", key), lock);
    if (random.chance(0.95)) {
      history.put(lockKey("txn-intent", key), buildIntent({ startTime, value }));
    }
  }
  const release = (key: Uint8Array): void => {
    history.delete(lockKey("txn-lock", key));
    history.delete(lockKey("txn-intent", key));
  };
  const hasIntent = (key: Uint8Array): boolean => {
    const name = latin1(lockKey("txn-intent", key));
    return history.writes.some((w) => w.ts === startTime && latin1(w.key) === name);
  };
  const stage = random.below(4);
  if (stage === 0) return [];
  history.tick();
  const committed = stage <= 2;
  if (committed) history.put(outcomeKey("txn-commit", id), buildCommit(history.now));
  else if (random.chance(0.7)) history.put(outcomeKey("txn-rollback", id), buildRollback());
  const left: Write[] = [];
  for (const [i, { key, value }] of writes.entries()) {
    if (i > 0 && random.chance(0.6)) {
      if (committed && hasIntent(key)) left.push({ key, value, ts: history.now, expireAt: 0n });
      continue;
    }
    if (committed) {
      if (value) history.put(key, value);
      else history.delete(key);
    }
    release(key);
  }
  return left;
}
