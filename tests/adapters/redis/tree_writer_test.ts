/** Names of files, and files that do not fit in a buffer. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { redis } from "../../../src/adapters/redis/mod.ts";
import { OutputError } from "../../../src/errors.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { FileNames } from "../../../src/tree/file_names.ts";
import { TreeOutput } from "../../../src/tree/output.ts";
import type { SinkFile } from "../../../src/tree/sink.ts";
import { withoutExtra } from "../../support/decode.ts";
import { stream, type TestEntry } from "../../support/stream.ts";
import { cat, dump, fromLatin1, itemKey, sized, treeOf } from "./support.ts";

/** A place where letters of both cases are the same, and where some names cannot be had. */
class OneCaseSink extends MemorySink {
  readonly #taken = new Set<string>();
  readonly #refuses: RegExp;

  constructor(refuses: RegExp = /$^/) {
    super();
    this.#refuses = refuses;
  }

  override put(path: string, bytes: Uint8Array): boolean {
    return this.#take(path) && super.put(path, bytes);
  }

  override create(path: string): SinkFile | undefined {
    return this.#take(path) ? super.create(path) : undefined;
  }

  #take(path: string): boolean {
    const plain = path.toLowerCase();
    if (this.#taken.has(plain) || this.#refuses.test(path)) return false;
    this.#taken.add(plain);
    return true;
  }
}

async function write(
  entries: TestEntry[],
  sink: MemorySink,
  portable: boolean,
): Promise<Record<string, string>> {
  const source = new BytesSource(stream(entries), "a.fsm");
  const snapshot = await openSnapshotInputs([{ source }]);
  const scratch = new MemoryScratch();
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch,
    ledger: new Ledger([]),
    options: {},
    handlers: {
      onProblem: ({ error }) => {
        throw error;
      },
      onWarning: () => {},
    },
  });
  const output = new TreeOutput(sink, scratch, new FileNames(portable));
  deepStrictEqual(await redis.writeTree(context, {}, output), [Uint8Array.of(0x30)]);
  return treeOf(withoutExtra(sink.files).files);
}

Deno.test("a key whose name is taken by one in the other case gets a hashed name", async () => {
  const big = new Uint8Array(400_000).fill(0x61);
  const tree = await write(
    [
      { key: "!redis|str|Key", value: fromLatin1("\xff\x01\x01\0\0\0\0\0\0\0\x071") },
      { key: "!redis|str|key", value: fromLatin1("\xff\x01\x01\0\0\0\0\0\0\0\x082") },
      { key: sized("!hs|fld|", "H", "f"), value: big },
      { key: sized("!hs|fld|", "h", "f"), value: big },
      { key: sized("!st|mem|", "h", "another folder"), value: "" },
    ],
    new OneCaseSink(),
    true,
  );
  const key = "2c70e12b7a0646f92279f427c7b38e73__key";
  const h = "aaa9402664f1a41f40ebbc52c9993eb6__h";
  deepStrictEqual(Object.keys(tree).sort(), [
    "KEYMAP.jsonl",
    "hashes/H.json",
    `hashes/${h}.json`,
    "sets/h.json",
    `strings/${key}.bin`,
    "strings/Key.bin",
    "strings_ttl.jsonl",
  ]);
  strictEqual(
    tree["strings_ttl.jsonl"],
    `{"key":"Key","expire_at_ms":7}\n{"key":"${key}","expire_at_ms":8}\n`,
  );
  strictEqual(
    tree["KEYMAP.jsonl"],
    `{"encoded":"${h}","original":"aA","kind":"sha-fallback"}\n` +
      `{"encoded":"${key}","original":"a2V5","kind":"sha-fallback"}\n`,
  );
  strictEqual(tree[`hashes/${h}.json`], tree["hashes/H.json"]);
});

Deno.test("every kind of key is planned in the order in which it is written", async () => {
  const entries = ["key", "Key", "KEY", "k\xc3\xa9y", "ke\xcc\x81y"].flatMap(
    (text): TestEntry[] => {
      const name = fromLatin1(text);
      return [
        { key: cat("!redis|str|", name), value: fromLatin1("\xff\x01\x00v") },
        { key: cat("!redis|str|legacy ", name), value: "v" },
        { key: cat("!redis|hll|", name), value: "" },
        { key: cat("!redis|set|", name), value: "" },
        { key: sized("!hs|fld|", name, "f"), value: "v" },
        { key: itemKey(name, 0n), value: "v" },
        { key: sized("!zs|mem|", name, "m"), value: new Uint8Array(8) },
        { key: sized("!stream|meta|", name), value: cat(0n, 0n, 0n) },
        { key: sized("!stream|entry|", cat("orphan", name), 1n, 1n), value: "\x00RXE\x01" },
      ];
    },
  );
  const plain = await write(entries, new MemorySink(), false);
  const portable = await write(entries, new OneCaseSink(), true);
  const contents = (tree: Record<string, string>): string[] =>
    Object.entries(tree).filter(([path]) => path.includes("/"))
      .map(([path, text]) => `${path.split("/")[0]} ${text}`).sort();
  deepStrictEqual(contents(portable), contents(plain));
  strictEqual(contents(plain).length, 8 * 5);
});

Deno.test("a name that cannot be had is an error, not a lost key", async () => {
  const entries = [{ key: sized("!st|mem|", "con", "m"), value: "" }];
  const refusing = () => new OneCaseSink(/\/con\.json$/);
  await rejects(write(entries, refusing(), false), OutputError);
  strictEqual(Object.keys(await write(entries, refusing(), true)).length, 1);
});

Deno.test("files of types that no client sees are listed beside the folder", async () => {
  const { extra, tree } = await dump([
    { key: sized("!st|mem|", "a b", "m"), value: "" },
    { key: sized("!zs|mem|", "a b", "m"), value: new Uint8Array(8) },
    { key: "!redis|hll|a b", value: "" },
    { key: "!redis|str|\xff", value: "" },
    { key: sized("!st|mem|", "\xff", "m"), value: "" },
    { key: sized("!st|mem|", "alone", "m"), value: "" },
  ]);
  strictEqual(
    new TextDecoder().decode(extra.get("_extra/redis.jsonl")),
    [
      ["set", '"a b"', "sets/a%20b.json"],
      ["zset", '"a b"', "zsets/a%20b.json"],
      ["set", '"ÿ"', "sets/%C3%BF.json"],
    ].map(([type, key, file]) =>
      `{"scope":"0","type":"${type}","value":{"key":${key},"live":false,` +
      `"file":"redis/db_0/${file}"}}\n`
    ).join(""),
  );
  deepStrictEqual("sets/a%20b.json" in tree && "sets/%C3%BF.json" in tree, true);
});

Deno.test("empty names, dots and slashes stay in their folder", async () => {
  const { tree } = await dump(
    ["", ".", "..", "/", "../../x", "a/b"].map((name) => ({
      key: "!redis|str|" + name,
      value: fromLatin1("\xff\x01\x00"),
    })),
  );
  deepStrictEqual(Object.keys(tree).sort(), [
    "strings/%2F.bin",
    "strings/..%2F..%2Fx.bin",
    "strings/...bin",
    "strings/..bin",
    "strings/.bin",
    "strings/a%2Fb.bin",
  ]);
});

Deno.test("a value may be larger than any buffer, in every place", async () => {
  const long = (mark: string) => new Uint8Array(3_000_000).fill(mark.charCodeAt(0));
  const text = (mark: string) => mark.repeat(3_000_000);
  const binary = new Uint8Array(300_000).fill(0xff);
  const { tree, records } = await dump([
    { key: sized("!hs|fld|", "h", "a"), value: long("a") },
    { key: sized("!hs|fld|", "h", "b"), value: "short" },
    { key: sized("!hs|fld|", "h", "c"), value: long("\n") },
    { key: sized("!hs|fld|", "h", "d"), value: binary },
    { key: itemKey("l", 0n), value: long("i") },
    { key: "!redis|str|s", value: long("s") },
  ]);
  const hash = JSON.parse(tree["hashes/h.json"]);
  const fields = [
    { name: "a", value: text("a") },
    { name: "b", value: "short" },
    { name: "c", value: text("\n") },
    { name: "d", value: { base64: "_".repeat(400_000) } },
  ];
  deepStrictEqual(hash.fields, fields);
  strictEqual(
    tree["lists/l.json"],
    `{\n  "format_version": 1,\n  "items": [\n    "${text("i")}"\n  ],\n  "expire_at_ms": null\n}`,
  );
  strictEqual(tree["strings/s.bin"].length, 6_000_000);
  const [h, l, s] = records.slice(1).map((line) => JSON.parse(line));
  deepStrictEqual(h.value, fields);
  deepStrictEqual(l.value, [text("i")]);
  strictEqual(s.value, text("s"));
});
