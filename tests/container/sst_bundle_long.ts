import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes/hex.ts";
import { UnsoundError, UnsupportedError } from "../../src/errors.ts";
import { openSstBundle } from "../../src/container/sst/bundle.ts";
import { MAX_BLOCK_LENGTH } from "../../src/container/sst/block.ts";
import { dataBlocks } from "../../src/container/sst/table.ts";
import { BlockCache } from "../../src/sources/block_cache.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { readAt, type Source } from "../../src/sources/source.ts";
import {
  buildBundle,
  buildTable,
  bundleOf,
  type Entry,
  plainStream,
  rowBlock,
  sealed,
  someEntries,
  storedBlock,
  tableOfBlocks,
  type TableOptions,
  u32,
  uvarint,
} from "./sst_builder.ts";
import { ByteBuilder } from "../../src/bytes/builder.ts";

const SEED = 20260822;
const text = (s: string) => new TextEncoder().encode(s);

/** Opens the bundle and reads the stream from end to end. */
async function readBundle(bytes: Uint8Array, start = 0, end = bytes.length): Promise<Uint8Array> {
  const { stream } = await openSstBundle(new BytesSource(bytes, "test.fsm"), start, end);
  return await readAt(stream, 0, stream.size);
}

function one(entries: Entry[], options?: TableOptions): Uint8Array {
  return buildBundle([{ entries, table: buildTable(entries, options) }]);
}

function fails(code: string): (error: unknown) => true {
  return (error) => {
    ok(error instanceof UnsoundError || error instanceof UnsupportedError, String(error));
    strictEqual(error.code, code, error.message);
    strictEqual(error.file, "test.fsm");
    ok(error.hint, "a hint");
    return true;
  };
}

function refused(error: unknown): true {
  ok(error instanceof UnsoundError || error instanceof UnsupportedError, String(error));
  return true;
}

Deno.test("the empty bundle is an empty stream", async () => {
  const bytes = new Uint8Array([
    ...fromHex("454b565353544931" + "0000000000000099")!,
    ...fromHex("b86cd60af95c3f3bc56d0ca59b7c22225dbb9574c9c4efdaf16b6468cceb7374")!,
    ...text(
      '{"version":1,"last_commit_ts":0,"min_retained_ts":0,"pending_min_retained_ts":0,' +
        '"entry_count":0,"uncompressed_bytes":0,"total_file_bytes":0,"files":null}',
    ),
  ]);
  const bundle = await openSstBundle(new BytesSource(bytes), 0, bytes.length);
  deepStrictEqual(bundle.list, {
    lastCommitTs: 0n,
    minRetainedTs: 0n,
    pendingMinRetainedTs: 0n,
    appliedIndex: undefined,
    entryCount: 0n,
    uncompressedBytes: 0n,
    files: [],
  });
  strictEqual(bundle.payloadEnd, bytes.length);
  deepStrictEqual(
    await readAt(bundle.stream, 0, 100),
    fromHex("454b565042424c310000000000000000"),
  );
});

Deno.test("a bundle reads as the plain stream of its entries, however its tables are built", async () => {
  const entries = someEntries(57);
  for (const compression of [0, 1]) {
    for (const blockEntries of [1, 4, 100]) {
      for (const indexEntries of [undefined, 1, 3, 100]) {
        for (const restartInterval of [1, 3, 16]) {
          const options = { compression, blockEntries, indexEntries, restartInterval };
          deepStrictEqual(await readBundle(one(entries, options)), plainStream(entries));
        }
      }
    }
  }
});

Deno.test("several tables follow each other, and the file list's timestamp heads the stream", async () => {
  const parts = [someEntries(9), someEntries(1, 100), someEntries(30, 200)];
  const tables = parts.map((entries, i) => ({
    entries,
    table: buildTable(entries, { indexEntries: i === 1 ? undefined : 2 }),
  }));
  const bytes = buildBundle(tables, 77n, (list) => list.applied_index = 5);
  const { list } = await openSstBundle(new BytesSource(bytes), 0, bytes.length);
  strictEqual(list.lastCommitTs, 77n);
  strictEqual(list.appliedIndex, 5n);
  deepStrictEqual(list.files.map(({ name }) => name), [
    "000000.sst",
    "000001.sst",
    "000002.sst",
  ]);
  deepStrictEqual(await readBundle(bytes), plainStream(parts.flat(), 77n));
});

Deno.test("64-bit numbers of the file list are exact", async () => {
  const json =
    '{"version":1,"last_commit_ts":18446744073709551615,"min_retained_ts":117660133064900749,' +
    '"pending_min_retained_ts":0,"entry_count":0,"uncompressed_bytes":0,"total_file_bytes":0,"files":[]}';
  const bytes = bundleOf(text(json), []);
  const { list, stream } = await openSstBundle(new BytesSource(bytes), 0, bytes.length);
  strictEqual(list.lastCommitTs, 0xffff_ffff_ffff_ffffn);
  strictEqual(list.minRetainedTs, 117660133064900749n);
  deepStrictEqual(await readAt(stream, 8, 8), new Uint8Array(8).fill(0xff));
});

Deno.test("a bundle may lie inside a file, with bytes before and behind it", async () => {
  const entries = someEntries(20);
  const bundle = one(entries);
  const bytes = new Uint8Array([...new Uint8Array(16), ...bundle, 1, 2, 3, 4]);
  const opened = await openSstBundle(new BytesSource(bytes), 16, bytes.length);
  strictEqual(opened.payloadEnd, 16 + bundle.length);
  deepStrictEqual(await readBundle(bytes, 16), plainStream(entries));
});

Deno.test("any read gives the bytes of the sequential one, in any order and at once", async () => {
  const entries = someEntries(300);
  const plain = plainStream(entries);
  const bytes = buildBundle([
    {
      entries: entries.slice(0, 200),
      table: buildTable(entries.slice(0, 200), { indexEntries: 3 }),
    },
    { entries: entries.slice(200), table: buildTable(entries.slice(200)) },
  ]);
  const read = fc.tuple(fc.nat(plain.length + 10), fc.nat(3000));
  await fc.assert(
    fc.asyncProperty(fc.array(read, { minLength: 1, maxLength: 8 }), fc.boolean(), async (
      reads,
      keepsOne,
    ) => {
      const cache = new BlockCache(...(keepsOne ? [0, 0] : []));
      const { stream } = await openSstBundle(new BytesSource(bytes), 0, bytes.length, cache);
      strictEqual(stream.size, plain.length);
      await Promise.all(reads.map(async ([offset, length]) => {
        const into = new Uint8Array(length);
        const n = await stream.read(offset, into);
        deepStrictEqual(into.subarray(0, n), plain.subarray(offset, offset + length));
      }));
    }),
    { seed: SEED, numRuns: 200 },
  );
});

Deno.test("blocks that the cache has let go of are decoded again", async () => {
  const entries = Array.from({ length: 40 }, (_, i) => ({
    key: text(`key ${String(i).padStart(3, "0")}`),
    value: new Uint8Array(1 << 20).map((_, j) => (i * 31 + j) & 0xff),
  }));
  const bytes = one(entries, { blockEntries: 1 });
  const plain = plainStream(entries);
  const { stream } = await openSstBundle(new BytesSource(bytes), 0, bytes.length);
  for (let at = 0; at < plain.length; at += 4 << 20) await readAt(stream, at, 4 << 20);
  for (const at of [0, 5 << 20, 39 << 20, 5 << 20, plain.length - 10]) {
    deepStrictEqual(await readAt(stream, at, 2 << 20), plain.slice(at, at + (2 << 20)));
  }
});

Deno.test("every flipped bit is detected", async () => {
  const first = someEntries(7);
  const second = someEntries(3, 50);
  const bytes = buildBundle([
    { entries: first, table: buildTable(first, { indexEntries: 2, blockEntries: 2 }) },
    { entries: second, table: buildTable(second, { compression: 0 }) },
  ]);
  await readBundle(bytes);
  for (let i = 0; i < bytes.length; i++) {
    for (const bit of [1, 0x10, 0x80]) {
      const flipped = bytes.slice();
      flipped[i] ^= bit;
      await rejects(readBundle(flipped), refused, `byte ${i}`);
    }
  }
});

Deno.test("every truncation is detected when the bundle is opened", async () => {
  const bytes = one(someEntries(7), { indexEntries: 1 });
  for (let end = 0; end < bytes.length; end++) {
    await rejects(
      readBundle(bytes.slice(0, end)),
      fails(end < 8 ? "not-a-snapshot" : "truncated"),
      `${end} bytes`,
    );
    // The same when the file is shorter than it was said to be.
    await rejects(readBundle(bytes.slice(0, end), 0, bytes.length), refused);
  }
});

Deno.test("a damaged block is named with its place, and what is before it can be read", async () => {
  const entries = someEntries(20);
  const bytes = one(entries, { compression: 0 });
  const { payloadEnd, list } = await openSstBundle(new BytesSource(bytes), 0, bytes.length);
  const tableStart = payloadEnd - list.files[0].size;
  const second = storedBlock(
    rowBlock(
      entries.slice(0, 4).map(({ key, value }) => ({
        key: new Uint8Array([...key, 1, 0, 0, 0, 0, 0, 0, 0]),
        value: new Uint8Array([0, ...value]),
      })),
    ),
    0,
  ).length;
  bytes[tableStart + second] ^= 1;
  const { stream } = await openSstBundle(new BytesSource(bytes, "test.fsm"), 0, bytes.length);
  const before = plainStream(entries.slice(0, 4));
  deepStrictEqual(await readAt(stream, 0, before.length), before);
  for (let again = 0; again < 2; again++) {
    await rejects(readAt(stream, before.length, 1), (error) => {
      fails("checksum-mismatch")(error);
      strictEqual((error as UnsoundError).offset, tableStart + second);
      return true;
    });
  }
  deepStrictEqual(await readAt(stream, 0, before.length), before);
});

Deno.test("an obsolete mark and the same-prefix bit change nothing", async () => {
  const entries = someEntries(9);
  deepStrictEqual(
    await readBundle(one(entries, { kind: 0x41, prefix: 0x20 })),
    plainStream(entries),
  );
});

Deno.test("a table without the index-type property has one level", async () => {
  const entries = someEntries(9);
  const properties = [{ key: text("rocksdb.comparator"), value: text("x") }];
  deepStrictEqual(await readBundle(one(entries, { properties })), plainStream(entries));
});

Deno.test("what a node never writes into a table is refused by name", async () => {
  const entries = someEntries(9);
  const index = (type: number) => [
    { key: text("rocksdb.block.based.table.index.type"), value: u32(type) },
  ];
  const cases: [string, TableOptions][] = [
    ["unsupported-format", { compression: 7 }],
    ["unsupported-format", { compression: 4 }],
    ["unsupported-format", { version: 5 }],
    ["unsupported-format", { version: 3 }],
    ["unsupported-format", { checksum: 2 }],
    ["unsupported-format", { prefix: 0x80 }],
    ["unsupported-format", { prefix: 0x40 }],
    ["unsupported-format", { properties: index(1) }],
    ["checksum-mismatch", { properties: index(2) }], // one level, said to be two
    ["bad-table", { indexEntries: 2, properties: index(0) }], // two levels, said to be one
    ["bad-table", { prefix: 0x01 }],
    ["bad-table", { kind: 0 }],
    ["bad-table", { kind: 2 }],
    ["bad-table", { arrange: (handles) => handles.slice(1) }],
    ["bad-table", { arrange: (handles) => handles.slice(0, -1) }],
    ["bad-table", { arrange: (handles) => [...handles, handles[0]] }],
    ["bad-table", { arrange: (handles) => [handles[1], handles[0], handles[2]] }],
    ["bad-table", { arrange: ([first, ...rest]) => [{ ...first, length: 1 << 20 }, ...rest] }],
    ["bad-table", { arrange: () => [] }],
    ["bad-table", { metaindex: [{ key: text("rocksdb.propertie"), value: text("") }] }],
    ["bad-table", { metaindex: [{ key: text("rocksdb.propertiesx"), value: text("") }] }],
    ["bad-table", { metaindex: [{ key: text("rocksdb.properties"), value: text("") }] }],
    ["bad-table", {
      metaindex: [{ key: text("rocksdb.properties"), value: Uint8Array.of(1, 128) }],
    }],
  ];
  for (const [code, options] of cases) {
    await rejects(readBundle(one(entries, options)), fails(code), JSON.stringify(options));
  }
});

Deno.test("a table that is only a piece is refused", async () => {
  const entries = someEntries(9);
  const whole = buildTable(entries);
  const pieces: [string, Uint8Array][] = [
    ["bad-table", whole.slice(-52)],
    ["bad-table", whole.slice(0, -1)],
    ["bad-table", whole.slice(-53)],
    ["checksum-mismatch", whole.slice(1)],
  ];
  for (const [code, table] of pieces) {
    await rejects(readBundle(buildBundle([{ entries, table }])), fails(code));
  }
});

Deno.test("footers are checked to the last byte", async () => {
  const entries = someEntries(9);
  const whole = buildTable(entries);
  const footer = whole.length - 53;
  // Checksum type, a handle, the zeros, version, magic.
  for (const at of [0, 40, 41, 45, 52]) {
    const table = whole.slice();
    table[footer + at] ^= 0x80;
    await rejects(readBundle(buildBundle([{ entries, table }])), refused, `byte ${at}`);
  }
  const cut = whole.slice();
  cut.fill(0x80, footer + 1, footer + 41);
  await rejects(readBundle(buildBundle([{ entries, table: cut }])), fails("bad-table"));
});

Deno.test("a block length above the limit is refused before it is read", async () => {
  const entries = someEntries(9);
  const table = buildTable(entries, {
    arrange: ([first, ...rest]) => [{ ...first, length: MAX_BLOCK_LENGTH + 1 }, ...rest],
  });
  const bytes = buildBundle([{ entries, table }]);
  // The table is said, and read, to be large enough for such a block.
  const { list } = await openSstBundle(new BytesSource(bytes), 0, bytes.length);
  const head = bytes.length - list.files[0].size;
  let asked = 0;
  const size = 2 * MAX_BLOCK_LENGTH;
  const source: Source = {
    name: "test.fsm",
    size: head + size,
    read(offset, into) {
      asked = Math.max(asked, into.length);
      into.fill(0);
      for (let i = 0; i < into.length; i++) {
        const at = offset + i;
        const fromEnd = at - (head + size - 53);
        if (fromEnd >= 0) into[i] = table[table.length - 53 + fromEnd];
        else if (at - head < table.length - 53) into[i] = bytes[at];
      }
      return into.length;
    },
    close() {},
  };
  const blocks = dataBlocks({ source, start: head, size });
  await rejects(blocks.next(), fails("too-large"));
  ok(asked < 1000);
});

Deno.test("malformed data blocks are refused", async () => {
  const entries = someEntries(1);
  const raw = (...parts: (number[] | Uint8Array)[]) =>
    parts.reduce((out, part) => out.append(Uint8Array.from(part)), new ByteBuilder()).take();
  const restarts = (...offsets: number[]) => raw(...offsets.map(u32), u32(offsets.length));
  const key = [...entries[0].key, 1, 0, 0, 0, 0, 0, 0, 0];
  const value = [0, ...entries[0].value];
  const entry = [0, key.length, value.length, ...key, ...value];
  const deep = uvarint(new ByteBuilder(), 2 ** 40).take();
  const cases: [string, string, Uint8Array][] = [
    ["no restart count", "bad-table", raw([1, 2])],
    ["no restarts", "bad-table", raw(entry, restarts())],
    ["too many restarts", "bad-table", raw(entry, u32(0), u32(1 << 30))],
    ["a restart inside an entry", "bad-table", raw(entry, restarts(0, 5))],
    ["a restart behind the entries", "bad-table", raw(entry, restarts(0, entry.length))],
    ["restarts that descend", "bad-table", raw(entry, entry, restarts(entry.length, 0))],
    ["no entry", "bad-table", raw(restarts(0))],
    ["a key that shares with nothing", "bad-table", raw([1, ...entry.slice(1)], restarts(0))],
    [
      "a whole key that shares",
      "bad-table",
      raw(entry, [1, ...entry.slice(1)], restarts(0, entry.length)),
    ],
    ["a value that is too long", "bad-table", raw([0, key.length, 127, ...key, 0], restarts(0))],
    ["a length of 2^40", "bad-table", raw([0], deep, [0], restarts(0))],
    ["a length that never ends", "bad-table", raw(new Uint8Array(40).fill(0x80), restarts(0))],
    [
      "a key that is only a trailer",
      "bad-table",
      raw([0, 8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], restarts(0)),
    ],
    ["a value without its prefix", "bad-table", raw([0, key.length, 0, ...key], restarts(0))],
  ];
  for (const [what, code, block] of cases) {
    const table = tableOfBlocks([storedBlock(block, 0)]);
    await rejects(readBundle(buildBundle([{ entries, table }])), fails(code), what);
  }
});

Deno.test("keys and values above the limits of the store are refused", async () => {
  const key = (length: number) =>
    new Uint8Array(length + 8).fill(1, length, length + 1).fill(0x61, 0, length);
  for (
    const [length, code] of [[(1 << 20) + 8, undefined], [(1 << 20) + 9, "too-large"]] as const
  ) {
    const block = storedBlock(rowBlock([{ key: key(length), value: new Uint8Array(1) }]), 1);
    const entries = [{ key: key(length).slice(0, length), value: new Uint8Array(0) }];
    const bytes = buildBundle([{ entries, table: tableOfBlocks([block]) }]);
    if (code) await rejects(readBundle(bytes), fails(code));
    else deepStrictEqual(await readBundle(bytes), plainStream(entries));
  }
});

Deno.test("a small block that would become huge is refused before it is made", async () => {
  // Each entry shares a key of 1 MiB with the one before: 12 bytes that stand for 1 MiB.
  const start = [0, ...uvarint(new ByteBuilder(), (1 << 20) + 8).take(), 1];
  const out = new ByteBuilder().append(Uint8Array.from(start));
  out.append(new Uint8Array(1 << 20).fill(0x61)).append(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0));
  for (let i = 0; i < 400; i++) {
    uvarint(out, 1 << 20).append(Uint8Array.of(8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0));
  }
  out.append(u32(0)).append(u32(1));
  const entries = [{ key: text("a"), value: text("") }];
  const table = tableOfBlocks([storedBlock(out.view(), 1)]);
  await rejects(readBundle(buildBundle([{ entries, table }])), fails("too-large"));

  const claim = sealed(uvarint(new ByteBuilder(), 256 << 20).byte(0).byte(0).take(), 1);
  await rejects(
    readBundle(buildBundle([{ entries, table: tableOfBlocks([claim]) }])),
    fails("bad-table"),
  );
});

Deno.test("what the file list says must hold", async () => {
  const first = someEntries(8);
  const second = someEntries(5, 50);
  const tables = [
    { entries: first, table: buildTable(first) },
    { entries: second, table: buildTable(second) },
  ];
  const file = (list: Record<string, unknown>, i = 0) =>
    (list.files as Record<string, unknown>[])[i];
  const base64 = (s: string) => btoa(s);
  const cases: [string, string, (list: Record<string, unknown>) => void][] = [
    ["version", "unsupported-format", (m) => m.version = 2],
    ["an unknown member", "bad-table", (m) => m.extra = 1],
    ["an unknown member of a file", "bad-table", (m) => file(m).extra = 1],
    ["a missing member", "bad-table", (m) => delete m.min_retained_ts],
    ["a missing member of a file", "bad-table", (m) => delete file(m).largest],
    ["a fraction", "bad-table", (m) => m.entry_count = 13.5],
    ["a negative number", "bad-table", (m) => m.last_commit_ts = -1],
    ["a number as text", "bad-table", (m) => m.entry_count = "13"],
    ["more entries", "bad-table", (m) => m.entry_count = 14],
    ["fewer entries", "bad-table", (m) => m.entry_count = 12],
    ["fewer entries than files", "bad-table", (m) => m.entry_count = 1],
    ["more bytes", "bad-table", (m) => m.uncompressed_bytes = m.uncompressed_bytes as number + 1],
    ["fewer bytes", "bad-table", (m) => m.uncompressed_bytes = m.uncompressed_bytes as number - 1],
    [
      "one entry less and its 16 bytes more",
      "bad-table",
      (m) => {
        m.entry_count = 12;
        m.uncompressed_bytes = m.uncompressed_bytes as number + 16;
      },
    ],
    [
      "the entries of the first file's first block",
      "bad-table",
      (m) => {
        const part = first.slice(0, 4);
        m.entry_count = part.length;
        m.uncompressed_bytes = plainStream(part).length - 16 - 16 * part.length;
      },
    ],
    ["a size beyond reason", "too-large", (m) => m.uncompressed_bytes = 2 ** 53],
    ["a wrong total", "bad-table", (m) => m.total_file_bytes = m.total_file_bytes as number + 1],
    ["a wrong name", "bad-table", (m) => file(m).name = "000001.sst"],
    ["a path as name", "bad-table", (m) => file(m).name = "../000000.sst"],
    ["a size of 0", "bad-table", (m) => file(m).size = 0],
    ["a digest of another file", "checksum-mismatch", (m) => file(m).sha256 = file(m, 1).sha256],
    ["an upper-case digest", "bad-table", (m) => file(m).sha256 = "A".repeat(64)],
    ["no smallest key", "bad-table", (m) => file(m).smallest = ""],
    ["a key that is no base64", "bad-table", (m) => file(m).smallest = "!"],
    ["a smallest key above the largest", "bad-table", (m) => file(m).smallest = base64("~")],
    ["overlapping files", "bad-table", (m) => file(m).largest = base64("~")],
    ["another smallest key", "bad-table", (m) => file(m).smallest = base64("!")],
    ["another largest key", "bad-table", (m) => file(m, 1).largest = base64("~")],
    ["files in the wrong order", "bad-table", (m) => (m.files as unknown[]).reverse()],
    ["a file less", "bad-table", (m) => (m.files as unknown[]).pop()],
    ["files that are no array", "bad-table", (m) => m.files = {}],
  ];
  deepStrictEqual(await readBundle(buildBundle(tables)), plainStream([...first, ...second]));
  for (const [what, code, change] of cases) {
    await rejects(readBundle(buildBundle(tables, 0n, change)), fails(code), what);
  }
});

Deno.test("a file list is one JSON object and nothing else", async () => {
  const good = '{"version":1,"last_commit_ts":0,"min_retained_ts":0,"pending_min_retained_ts":0,' +
    '"entry_count":0,"uncompressed_bytes":0,"total_file_bytes":0,"files":null}';
  await readBundle(bundleOf(text(good), []));
  for (
    const json of [
      good + "{}",
      good + "x",
      good.slice(0, -1),
      `[${good}]`,
      "null",
      " ",
      good.replace('"files":null', '"files":null,"files":null'),
      good.replace("null", "NULL"),
    ]
  ) await rejects(readBundle(bundleOf(text(json), [])), fails("bad-table"), json);
});

Deno.test("a file list length beyond the limit, or none, is refused before anything is read", async () => {
  const head = (hex: string) => fromHex("454b565353544931" + hex + "00".repeat(40))!;
  await rejects(readBundle(head("0000000000000000")), fails("bad-table"));
  await rejects(readBundle(head("ffffffffffffffff")), fails("bad-table"));
  await rejects(readBundle(head("0000000004000001")), fails("too-large"));
  await rejects(readBundle(head("7fffffffffffffff")), fails("too-large"));
  await rejects(readBundle(head("0000000004000000")), fails("truncated"));
});
