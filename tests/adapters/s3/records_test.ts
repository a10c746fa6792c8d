/** Records and their receipts: what a reader is given, and how its answers are booked. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { AdapterContext, type AdapterOptions } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { s3 } from "../../../src/adapters/s3/mod.ts";
import {
  type ObjectRecord,
  type ObjectsRecord,
  records,
  type S3Record,
} from "../../../src/adapters/s3/records.ts";
import type { RecordSelection } from "../../../src/adapters/wanted_rows.ts";
import { UnsoundError } from "../../../src/errors.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { CountingSource } from "../../support/counting_source.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import { blobRow, bucketRows, headRow, objectRows, refRows, textOf, uploadRow } from "./support.ts";

type SingleRecord = Exclude<S3Record, ObjectsRecord>;

/** All records one by one, those too that come many at a time. */
async function* singly(
  context: AdapterContext,
  selection: RecordSelection,
): AsyncGenerator<SingleRecord> {
  for await (const record of records(context, selection)) {
    if (record.type === "objects") yield* record.objects;
    else yield record;
  }
}

/** A snapshot, and what is said of its rows. */
async function open(rows: TestEntry[], options: AdapterOptions = {}, raw?: string[]) {
  const source = new CountingSource(stream(rows));
  const snapshot = await openSnapshotInputs([{ source }]);
  source.reset();
  const own = s3.books(options);
  const ledger = new Ledger(snapshot.info.totals.filter(({ family }) => own.has(family.id)));
  const problems: string[] = [];
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch: new MemoryScratch(),
    ledger,
    options,
    handlers: {
      onProblem: ({ error }) => void problems.push(`${error.code}: ${error.message}`),
      onWarning: () => {},
      writeRaw: raw &&
        ((batch, i) => void raw.push(textOf(batch.bytes.subarray(...valueOf(batch, i))))),
    },
  });
  return { context, ledger, problems, source };
}

function valueOf({ ranges }: { ranges: Uint32Array }, i: number): [number, number] {
  return [ranges[i * 4 + 2], ranges[i * 4 + 3]];
}

function nameOf(record: SingleRecord): string {
  const name = record.type === "bucket" ? record.name : record.key;
  return `${record.type} ${textOf(name)}`;
}

/** The key of the record's row. */
function keyOf(record: SingleRecord): Uint8Array | undefined {
  if (record.type === "object") return record.place.key;
  return record.type === "upload" ? record.rowKey.slice() : bucketRows("b")[0].key as Uint8Array;
}

async function textOfBody({ body }: ObjectRecord): Promise<string> {
  let text = "";
  for await (const bytes of body) text += textOf(bytes);
  return text;
}

/** Two chunks that together are above what is read before an object is given. */
const BIG = ["x".repeat(700_000), "y".repeat(700_000)];

function bigRows(name: string, chunks = BIG, more = {}): TestEntry[] {
  return [
    ...chunks.map((chunk, i) => blobRow(name, chunk, { chunk: BigInt(i) })),
    headRow(name, {
      upload_id: "u",
      size_bytes: 1_400_000,
      parts: [{ part_no: 1, chunk_count: 2 }],
      ...more,
    }),
  ];
}

const ROWS = [
  ...bucketRows("b"),
  ...objectRows("a", "A"),
  ...bigRows("big"),
  blobRow("lost", "orphan"),
  uploadRow("up", {}, "upload"),
];
const ALL = { includeOrphans: true, includeIncompleteUploads: true };

Deno.test("records come in stored order, scopes first", async () => {
  const { context, ledger } = await open(ROWS, ALL);
  const names: string[] = [];
  for await (const record of singly(context, {})) {
    names.push(nameOf(record));
    record.receipt.written();
  }
  deepStrictEqual(names, ["bucket b", "upload up", "object a", "object big", "orphan lost"]);
  deepStrictEqual(ledger.unbalanced, []);
  strictEqual(ledger.count("written"), 8);
});

Deno.test("nothing is given before it was said what became of the last record", async () => {
  for (let answered = 0; answered < 5; answered++) {
    const { context } = await open(ROWS, ALL);
    await rejects(async () => {
      let n = 0;
      for await (const { receipt } of singly(context, {})) if (n++ < answered) receipt.written();
    }, /nobody said what became of a record/);
  }
});

Deno.test("what was refused or left is booked so, and is a raw row where these are wanted", async () => {
  const rows = [
    ...ROWS,
    ...refRows("ref", "piece"),
    headRow("ref", {
      upload_id: "u",
      size_bytes: 5,
      parts: [{ part_no: 1, chunk_count: 1, chunk_sizes: [5], offloaded: true }],
    }),
  ];
  const answers = {
    refused: (record: SingleRecord) =>
      record.receipt.refuse(
        new UnsoundError("name-collision", nameOf(record), { key: keyOf(record) }),
      ),
    left: (record: SingleRecord) => record.receipt.leave("hidden"),
  };
  for (const [what, answer] of Object.entries(answers)) {
    const raw: string[] = [];
    const { context, ledger, problems } = await open(rows, ALL, raw);
    for await (const record of singly(context, {})) answer(record);
    deepStrictEqual(ledger.unbalanced, [], what);
    const names = ["bucket b", "upload up", "object a", "object big", "object ref"];
    const expected = what === "left" ? [] : names.map((name) => `name-collision: ${name}`);
    deepStrictEqual(problems, expected);
    // Rows of objects, their chunks and the orphan; of a refused bucket or upload the row is unsound.
    const chunks = ["A", ...BIG, "orphan", "piece"];
    for (const chunk of chunks) strictEqual(raw.includes(chunk), true, `${what}: ${chunk[0]}`);
    strictEqual(raw.length, what === "left" ? 11 : 9);
  }
});

Deno.test("a body can be read while its object is at hand, behind it, and again", async () => {
  const { context, ledger, problems } = await open(ROWS);
  const objects: ObjectRecord[] = [];
  for await (const record of singly(context, {})) {
    if (record.type === "object") {
      objects.push(record);
      strictEqual(record.body.size, nameOf(record) === "object a" ? 1 : 1_400_000);
      if (nameOf(record) === "object a") strictEqual(await textOfBody(record), "A");
    }
    record.receipt.written();
  }
  for (let times = 0; times < 2; times++) {
    strictEqual(await textOfBody(objects[0]), "A");
    strictEqual(await textOfBody(objects[1]), BIG.join(""));
  }
  deepStrictEqual(ledger.unbalanced, []);
  deepStrictEqual(problems, []);
});

Deno.test("a body can be read when nobody asks for more records", async () => {
  const { context } = await open(ROWS);
  let last: ObjectRecord | undefined;
  for await (const record of singly(context, {})) {
    record.receipt.written();
    if (nameOf(record) !== "object big") continue;
    last = record as ObjectRecord;
    break;
  }
  strictEqual(await textOfBody(last!) === BIG.join(""), true);
});

Deno.test("a body of which only a part is read is booked like any other", async () => {
  const { context, ledger } = await open([...ROWS, ...bigRows("next")]);
  const names: string[] = [];
  for await (const record of singly(context, {})) {
    names.push(nameOf(record));
    if (record.type === "object") { for await (const _ of record.body) break; }
    record.receipt.written();
  }
  deepStrictEqual(names, ["bucket b", "object a", "object big", "object next"]);
  deepStrictEqual(ledger.unbalanced, []);
  strictEqual(ledger.count("written"), 9);
});

Deno.test("a body that is not whole says so at its end, and whatever was said of it counts for nothing", async () => {
  for (const chunks of [[BIG[0]], [BIG[0], "short"], ["", ""]]) {
    for (const reads of [false, true]) {
      const rows = [...bucketRows("b"), ...bigRows("big", chunks), ...objectRows("next", "N")];
      const { context, ledger, problems } = await open(rows);
      const names: string[] = [];
      for await (const record of singly(context, {})) {
        names.push(nameOf(record));
        if (reads && nameOf(record) === "object big") {
          const { body } = record as ObjectRecord;
          await rejects(Array.fromAsync(body), { code: "incomplete-object" });
          await rejects(Array.fromAsync(body), { code: "incomplete-object" });
        }
        record.receipt.written();
      }
      deepStrictEqual(names, ["bucket b", "object big", "object next"]);
      strictEqual(problems.length, 1);
      strictEqual(ledger.count("unsound"), 1 + chunks.length);
      deepStrictEqual(ledger.unbalanced, []);
    }
  }
});

Deno.test("a chunk whose version 0 is written out gives way to the one without it, in a long body, too", async () => {
  const spelled = (chunk: bigint, text: string): TestEntry => {
    const { key } = blobRow("big", "", { chunk });
    return { key: Uint8Array.from([...key as Uint8Array, ...new Uint8Array(8)]), value: text };
  };
  const other = "z".repeat(700_000);
  const cases: [rows: TestEntry[], body: string][] = [
    [[spelled(0n, other), ...bigRows("big")], BIG.join("")],
    [[spelled(1n, other), ...bigRows("big")], BIG.join("")],
    [[spelled(0n, other), spelled(1n, other), ...bigRows("big")], BIG.join("")],
    [[spelled(1n, other), ...bigRows("big").toSpliced(1, 1)], BIG[0] + other],
    [[spelled(0n, other), ...bigRows("big").toSpliced(0, 1)], other + BIG[1]],
  ];
  for (const [rows, expected] of cases) {
    const { context, ledger, problems } = await open([...bucketRows("b"), ...rows]);
    for await (const record of singly(context, {})) {
      if (record.type === "object") strictEqual(await textOfBody(record) === expected, true);
      record.receipt.written();
    }
    deepStrictEqual(problems, []);
    strictEqual(ledger.count("written"), 4);
    deepStrictEqual(ledger.unbalanced, []);
  }
});

async function namesOf(rows: TestEntry[], selection: RecordSelection): Promise<string[]> {
  const { context } = await open(rows);
  const names: string[] = [];
  for await (const record of singly(context, selection)) {
    if (record.type === "object") names.push(`${textOf(record.bucket)}/${textOf(record.key)}`);
    record.receipt.written();
  }
  return names;
}

Deno.test("a range of keys is one of raw keys, in each bucket's generation that clients can read", async () => {
  const keys = ["", "\0", "a", "a\0", "a\0b", "a\x01", "ab", "b", "\xff"];
  const rows = ["p", "q", "without"].flatMap((bucket) => [
    ...(bucket === "without" ? [] : bucketRows(bucket, 2)),
    ...keys.flatMap((key) => objectRows(key, "x", { bucket, generation: 2 })),
    ...objectRows("a", "old", { bucket, generation: 1 }),
  ]);
  const raw = keys.map(bytesOf);
  const order = (a: Uint8Array, b: Uint8Array): number => textOf(a) < textOf(b) ? -1 : 1;
  raw.sort(order);
  for (let from = 0; from <= raw.length; from++) {
    for (let to = 0; to <= raw.length; to++) {
      if (from === raw.length && to === raw.length) continue;
      const selection = { from: raw[from], to: raw[to] };
      const wanted = raw.slice(from === raw.length ? 0 : from, to).map(textOf);
      const expected = (buckets: string[]): string[] =>
        buckets.flatMap((bucket) => wanted.map((key) => `${bucket}/${key}`));
      deepStrictEqual(await namesOf(rows, selection), expected(["p", "q"]));
      const scopes = [bytesOf("without"), bytesOf("q"), bytesOf("q")];
      deepStrictEqual(await namesOf(rows, { ...selection, scopes }), expected(["q", "without"]));
      const bodies = false;
      deepStrictEqual(await namesOf(rows, { ...selection, bodies }), expected(["p", "q"]));
    }
  }
});

Deno.test("what lies outside of a range, and bodies that are not wanted, are not read", async () => {
  const body = "x".repeat(1000);
  const key = (i: number): string => String(i).padStart(6, "0");
  for (const n of [1000, 2000, 4000]) {
    const rows = [
      ...bucketRows("b"),
      ...Array.from({ length: n }, (_, i) => objectRows(key(i), body)).flat(),
    ];
    const cost = async (selection: RecordSelection): Promise<number> => {
      const { context, source } = await open(rows);
      for await (const { receipt } of singly(context, selection)) receipt.written();
      return source.bytes;
    };
    const range = { from: bytesOf(key(500)), to: bytesOf(key(600)) };
    const some = await cost(range);
    strictEqual(some < 768 << 10, true, `${some} bytes of 100 objects`);
    const without = await cost({ bodies: false });
    strictEqual(without < n * 350 + (200 << 10), true, `${without} bytes of ${n} headers`);
    const least = await cost({ ...range, bodies: false });
    strictEqual(least < 384 << 10, true, `${least} bytes of 100 headers`);
  }
});
