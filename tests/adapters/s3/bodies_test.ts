/** How bodies are put together, and when they are not whole. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { sha256, sha256Hex } from "../../../src/bytes/digest.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { TarSink } from "../../../src/sinks/tar_sink.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { bytesOf, type TestEntry } from "../../support/stream.ts";
import {
  blobRow,
  bodiesOf,
  bucketRows,
  dump,
  dumpInto,
  headRow,
  md5Of,
  objectRows,
  refRows,
  textOf as text,
  warningsOf,
} from "./support.ts";

type Part = Record<string, unknown>;

/** Parts by their sizes: one chunk each. */
function part(number: bigint, sizes: number[], members: Part = {}): Part {
  return { part_no: Number(number), chunk_count: sizes.length, chunk_sizes: sizes, ...members };
}

function head(size: number, parts: Part[], members: Part = {}): TestEntry {
  return headRow("k", { upload_id: "u", size_bytes: size, parts, ...members });
}

async function bodyOf(rows: TestEntry[]): Promise<string | undefined> {
  const { tree, wrong } = await dump([...bucketRows("b"), ...rows]);
  deepStrictEqual(wrong, []);
  return bodiesOf(tree, "b")["k"];
}

Deno.test("parts are in the order of their numbers, whatever the head's order", async () => {
  strictEqual(
    await bodyOf([
      head(6, [part(10n, [1, 2]), part(2n, [3])]),
      blobRow("k", "D", { part: 10n }),
      blobRow("k", "EF", { part: 10n, chunk: 1n }),
      blobRow("k", "ABC", { part: 2n }),
    ]),
    "ABCDEF",
  );
});

Deno.test("two versions of one part are two parts, in the order of the versions", async () => {
  const rows = [];
  for (const [version, data] of [[5n, "v5"], [9n, "v9"]] as const) {
    for (const chunk of [0n, 1n]) rows.push(blobRow("k", `${data}.${chunk} `, { version, chunk }));
  }
  strictEqual(
    await bodyOf([
      head(20, [part(1n, [5, 5], { part_version: 9 }), part(1n, [5, 5], { part_version: 5 })]),
      ...rows,
    ]),
    "v5.0 v5.1 v9.0 v9.1 ",
  );
});

Deno.test("a part may be inline and the next one offloaded", async () => {
  const off = { offloaded: true, chunk_ref_version: 3 };
  strictEqual(
    await bodyOf([
      head(12, [part(1n, [3], off), part(2n, [3]), part(3n, [3], off), part(4n, [3])]),
      ...refRows("k", "one", { part: 1n, version: 3n }),
      blobRow("k", "two", { part: 2n }),
      ...refRows("k", "333", { part: 3n, version: 3n }),
      blobRow("k", "4th", { part: 4n }),
    ]),
    "onetwo3334th",
  );
});

Deno.test("bodies above what is kept in memory are read again in the right order", async () => {
  const piece = (letter: string): string => letter.repeat(400_000);
  const letters = ["a", "b", "c", "d"];
  const inOrder = letters.map((letter, i) => blobRow("k", piece(letter), { part: BigInt(i + 1) }));
  const parts = letters.map((_, i) => part(BigInt(i + 1), [400_000]));
  strictEqual(
    await bodyOf([head(1_600_000, parts), ...inOrder]),
    letters.map(piece).join(""),
  );
  const mixed = letters.map((_, i) =>
    part(BigInt(i + 1), [400_000], i % 2 === 0 ? { offloaded: true } : {})
  );
  strictEqual(
    await bodyOf([
      head(1_600_000, mixed),
      ...refRows("k", piece("a"), { part: 1n }),
      blobRow("k", piece("b"), { part: 2n }),
      ...refRows("k", piece("c"), { part: 3n }),
      blobRow("k", piece("d"), { part: 4n }),
    ]),
    letters.map(piece).join(""),
  );
});

Deno.test("an object of many small chunks keeps their order", async () => {
  const count = 3000;
  const sizes = Array.from({ length: count }, (_, i) => String(i).length + 1);
  const body = sizes.map((_, i) => `${i},`).join("");
  strictEqual(
    await bodyOf([
      head(body.length, [part(1n, sizes)]),
      ...sizes.map((_, i) => blobRow("k", `${i},`, { chunk: BigInt(i) })),
    ]),
    body,
  );
});

Deno.test("an object whose only parts have no chunks is empty, whatever lies beside it", async () => {
  const { tree, wrong, fates } = await dump([
    ...bucketRows("b"),
    head(0, [part(1n, []), part(2n, [])]),
    blobRow("k", "stray"),
    blobRow("k", "stray", { part: 2n, chunk: 7n }),
  ]);
  deepStrictEqual(wrong, []);
  deepStrictEqual(bodiesOf(tree, "b"), { k: "" });
  deepStrictEqual(fates, { "b written": 2, "b hidden": 2 });
});

Deno.test("chunks of other uploads, versions and parts are hidden, not lost", async () => {
  const { tree, fates, warnings } = await dump([
    ...bucketRows("b"),
    head(2, [part(1n, [2], { part_version: 4 })]),
    blobRow("k", "ok", { version: 4n }),
    blobRow("k", "old", { version: 3n }),
    blobRow("k", "none", {}),
    blobRow("k", "other", { upload: "t", version: 4n }),
    blobRow("k", "more", { part: 2n, version: 4n }),
    ...refRows("k", "ref", { version: 4n }),
  ]);
  deepStrictEqual(bodiesOf(tree, "b"), { k: "ok" });
  deepStrictEqual(warnings, []);
  deepStrictEqual(fates, { "b written": 3, "b hidden": 5, "- hidden": 1 });
});

Deno.test("version 0 that is written out is version 0; the key without it counts", async () => {
  const zero = blobRow("k", "zero");
  const written: TestEntry = {
    key: Uint8Array.from([...zero.key as Uint8Array, 0, 0, 0, 0, 0, 0, 0, 0]),
    value: "ZERO",
  };
  const rows = [...bucketRows("b"), head(4, [part(1n, [4])])];
  strictEqual(bodiesOf((await dump([...rows, written])).tree, "b")["k"], "ZERO");
  const both = await dump([...rows, written, zero]);
  strictEqual(bodiesOf(both.tree, "b")["k"], "zero");
  deepStrictEqual(both.fates, { "b written": 3, "b hidden": 1 });
});

Deno.test("a body that is not whole is unsound, and says why", async () => {
  const one = blobRow("k", "a");
  const cases: [string, TestEntry[]][] = [
    ["part 1 has 0 chunks instead of 1", [head(1, [part(1n, [1])])]],
    ["part 1 has 1 chunks instead of 2", [head(2, [part(1n, [1, 1])]), one]],
    [
      "chunk 1 of part 1 stands where chunk 0 should",
      [head(2, [part(1n, [1, 1])]), blobRow("k", "b", { chunk: 1n })],
    ],
    [
      "chunk 2 of part 1 stands where chunk 1 should",
      [head(3, [part(1n, [1, 1, 1])]), one, blobRow("k", "c", { chunk: 2n })],
    ],
    [
      "part 1 has 2 chunks instead of 1",
      [head(2, [part(1n, [1])]), one, blobRow("k", "b", { chunk: 1n })],
    ],
    ["chunk 0 of part 1 has 1 bytes instead of 2", [head(2, [part(1n, [2])]), one]],
    ["the body has 1 bytes instead of 2", [head(2, [part(1n, [1])]), one]],
    ["the body has 0 bytes instead of 5", [head(5, [])]],
    ["the body has 0 bytes instead of -5", [head(-5, [])]],
    [
      "part 1 has 1 chunks and the sizes of 2",
      [head(1, [{ part_no: 1, chunk_count: 1, chunk_sizes: [1, 1] }]), one],
    ],
    [
      "part 1 has 0 chunks instead of 18446744073709551615",
      [headRow("k", '{"parts":[{"part_no":1,"chunk_count":18446744073709551615}]}')],
    ],
  ];
  for (const [message, rows] of cases) {
    const { tree, wrong, fates, problems } = await dump([
      ...bucketRows("b"),
      ...rows,
      ...objectRows("other", "x"),
    ]);
    deepStrictEqual(wrong, [`incomplete-object: ${message}`]);
    deepStrictEqual(bodiesOf(tree, "b"), { other: "x" });
    deepStrictEqual(fates, { "b written": 3, "b unsound": rows.length }, message);
    const [{ error, adapter, scope }] = problems;
    strictEqual(adapter, "s3");
    deepStrictEqual(scope, bytesOf("b"));
    strictEqual(error.file, "test.fsm");
    ok(error.offset! > 0);
    deepStrictEqual(error.key, rows[0].key);
    match(error.hint!, /replica/);
  }
});

Deno.test("a chunk that a size is not given for may have any size", async () => {
  strictEqual(
    await bodyOf([
      head(4, [{ part_no: 1, chunk_count: 3 }]),
      blobRow("k", "ab"),
      blobRow("k", "", { chunk: 1n }),
      blobRow("k", "cd", { chunk: 2n }),
    ]),
    "abcd",
  );
});

Deno.test("references are checked", async () => {
  const [ref, piece] = refRows("k", "12345");
  const rows = [...bucketRows("b"), head(5, [part(1n, [5], { offloaded: true })])];
  const value = ref.value as Uint8Array;
  const changed = (at: number, to: number): Uint8Array => value.map((b, i) => i === at ? to : b);
  const cases: [Uint8Array, string][] = [
    [value.subarray(0, 42), "the reference is cut off"],
    [value.subarray(0, value.length - 1), "the reference is cut off"],
    [changed(0, 3), "version 3 of references is unknown"],
    [Uint8Array.from([...value, 0]), "unexpected bytes at the end of the reference: 1"],
    [
      Uint8Array.from([...changed(0, 2), 0xff, 0xff]),
      "the reference has more replicas than bytes for them",
    ],
    [changed(40, 6), "chunk 0 of part 1 has 5 bytes instead of 6"],
  ];
  for (const [bad, message] of cases) {
    const { wrong, fates } = await dump([...rows, { ...ref, value: bad }, piece]);
    strictEqual(wrong.length, 1);
    ok(wrong[0].endsWith(message), wrong[0]);
    strictEqual(fates["b unsound"], 2);
  }
  deepStrictEqual((await dump([...rows, ref, piece])).wrong, []);
});

Deno.test("a piece is booked once, however many objects share it", async () => {
  const [, piece] = refRows("k", "same");
  const rows = ["good1", "good2", "bad"].flatMap((name) => [
    headRow(name, {
      upload_id: "u",
      size_bytes: name === "bad" ? 5 : 4,
      parts: [part(1n, [4], { offloaded: true })],
    }),
    refRows(name, "same")[0],
  ]);
  const unused = refRows("k", "nobody")[1];
  const { fates, warnings } = await dump([...bucketRows("b"), ...rows, piece, unused]);
  deepStrictEqual(fates, { "b written": 5, "b unsound": 2, "- written": 1, "- orphan": 1 });
  deepStrictEqual(warnings, []);
});

Deno.test("a damaged piece is reported once, and is only unsound if an object needs it", async () => {
  const [ref, piece] = refRows("k", "right");
  const bad = { ...piece, value: "wrong" };
  const alone = await dump([bad]);
  deepStrictEqual(alone.fates, { "- hidden": 1 });
  deepStrictEqual(alone.wrong, []);
  deepStrictEqual(warningsOf(alone), [[
    "s3_chunkblob_corrupt",
    sha256Hex(bytesOf("right")),
    false,
  ]]);
  const needed = await dump([
    ...bucketRows("b"),
    head(5, [part(1n, [5], { offloaded: true })]),
    ref,
    bad,
  ]);
  deepStrictEqual(needed.fates, { "b written": 1, "b unsound": 2, "- unsound": 1 });
  deepStrictEqual(warningsOf(needed), [[
    "s3_chunkblob_corrupt",
    sha256Hex(bytesOf("right")),
    true,
  ]]);
});

Deno.test("a piece under capital digits is where the server does not look", async () => {
  const [, piece] = refRows("k", "right");
  const key = new TextDecoder().decode(piece.key as Uint8Array);
  const upper = { key: key.slice(0, 14) + key.slice(14).toUpperCase(), value: "right" };
  deepStrictEqual((await dump([upper])).fates, { "- unreachable": 1 });
});

Deno.test("an ETag that does not match the body is a warning", async () => {
  const cases: [string, number[], string | undefined][] = [
    [md5Of("abcdef"), [6], undefined],
    [md5Of("abcdeg"), [6], md5Of("abcdef")],
    [md5Of("abcdef"), [2, 4], undefined],
    ["not an MD5", [6], undefined],
    [`"${md5Of("x")}"`, [6], undefined],
    [`${md5Of("x")}-2`, [6], undefined],
    [`${md5Of("x")}-3`, [1, 0, 5], `${composite("a", "", "bcdef")}-3`],
    [`${composite("a", "", "bcdef")}-3`, [1, 0, 5], undefined],
    [`${composite("abcde", "f", "")}-3`, [5, 1, 0], undefined],
  ];
  for (const [etag, sizes, found] of cases) {
    let at = 0;
    const rows: TestEntry[] = [];
    const parts = sizes.map((size, i) => {
      const number = BigInt(i + 1);
      rows.push(blobRow("k", "abcdef".slice(at, at += size), { part: number }));
      return part(number, [size]);
    });
    const result = await dump([...bucketRows("b"), head(6, parts, { etag }), ...rows]);
    const expected = found ? [["s3_etag_mismatch", "b", "k", etag, found]] : [];
    deepStrictEqual(warningsOf(result), expected, etag);
    strictEqual(bodiesOf(result.tree, "b")["k"], "abcdef");
  }
});

function composite(...parts: string[]): string {
  return md5Of(Uint8Array.from(parts.flatMap((part) => [...Uint8Array.fromHex(md5Of(part))])));
}

Deno.test("raw rows of an unsound object are handed on, each once", async () => {
  const { ledger, problems, raw } = await dumpInto(new MemorySink(), [
    ...bucketRows("b"),
    headRow("k", '{"upload_id":"u","size_bytes":9,"parts":[{"part_no":1,"chunk_count":3}]}'),
    blobRow("k", "first"),
    blobRow("k", "third", { chunk: 2n }),
    blobRow("k", "other", { upload: "x" }),
    ...objectRows("fine", "fine"),
  ]);
  strictEqual(problems.length, 1);
  strictEqual(raw.filter((value) => value.includes("upload_id")).length, 1);
  deepStrictEqual(raw.filter((value) => !value.includes("upload_id")).sort(), [
    "first",
    "other",
    "third",
  ]);
  strictEqual(ledger.count("written"), 7);
});

Deno.test("a chunk that another one replaces is a raw row, beside the object that is written", async () => {
  // Version 0 written out, and the same chunk without it, which counts.
  const versioned = (row: TestEntry): TestEntry => ({
    ...row,
    key: Uint8Array.from([...row.key as Uint8Array, ...new Uint8Array(8)]),
  });
  const held = [versioned(blobRow("k", "past")), blobRow("k", "body")];
  const [past, body] = [refRows("k", "past"), refRows("k", "body")];
  const referred = [versioned(past[0]), past[1], ...body];
  const referredRaw = [text(past[0].value as Uint8Array), "past"];
  const cases = [[held, ["past"], false], [referred, referredRaw, true]] as const;
  for (const [rows, wanted, offloaded] of cases) {
    const object = [...bucketRows("b"), head(4, [part(1n, [4], { offloaded })])];
    const sink = new MemorySink();
    const { ledger, problems, raw } = await dumpInto(sink, [...object, ...rows]);
    deepStrictEqual(problems, []);
    strictEqual(text(sink.files.get("s3/b/k")!), "body");
    deepStrictEqual(raw.sort(), [...wanted].sort());
    strictEqual(ledger.count("hidden"), 0);
  }
});

/** Too long to be read before its object is given. */
const LONG = ["x".repeat(800_000), "y".repeat(800_000)];

function longObject(key: string, chunks: string[]): TestEntry[] {
  return [
    ...chunks.map((chunk, i) => blobRow(key, chunk, { chunk: BigInt(i) })),
    headRow(key, {
      upload_id: "u",
      size_bytes: 1_600_000,
      parts: [{ part_no: 1, chunk_count: 2 }],
    }),
  ];
}

/** Takes nothing back, as an archive. */
class OneWaySink extends MemorySink {
  override readonly takesBack = false;
  override create(path: string) {
    const { write, close } = super.create(path)!;
    return { write, close };
  }
}

Deno.test("nothing is left of a long body that is not whole, whatever takes it", async () => {
  const rows = [
    ...bucketRows("b"),
    ...longObject("new/folder/cut", LONG.slice(0, 1)),
    ...longObject("new/long", LONG),
    ...longObject("other/short", [LONG[0], "y"]),
    ...objectRows("small", "s"),
  ];
  for (const sink of [new MemorySink(), new OneWaySink()]) {
    const { problems, ledger } = await dumpInto(sink, rows);
    deepStrictEqual(problems.map(({ error }) => error.code), Array(2).fill("incomplete-object"));
    strictEqual(ledger.count("unsound") + ledger.count("written"), 11);
    const objects = [...sink.files.keys()].filter((path) => !path.endsWith(".json"));
    deepStrictEqual(objects, ["s3/b/new/long", "s3/b/small"]);
    deepStrictEqual(text(sink.files.get("s3/b/new/long")!), LONG.join(""));
    deepStrictEqual([...sink.directories].sort(), ["s3", "s3/b", "s3/b/new"]);
  }
});

Deno.test("a long body in an archive is kept in scratch space, or read again", async () => {
  const rows = [...bucketRows("b"), ...longObject("long", LONG), ...longObject("second", LONG)];
  const archives: string[] = [];
  for (const room of [0, 1_000_000, 100 << 20]) {
    const hash = sha256();
    const output = { write: (b: Uint8Array) => hash.update(b), close: () => {}, abort: () => {} };
    const scratch = new MemoryScratch(room);
    await dumpInto(new TarSink(output, scratch), rows, {}, scratch);
    strictEqual(scratch.room, room, "all of it is given back");
    archives.push(toHex(hash.digest()));
  }
  deepStrictEqual(new Set(archives).size, 1);
});
