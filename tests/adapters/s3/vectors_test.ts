/** Rows and files that were written down byte by byte before this program was. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { hex, type TestEntry } from "../../support/stream.ts";
import { dump, type Options, warningsOf } from "./support.ts";

/** Key as hex digits → value as text, or as hex digits after `x:`. */
function rows(table: Record<string, string>): TestEntry[] {
  return Object.entries(table).map(([key, value]) => ({
    key: hex(key),
    value: value.startsWith("x:") ? hex(value.slice(2)) : value,
  }));
}

const BUCKET = "2173337c6275636b65747c6d6574617c70686f746f730001";
const PHOTO = "2173337c6f626a7c686561647c70686f746f7300010000000000000003612f622e7478740001";
const PHOTO_BLOB =
  "2173337c626c6f627c70686f746f7300010000000000000003612f622e74787400017531000100000000000000010000000000000000";
const K = "2173337c6f626a7c686561647c62000100000000000000016b0001";

const V1 = {
  [BUCKET]:
    '{"bucket_name":"photos","generation":3,"created_at_hlc":116488018067521535,"region":"us-east-1","acl":"private"}',
};

Deno.test("a bucket is a file with the members that are not empty", async () => {
  deepStrictEqual((await dump(rows(V1))).tree, {
    "s3/photos/_bucket.json":
      '{\n  "format_version": 1,\n  "name": "photos",\n  "region": "us-east-1",\n  "acl": "private"\n}',
  });
});

Deno.test("texts are escaped for HTML", async () => {
  const value = V1[BUCKET].replace('"region"', '"owner":"A\\u0026B<","region"');
  const { tree } = await dump(rows({ [BUCKET]: value }));
  ok(
    tree["s3/photos/_bucket.json"].includes(
      '\n  "name": "photos",\n  "owner": "A\\u0026B\\u003c",\n',
    ),
  );
});

Deno.test("an object of one part is a body and a file with its headers", async () => {
  const { tree, wrong, warnings, fates } = await dump(rows({
    ...V1,
    [PHOTO_BLOB]: "hello",
    [PHOTO]:
      '{"upload_id":"u1","etag":"5d41402abc4b2a76b9719d911017c592","size_bytes":5,"last_modified_hlc":116488018119163909,"content_type":"text/plain","content_disposition":"attachment; filename=\\"x \\u0026 y.txt\\"","user_metadata":{"b-c":"<v>","a":"1"},"parts":[{"part_no":1,"etag":"5d41402abc4b2a76b9719d911017c592","size_bytes":5,"chunk_count":1,"chunk_sizes":[5]}]}',
  }));
  deepStrictEqual(wrong, []);
  deepStrictEqual(warnings, []);
  deepStrictEqual(Object.keys(tree).sort(), [
    "s3/photos/_bucket.json",
    "s3/photos/a/b.txt",
    "s3/photos/a/b.txt.elastickv-meta.json",
  ]);
  strictEqual(tree["s3/photos/a/b.txt"], "hello");
  strictEqual(
    tree["s3/photos/a/b.txt.elastickv-meta.json"],
    `{
  "format_version": 1,
  "etag": "5d41402abc4b2a76b9719d911017c592",
  "size_bytes": 5,
  "last_modified": "2026-04-29T12:34:56.789Z",
  "content_type": "text/plain",
  "content_disposition": "attachment; filename=\\"x \\u0026 y.txt\\"",
  "user_metadata": {
    "a": "1",
    "b-c": "\\u003cv\\u003e"
  }
}`,
  );
  deepStrictEqual(fates, { "photos written": 3 });
});

Deno.test("times are exact to the millisecond and have no more digits than they need", async () => {
  const times: [string, string | undefined][] = [
    ["0", undefined],
    ["1", "1970-01-01T00:00:00Z"],
    ["65535", "1970-01-01T00:00:00Z"],
    ["65536", "1970-01-01T00:00:00.001Z"],
    ["6553600", "1970-01-01T00:00:00.1Z"],
    ["116488018075320321", "2026-04-29T12:34:56.12Z"],
    // As a double it would be …536, which is a millisecond later.
    ["116488018067521535", "2026-04-29T12:34:56Z"],
    ["18446744073709551615", "10889-08-02T05:31:50.655Z"],
  ];
  for (const [hlc, text] of times) {
    const { tree } = await dump(rows({ [K]: `{"etag":"e","last_modified_hlc":${hlc}}` }));
    const sidecar = JSON.parse(tree["s3/b/k.elastickv-meta.json"]);
    strictEqual(sidecar.last_modified, text, hlc);
  }
});

Deno.test("chunks of a part are those of its version, to the last bit", async () => {
  const { tree, wrong, warnings, fates } = await dump(rows({
    "2173337c626c6f627c62000100000000000000016b000175000100000000000000010000000000000000019dd93c3c950005":
      "hello ",
    "2173337c626c6f627c62000100000000000000016b000175000100000000000000020000000000000000019dd93c3c950006":
      "world",
    "2173337c626c6f627c62000100000000000000016b0001750001000000000000000100000000000000000000000000000007":
      "XXXX",
    [K]:
      '{"upload_id":"u","etag":"e09e4fd6265b36115fe3db32df945d84-2","size_bytes":11,"last_modified_hlc":116488018119163911,"parts":[{"part_no":1,"etag":"f814893777bcc2295fff05f00e508da6","size_bytes":6,"chunk_count":1,"chunk_sizes":[6],"part_version":116488018119163909,"chunk_ref_version":116488018119163900},{"part_no":2,"etag":"7d793037a0760186574b0282f2f435e7","size_bytes":5,"chunk_count":1,"chunk_sizes":[5],"part_version":116488018119163910,"chunk_ref_version":116488018119163901}]}',
  }));
  deepStrictEqual(wrong, []);
  strictEqual(tree["s3/b/k"], "hello world");
  deepStrictEqual(warnings.map(({ event }) => event), ["s3_bucket_meta_missing"]);
  deepStrictEqual(fates, { "b written": 3, "b hidden": 1 });
});

Deno.test("an object without parts is an empty file", async () => {
  const { tree } = await dump(rows({
    [K]:
      '{"upload_id":"u","etag":"d41d8cd98f00b204e9800998ecf8427e","size_bytes":0,"last_modified_hlc":0}',
  }));
  deepStrictEqual(tree, {
    "s3/b/k": "",
    "s3/b/k.elastickv-meta.json":
      '{\n  "format_version": 1,\n  "etag": "d41d8cd98f00b204e9800998ecf8427e",\n  "size_bytes": 0\n}',
  });
});

/** The row of an empty object of bucket `b`. */
function empty(key: string): Record<string, string> {
  const digits = [...new TextEncoder().encode(key)]
    .map((b) => b.toString(16).padStart(2, "0") + (b === 0 ? "ff" : "")).join("");
  return { [`2173337c6f626a7c686561647c6200010000000000000001${digits}0001`]: "{}" };
}

Deno.test("an object that is also a folder gets a suffix", async () => {
  const { tree } = await dump(rows({ ...empty("a"), ...empty("a/b") }));
  deepStrictEqual(Object.keys(tree).sort(), [
    "s3/b/KEYMAP.jsonl",
    "s3/b/a.elastickv-leaf-data",
    "s3/b/a.elastickv-leaf-data.elastickv-meta.json",
    "s3/b/a/b",
    "s3/b/a/b.elastickv-meta.json",
  ]);
  strictEqual(
    tree["s3/b/KEYMAP.jsonl"],
    '{"encoded":"a.elastickv-leaf-data","original":"YQ","kind":"s3-leaf-data"}\n',
  );
});

Deno.test("an object that is called like a file with headers gets a suffix, or is refused", async () => {
  const input = rows(empty("x.elastickv-meta.json"));
  const { tree } = await dump(input);
  deepStrictEqual(Object.keys(tree).sort(), [
    "s3/b/KEYMAP.jsonl",
    "s3/b/x.elastickv-meta.json.user-data",
    "s3/b/x.elastickv-meta.json.user-data.elastickv-meta.json",
  ]);
  strictEqual(
    tree["s3/b/KEYMAP.jsonl"],
    '{"encoded":"x.elastickv-meta.json.user-data","original":"eC5lbGFzdGlja3YtbWV0YS5qc29u","kind":"meta-suffix-rename"}\n',
  );
  const refused = await dump(input, { renameCollisions: false });
  deepStrictEqual(refused.tree, {});
  deepStrictEqual(refused.problems.map(({ error }) => error.code), ["name-collision"]);
  deepStrictEqual(refused.fates, { "b unsound": 1 });
});

const DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const PIECE = "2173337c6368756e6b626c6f627c" +
  [...DIGEST].map((digit) => digit.charCodeAt(0).toString(16)).join("");
const REF =
  "2173337c6368756e6b7265667c62000100000000000000016b0001750001000000000000000100000000000000000000000000000009";
const REF_1 = `x:01${DIGEST}000000000000000500026e31`;
const REF_2 = `x:02${DIGEST}000000000000000500026e31000100026e310003683a31`;
const offloaded = (sizes: string, count = 1): string =>
  `{"upload_id":"u","size_bytes":5,"parts":[{"part_no":1,"chunk_count":${count},"chunk_sizes":${sizes},"part_version":77,"chunk_ref_version":9,"offloaded":true}]}`;

Deno.test("an offloaded chunk is found by its digest", async () => {
  for (const ref of [REF_1, REF_2]) {
    const { tree, fates } = await dump(
      rows({ [PIECE]: "hello", [REF]: ref, [K]: offloaded("[5]") }),
    );
    strictEqual(tree["s3/b/k"], "hello");
    deepStrictEqual(fates, { "b written": 2, "- written": 1 });
  }
});

Deno.test("an offloaded chunk that does not fit makes its object unsound", async () => {
  const cases: [Record<string, string>, string, Record<string, number>][] = [
    [
      { [PIECE]: "hello", [REF]: REF_1, [K]: offloaded("[4]") },
      "incomplete-object: chunk 0 of part 1 has 5 bytes instead of 4",
      { "b unsound": 2, "- unsound": 1 },
    ],
    [
      { [PIECE]: "hello", [REF]: REF_1, [K]: offloaded("[]") },
      "malformed-value: part 1 has 1 chunks and the sizes of 0",
      { "b unsound": 2, "- unsound": 1 },
    ],
    [
      { [REF]: REF_2, [K]: offloaded("[5]") },
      `incomplete-object: chunk 0 of part 1 is missing: no sound row has SHA-256 ${DIGEST}; it was stored on n1 at h:1`,
      { "b unsound": 2 },
    ],
    [
      { [PIECE]: "hellO", [REF]: REF_1, [K]: offloaded("[5]") },
      `incomplete-object: chunk 0 of part 1 is missing: no sound row has SHA-256 ${DIGEST}`,
      { "b unsound": 2, "- unsound": 1 },
    ],
  ];
  for (const [table, message, expected] of cases) {
    const { tree, wrong, fates } = await dump(rows(table));
    deepStrictEqual(tree, {}, message);
    deepStrictEqual(wrong, [message]);
    deepStrictEqual(fates, expected, message);
  }
});

const UPLOAD = "2173337c75706c6f61647c6d6574617c62000100000000000000016b0001750001";
const PART = "2173337c75706c6f61647c706172747c62000100000000000000016b00017500010000000000000002";

Deno.test("rows of uploads are copied when they are wanted", async () => {
  const input = rows({
    [PART]: "{}",
    [UPLOAD]: '{"bucket":"b","object":"k","generation":1,"upload_id":"u","created_hlc":7}',
  });
  const { tree, fates } = await dump(input, { includeIncompleteUploads: true });
  deepStrictEqual(tree, {
    "s3/b/_incomplete_uploads/records.jsonl":
      '{"prefix":"!s3|upload|meta|","key":"IXMzfHVwbG9hZHxtZXRhfGIAAQAAAAAAAAABawABdQAB","value":"eyJidWNrZXQiOiJiIiwib2JqZWN0IjoiayIsImdlbmVyYXRpb24iOjEsInVwbG9hZF9pZCI6InUiLCJjcmVhdGVkX2hsYyI6N30="}\n' +
      '{"prefix":"!s3|upload|part|","key":"IXMzfHVwbG9hZHxwYXJ0fGIAAQAAAAAAAAABawABdQABAAAAAAAAAAI=","value":"e30="}\n',
  });
  deepStrictEqual(fates, { "b written": 2 });
  deepStrictEqual((await dump(input)).fates, { "b incomplete-upload": 2 });
});

Deno.test("a chunk without an object has a file when it is wanted, and a warning in any case", async () => {
  // Object `a/b` of bucket `b`, generation 2, upload `u`, part 1, chunk 0.
  const chunk = "2173337c626c6f627c6200010000000000000002612f6200017500010000000000000001" +
    "0000000000000000" + "019dd93c3c950005";
  const meta = "2173337c6275636b65747c6d6574617c620001";
  const file = "s3/b/_orphans/a%2Fb/gen-2/u_0000000000000001_0000000000000000_019dd93c3c950005.bin";
  const orphan = ["s3_orphan_chunks", "b", "a/b", 1];
  const stale = ["s3_stale_generation_objects", "b", 3n, 1];
  const cases: [string, Options, boolean, unknown[][], string][] = [
    ['{"generation":2}', { includeOrphans: true }, true, [orphan], "written"],
    ['{"generation":2}', {}, false, [orphan], "orphan"],
    ['{"generation":3}', { includeOrphans: true }, true, [orphan, stale], "written"],
    ['{"generation":3}', {}, false, [stale], "stale-generation"],
  ];
  for (const [value, options, written, warnings, fate] of cases) {
    const found = await dump(rows({ [chunk]: "lost", [meta]: value }), options);
    strictEqual(found.tree[file], written ? "lost" : undefined);
    deepStrictEqual(warningsOf(found), warnings);
    strictEqual(found.fates[`b ${fate}`], fate === "written" ? 2 : 1);
  }
});

Deno.test("a bucket's folder is hashed where its name looks like another kind of segment", async () => {
  const key = "2173337c6275636b65747c6d6574617c6236342e70686f746f730001";
  const { tree } = await dump(rows({ [key]: '{"generation":1}' }));
  deepStrictEqual(tree, {
    "s3/62b150383c5530350b9e713070cc2653__b64.photos/_bucket.json":
      '{\n  "format_version": 1,\n  "name": "b64.photos"\n}',
  });
});

Deno.test("keys that break the grammar are refused, each for itself", async () => {
  const meta = "2173337c6275636b65747c6d6574617c";
  const blob = "2173337c626c6f627c62000100000000000000016b00017500010000000000000001" +
    "0000000000000000";
  const keys = [
    meta + "7000",
    meta + "700002",
    meta + "70",
    BUCKET + "00",
    "2173337c6f626a7c686561647c620001" + "00000000000000",
    blob + "00000000",
    blob + "000000000000000000",
    PIECE.slice(0, -2),
  ];
  for (const key of keys) {
    const { problems, fates, tree } = await dump(rows({ [key]: "x", ...V1 }));
    deepStrictEqual(problems.map(({ error }) => error.code), ["malformed-key"], key);
    strictEqual(fates["photos written"], 1);
    deepStrictEqual(Object.keys(tree), ["s3/photos/_bucket.json"]);
  }
});

Deno.test("a NUL in a key is a key", async () => {
  const { tree, wrong } = await dump(rows({
    "2173337c6f626a7c686561647c62000100000000000000016100ff620001": "{}",
  }));
  deepStrictEqual(wrong, []);
  ok(tree["s3/b/KEYMAP.jsonl"].includes('"original":"YQBi","kind":"s3-unsafe-key"'));
});

Deno.test("keys that cannot be paths have escaped names", async () => {
  const names: [string, string, string, string][] = [
    ["dir/", "56aa336ce5e484fd6aa17b4e075d5be3__dir%2F", "ZGlyLw", "s3-unsafe-key"],
    ["", "e3b0c44298fc1c149afbf4c8996fb924__", "", "s3-unsafe-key"],
    ["..", "5ec1f7e700f37c3d0b2981d04855fc34__..", "Li4", "s3-unsafe-key"],
    ["a//b", "7a9acf331a5dc1e020c17901e85936a2__a%2F%2Fb", "YS8vYg", "s3-unsafe-key"],
    ["a\\b", "c62016d0f8ee333350283fd879b50b69__a%5Cb", "YVxi", "s3-unsafe-key"],
    [
      "_orphans/x",
      "4550c5ab25eb249870a4874caa797c4a___orphans%2Fx",
      "X29ycGhhbnMveA",
      "s3-unsafe-key",
    ],
    [
      "_bucket.json",
      "e7b494ff8f7bef050339f83852eadbf4___bucket.json",
      "X2J1Y2tldC5qc29u",
      "sha-fallback",
    ],
    [
      "L".repeat(236),
      "a75fe8954e19c36d3916d11587fc2abd__" + "L".repeat(64),
      "TExM".repeat(78) + "TEw",
      "sha-fallback",
    ],
  ];
  const { tree } = await dump(rows(Object.assign({}, ...names.map(([key]) => empty(key)))));
  for (const [key, name, original, kind] of names) {
    strictEqual(tree[`s3/b/${name}`], "", key);
    ok(`s3/b/${name}.elastickv-meta.json` in tree);
    const line = `{"encoded":"${name}","original":"${original}","kind":"${kind}"}\n`;
    ok(tree["s3/b/KEYMAP.jsonl"].includes(line), key);
  }
  const notText = await dump(
    rows({ "2173337c6f626a7c686561647c6200010000000000000001ff0001": "{}" }),
  );
  strictEqual(
    notText.tree["s3/b/KEYMAP.jsonl"],
    '{"encoded":"a8100ae6aa1940d0b663bb31cd466142__%FF","original":"_w","kind":"sha-fallback"}\n',
  );
});
