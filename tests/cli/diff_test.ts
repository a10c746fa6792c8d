import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { nodeFile, ROUTE, stream, type TestEntry } from "../support/stream.ts";
import { cli, cliUnread, withFolder } from "./run.ts";

const string = (name: string, value: string, ts: bigint): TestEntry => ({
  key: `!redis|str|${name}`,
  value: Uint8Array.of(0xff, 1, 0, ...new TextEncoder().encode(value)),
  ts,
});
const OLDER = [string("same", "1", 2n), string("gone", "2", 2n), string("new\u001b", "3", 2n)];
const NEWER = [...OLDER, { key: "!redis|str|gone", ts: 5n }, string("new\u001b", "4", 5n)];

/** Two files in a folder, of which the second has newer versions of the first one's keys. */
function withFiles(
  action: (run: (...args: string[]) => ReturnType<typeof cli>, folder: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/a.fsm`, nodeFile(stream([ROUTE, ...OLDER], 2n)));
    Deno.writeFileSync(`${folder}/b.fsm`, nodeFile(stream([ROUTE, ...NEWER], 5n)));
    const paths = (args: string[]): string[] => args.map((arg) => arg.replace("@", `${folder}/`));
    await action((...args) => cli(["diff", ...paths(args)], { read: [folder] }), folder);
  });
}

const TEXT = `added  changed  removed  scope
    0        1        1  redis/0
2 other records are the same.

- redis/0  string "gone"
~ redis/0  string "new\\u001b"
`;

Deno.test("diff prints how many records are not the same, and which", () =>
  withFiles(async (run) => {
    const { code, stdout, stderr } = await run("@a.fsm", "--against", "@b.fsm");
    deepStrictEqual({ code, stdout, stderr }, { code: 7, stdout: TEXT, stderr: "" });
    const moments = await run("@b.fsm", "--at", "2", "--against-at", "5", "-q");
    deepStrictEqual([moments.code, moments.stdout], [7, TEXT]);
    deepStrictEqual((await run("@b.fsm", "--at", "2")).stdout, TEXT);
    const same = await run("@a.fsm", "--against", "@a.fsm");
    deepStrictEqual([same.code, same.stdout], [0, "4 records are the same.\n"]);
  }));

Deno.test("diff --full prints both values; programs get them as JSON, or in columns", () =>
  withFiles(async (run) => {
    const files = ["@a.fsm", "--against", "@b.fsm", "--full"];
    match(
      (await run(...files)).stdout,
      /~ redis\/0 {2}string "new\\u001b"\n {4}- \{"value":"3",.*\}\n {4}\+ \{"value":"4",.*\}\n$/,
    );
    const lines = (await run(...files, "--json")).stdout.trimEnd().split("\n");
    deepStrictEqual(lines.map((line) => JSON.parse(line)), [
      {
        change: "removed",
        adapter: "redis",
        scope: "0",
        type: "string",
        key: "gone",
        old: { value: "2", expire_at_ms: null },
      },
      {
        change: "changed",
        adapter: "redis",
        scope: "0",
        type: "string",
        key: "new\u001b",
        old: { value: "3", expire_at_ms: null },
        new: { value: "4", expire_at_ms: null },
      },
    ]);
    const csv = (await run("@a.fsm", "--against", "@b.fsm", "--format=csv")).stdout;
    strictEqual(csv.split("\n")[0], "change,adapter,scope,type,key");
    strictEqual(csv.split("\n")[1], 'removed,redis,0,string,"""gone"""');
  }));

Deno.test("diff of one moment is refused, and so is standard input twice", () =>
  withFiles(async (run) => {
    for (const args of [["@a.fsm"], ["-", "--against-at=-1s"], []]) {
      const { code, stdout, stderr } = await run(...args);
      strictEqual(code, 2, args.join(" "));
      strictEqual(stdout, "");
      match(stderr, /^decant: usage: /);
    }
  }));

Deno.test("whoever has seen enough of diff ends it quietly, with what was found", () =>
  withFiles(async (_, folder) => {
    for (const [newer, code] of [["b", 7], ["a", 0]]) {
      const args = ["diff", `${folder}/a.fsm`, "--against", `${folder}/${newer}.fsm`];
      deepStrictEqual(await cliUnread(args, { read: [folder] }), { code, stderr: "" });
    }
  }));
