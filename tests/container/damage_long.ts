import { ok } from "node:assert/strict";
import { crc32c, digestOf } from "../../src/bytes/digest.ts";
import { agree, type Input } from "../support/naive/agree.ts";
import { bytesOf } from "../support/naive/parse.ts";
import { hex, rawStream, stream } from "../support/stream.ts";
import { EMPTY_STORE, REALISTIC, SECOND_HEADER, TWO_VERSIONS } from "./vectors.ts";

/** What may stand behind a damaged payload. */
const FOOTERS: Record<string, (payload: Uint8Array, footer: Uint8Array) => Uint8Array> = {
  "the checksum as it was": (payload, footer) => new Uint8Array([...payload, ...footer]),
  "the checksum made to fit": (payload) => withChecksum(payload),
  "no checksum": (payload) => payload,
};

function withChecksum(payload: Uint8Array): Uint8Array {
  return new Uint8Array([...payload, ...digestOf(crc32c, payload)]);
}

/** The naive decoder and the program say the same of a file, or of it among others. */
async function same(bytes: Uint8Array, others: Input[], what: string): Promise<string> {
  try {
    const result = await agree([{ bytes, group: 1n }, ...others], { gets: false });
    return typeof result === "string" ? result : result.problems.join() || "sound";
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Every bit of the payload, and with each footer; returns how often each outcome came. */
async function flipAll(file: Uint8Array, others: Input[] = []): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const payload = file.subarray(0, file.length - 4);
  const footer = file.subarray(file.length - 4);
  for (let bit = 0; bit < payload.length * 8; bit++) {
    const damaged = payload.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    for (const [name, finish] of Object.entries(FOOTERS)) {
      const what = `bit ${bit & 7} of byte ${bit >> 3}, ${name}`;
      const outcome = await same(finish(damaged, footer), others, what);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  return outcomes;
}

Deno.test("every flipped bit of a small file is found, or is read as the naive decoder reads it", async () => {
  const outcomes = await flipAll(REALISTIC);
  // Two thirds of the flips are invisible to the format itself: in values, timestamps and names.
  for (
    const outcome of [
      "checksum-mismatch",
      "truncated",
      "too-large",
      "unordered",
      "reserved-bits",
      "not-a-snapshot",
      "unsupported-header",
      "sound",
    ]
  ) ok(outcomes.get(outcome)! > 0, `${outcome} among ${[...outcomes.keys()]}`);
});

Deno.test("every flipped bit of the checksum itself is found", async () => {
  for (let bit = 0; bit < 32; bit++) {
    const damaged = REALISTIC.slice();
    damaged[damaged.length - 4 + (bit >> 3)] ^= 1 << (bit & 7);
    const outcome = await same(damaged, [], `bit ${bit} of the checksum`);
    ok(outcome === "checksum-mismatch", outcome);
  }
});

Deno.test("every flipped bit of a file with a second header is found, or read as the naive decoder does", async () => {
  const header = SECOND_HEADER.subarray(0, 26);
  const rows = stream([{ key: "!redis|str|k", value: "v", ts: 5n }], 5n);
  await flipAll(withChecksum(new Uint8Array([...header, ...rows])));
  await flipAll(SECOND_HEADER);
});

Deno.test("every flipped bit of one of two merged files is found, or read as the naive decoder does", async () => {
  // Files of one group must be of one history, too: that is for other tests.
  const other = {
    bytes: stream([{ key: "!redis|str|k", value: "v3", ts: 1n << 60n }], 7n),
    group: 2n,
  };
  await flipAll(TWO_VERSIONS, [other]);
  const same = { bytes: TWO_VERSIONS, group: 2n };
  await flipAll(TWO_VERSIONS, [same]);
});

Deno.test("every truncation of a file is found, or is read as the naive decoder reads it", async () => {
  for (const file of [REALISTIC, TWO_VERSIONS, EMPTY_STORE, SECOND_HEADER]) {
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      const plain = await same(cut, [], `cut to ${length}`);
      ok(plain !== "sound" || isEndOfEntry(file, length), `cut to ${length} of ${file.length}`);
      const footer = file.subarray(file.length - 4);
      for (const [name, finish] of Object.entries(FOOTERS)) {
        await same(finish(cut, footer), [], `cut to ${length}, ${name}`);
        await same(
          finish(cut, footer),
          [{ bytes: EMPTY_STORE, group: 1n }],
          `cut to ${length}, ${name}, of two`,
        );
      }
    }
  }
});

/** Whether a file that ends there is a shorter file without a checksum. */
function isEndOfEntry(file: Uint8Array, length: number): boolean {
  const start = file[7] === 0x31 ? 16 : 26;
  if (length === start) return true;
  let at = start + 16;
  while (at < length) {
    at += 8 + file[at];
    at += 8 + file[at];
  }
  return at === length;
}

Deno.test("a bit that turns a tombstone or an old version does not bring an older value back", async () => {
  const key = hex("61 fffffffffffffff6");
  const older = hex("61 fffffffffffffffa");
  const value = bytesOf("\0".repeat(9) + "old");
  for (let flags = 0; flags < 256; flags++) {
    for (const length of [8, 9, 12]) {
      const newest = new Uint8Array(length).fill(flags, 0, 1);
      await same(rawStream([[key, newest], [older, value]]), [], `flags ${flags}, ${length} bytes`);
    }
  }
});
