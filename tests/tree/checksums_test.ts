import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { digestOf, sha256, sha256Hex } from "../../src/bytes/digest.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { compareUtf8, decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";
import { appendChecksumLine, type Checksum, readChecksums } from "../../src/tree/checksums.ts";
import { corpusFiles, hasCorpus } from "./corpus.ts";

const HELLO = sha256Hex(encodeUtf8("hello"));

function line(path: string, content = "hello"): string {
  const out = new ByteBuilder();
  appendChecksumLine(out, digestOf(sha256, encodeUtf8(content)), encodeUtf8(path));
  return decodeUtf8(out.view()) as string;
}

async function read(text: string | Uint8Array): Promise<Checksum[]> {
  const bytes = typeof text === "string" ? encodeUtf8(text) : text;
  const found: Checksum[] = [];
  for await (const checksum of readChecksums([bytes])) found.push(checksum);
  return found;
}

async function refused(text: string | Uint8Array, message: RegExp, offset = 0): Promise<void> {
  const file = "CHECKSUMS";
  await rejects(read(text), { name: "UnsoundError", code: "invalid-tree", message, file, offset });
}

Deno.test("the file of the example is written and read byte for byte", async () => {
  const manifest = "a864ae09f9807fc5fadb66810eec18f07dc3ead16848574a2dfcaa62e65cd994";
  const out = new ByteBuilder();
  appendChecksumLine(out, fromHex(manifest) as Uint8Array, encodeUtf8("MANIFEST.json"));
  const greeting = "redis/db_0/strings/greeting.bin";
  appendChecksumLine(out, digestOf(sha256, encodeUtf8("hello")), encodeUtf8(greeting));
  strictEqual(out.length, 178);
  strictEqual(
    sha256Hex(out.view()),
    "8aab492ae2124451e25b3e6f5a1a796ad49b86961fc2f76226bd5877201e8b10",
  );
  deepStrictEqual(await read(out.view()), [
    { path: "MANIFEST.json", sha256: manifest },
    { path: greeting, sha256: HELLO },
  ]);
});

Deno.test("a path with LF, CR or a backslash marks its line and is escaped", async () => {
  const escaped = line("weird\nf\\x", "x");
  strictEqual(
    escaped,
    "\\2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  weird\\nf\\\\x\n",
  );
  strictEqual((await read(escaped))[0].path, "weird\nf\\x");
  strictEqual(line("a\rb"), `\\${HELLO}  a\\rb\n`);
  strictEqual(line("a\tb\x7fé"), `${HELLO}  a\tb\x7fé\n`);
});

Deno.test("escaping works on bytes and leaves alone what is not UTF-8", () => {
  const out = new ByteBuilder();
  appendChecksumLine(out, digestOf(sha256, encodeUtf8("hello")), Uint8Array.of(0xff, 0x0a, 0xfe));
  deepStrictEqual([...out.view().subarray(67)], [0xff, 0x5c, 0x6e, 0xfe, 0x0a]);
});

Deno.test("any path comes back from its line", async () => {
  const part = fc.string({
    unit: fc.constantFrom("a", "\\", "\n", "\r", " ", "*", "é", "\u2028", "\t"),
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
      const path = parts.join("/");
      deepStrictEqual(await read(line(path)), [{ path, sha256: HELLO }]);
    }),
    { seed: 256, numRuns: 1000 },
  );
});

Deno.test("binary marks, empty lines, CR LF and a missing last LF are accepted", async () => {
  deepStrictEqual(
    await read(`\n${HELLO} *a\r\n\r\n${HELLO}  b`),
    [{ path: "a", sha256: HELLO }, { path: "b", sha256: HELLO }],
  );
});

Deno.test("malformed lines are refused with the line's number and offset", async () => {
  const good = line("a");
  await refused(good + "x\n", /^line 2 does not begin/, good.length);
  await refused(`${HELLO}  `, /names no file/);
  await refused(`${HELLO} `, /does not begin/);
  await refused(`${HELLO} xa`, /does not begin/);
  await refused(`${HELLO}\t a`, /does not begin/);
  await refused(`${HELLO.toUpperCase()}  a`, /does not begin/);
  await refused(`${HELLO.slice(1)}  aa`, /does not begin/);
  await refused("# comment", /does not begin/);
  await refused(`\\${HELLO}  bad\\xescape`, /unknown escape/);
  await refused(`\\${HELLO}  bad\\`, /unknown escape/);
  await refused(`\\\\${HELLO}  a`, /does not begin/);
  await refused(encodeUtf8(`${HELLO}  a\0b`), /NUL/);
  await refused(new Uint8Array([...encodeUtf8(`${HELLO}  a`), 0xff]), /not UTF-8/);
  await refused("a".repeat((4 << 20) + 1), /too long/);
});

Deno.test("a file without a line is refused", async () => {
  await rejects(read(""), { code: "invalid-tree", message: "no file is listed" });
  await rejects(read("\n\n"), { code: "invalid-tree", message: "no file is listed" });
});

Deno.test("no path leads out of the dump", async () => {
  await refused(`${HELLO}  /etc/passwd`, /absolute/);
  await refused(`${HELLO}  ../x`, /leaves the dump/);
  await refused(`${HELLO}  a/../../b`, /leaves the dump/);
  await refused(`${HELLO}  ..`, /leaves the dump/);
  await refused(`${HELLO}  .`, /names no file/);
  await refused(`${HELLO}  a/..`, /names no file/);
  await refused(`${HELLO}  ./`, /names no file/);
});

Deno.test("paths are given without the detours that they may have", async () => {
  const paths = async (path: string) => (await read(`${HELLO}  ${path}`))[0].path;
  strictEqual(await paths("a/../b"), "b");
  strictEqual(await paths("./a//b/."), "a/b");
  strictEqual(await paths("..a/...b"), "..a/...b");
});

Deno.test("the order of lines is that of whole paths as bytes", () => {
  const paths = ["a/b", "a.txt", "a-b", "a", "\u{10000}", "\uffff", "A"];
  deepStrictEqual(paths.sort(compareUtf8), [
    "A",
    "a",
    "a-b",
    "a.txt",
    "a/b",
    "\uffff",
    "\u{10000}",
  ]);
});

Deno.test({
  name: "the CHECKSUMS of the reference read, and sorting and writing them again changes nothing",
  ignore: !hasCorpus,
  async fn() {
    const files = corpusFiles("parity", /\/expected\/CHECKSUMS$/);
    for (const [path, bytes] of files) {
      const listed = await read(bytes);
      listed.sort((a, b) => compareUtf8(a.path, b.path));
      const out = new ByteBuilder();
      for (const { path, sha256 } of listed) {
        appendChecksumLine(out, fromHex(sha256) as Uint8Array, encodeUtf8(path));
      }
      deepStrictEqual(out.view(), bytes, path);
    }
    ok(files.size > 50);
  },
});
