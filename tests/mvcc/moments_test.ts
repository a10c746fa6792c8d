import { deepStrictEqual, match, rejects, strictEqual, throws } from "node:assert/strict";
import { nodeFile, stream, type TestEntry } from "../support/stream.ts";
import { UsageError } from "../../src/errors.ts";
import {
  checkReadable,
  isBehind,
  momentOf,
  type ReadMoment,
  timestampOf,
} from "../../src/mvcc/moments.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { scanned } from "../support/naive/agree.ts";

/** 2026-05-28T20:26:40Z. */
const T = 1_780_000_000_000n;
const hlc = (ms: bigint, counter = 0n): bigint => (ms << 16n) | counter;

function open(files: Uint8Array[], at?: ReadMoment): Promise<Snapshot> {
  const inputs = files.map((bytes) => ({ source: new BytesSource(bytes, "test.fsm") }));
  return openSnapshotInputs(inputs, { at });
}

async function valueAt(files: Uint8Array[], at?: ReadMoment): Promise<string | undefined> {
  const snapshot = await open(files, at);
  return (await scanned(snapshot)).find(({ key }) => key === "k")?.value;
}

/** One version a minute, the last two in one millisecond. */
const MINUTES: TestEntry[] = [
  { key: "k", value: "0", ts: hlc(T) },
  { key: "k", value: "1", ts: hlc(T + 60_000n) },
  { key: "k", value: "2", ts: hlc(T + 120_000n, 1n) },
  { key: "k", value: "3", ts: hlc(T + 120_000n, 2n) },
];
const LAST = hlc(T + 120_000n, 2n);
const FILE = stream(MINUTES, LAST);

Deno.test("a moment is a timestamp, a whole millisecond, or counts back from the last commit", async () => {
  const cases: [ReadMoment, string][] = [
    [hlc(T), "0"],
    [hlc(T + 120_000n, 1n), "2"],
    [{ unixMs: T + 120_000n }, "3"],
    [{ unixMs: T + 60_000n }, "1"],
    [{ beforeLastMs: 0n }, "3"],
    [{ beforeLastMs: 1n }, "1"],
    [{ beforeLastMs: 60_000n }, "1"],
    [{ beforeLastMs: 60_001n }, "0"],
  ];
  for (const [at, value] of cases) strictEqual(await valueAt([FILE], at), value);
});

Deno.test("the last commit is that of all files and versions, whatever their headers say", async () => {
  const early = stream([{ key: "a", value: "", ts: hlc(T) }], hlc(T));
  const understated = stream(MINUTES, 0n);
  const overstated = stream(MINUTES, LAST + hlc(60_000n));
  for (const files of [[early, FILE], [FILE, early], [early, understated], [understated]]) {
    const { info } = await open(files, { beforeLastMs: 60_000n });
    strictEqual(info.at, LAST - hlc(60_000n));
    strictEqual(info.readable.to, LAST);
    strictEqual(await valueAt(files, { beforeLastMs: 60_000n }), "1");
  }
  strictEqual(await valueAt([overstated, early], { beforeLastMs: 60_000n }), "3");
});

Deno.test("counts that are read at a relative moment are those of that moment", async () => {
  for (const files of [[FILE], [nodeFile(FILE), stream([{ key: "a", value: "", ts: hlc(T) }])]]) {
    const relative = (await open(files, { beforeLastMs: 60_000n })).info;
    const exact = (await open(files, LAST - hlc(60_000n))).info;
    deepStrictEqual(
      relative.totals.map(({ live, later, superseded }) => [live, later, superseded]),
      exact.totals.map(({ live, later, superseded }) => [live, later, superseded]),
    );
  }
});

const UNITS: [bigint, RegExp][] = [
  [T / 1000n, /^in Unix seconds it is 2026-05-28T20:26:40Z, in milliseconds 1970-/],
  [T, /^in Unix milliseconds it is 2026-05-28T20:26:40Z, in microseconds 1970-/],
  [T * 1000n, /^in Unix microseconds it is 2026-05-28T20:26:40Z, in nanoseconds 1970-/],
  [T * 1_000_000n, /^in Unix nanoseconds it is 2026-05-28T20:26:40Z: a time is given by RFC 3339/],
  [(1n << 64n) - 1n, /^in Unix nanoseconds it is 2554-/],
  [0n, /1970/],
];

for (const [number, hint] of UNITS) {
  Deno.test(`the number ${number} is of another unit, and it says what it means in each`, async () => {
    await rejects(open([FILE], number), (error) => {
      strictEqual(error instanceof UsageError, true);
      const { message, hint: said } = error as UsageError;
      match(message, new RegExp(`^${number} cannot be a commit timestamp of this snapshot`));
      match(said!, hint);
      match(
        said!,
        /What can be read is from \d+ \(2026-05-28T20:26:40Z\) to \d+ \(2026-05-28T20:28/,
      );
      return true;
    });
  });
}

Deno.test("before the first version there is nothing to read, with and without a retained floor", async () => {
  const catalog = { key: "!dist|route|x", value: "", ts: 1n };
  const file = stream([...MINUTES, catalog], LAST);
  for (const at of [hlc(T) - 1n, { unixMs: T - 1n }, { beforeLastMs: 120_001n }]) {
    await rejects(open([file], at), (error) => {
      match((error as Error).message, /there was nothing yet: the first version is of/);
      return error instanceof UsageError;
    });
  }
  deepStrictEqual((await open([file])).info.readable, { from: hlc(T), to: LAST });
  await rejects(open([file], { beforeLastMs: LAST }), /so long before the last commit/);
});

Deno.test("what was removed is gone: the message names when, and the moments that are left", () => {
  const readable = { from: hlc(T), to: LAST };
  throws(() => checkReadable(hlc(T) - 1n, hlc(T) - 1n, readable, hlc(T)), (error) => {
    const { message, hint } = error as UsageError;
    match(message, /^the state of \d+ \(2026-05-28T20:26:39.999Z\) is gone: older versions were/);
    match(hint!, /^choose a moment from \d+ .* to \d+ .*, both included$/);
    return error instanceof UsageError;
  });
});

Deno.test("a moment behind the last commit is read, and known to be behind it", async () => {
  for (
    const [at, behind] of [
      [LAST, false],
      [LAST | 0xffffn, false],
      [(LAST | 0xffffn) + 1n, true],
      [{ unixMs: T + 10_000_000_000_000n }, true],
      [hlc(T + 300n * 86_400_000n), true],
    ] as [ReadMoment, boolean][]
  ) {
    const { info } = await open([FILE], at);
    strictEqual(isBehind(info.at!, info.readable), behind);
    strictEqual(await valueAt([FILE], at), "3");
  }
});

Deno.test("a manifest's moment is read again as it was", () => {
  for (const moment of [hlc(T), { unixMs: T }, { unixMs: 250_000_000_000_000n }]) {
    deepStrictEqual(momentOf(timestampOf(moment, 0n)), moment);
  }
});

Deno.test("a snapshot without rows of clients can be read at any moment that the store had", async () => {
  const file = stream([{ key: "!dist|route|x", value: "", ts: 1n }], LAST);
  const { info } = await open([file], hlc(T));
  deepStrictEqual(info.readable, { from: 0n, to: LAST });
});
