import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { toHex } from "../../src/bytes/hex.ts";
import { crc32c, digestOf, sha256Hex } from "../../src/bytes/digest.ts";
import { DecantError, UnsoundError, UnsupportedError } from "../../src/errors.ts";
import type { SnapshotFile } from "../../src/container/snapshot_file.ts";
import { readFile } from "../support/read_file.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { hex, nodeFile, rawStream, stream } from "../support/stream.ts";
import { LateSource } from "../support/split_sources.ts";
import { snapFile, token } from "./raft_builder.ts";
import { buildBundle, buildTable, someEntries } from "./sst_builder.ts";
import {
  CLOCK,
  EMPTY_BUNDLE,
  EMPTY_STORE,
  MEMORY_STREAM,
  NOTHING,
  REALISTIC,
  SECOND_HEADER,
  TWO_VERSIONS,
} from "./vectors.ts";

async function open(bytes: Uint8Array): Promise<SnapshotFile> {
  return await readFile(new BytesSource(bytes, "test.fsm"));
}

/** What can be said of a file, without what it was opened with. */
async function facts(bytes: Uint8Array): Promise<Record<string, unknown>> {
  let entries = 0;
  const file = await readFile(new BytesSource(bytes, "test.fsm"), {
    onBatch: ({ count }) => entries += count,
  });
  const { kind, footer, crc32c, lastCommitTs, header, problems } = file;
  return {
    kind,
    footer,
    crc32c,
    lastCommitTs,
    header: header.version,
    entries,
    problems: problems.map(({ code }) => code),
  };
}

async function refused(bytes: Uint8Array, code: string, message: RegExp): Promise<DecantError> {
  let found: DecantError | undefined;
  await rejects(open(bytes), (error) => {
    ok(error instanceof UnsupportedError || error instanceof UnsoundError, String(error));
    strictEqual(error.code, code);
    ok(message.test(error.message), error.message);
    strictEqual(error.file, "test.fsm");
    ok(error.hint, "a hint");
    found = error;
    return true;
  });
  return found!;
}

const withoutFooter = (file: Uint8Array): Uint8Array => file.subarray(0, file.length - 4);

Deno.test("a new node's file has a header, no entries and its checksum", async () => {
  deepStrictEqual(await facts(EMPTY_STORE), {
    kind: "stream",
    footer: "verified",
    crc32c: "601ff484",
    lastCommitTs: 0n,
    header: 1,
    entries: 0,
    problems: [],
  });
});

Deno.test("a realistic file has seven entries and the last commit that its stream names", async () => {
  deepStrictEqual(await facts(REALISTIC), {
    kind: "stream",
    footer: "verified",
    crc32c: "7b1243c1",
    lastCommitTs: 0x019e704488020000n,
    header: 1,
    entries: 7,
    problems: [],
  });
  const { header, size, entries } = await open(REALISTIC);
  strictEqual(header.ceilingMs, 1780000005000n);
  deepStrictEqual([size, entries], [367, { start: 32, end: 363 }]);
});

Deno.test("a file with the second header has a cutover index", async () => {
  const { header, kind, footer, crc32c } = await open(SECOND_HEADER);
  deepStrictEqual(header, {
    version: 2,
    ceilingMs: 1780000005000n,
    cutoverIndex: 77n,
    length: 26,
  });
  deepStrictEqual([kind, footer, crc32c], ["stream", "verified", "8d95caf1"]);
});

Deno.test("a timestamp group's clock is recognised and holds nothing", async () => {
  const { kind, footer, crc32c, problems } = await open(CLOCK);
  deepStrictEqual([kind, footer, crc32c, problems], ["tso", "verified", "7e1eda19", []]);
});

Deno.test("twelve bytes that are no clock are refused", async () => {
  await refused(hex("0001000000000000 00000000"), "not-a-snapshot", /does not begin/);
  // Too short to be one, and no beginning of one: nothing was cut off.
  await refused(new TextEncoder().encode("hello\n"), "not-a-snapshot", /does not begin/);
  await refused(new TextEncoder().encode('{"a":1}'), "not-a-snapshot", /JSON/);
  // A checksum that holds does not help a clock of more than 48 bits.
  const clock = (first: string): Uint8Array => {
    const state = hex(first + "ffffffffffff");
    return new Uint8Array([...state, ...digestOf(crc32c, state)]);
  };
  strictEqual((await open(clock("0000"))).kind, "tso");
  for (const first of ["0001", "0100", "8000"]) {
    await refused(clock(first), "not-a-snapshot", /does not begin/);
  }
  const changed = CLOCK.slice();
  changed[11] ^= 1;
  await refused(changed, "not-a-snapshot", /does not begin/);
});

Deno.test("an empty payload is an empty store, with a checksum and behind every header", async () => {
  const { kind, footer, crc32c } = await open(NOTHING);
  deepStrictEqual([kind, footer, crc32c], ["empty", "verified", "00000000"]);
  for (const header of [EMPTY_STORE.subarray(0, 16), SECOND_HEADER.subarray(0, 26)]) {
    deepStrictEqual((await open(header)).footer, "absent");
    const file = await open(new Uint8Array([...header, 1, 2, 3, 4]));
    deepStrictEqual([file.kind, file.footer], ["empty", "mismatch"]);
    strictEqual(file.problems[0].code, "checksum-mismatch");
  }
});

Deno.test("an empty stream of sixteen bytes is a snapshot, with and without a checksum", async () => {
  const bare = rawStream([], 1234n);
  strictEqual(toHex(bare), "454b565042424c31d204000000000000");
  const { kind, footer, lastCommitTs, problems } = await open(bare);
  deepStrictEqual([kind, footer, lastCommitTs, problems], ["stream", "absent", 1234n, []]);
});

Deno.test("a checksum is verified where there is one, and may be absent", async () => {
  for (const file of [REALISTIC, TWO_VERSIONS, EMPTY_STORE, SECOND_HEADER]) {
    strictEqual((await open(file)).footer, "verified");
    const bare = await open(withoutFooter(file));
    deepStrictEqual([bare.footer, bare.crc32c, bare.problems], ["absent", undefined, []]);
  }
});

Deno.test("a wrong checksum is a problem that names both and where it is", async () => {
  const wrong = REALISTIC.slice();
  wrong[366] ^= 0xff;
  const { footer, crc32c, problems, entries } = await open(wrong);
  deepStrictEqual([footer, crc32c, problems.length], ["mismatch", "7b1243c1", 1]);
  strictEqual(problems[0].code, "checksum-mismatch");
  strictEqual(problems[0].message, "CRC32C is 7b1243c1, the file says 7b12433e");
  strictEqual(problems[0].offset, 363);
  strictEqual(entries.end, 363);
});

Deno.test("what can be read before damage is kept, and a checksum that holds all the same is told", async () => {
  const ordered = stream([{ key: "a", value: "1" }, { key: "b", value: "2" }]);
  const cut = ordered.subarray(0, ordered.length - 1);
  const file = await open(nodeFile(cut));
  deepStrictEqual([file.footer, file.problems.map(({ code }) => code)], ["verified", [
    "truncated",
  ]]);
  strictEqual(file.problems[0].offset, file.entries.end);
  const bare = await open(cut);
  deepStrictEqual([bare.footer, bare.crc32c], ["unknown", undefined]);
});

Deno.test("stored keys that do not ascend end the entries at the first that does not", async () => {
  const row = (key: string): [Uint8Array, Uint8Array] => [hex(key), new Uint8Array(9)];
  const keys = ["61ffffffffffffff01", "61ffffffffffffff02"];
  for (
    const [pairs, sound] of [
      [[row(keys[1]), row(keys[0])], 1],
      [[row(keys[0]), row(keys[1]), row(keys[1])], 2],
      [[row(keys[0]), row(keys[1]), row(keys[0]), row("62ffffffffffffff01")], 2],
      [[row(keys[1] + "00"), row(keys[1])], 1],
    ] as const
  ) {
    const found = await facts(rawStream([...pairs]));
    deepStrictEqual([found.entries, found.problems], [sound, ["unordered"]]);
  }
  // A key that extends another comes behind it, and an empty key first.
  const fine = rawStream([row(""), row(keys[0]), row(keys[0] + "00")]);
  deepStrictEqual((await facts(fine)).problems, []);
});

Deno.test("keys that do not ascend are found across the reader's buffers", async () => {
  const big: [Uint8Array, Uint8Array][] = [1, 2, 3, 4, 5].map((n) => [
    hex(`6${n}ffffffffffffff01`),
    new Uint8Array(1_500_000),
  ]);
  deepStrictEqual((await facts(rawStream(big))).problems, []);
  const mixed = [big[0], big[1], big[3], big[2], big[4]];
  const found = await facts(rawStream(mixed));
  deepStrictEqual([found.entries, found.problems], [3, ["unordered"]]);
  for (let i = 1; i <= big.length; i++) {
    const twice = [...big.slice(0, i), big[i - 1], ...big.slice(i)];
    const found = await facts(rawStream(twice));
    deepStrictEqual([found.entries, found.problems], [i, ["unordered"]]);
  }
});

Deno.test("a bundle is opened as the stream it stands for, its checksum covering all of it", async () => {
  const empty = await open(nodeFile(EMPTY_BUNDLE));
  deepStrictEqual([empty.kind, empty.footer, empty.problems], ["bundle", "verified", []]);
  strictEqual((await open(EMPTY_BUNDLE)).footer, "absent");

  const entries = someEntries(200);
  const bundle = buildBundle([{ entries, table: buildTable(entries) }], 77n);
  const found = await facts(nodeFile(bundle));
  deepStrictEqual([found.kind, found.entries, found.lastCommitTs], ["bundle", 200, 77n]);

  const wrong = nodeFile(bundle);
  wrong[wrong.length - 1] ^= 1;
  deepStrictEqual((await facts(wrong)).problems, ["checksum-mismatch"]);
  const trailing = new Uint8Array([...bundle, 1, 2]);
  deepStrictEqual((await facts(trailing)).problems, ["truncated"]);
});

Deno.test("a stream of the in-memory store is refused by its name", async () => {
  const error = await refused(MEMORY_STREAM, "unsupported-format", /EKVMVCC2/);
  strictEqual(error.offset, 0);
  strictEqual(
    (await refused(nodeFile(MEMORY_STREAM), "unsupported-format", /EKVMVCC2/)).offset,
    16,
  );
});

Deno.test("files that somebody may try are refused by what they are", async () => {
  const text = (s: string): Uint8Array => new TextEncoder().encode(s);
  const tail = "00000001 0000000000000000 0000000000000000";
  for (
    const [bytes, message] of [
      [hex("454b5654010000000000000001601ff484"), /snapshot token/],
      [hex("454b5652" + tail), /legacy Raft state/],
      [hex("454b5657" + tail), /legacy Raft log/],
      [hex("454b564d" + tail), /legacy Raft meta/],
      [hex("504b0304" + tail), /zip archive/],
      [hex("504b0506" + tail), /empty zip archive/],
      [hex("fd377a585a00" + tail), /xz data/],
      [hex("425a6839" + tail), /bzip2 data/],
      [hex("04224d18" + tail), /lz4 data/],
      [hex("377abcaf271c" + tail), /7z archive/],
      [hex("00".repeat(16) + "edda0ced" + tail), /bbolt database/],
      [text("data/".padEnd(257, "\0") + "ustar\x0000".padEnd(255, "\0")), /tar archive/],
      [text("SQLite format 3\0 and more"), /SQLite database/],
      [text("REDIS0011\xfa\tredis-ver"), /Redis RDB file/],
      [text("*2\r\n$6\r\nSELECT\r\n"), /Redis commands/],
      [text("%PDF-1.7 and more than that"), /PDF document/],
      [text("<?xml version='1.0'?><Error/>"), /error page of a download/],
      [text("version https://git-lfs.github.com/spec/v1"), /Git LFS pointer/],
      [hex("0400000000000084 08041000 00000000"), /log of a Raft group \(\.wal\)/],
      [snapFile(2n, 30n, token(30n, 1)), /record of a snapshot \(\.snap\), which only names it/],
      [snapFile(2n, 30n, text("a payload of an old node")), /record of a snapshot \(\.snap\)$/],
      [
        text('{\n  "format_version": 1,\n  "phase": "phase0-snapshot-decode"'),
        /manifest of a dump/,
      ],
      [text('{"adapter":"redis","scope":"db_0"}'), /record lines of a dump/],
      [text('{"Item":{"pk":{"S":"a"}}}'), /DynamoDB JSON/],
      [text(`${"0a".repeat(32)}  redis/db_0/a.bin`), /list of checksums/],
      [text('{\n  "schema_version": 1,\n "payload": {"key": "a/b.fsm"'), /offloaded snapshot/],
      [text("[1, 2, 3, 4, 5, 6]"), /JSON/],
      [text('{"format_version": 1, "phase": "x"}'), /JSON/],
      [text("elastickv\n".repeat(9)), /does not begin like a snapshot/],
      [new Uint8Array(100), /begins with zeros/],
    ] as const
  ) ok((await refused(bytes, "not-a-snapshot", message)).hint, `${message}`);
});

Deno.test("what only names a snapshot says which one", async () => {
  const manifest = '{\n  "schema_version": 1,\n  "payload": {\n    "key": "p/v1/ab.fsm",';
  for (
    const [bytes, hint] of [
      [snapFile(2n, 0x235n, token(0x235n, 1)), /fsm-snap\/0000000000000235\.fsm$/],
      [token(0x235n, 1), /fsm-snap\/0000000000000235\.fsm$/],
      [new TextEncoder().encode(manifest), /, p\/v1\/ab\.fsm in the same store$/],
    ] as const
  ) match((await refused(bytes, "not-a-snapshot", /snapshot/)).hint!, hint);
});

Deno.test("files of less than a header are too small or truncated", async () => {
  for (let size = 0; size < 4; size++) {
    await refused(new Uint8Array(size), "too-small", size === 0 ? /is empty/ : /no snapshot/);
  }
  for (let size = 5; size < 8; size++) {
    await refused(hex("454b565042424c31").subarray(0, size), "truncated", /magic number/);
  }
  for (let size = 8; size < 16; size++) {
    if (size !== 12) await refused(rawStream([]).subarray(0, size), "truncated", /header of its/);
  }
});

Deno.test("the digest of the whole file is taken when it is wanted, for every kind of file", async () => {
  const entries = someEntries(20);
  const bundle = buildBundle([{ entries, table: buildTable(entries) }]);
  for (const bytes of [REALISTIC, CLOCK, NOTHING, nodeFile(bundle), REALISTIC.subarray(0, 100)]) {
    for (const source of [new BytesSource(bytes), new LateSource(bytes)]) {
      const file = await readFile(source, { hash: true });
      strictEqual(file.sha256, sha256Hex(bytes));
    }
    strictEqual((await open(bytes)).sha256, undefined);
  }
});

Deno.test("opening tells how far it is, and stops when it is told to", async () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({
    key: `k${String(i).padStart(2, "0")}`,
    value: new Uint8Array(1 << 20),
  }));
  const bytes = nodeFile(stream(rows));
  const told: number[] = [];
  await readFile(new BytesSource(bytes), { progress: (n) => told.push(n) });
  deepStrictEqual(told.toSorted((a, b) => a - b), told);
  ok(told.length >= 3 && told.at(-1)! >= bytes.length - 4, `${told}`);

  const stop = new AbortController();
  await rejects(
    readFile(new BytesSource(bytes), {
      signal: stop.signal,
      progress: () => stop.abort(),
    }),
    (error) => error instanceof DecantError && error.code === "aborted",
  );
});

Deno.test("closing a file closes its source", async () => {
  for (const bytes of [REALISTIC, CLOCK, EMPTY_BUNDLE]) {
    let closed = 0;
    const source = new BytesSource(bytes);
    source.close = () => void closed++;
    (await readFile(source)).close();
    strictEqual(closed, 1);
  }
});
