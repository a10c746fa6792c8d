import type { KeyRange } from "../../src/mvcc/key_range.ts";
import { Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { agree, compareRows, type Input, openInputs, scanned } from "../support/naive/agree.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import { storedKey, stream, type TestEntry } from "../support/stream.ts";

/** Bytes around those with which timestamps begin, so that keys and timestamps mix. */
const BYTES = ["\0", "\x01", "a", "\xfd", "\xfe", "\xff"];
/** Times of long ago, of today, of the far future, and both ends. */
const TIMES = [0n, 1n, 2n, 300n, 1n << 32n, 0x0199_0000_0000_0000n, 0x0199_0000_0000_0001n];
const ODD_TIMES = [0x0200_0000_0000_0000n, 0x9e00_0000_0000_0000n, 0xffff_ffff_ffff_fffen];

function randomKey(random: Random, known: readonly string[]): string {
  let key = random.below(3) > 0 && known.length > 0 ? random.pick(known) : "";
  if (random.below(4) === 0) key = key.slice(0, random.below(key.length + 1));
  for (let n = random.below(10); n > 0; n--) key += random.pick(BYTES);
  return key;
}

function randomEntries(random: Random): TestEntry[] {
  const times = [...TIMES, ...(random.below(2) === 0 ? ODD_TIMES : [])];
  const keys: string[] = [];
  const entries = new Map<string, TestEntry>();
  for (let n = 5 + random.below(40); n > 0; n--) keys.push(randomKey(random, keys));
  for (const key of keys) {
    for (let n = 1 + random.below(3); n > 0; n--) {
      const ts = random.pick(times);
      const value = random.below(4) === 0 ? undefined : `${key}@${ts}`;
      entries.set(latin1(storedKey(bytesOf(key), ts)), { key: bytesOf(key), value, ts });
    }
  }
  return [...entries.values()];
}

/** An end of a range: a key, a part of a stored key, or one of them and a byte more. */
function randomEnd(random: Random, entries: readonly TestEntry[]): Uint8Array {
  const { key, ts } = random.pick(entries);
  const stored = storedKey(key, ts!);
  const end = stored.subarray(0, random.below(3) > 0 ? key.length : random.below(stored.length));
  return random.below(3) > 0 ? end.slice() : bytesOf(latin1(end) + random.pick(BYTES));
}

Deno.test("a range gives the rows whose keys are in it, in stored order, over one file or several", async () => {
  await forSeeds(40_000, 400, async (seed) => {
    const random = new Random(seed);
    const entries = randomEntries(random);
    const parts: TestEntry[][] = Array.from({ length: 1 + random.below(3) }, () => []);
    for (const entry of entries) random.pick(parts).push(entry);
    const inputs: Input[] = parts.map((part, i) => ({
      bytes: stream(part, 0n),
      group: BigInt(i + 1),
    }));
    const at = random.below(2) === 0 ? undefined : random.pick(entries).ts;
    const naive = await agree(inputs, { at });
    if (typeof naive === "string") throw new Error(naive);
    const all = naive.live();
    const snapshot = await openInputs(inputs, { at });
    for (let i = 0; i < 30; i++) {
      const range: KeyRange = {
        from: random.below(5) === 0 ? bytesOf("") : randomEnd(random, entries),
        to: random.below(5) === 0 ? undefined : randomEnd(random, entries),
      };
      const [from, to] = [latin1(range.from), range.to && latin1(range.to)];
      const expected = all.filter(({ key }) => key >= from && (to === undefined || key < to));
      compareRows(await scanned(snapshot, range), expected);
    }
  });
});
