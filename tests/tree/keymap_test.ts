import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";
import {
  appendKeymapLine,
  type KeymapKind,
  type KeymapRecord,
  readKeymap,
  renamed,
} from "../../src/tree/keymap.ts";
import { corpusFiles, hasCorpus } from "./corpus.ts";

function line(encoded: string, original: Uint8Array, kind: KeymapKind): string {
  const out = new ByteBuilder();
  appendKeymapLine(out, encoded, original, kind);
  return decodeUtf8(out.view()) as string;
}

async function read(text: string | Uint8Array): Promise<KeymapRecord[]> {
  const bytes = typeof text === "string" ? encodeUtf8(text) : text;
  const records: KeymapRecord[] = [];
  for await (const record of readKeymap([bytes])) records.push(record);
  return records;
}

async function refused(text: string, message: RegExp, offset = 0): Promise<void> {
  const file = "KEYMAP.jsonl";
  await rejects(read(text), { name: "UnsoundError", code: "invalid-tree", message, file, offset });
}

Deno.test("lines are written as the examples of the dump format have them", () => {
  const redis = line(
    "72ef1a090c013093607ce5a62f598cf4__b64.foo",
    encodeUtf8("b64.foo"),
    "sha-fallback",
  );
  strictEqual(
    redis,
    '{"encoded":"72ef1a090c013093607ce5a62f598cf4__b64.foo","original":"YjY0LmZvbw","kind":"sha-fallback"}\n',
  );
  strictEqual(redis.length, 102);
  strictEqual(
    line("path/to.elastickv-leaf-data", encodeUtf8("path/to"), "s3-leaf-data"),
    '{"encoded":"path/to.elastickv-leaf-data","original":"cGF0aC90bw","kind":"s3-leaf-data"}\n',
  );
  strictEqual(
    line("x", fromHex("00ff01fe") as Uint8Array, "s3-unsafe-key"),
    '{"encoded":"x","original":"AP8B_g","kind":"s3-unsafe-key"}\n',
  );
  strictEqual(
    line('<"\n\u2028>', new Uint8Array(), "s3-leaf-data"),
    '{"encoded":"<\\"\\n\\u2028>","original":"","kind":"s3-leaf-data"}\n',
  );
});

Deno.test("each kind makes its name from the key, and its line reads back", async () => {
  const cases: [KeymapKind, string, string][] = [
    ["sha-fallback", "b64.foo", "72ef1a090c013093607ce5a62f598cf4__b64.foo"],
    ["s3-unsafe-key", "dir/", "56aa336ce5e484fd6aa17b4e075d5be3__dir%2F"],
    ["s3-leaf-data", "path/to", "path/to.elastickv-leaf-data"],
    ["meta-suffix-rename", "x.elastickv-meta.json", "x.elastickv-meta.json.user-data"],
  ];
  for (const [kind, key, expected] of cases) {
    const original = encodeUtf8(key);
    strictEqual(renamed(kind, original), expected);
    deepStrictEqual(await read(line(expected, original, kind)), [
      { encoded: expected, original, kind },
    ]);
  }
  strictEqual(renamed("s3-leaf-data", Uint8Array.of(0xff)), undefined);
});

Deno.test("unknown kinds, unknown members, any order and an empty key are accepted", async () => {
  const bare = { encoded: "x", original: new Uint8Array(), kind: "k" };
  deepStrictEqual(await read('{"encoded":"x","original":"","kind":"k"}'), [bare]);
  deepStrictEqual(await read(' {"kind":"k","y":[1],"original":"","encoded":"\\u0078"}\r\n'), [
    bare,
  ]);
  for (const kind of ["__proto__", "toString"]) {
    deepStrictEqual(await read(`{"encoded":"x","original":"","kind":"${kind}"}`), [
      { ...bare, kind },
    ]);
  }
  deepStrictEqual(await read(""), []);
});

Deno.test("lines that could mean two things, or nothing, are refused", async () => {
  await refused('{"original":"AA"}', /^line 1 needs/);
  await refused('{"encoded":"x","kind":"k"}', /needs/);
  await refused('{"encoded":"x","original":null,"kind":"k"}', /needs/);
  await refused('{"encoded":"","original":"AA","kind":"k"}', /needs/);
  await refused('{"encoded":"x","original":"AA","kind":""}', /needs/);
  await refused('{"encoded":1,"original":"AA","kind":"k"}', /needs/);
  await refused('{"encoded":"x","original":"!!!","kind":"k"}', /base64/);
  await refused('{"encoded":"x","original":"AA==","kind":"k"}', /base64/);
  await refused('{"encoded":"x","original":"AB","kind":"k"}', /base64/);
  await refused('{"encoded":"x","original":"A\\nA","kind":"k"}', /base64/);
  await refused('{"encoded":"x","original":"AA","kind":"k"}{}', /not JSON/);
  await refused('{"encoded":"x","original":"AA","kind":"k"', /not JSON/);
  await refused('{"encoded":"x","original":"AA","original":"AQ","kind":"k"}', /occurs twice/);
  await refused(
    '{"encoded":"x","original":"AA","kind":"k","Encoded":"y"}',
    /has Encoded for "encoded"/,
  );
  await refused('{"encoded":"x","original":"AA","\u212aind":"k"}', /for "kind"/); // the Kelvin sign
  await refused('["encoded"]', /not a JSON object/);
  await refused("null", /not a JSON object/);
  await refused('{"encoded":"\\ud800","original":"AA","kind":"k"}', /surrogate/);
});

Deno.test("a blank line is refused wherever it stands", async () => {
  const good = '{"encoded":"x","original":"","kind":"k"}\n';
  await refused("\n", /^line 1 is not JSON/);
  await refused(good + "\n", /^line 2 is not JSON/, good.length);
  await refused(good + "\r\n" + good, /^line 2 is not JSON/, good.length);
});

Deno.test("a name cannot belong to two keys", async () => {
  const good = '{"encoded":"x","original":"AA","kind":"k"}\n';
  strictEqual((await read(good + good)).length, 2);
  await refused(
    good + '{"encoded":"x","original":"AQ","kind":"k"}',
    /^line 2 gives a second key to x/,
    good.length,
  );
});

Deno.test("under a known kind a name that its key does not get is refused", async () => {
  const name = "72ef1a090c013093607ce5a62f598cf4__b64.foo";
  await refused(
    `{"encoded":"${name}","original":"AA","kind":"sha-fallback"}`,
    /its key does not get/,
  );
  await refused('{"encoded":"gone","original":"YQ","kind":"s3-leaf-data"}', /its key does not get/);
  await refused(
    '{"encoded":"\\ufffd.elastickv-leaf-data","original":"_w","kind":"s3-leaf-data"}',
    /its key does not get/,
  );
});

Deno.test("a hashed name may be that of either rule of names", async () => {
  const key = encodeUtf8("dot.");
  const hashed = renamed("sha-fallback", key) as string;
  const portable = hashed.slice(0, -1) + "%2E";
  for (const name of [hashed, portable]) {
    deepStrictEqual(await read(line(name, key, "sha-fallback")), [
      { encoded: name, original: key, kind: "sha-fallback" },
    ]);
  }
  await refused(line(portable + "%2E", key, "sha-fallback").trimEnd(), /its key does not get/);
});

Deno.test("a line that is too long is refused, and an own one never is", async () => {
  const key = new Uint8Array(1 << 20).fill(0xff);
  const record = { encoded: renamed("sha-fallback", key) as string, original: key };
  strictEqual((await read(line(record.encoded, key, "sha-fallback"))).length, 1);
  await refused(" ".repeat(4_194_304), /^line 1 is too long/);
  await refused(" ".repeat(4_194_303), /not JSON/);
});

Deno.test({
  name: "the KEYMAPs of the reference read, and are written again as they are",
  ignore: !hasCorpus,
  async fn() {
    const files = corpusFiles("parity", /\/expected\/(s3|redis)\/[^/]+\/KEYMAP\.jsonl$/);
    const ours = corpusFiles("defects", /\/right\/(s3|redis)\/[^/]+\/KEYMAP\.jsonl$/);
    for (const [path, bytes] of [...files, ...ours]) {
      const out = new ByteBuilder();
      for (const { encoded, original, kind } of await read(bytes)) {
        appendKeymapLine(out, encoded, original, kind as KeymapKind);
      }
      deepStrictEqual(out.view(), bytes, path);
    }
    ok(files.size > 10);
  },
});
