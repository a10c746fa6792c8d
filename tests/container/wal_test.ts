import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { UnsoundError } from "../../src/errors.ts";
import { MAX_RECORD_LENGTH, readWal, type Wal, walFiles } from "../../src/container/wal.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Source } from "../../src/sources/source.ts";
import {
  CHECKSUM,
  entry,
  pairName,
  snapshot,
  state,
  walBytes,
  type WalRecord,
} from "./raft_builder.ts";

function read(...files: Uint8Array[]): Promise<Wal> {
  return readWal(
    files.map((bytes, i) => () => Promise.resolve(new BytesSource(bytes, `${i}.wal`))),
  );
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return parts.reduce((out, part) => out.append(part), new ByteBuilder()).take();
}

function fails(code: string, offset: number): (error: unknown) => true {
  return (error) => {
    ok(error instanceof UnsoundError, String(error));
    strictEqual(error.code, code);
    strictEqual(error.offset, offset);
    return true;
  };
}

/** A log of a node that took three snapshots. */
const RECORDS: WalRecord[] = [
  CHECKSUM,
  { type: 1 },
  snapshot(0n, 0n),
  state(1n, 3n),
  entry(100),
  entry(1000),
  snapshot(1n, 10n),
  state(2n, 15n),
  entry(7),
  snapshot(2n, 15n),
  snapshot(2n, 16n),
  entry(30),
];
const VALID = [
  { term: 0n, index: 0n },
  { term: 1n, index: 10n },
  { term: 2n, index: 15n },
];

/** A log of one file as a node writes it when it starts: snapshot 1 of term 1, committed. */
const STARTED = fromHex(
  "04000000000000840804100000000000040000000000008408011000000000000e00000000000082" +
    "080510a0b39b8f081a040800100000001a00000000000086080510c6a4e6a20a1a10080110011a0a08c0a9e3" +
    "aafbe0ded9080000000000000e00000000000082080310c7a191db0b1a04080118010000",
)!;

Deno.test("the log of a node that has just started has its one snapshot", async () => {
  strictEqual(STARTED.length, 120);
  const wal = {
    committed: 1n,
    snapshots: [{ term: 0n, index: 0n }, { term: 1n, index: 1n }],
  };
  deepStrictEqual(await read(STARTED), wal);
  deepStrictEqual(await read(joined(STARTED, new Uint8Array(1000))), wal);
});

Deno.test("only snapshots at or below the last commit count", async () => {
  const [bytes] = walBytes(RECORDS);
  deepStrictEqual(await read(bytes), { committed: 15n, snapshots: VALID });
});

Deno.test("the checksum runs on from file to file", async () => {
  for (let cut = 1; cut < RECORDS.length; cut++) {
    const files = walBytes(RECORDS.slice(0, cut), [CHECKSUM, ...RECORDS.slice(cut)]);
    deepStrictEqual(await read(...files), { committed: 15n, snapshots: VALID });
    const zeros = joined(files[0], new Uint8Array(64));
    deepStrictEqual(await read(zeros, files[1]), { committed: 15n, snapshots: VALID });
  }
});

Deno.test("a log whose first files are gone starts with the checksum that it states", async () => {
  const [, second] = walBytes(RECORDS.slice(0, 6), [CHECKSUM, ...RECORDS.slice(6)]);
  deepStrictEqual(await read(second), { committed: 15n, snapshots: VALID.slice(1) });
});

Deno.test("a file that does not continue the one before is refused", async () => {
  const [first] = walBytes([CHECKSUM, entry(3), snapshot(1n, 1n)]);
  const [other] = walBytes([entry(4)], [CHECKSUM, state(1n, 1n)]).slice(1);
  await rejects(read(first, other), fails("checksum-mismatch", 0));
});

Deno.test("a log that is cut off ends there without an error", async () => {
  const [bytes] = walBytes(RECORDS);
  const whole = RECORDS.map((_, i) => walBytes(RECORDS.slice(0, i + 1))[0].length);
  for (let end = 0; end < bytes.length; end++) {
    const wal = await read(bytes.subarray(0, end));
    const records = whole.filter((length) => length <= end).length;
    const start = records === 0 ? 0 : whole[records - 1];
    deepStrictEqual(wal, {
      ...await read(...walBytes(RECORDS.slice(0, records))),
      // Fewer bytes than a head are no record at all.
      ...(end - start >= 8 ? { torn: start } : {}),
    }, `${end} bytes`);
  }
});

Deno.test("a record with a sector that was never written is a torn end in the last file only", async () => {
  const records = [...RECORDS.slice(0, 5), ...RECORDS.slice(6, 10), entry(2000)];
  const [bytes] = walBytes(records);
  const start = walBytes(records.slice(0, 9))[0].length;
  const torn = bytes.slice();
  torn.fill(0, 1024, 1536);
  ok(start < 1024 && bytes.length > 2048);
  deepStrictEqual(await read(torn), {
    ...await read(...walBytes(records.slice(0, 9))),
    torn: start,
  });
  await rejects(read(torn, bytes), fails("checksum-mismatch", start));
});

Deno.test("a damaged record is refused with its place", async () => {
  const [bytes] = walBytes(RECORDS);
  const starts = RECORDS.map((_, i) => walBytes(RECORDS.slice(0, i))[0].length);
  for (let at = 0; at < bytes.length; at++) {
    const record = starts.findLastIndex((start) => start <= at);
    const inRecord = at - starts[record] - 8;
    if (inRecord < 0) continue; // a length: the next test
    if (inRecord === 1) continue; // the type, which no checksum covers
    const flipped = bytes.slice();
    flipped[at] ^= 1;
    const isPad =
      at >= starts[record] + 8 + flipped[starts[record]] + flipped[starts[record] + 1] * 256;
    if (isPad) {
      deepStrictEqual(await read(flipped), await read(bytes));
      continue;
    }
    // The statement at the start of a log may be any; then nothing behind it fits.
    if (record < 2) continue;
    await rejects(read(flipped), (error) => {
      ok(error instanceof UnsoundError, `byte ${at}: ${error}`);
      strictEqual(error.offset, starts[record], `byte ${at}`);
      return true;
    });
  }
});

Deno.test("a damaged length is refused or ends the log; nothing is made up", async () => {
  const [bytes] = walBytes([...RECORDS, state(9n, 99n)]);
  const sound = (await read(bytes)).snapshots;
  let refused = 0;
  for (let record = 0; record < RECORDS.length; record++) {
    const start = walBytes(RECORDS.slice(0, record))[0].length;
    for (let bit = 0; bit < 64; bit++) {
      const flipped = bytes.slice();
      flipped[start + (bit >> 3)] ^= 1 << (bit & 7);
      try {
        const { snapshots } = await read(flipped);
        deepStrictEqual(
          snapshots,
          sound.slice(0, snapshots.length),
          `record ${record}, bit ${bit}`,
        );
      } catch (error) {
        ok(error instanceof UnsoundError, String(error));
        refused++;
      }
    }
  }
  ok(refused > 50);
});

/** A file that claims to be huge and is zero, but for its start. */
class HugeSource implements Source {
  readonly name = "huge.wal";
  readonly size = 2 ** 45;
  readonly #start: Uint8Array;
  /** The largest piece that was asked for. */
  asked = 0;

  constructor(start: Uint8Array) {
    this.#start = start;
  }

  read(offset: number, into: Uint8Array): number {
    this.asked = Math.max(this.asked, into.length);
    into.fill(0);
    if (offset < this.#start.length) into.set(this.#start.subarray(offset));
    return into.length;
  }

  close(): void {}
}

Deno.test("impossible lengths are refused before anything is allocated", async () => {
  const head = (hex: string) => new HugeSource(fromHex(hex)!);
  const limit = MAX_RECORD_LENGTH + 1;
  const over = head(
    `${limit.toString(16).padStart(8, "0").match(/../g)!.reverse().join("")}00000000`,
  );
  await rejects(readWal([() => Promise.resolve(over)]), fails("too-large", 0));
  ok(over.asked <= 1 << 20);

  for (const hex of ["ffffffffffffff7f", "ffffffffffffffff", "00000000000001ff"]) {
    const source = head(hex);
    await readWal([() => Promise.resolve(source)]).catch((error) => {
      ok(error instanceof UnsoundError && error.code === "too-large");
    });
    ok(source.asked <= 1 << 20);
  }
});

Deno.test("a large record is read whole, whatever the window", async () => {
  const many = Array.from({ length: 200 }, () => entry(9000));
  const [bytes] = walBytes([
    ...[CHECKSUM, snapshot(1n, 1n), entry(3 << 20), state(1n, 1n)],
    ...many,
    snapshot(1n, 1n),
  ]);
  const wal = await read(bytes);
  strictEqual(wal.torn, undefined);
  strictEqual(wal.snapshots.length, 2);
});

Deno.test("log files are read in order, others are ignored, and a gap is refused", () => {
  const names = [pairName(1n, 9n, "wal"), pairName(0n, 0n, "wal"), pairName(2n, 20n, "wal")];
  deepStrictEqual(
    walFiles([
      ...names,
      "0.tmp",
      "x.wal",
      `${names[0]}.broken`,
      "A".repeat(16) + names[0].slice(16),
    ]),
    [names[1], names[0], names[2]],
  );
  deepStrictEqual(walFiles([pairName(7n, 9n, "wal"), pairName(8n, 10n, "wal")]).length, 2);
  throws(() => walFiles([names[1], names[2]]), { code: "truncated" });
  deepStrictEqual(walFiles([]), []);
});
