import { ok, rejects } from "node:assert/strict";
import { DecantError } from "../../src/errors.ts";
import { rowHandle } from "../../src/mvcc/row_batch.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { generate } from "../support/generator/mod.ts";
import { openInputs } from "../support/naive/agree.ts";

function isAborted(error: unknown): boolean {
  return error instanceof DecantError && error.code === "aborted";
}

Deno.test("every question to a snapshot can be stopped", async () => {
  const generated = generate(1, { size: 5 });
  const snapshot = await openInputs([{ bytes: generated.file() }]);
  const { key } = generated.live()[0];
  const signal = AbortSignal.abort();
  const all = { from: new Uint8Array(0) };
  const { value: batch } = await snapshot.scan(all).next();
  await rejects(snapshot.get(key, { signal }), isAborted);
  await rejects(snapshot.history(key, { signal }).next(), isAborted);
  await rejects(snapshot.scan(all, { signal }).next(), isAborted);
  await rejects(snapshot.read(rowHandle(batch!, 0), { signal }), isAborted);
});

/** A signal that fires when it is asked for the n-th time. */
function signalAt(n: number): { signal: AbortSignal; asked: () => number } {
  let asked = 0;
  const signal = {
    get aborted() {
      return ++asked >= n;
    },
  };
  return { signal: signal as AbortSignal, asked: () => asked };
}

Deno.test("opening can be stopped at any time, also while transactions are looked at", async () => {
  const inputs = generate(7, { size: 10, transactions: 12, groups: 2 }).groupFiles()
    .map(({ bytes, group }) => ({ source: new BytesSource(bytes), group }));
  const { signal, asked } = signalAt(Infinity);
  const { info } = await openSnapshotInputs(inputs, { signal });
  const { applied, rolledBack, undecidedLocks } = info.transactions;
  const locks = applied + rolledBack + undecidedLocks;
  ok(locks >= 5, `${locks} locks`);
  ok(asked() > 2 * locks, `asked ${asked()} times, with ${locks} locks`);
  for (let n = 1; n <= asked(); n++) {
    const stop = signalAt(n);
    await openSnapshotInputs(inputs, { signal: stop.signal }).then(
      // It is asked once more where the event loop has a turn, which is a matter of time.
      () => ok(stop.asked() < n, `not stopped at ${n}`),
      (error) => ok(isAborted(error), String(error)),
    );
  }
});
