import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { pathLine, pathsOfList } from "../../src/tree/path_list.ts";
import { parseItemKey } from "../../src/cli/options.ts";
import { TerminalText } from "../../src/cli/terminal_text.ts";
import { cli, cliUnread, fixture, pathsBelow, withFolder } from "./run.ts";

const SNAP = fixture("real/s3-hostile-keys/snapshot.fsm");

Deno.test("what ls lists in a file is what decode writes from that list", async () => {
  await withFolder(async (folder) => {
    const listed = await cli(["ls", SNAP, "-q", "--paths", "--key-regex", "^[a-d]"], {
      read: [SNAP],
    });
    strictEqual(listed.code, 0, listed.stderr);
    Deno.writeFileSync(`${folder}/list`, listed.bytes);
    const out = `${folder}/out`;
    const { code, stderr } = await cli(
      ["decode", SNAP, "-q", "-o", out, "--from-list", `${folder}/list`],
      { read: [SNAP, folder], write: [folder] },
    );
    strictEqual(code, 0, stderr);
    const paths = pathsOfList(listed.stdout);
    const written = pathsBelow(out).filter((path) =>
      !/(\/|MANIFEST\.json|CHECKSUMS|KEYMAP\.jsonl|_bucket\.json|_extra.*)$/.test(path)
    );
    deepStrictEqual(written.sort(), paths.sort());
  });
});

Deno.test("who has seen enough of a list, or of a record, ends it quietly", async () => {
  for (const args of [["ls", SNAP], ["cat", SNAP, "s3/hostile/_bucket.json"]]) {
    const { code, stderr } = await cliUnread([...args, "-q"], { read: [SNAP] });
    deepStrictEqual([code, stderr], [0, ""]);
  }
});

Deno.test("standard input is listed like a file", async () => {
  const piped = await cli(["ls", "-", "-q"], { stdin: Deno.readFileSync(SNAP) });
  const named = await cli(["ls", SNAP, "-q"], { read: [SNAP] });
  strictEqual(piped.code, 0, piped.stderr);
  strictEqual(piped.stdout, named.stdout);
});

Deno.test("cat wants a snapshot and an address", async () => {
  strictEqual((await cli(["cat"])).code, 2);
  const { code, stderr } = await cli(["cat", SNAP], { read: [SNAP] });
  strictEqual(code, 2);
  match(stderr, /no address was given/);
  const typo = await cli(["cta", SNAP], { read: [SNAP] });
  match(typo.stderr, /did you mean `cat`\?/);
});

Deno.test("a line break ends text on a terminal once, and nothing has none", () => {
  for (const [written, expected] of [["", ""], ["a", "a\n"], ["a\n", "a\n"], ["\n\n", "\n\n"]]) {
    let shown = "";
    const text = new TerminalText((some) => void (shown += some), "");
    text.write(new TextEncoder().encode(written));
    text.write(new Uint8Array());
    text.end();
    strictEqual(shown, expected);
  }
});

Deno.test("what is missing on a command line is shown as it is written", async () => {
  for (
    const [args, hint] of [
      [["cat", SNAP], "SNAP dynamodb/orders/17"],
      [["schema", SNAP], "SNAP dynamodb/orders\n"],
      [["grep", "purge", SNAP], "decant grep SNAP --text purge"],
      [["diff", SNAP, SNAP], "decant diff OLD --against NEW"],
    ] as const
  ) {
    const { code, stderr } = await cli([...args], { read: [SNAP] });
    strictEqual(code, 2);
    ok(stderr.includes(hint), stderr);
  }
});

Deno.test("a list of paths keeps every path", () => {
  for (const path of ["s3/b/a", "s3/b/a\nb", "\\x", "s3/b/\\n", "s3/b/\r", "s3/b/ "]) {
    deepStrictEqual(pathsOfList(pathLine(path) + pathLine("x")), [path, "x"]);
  }
});

Deno.test("a folder is no list of paths", async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await cli(["ls", SNAP, "--from-list", folder], {
      read: [SNAP, folder],
    });
    match(stderr, /^decant: usage: this is a folder, and a file is wanted \(file [^)]+\)\n$/);
    strictEqual(code, 2);
  });
});

Deno.test("numbers in keys keep their digits", () => {
  deepStrictEqual(parseItemKey('{"id":12345678901234567890.10,"a":"b"}'), {
    id: { N: "12345678901234567890.10" },
    a: "b",
  });
  deepStrictEqual(parseItemKey('{"id":{"N":"0.5"}}'), { id: { N: "0.5" } });
  deepStrictEqual(parseItemKey(' {"N":1.0}'), { N: { N: "1.0" } });
  for (const text of ["1", "[]", '"id"', "null", "{"]) {
    throws(() => parseItemKey(text), { code: "usage" }, text);
  }
});

Deno.test("text on a terminal is escaped, and bytes are refused", () => {
  let shown = "";
  const text = new TerminalText((some) => void (shown += some), "decant cat x > FILE");
  const bytes = new TextEncoder().encode("é\ta\n\x1b[31m\u202e");
  for (const byte of bytes) text.write(Uint8Array.of(byte));
  strictEqual(shown, "é\ta\n\\x1b[31m\\u{202e}");
  text.end();
  strictEqual(shown, "é\ta\n\\x1b[31m\\u{202e}\n");
  // The last one is a character of which the end is missing.
  for (const bad of [[0xff], [0x61, 0], [0x61, 0xc3]]) {
    let error: unknown;
    try {
      const text = new TerminalText(() => {}, "decant cat x > FILE");
      text.write(Uint8Array.from(bad));
      text.end();
    } catch (thrown) {
      error = thrown;
    }
    match(String((error as { hint?: string }).hint), /redirect them: decant cat x > FILE/);
  }
});
