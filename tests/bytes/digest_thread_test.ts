import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  allowDigestThreads,
  type Digest,
  endDigestThreads,
  loadDigests,
  md5,
  sha256,
} from "../../src/bytes/digest.ts";
import { DigestThread, type ThreadKind } from "../../src/bytes/digest_thread.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { Random } from "../support/generator/mod.ts";

const SEED = 20261129;
/** A thread that runs takes streams of the first length, and one is started for streams of the second. */
const LONG = 8 << 20;
const WORTH_A_THREAD = 128 << 20;

for (const kind of ["sha256", "md5"] as ThreadKind[]) {
  Deno.test(`a thread gives the ${kind} of streams that come at the same time, in pieces of any length (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const thread = new DigestThread(kind);
    try {
      const streams: { digest: Digest; twin: ReturnType<typeof createHash> }[] = [];
      // Longer than a slot, than all slots, and nothing.
      const lengths = [0, 1, 1 << 20, (1 << 20) + 1, (5 << 20) + 3, 0, 77];
      const block = random.bytes(6 << 20);
      for (let i = 0; i < 60; i++) {
        if (streams.length < 4) {
          streams.push({ digest: thread.stream(), twin: createHash(kind) });
        }
        const n = random.below(streams.length);
        const piece = block.subarray(i, i + lengths[random.below(lengths.length)]);
        streams[n].digest.update(piece);
        streams[n].twin.update(piece);
        // The caller may use its buffer again at once.
        if (piece.length > 0) piece[0] ^= 0xff;
        if (random.below(4) > 0) continue;
        const [{ digest, twin }] = streams.splice(n, 1);
        strictEqual(toHex(digest.digest()), twin.digest("hex"), `step ${i}`);
      }
      for (const { digest, twin } of streams) {
        strictEqual(toHex(digest.digest()), twin.digest("hex"));
      }
      strictEqual(toHex(thread.stream().digest()), createHash(kind).digest("hex"), "of nothing");
    } finally {
      thread.close();
    }
  });
}

Deno.test("a program that was stopped for longer than a thread is waited for goes on", () => {
  const thread = new DigestThread("sha256");
  const { wait } = Atomics;
  let waits = 0;
  let over = 1;
  Atomics.wait = ((...args: Parameters<typeof wait>) => {
    waits++;
    return over-- > 0 ? "timed-out" : wait(...args);
  }) as typeof wait;
  try {
    const bytes = new Uint8Array(5 << 20).fill(7);
    const stream = thread.stream();
    stream.update(bytes);
    deepStrictEqual(toHex(stream.digest()), createHash("sha256").update(bytes).digest("hex"));
    ok(waits > 0);
    over = Infinity;
    const other = thread.stream();
    throws(() => {
      for (let i = 0; i < 1000; i++) other.update(bytes);
    }, /does not answer/);
    over = 0;
    other.digest();
  } finally {
    Atomics.wait = wait;
    thread.close();
  }
});

Deno.test("only long streams are taken by threads, only while that is allowed, and the digest is the same", async () => {
  await loadDigests();
  const usual = [sha256(LONG), md5(LONG)].map(({ constructor }) => constructor);
  allowDigestThreads();
  try {
    deepStrictEqual(
      [sha256(WORTH_A_THREAD - 1), md5(0)].map(({ constructor }) => constructor),
      usual,
    );
    for (const [i, kind] of [sha256, md5].entries()) {
      // Of a stream that is shorter, it is one that runs already.
      for (const length of [WORTH_A_THREAD, LONG]) {
        notStrictEqual(kind(length).constructor, usual[i]);
      }
      const stream = kind(LONG);
      const other = kind();
      for (const digest of [stream, other]) digest.update(new Uint8Array(3 << 20).fill(7));
      deepStrictEqual(new Uint8Array(stream.digest()), new Uint8Array(other.digest()));
    }
  } finally {
    endDigestThreads();
  }
  deepStrictEqual(
    [sha256(WORTH_A_THREAD), md5(WORTH_A_THREAD)].map(({ constructor }) => constructor),
    usual,
  );
});
