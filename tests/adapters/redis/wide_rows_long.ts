/** One row of tens of MiB in each family, in all forms: memory is that of the row, not of its text. */

import { Buffer } from "node:buffer";
import { redisKey, sequence, streamId } from "../../../src/keyspace/redis_keys.ts";
import { bytesField, concat, type Part, text, u64be } from "../../support/generator/encoding.ts";
import { copies, MIB, numbered, testWideRows, type WideRow } from "../../support/wide_rows.ts";

const SIZE = 40 * MIB;
const NAME = text("k");

function hash(body: Uint8Array): WideRow[] {
  return [[redisKey("redis-hash-blob", NAME), body]];
}

function stream(...fields: Part[]): WideRow[] {
  return [
    [redisKey("stream-meta", NAME), concat(u64be(1), u64be(1), u64be(1), u64be(0))],
    [
      redisKey("stream-entry", NAME, { fixed: streamId(1n, 1n) }),
      concat(0, "RXE", 1, bytesField(1, "1-1"), ...fields),
    ],
  ];
}

const KINDS: Record<string, () => WideRow[]> = {
  "a string that is text": () => [
    [redisKey("redis-string", NAME), concat(0xff, 1, 0, copies(1, SIZE))],
  ],
  "a string of before there were preambles, no text": () => [
    [redisKey("redis-string", NAME), copies(0xfe, SIZE)],
  ],
  "a HyperLogLog of many members": () => [[
    redisKey("redis-hll", NAME),
    concat(0xff, 2, 0, 0, "RS", 1, copies(bytesField(1, "abc"), SIZE)),
  ]],
  "a HyperLogLog of one long member": () => [[
    redisKey("redis-hll", NAME),
    concat(0xff, 2, 0, 0, "RS", 1, bytesField(1, copies("x", SIZE))),
  ]],
  "a list item of control characters": () => [
    [redisKey("list-meta", NAME), concat(u64be(0), u64be(1), u64be(1), u64be(0))],
    [redisKey("list-item", NAME, { fixed: sequence(0n) }), copies(1, SIZE)],
  ],
  "fields of hashes, items and entries, no text": () => [
    ...["a", "b", "c"].flatMap((name): WideRow[] => [
      [redisKey("hash-field", text(name), { tail: text("f") }), copies(0xfe, SIZE)],
      [redisKey("list-item", text(name), { fixed: sequence(0n) }), copies(0xfe, SIZE)],
      [redisKey("stream-meta", text(`x${name}`)), concat(u64be(1), u64be(1), u64be(1))],
      [
        redisKey("stream-entry", text(`x${name}`), { fixed: streamId(1n, 1n) }),
        concat(0, "RXE", 1, bytesField(2, "f"), bytesField(2, copies(1, SIZE))),
      ],
    ]),
  ],
  "a hash in one row": () =>
    hash(concat(0, "RH", 1, text(numbered(SIZE, (n) => `\x0a\x0f\x0a\x08${n}\x12\x03abc`)))),
  "a hash in one row, of names that begin alike": () =>
    hash(concat(
      0,
      "RH",
      1,
      Buffer.from(
        numbered(SIZE, (n) => `\x0a\xb6\x02\x0a\xac\x02${"x".repeat(292)}${n}\x12\x05value`),
        "latin1",
      ),
    )),
  "a hash in one row, of one long name": () =>
    hash(concat(0, "RH", 1, bytesField(1, bytesField(1, copies("x", SIZE))))),
  "a set in one row, of empty members": () => [[
    redisKey("redis-set-blob", NAME),
    concat(0, "RS", 1, copies(bytesField(1, ""), SIZE)),
  ]],
  "a sorted set in one row": () => [[
    redisKey("redis-zset-blob", NAME),
    concat(0, "RZ", 1, text(numbered(SIZE, (n) => `\x0a\x0a\x0a\x08${n}`))),
  ]],
  "a stream in one row": () => [[
    redisKey("redis-stream-blob", NAME),
    concat(0, "RX", 1, copies(bytesField(1, ""), SIZE)),
  ], [redisKey("redis-string", text("something")), text("that clients see")]],
  "an entry of many empty fields": () => stream(copies(bytesField(2, ""), SIZE & ~3)),
  "an entry of one long value": () => stream(bytesField(2, "f"), bytesField(2, copies(1, SIZE))),
};

/** Names that have nearly as many bytes as keys can have. */
function longNames(length: number): Uint8Array[] {
  const mark = (i: number): string => String(i).padStart(8, "0");
  return Array.from(
    { length: SIZE / length },
    (_, i) => concat(copies(1, length - 8), mark(i)),
  );
}

KINDS["strings with keys of a MB"] = () =>
  longNames(1_000_000).map((name) => [redisKey("redis-string", name), text("value of before")]);
KINDS["hashes with keys and fields of half a MB"] = () =>
  longNames(500_000).map((name) => [redisKey("hash-field", name, { tail: name }), text("v")]);

const FORMS = [
  ["decode", "SNAP", "-o", "OUT"],
  ["decode", "SNAP", "-o", "OUT", "--format", "records", "--spool", "SPOOL"],
  ["decode", "SNAP", "-o", "OUT", "--format", "resp", "--spool", "SPOOL"],
];

for (const [name, rows] of Object.entries(KINDS)) {
  for (const words of FORMS) testWideRows(name, rows, words);
}

const ENTRY = KINDS["an entry of many empty fields"];
testWideRows("an entry of many empty fields", ENTRY, ["inspect", "SNAP"]);
testWideRows("an entry of many empty fields", ENTRY, ["verify", "SNAP"]);
testWideRows("a stream in one row", KINDS["a stream in one row"], [
  ...FORMS[0],
  "--raw",
]);
testWideRows("a row without a family", () => [[text("a"), copies("x", SIZE)]], [
  "decode",
  "SNAP",
  "-o",
  "OUT",
  "--redis-bare-strings",
]);
