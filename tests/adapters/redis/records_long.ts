/** Records: what they are, what is read for them, and what becomes of their rows. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { EntryReader } from "../../../src/adapters/redis/messages.ts";
import { records, type RedisRecord } from "../../../src/adapters/redis/records.ts";
import { idText, scoreAt, StringRow } from "../../../src/adapters/redis/values.ts";
import type { RecordSelection } from "../../../src/adapters/wanted_rows.ts";
import { UnsoundError } from "../../../src/errors.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import type { Source } from "../../../src/sources/source.ts";
import { CountingSource } from "../../support/counting_source.ts";
import { stream } from "../../support/stream.ts";
import { fromLatin1, latin1 } from "./support.ts";
import { keyOf, type Row, valueOf } from "./test_rows.ts";

function fileOf(rows: Row[]): BytesSource {
  return new BytesSource(
    stream(rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }))),
    "a.fsm",
  );
}

async function contextOf(source: Source, problems?: UnsoundError[]): Promise<AdapterContext> {
  const snapshot = await openSnapshotInputs([{ source }]);
  return new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch: new MemoryScratch(),
    ledger: new Ledger(snapshot.info.totals),
    options: { redisBareStrings: true },
    handlers: {
      onProblem: ({ error }) => {
        if (!problems) throw error;
        problems.push(error);
      },
      onWarning: () => {},
    },
  });
}

/** What is in a record, and that it was written. */
async function contents(record: RedisRecord): Promise<unknown[][]> {
  const { type, receipt } = record;
  if (type === "strings") {
    receipt.written(record.rows.length);
    const string = new StringRow();
    return [...record.rows].map((row) => {
      const { key, value, expireAtMs } = string.at(record.batch, row);
      return [type, latin1(key), expireAtMs, latin1(value)];
    });
  }
  receipt.written();
  if (type === "db" || type === "orphan-entries") return [[type]];
  const { key, expireAtMs, live } = record;
  const info = [type, latin1(key), expireAtMs, live];
  if ("value" in record) return [[...info, latin1(record.value)]];
  const elements: unknown[] = [];
  for (;;) {
    const element = await record.elements.next();
    if (!element) break;
    const { key, value } = element;
    if (type === "hash") elements.push([latin1(key), latin1(value)]);
    else if (type === "zset") elements.push([latin1(key), scoreAt(value, 0)]);
    else if (type === "stream") elements.push([idText(key), ...fieldsOf(value)]);
    else elements.push(latin1(type === "list" ? value : key));
  }
  return [[...info, ...elements, ...(record.state ? [record.state] : [])]];
}

function fieldsOf(value: Uint8Array): string[] {
  const fields: string[] = [];
  for (const entry = new EntryReader().reset(value); entry.next();) {
    fields.push(latin1(value.subarray(entry.nameStart, entry.nameEnd)));
    fields.push(latin1(value.subarray(entry.valueStart, entry.valueEnd)));
  }
  return fields;
}

async function all(context: AdapterContext, selection: RecordSelection = {}): Promise<unknown[][]> {
  const found: unknown[][] = [];
  for await (const record of records(context, selection)) found.push(...await contents(record));
  return found;
}

const ROWS: Row[] = [
  { is: "string", name: "k", form: 5n, body: "v" },
  { is: "string", name: "legacy", form: "legacy", body: "v" },
  { is: "hll", name: "p", form: "plain", body: "a" },
  { is: "field", name: "h", field: "f", value: "1" },
  { is: "field", name: "h", field: "g", value: "2" },
  { is: "item", name: "l", place: 7n, value: "i" },
  { is: "member", name: "s", member: "m" },
  { is: "scored", name: "z", member: "m", score: -0 },
  {
    is: "meta",
    type: "stream",
    name: "x",
    length: 1n,
    head: 0n,
    last: [5n, (1n << 64n) - 1n],
    expire: 9n,
  },
  { is: "entry", name: "x", id: [5n, 1n], fields: ["a", "b", "a", "c"] },
  { is: "entry", name: "orphan", id: [5n, 1n], fields: [] },
  { is: "set-blob", name: "old", members: ["y", "x", "y"] },
  { is: "bare", name: "bare", body: "b" },
];

Deno.test("every type has its record", async () => {
  const found = await all(await contextOf(fileOf(ROWS)));
  const state = found.find(([type]) => type === "stream")!.pop() as Record<string, unknown>;
  deepStrictEqual([state.length, state.lastMs, state.lastSeq], [1n, 5n, (1n << 64n) - 1n]);
  deepStrictEqual(found, [
    ["db"],
    ["strings", "k", 5n, "v"],
    ["hash", "h", undefined, true, ["f", "1"], ["g", "2"]],
    ["list", "l", undefined, true, "i"],
    ["hll", "p", undefined, true, "\x00RS\x01\x0a\x01a"],
    ["set", "s", undefined, true, "m"],
    ["stream", "x", 9n, true, ["5-1", "a", "b", "a", "c"]],
    ["zset", "z", undefined, true, ["m", -0]],
    ["set", "old", undefined, true, "x", "y"],
    ["string", "bare", undefined, true, "b"],
    ["string", "legacy", undefined, true, "v"],
    ["orphan-entries"],
  ]);
});

Deno.test("what clients see comes first under a name of several types", async () => {
  const found = await all(
    await contextOf(fileOf([
      { is: "member", name: "a", member: "m" },
      { is: "scored", name: "a", member: "m", score: 1 },
      { is: "item", name: "a", place: 0n, value: "i" },
      { is: "hll", name: "a", form: "legacy", body: "h" },
      { is: "string", name: "a", form: "legacy", body: "s" },
    ])),
  );
  deepStrictEqual(found.slice(1).map(([type, , , live]) => [type, live]), [
    ["string", true],
    ["hll", false],
    ["list", false],
    ["set", false],
    ["zset", false],
  ]);
});

Deno.test("elements that nobody asks for are passed by, and are accounted for", async () => {
  const context = await contextOf(fileOf(ROWS));
  for await (const record of records(context, {})) {
    if (record.type === "strings") record.receipt.written(record.rows.length);
    else if (record.type === "orphan-entries") record.receipt.leave("unreachable");
    else record.receipt.written();
    // One field of two.
    if (record.type === "hash") await record.elements.next();
  }
  deepStrictEqual(context.ledger.unbalanced, []);
  strictEqual(context.ledger.count("written"), ROWS.length - 1);
  strictEqual(context.ledger.count("unreachable"), 1);
});

Deno.test("long values of elements that nobody asks for are not read again", async () => {
  const source = new CountingSource(fileOf([
    { is: "field", name: "h", field: "f", value: "x".repeat(5_000_000) },
    { is: "field", name: "h", field: "g", value: "x".repeat(5_000_000) },
  ]));
  const read = async (elements: number): Promise<number> => {
    const context = await contextOf(source);
    source.reset();
    for await (const record of records(context, {})) {
      if (record.type === "hash") {
        for (let i = 0; i < elements; i++) await record.elements.next();
        record.receipt.written();
      } else if (record.type !== "strings") record.receipt.written();
    }
    deepStrictEqual(context.ledger.unbalanced, []);
    return source.bytes;
  };
  const none = await read(0);
  strictEqual(Math.round((await read(1) - none) / 5_000_000), 1);
  strictEqual(Math.round((await read(2) - none) / 5_000_000), 2);
});

Deno.test("what becomes of a record is booked as its receipt says", async () => {
  const problems: UnsoundError[] = [];
  const context = await contextOf(fileOf(ROWS), problems);
  const error = new UnsoundError("malformed-value", "seen late", { key: keyOf(ROWS[0]) });
  for await (const record of records(context, {})) {
    if (record.type === "strings") record.receipt.refuse(record.rows[0], error);
    else if (record.type === "hash") record.receipt.refuse(error);
    else if (record.type === "list") record.receipt.leave("hidden");
    else if (record.type === "zset") {
      record.receipt.leaveElement();
      record.receipt.written();
    } else if (record.type === "orphan-entries") record.receipt.leave("unreachable");
    else record.receipt.written();
  }
  deepStrictEqual(context.ledger.unbalanced, []);
  deepStrictEqual(
    (["unsound", "hidden", "not-loadable", "unreachable"] as const)
      .map((fate) => context.ledger.count(fate)),
    [3, 1, 1, 1],
  );
  deepStrictEqual(problems, [error, error]);
});

Deno.test("nothing more comes before a record was answered for", async () => {
  for (const type of ["db", "strings", "hash", "hll", "orphan-entries"]) {
    const context = await contextOf(fileOf(ROWS));
    const walk = async (): Promise<void> => {
      for await (const record of records(context, {})) {
        if (record.type !== type) await contents(record);
      }
    };
    await rejects(walk, /said/, type);
  }
});

Deno.test("whoever has seen enough can stop", async () => {
  for (const last of ["k", "h", "old"]) {
    const context = await contextOf(fileOf(ROWS));
    let found: unknown[][] = [];
    for await (const record of records(context, {})) {
      found = await contents(record);
      if (found.some(([, key]) => key === last)) break;
    }
    strictEqual(found.at(-1)![1], last);
  }
});

/** Names that begin like others, and like what follows a name in keys. */
const NAMES = ["", "a", "ab", "a\x80", "a\xff", "b", "d|q", "d|\0\0\0\x01a", "\xff", "a\0", "abc"];
const SEED = 20261129;

Deno.test("ranges of keys that touch have each key once, with all of its rows", async () => {
  console.log(`seed ${SEED}`);
  const rows = NAMES.flatMap((name, i): Row[] => [
    { is: "string", name, form: i % 2 ? "legacy" : "plain", body: name },
    { is: "index", name, ms: 5n, ts: 1n },
    { is: "hll", name, form: "legacy", body: "m" },
    { is: "hash-blob", name, fields: [["f", "v"]] },
    { is: "stream-blob", name, entries: 1 },
    { is: "item", name, place: -1n, value: "first" },
    { is: "item", name, place: 1n, value: "last" },
    { is: "meta", type: "list", name, length: 2n, head: -1n, last: [0n, 0n] },
    { is: "delta", type: "list", name, length: 0n, head: 0n, ts: 7n },
    { is: "field", name, field: "", value: "v" },
    { is: "delta", type: "hash", name, length: 1n, head: 0n, ts: 7n },
    { is: "member", name, member: "\xff" },
    { is: "scored", name, member: "\x80", score: 1 },
    { is: "meta", type: "stream", name, length: 1n, head: 0n, last: [1n, 1n] },
    { is: "entry", name, id: [1n, 1n], fields: ["f", "v"] },
    { is: "bare", name, body: "b" },
  ]);
  const unique = [...new Map(rows.map((row) => [latin1(keyOf(row)), row])).values()];
  const whole = await contextOf(fileOf(unique));
  const wanted = (await all(whole)).slice(1);
  deepStrictEqual(whole.ledger.unbalanced, []);
  const name = fc.oneof(
    fc.constantFrom(...NAMES),
    fc.constantFrom(...NAMES).map((name) => name + "\0"),
    fc.string({ unit: fc.constantFrom("a", "b", "\0", "\x80", "\xff", "d", "|"), maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 4 }), async (bounds) => {
      const cuts = [undefined, ...bounds.toSorted(), undefined];
      const context = await contextOf(fileOf(unique));
      const found: unknown[][] = [];
      for (const [i, from] of cuts.slice(0, -1).entries()) {
        const to = cuts[i + 1];
        const part = await all(context, {
          from: from === undefined ? undefined : fromLatin1(from),
          to: to === undefined ? undefined : fromLatin1(to),
        });
        for (const [, key] of part.slice(1) as [string, string][]) {
          ok((from ?? "") <= key && (to === undefined || key < to), `${from} ${key} ${to}`);
        }
        found.push(...part.slice(1));
      }
      deepStrictEqual(found.map(String).sort(), wanted.map(String).sort());
      deepStrictEqual(context.ledger.unbalanced, []);
    }),
    { seed: SEED, numRuns: 60 },
  );
});

Deno.test("the items of a list are found between those of lists whose names go on", async () => {
  const places = [-(1n << 63n), -5n, 0n, 5n, (1n << 63n) - 1n];
  const five = "q\x80\0\0\0\0\0\0\x05";
  const between = ["q:failed", five, `${five}x`, `${five}\xff`];
  const body = "x".repeat(3000);
  const rows = [
    ...places.map((place): Row => ({ is: "item", name: "q", place, value: `own ${place}` })),
    // Each has more than a batch in the half of its places that are not negative.
    ...between.flatMap((name) =>
      Array.from({ length: 1600 }, (_, i): Row => ({
        is: "item",
        name,
        place: BigInt(i - 100),
        value: body,
      }))
    ),
  ];
  const source = new CountingSource(fileOf(rows));
  const context = await contextOf(source);
  for (const name of ["q", five]) {
    source.reset();
    const key = fromLatin1(name);
    const found = await all(context, { from: key, to: Uint8Array.of(...key, 0) });
    const wanted = name === "q" ? places.map((place) => `own ${place}`) : Array(1600).fill(body);
    deepStrictEqual(found.slice(1), [["list", name, undefined, true, ...wanted]]);
    if (name === "q") ok(source.bytes < 0.8 * source.size, `${source.bytes} of ${source.size}`);
  }
});

/** Many keys of each kind, and one of each that is looked for. */
function manyRows(count: number): Row[] {
  const rows: Row[] = [];
  const body = "x".repeat(400);
  for (let i = 0; i < count; i++) {
    const name = `key:${String(i).padStart(8, "0")}`;
    rows.push(
      { is: "string", name: `s${name}`, form: "plain", body },
      { is: "field", name: `h${name}`, field: "f", value: body },
      { is: "item", name: `l${name}`, place: 0n, value: body },
      { is: "meta", type: "list", name: `l${name}`, length: 1n, head: 0n, last: [0n, 0n] },
      { is: "member", name: `m${name}:${"x".repeat(i % 7)}`, member: body },
      { is: "index", name: `h${name}`, ms: 5n, ts: 1n },
    );
  }
  return rows;
}

Deno.test("one key costs a few blocks, however many there are", async () => {
  for (const count of [800, 1_600, 3_200]) {
    const source = new CountingSource(fileOf(manyRows(count)));
    const context = await contextOf(source);
    for (const kind of ["s", "h", "l", "m", "none"]) {
      const key = fromLatin1(`${kind}key:00000700${kind === "m" ? ":" : ""}`);
      source.reset();
      const found = await all(context, { from: key, to: Uint8Array.of(...key, 0) });
      strictEqual(found.length, kind === "none" ? 1 : 2);
      ok(source.bytes <= 10 * (64 << 10), `${kind} of ${count}: ${source.bytes} bytes`);
    }
  }
});

Deno.test("a range of keys costs what it has, and a little for each length of a name", async () => {
  const source = new CountingSource(fileOf(manyRows(8_000)));
  const context = await contextOf(source);
  source.reset();
  await all(context);
  const whole = source.bytes;
  source.reset();
  const part = await all(context, { from: fromLatin1("h"), to: fromLatin1("hkey:00000100") });
  strictEqual(part.length, 101);
  ok(source.bytes < whole / 2, `${source.bytes} of ${whole} bytes`);
});
