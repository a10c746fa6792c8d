/** Snapshots from seeds, as nodes write them: clear and encrypted, now and at earlier moments. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createCipheriv } from "node:crypto";
import { AdapterContext } from "../../../src/adapters/context.ts";
import type { Problem } from "../../../src/mvcc/problems.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { s3 } from "../../../src/adapters/s3/mod.ts";
import { putU64le } from "../../../src/bytes/integers.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import type { Keyring } from "../../../src/mvcc/keyring.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { TreeOutput } from "../../../src/tree/output.ts";
import { generate } from "../../support/generator/mod.ts";
import { bytesOf, rawStream, storedKey, stream, type TestEntry } from "../../support/stream.ts";
import { blobRow, bucketRows, headRow, objectRows, refRows } from "./support.ts";

interface Result {
  files: Map<string, Uint8Array>;
  problems: Problem[];
  ledger: Ledger;
  events: string[];
}

async function decode(
  files: Uint8Array[],
  { at, keys }: { at?: bigint; keys?: Keyring } = {},
): Promise<Result> {
  const inputs = files.map((bytes) => ({ source: new BytesSource(bytes) }));
  const snapshot = await openSnapshotInputs(inputs, { at, keys });
  const own = s3.books({});
  const ledger = new Ledger(snapshot.info.totals.filter(({ family }) => own.has(family.id)));
  const problems: Problem[] = [];
  const events: string[] = [];
  const scratch = new MemoryScratch();
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch,
    ledger,
    options: {},
    handlers: {
      onProblem: (problem) => void problems.push(problem),
      onWarning: (event) => void events.push(event),
    },
  });
  const sink = new MemorySink();
  await s3.writeTree(context, {}, new TreeOutput(sink, scratch));
  deepStrictEqual(ledger.unbalanced, []);
  return { files: sink.files, problems, ledger, events };
}

Deno.test("snapshots from seeds are sound, in one file or in several, encrypted or not", async () => {
  let objects = 0;
  for (let seed = 1; seed <= 24; seed++) {
    const options = { families: ["s3" as const], size: 30, groups: 1 + seed % 3 };
    const made = generate(seed, { ...options, encrypted: seed % 2 === 0 });
    const keys = made.encryption?.keys;
    const whole = await decode([made.file({ footer: true })], { keys });
    deepStrictEqual(whole.problems, [], `seed ${seed}`);
    objects += [...whole.files.keys()].filter((path) => path.endsWith("-meta.json")).length;
    const parts = await decode(made.groupFiles().map(({ bytes }) => bytes), { keys });
    deepStrictEqual(parts.files, whole.files, `seed ${seed}`);
  }
  ok(objects > 100, `${objects} objects`);
});

Deno.test("snapshots from seeds are sound at every moment", async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const made = generate(seed, { families: ["s3"], size: 12 });
    const file = made.file({ footer: true });
    for (const at of made.moments) {
      const { problems } = await decode([file], { at });
      deepStrictEqual(problems, [], `seed ${seed} at ${at}`);
    }
  }
});

Deno.test("a piece counts whenever it was stored", async () => {
  const [ref, piece] = refRows("k", "later");
  const head = headRow("k", {
    upload_id: "u",
    size_bytes: 5,
    parts: [{ part_no: 1, chunk_count: 1, chunk_sizes: [5], offloaded: true }],
  });
  const rows = [...bucketRows("b"), ref, head].map((row) => ({ ...row, ts: 5n }));
  const later = { ...objectRows("other", "")[0], ts: 20n };
  const bytes = stream([...rows, { ...piece, ts: 9n }, later], 20n);
  const { files, problems, ledger } = await decode([bytes], { at: 7n });
  deepStrictEqual(problems, []);
  deepStrictEqual(files.get("s3/b/k"), bytesOf("later"));
  strictEqual(ledger.count("written"), 4);
});

const KEYS: Keyring = new Map([[7, new Uint8Array(32).fill(9)]]);

/** The row's stored value with an encrypted body. */
function sealed({ key, value }: TestEntry): [Uint8Array, Uint8Array] {
  const stored = storedKey(key, 1n);
  const header = new Uint8Array(9);
  header[0] = 2;
  putU64le(header, 1, 0n);
  const head = Uint8Array.of(1, 0, 0, 0, 0, 7);
  const nonce = new Uint8Array(12).fill(3);
  const cipher = createCipheriv("aes-256-gcm", KEYS.get(7)!, nonce);
  cipher.setAAD(Uint8Array.from([...head, ...header, ...stored]));
  const body = [cipher.update(bytesOf(value!)), cipher.final(), cipher.getAuthTag()];
  const parts = [header, head, nonce, ...body];
  return [stored, new Uint8Array(Buffer.concat(parts))];
}

Deno.test("an encrypted chunk that was changed is found before anything is written", async () => {
  const half = 700_000;
  const rows = [
    ...objectRows("fine", "fine"),
    ...[0n, 1n].map((chunk) => blobRow("big", "x".repeat(half), { chunk })),
    headRow("big", {
      upload_id: "u",
      size_bytes: 2 * half,
      parts: [{ part_no: 1, chunk_count: 2, chunk_sizes: [half, half] }],
    }),
    ...bucketRows("b"),
  ];
  const pairs = rows.map(sealed).sort(([a], [b]) => Buffer.compare(a, b));
  const sound = await decode([rawStream(pairs)], { keys: KEYS });
  deepStrictEqual(sound.problems, []);
  strictEqual(sound.files.get("s3/b/big")?.length, 2 * half);

  const second = pairs.findLast(([, value]) => value.length > half)!;
  second[1][half] ^= 1;
  const { files, problems, ledger } = await decode([rawStream(pairs)], { keys: KEYS });
  deepStrictEqual(problems.map(({ error }) => error.code), ["decrypt-failed", "incomplete-object"]);
  deepStrictEqual([...files.keys()].sort(), [
    "s3/b/_bucket.json",
    "s3/b/fine",
    "s3/b/fine.elastickv-meta.json",
  ]);
  deepStrictEqual([ledger.count("written"), ledger.count("unsound")], [3, 3]);
});
