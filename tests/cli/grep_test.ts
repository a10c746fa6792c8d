import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { nodeFile, ROUTE, stream } from "../support/stream.ts";
import { cli, cliUnread, fixture, withFolder } from "./run.ts";

const SNAP = fixture("real/sqs-all/snapshot.fsm.gz");
const read = [SNAP];

Deno.test("grep prints the record, the part, the place and what stands there", async () => {
  const { code, stdout, stderr } = await cli(["grep", SNAP, "--text", "purge 1"], { read });
  strictEqual(stderr, "");
  strictEqual(stdout, "sqs/purged/7fc67399f3b331a29111029880afb1e5  body:6  after purge 1\n");
  strictEqual(code, 0);
});

Deno.test("programs get the same in JSON lines and in CSV", async () => {
  const args = ["grep", SNAP, "--regex", "PURGE \\d", "-i"];
  const lines = (await cli([...args, "--json"], { read })).stdout.trimEnd().split("\n");
  strictEqual(lines.length, 2);
  deepStrictEqual(JSON.parse(lines[0]), {
    adapter: "sqs",
    scope: "purged",
    type: "message",
    key: "7fc67399f3b331a29111029880afb1e5",
    part: "body",
    offset: 6,
    length: 7,
    around: "after purge 1",
  });
  const csv = (await cli([...args, "--format=csv"], { read })).stdout.split("\n");
  strictEqual(csv[0], "adapter,scope,type,key,part,offset,length,around");
  strictEqual(
    csv[1],
    "sqs,purged,message,7fc67399f3b331a29111029880afb1e5,body,6,7,after purge 1",
  );
});

Deno.test("grep that finds nothing ends with 9, and one that is not asked for anything with 2", async () => {
  const nothing = await cli(["grep", SNAP, "--hex", "00 ff 00 ff"], { read });
  deepStrictEqual([nothing.code, nothing.stdout, nothing.stderr], [9, "", ""]);
  for (
    const args of [[], ["--text="], ["--hex", "0"], ["--regex", "("], ["--text=a", "--hex=00"], [
      "--hex=00",
      "-i",
    ]]
  ) {
    const { code, stdout, stderr } = await cli(["grep", SNAP, ...args], { read });
    strictEqual(code, 2, args.join(" "));
    strictEqual(stdout, "");
    match(stderr, /^decant: usage: /);
  }
});

Deno.test("a text is found as it is, letters of either case with -i", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.fsm`;
    const key = "!redis|str|k\u001b";
    const value = "\u00ffredis-header";
    const entries = [ROUTE, { key, value }, { key: "!hs|meta|\0\0\0\x01h", value: "short" }];
    Deno.writeFileSync(path, nodeFile(stream(entries.map((e) => ({ ...e, ts: 9n })), 9n)));
    const run = (...args: string[]) => cli(["grep", path, ...args], { read: [path] });
    const found = await run("--text", "k");
    match(found.stdout, /^redis\/0\/k\\x1b {2}key:0 {2}k\\x1b$/m);
    // The hash is malformed: what is sound was looked at.
    strictEqual(found.code, 4);
    match(found.stderr, /malformed-value/);
    ok(!(await run("--text", "K")).stdout.includes("key:0"));
    ok((await run("--text", "K", "-i")).stdout.includes("key:0"));
  }));

Deno.test("whoever has seen enough of grep ends it quietly", async () => {
  const args = ["grep", SNAP, "--regex", "."];
  deepStrictEqual(await cliUnread(args, { read }), { code: 0, stderr: "" });
});
