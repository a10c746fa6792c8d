/** What is said when something goes wrong outside of the snapshot: the true cause, and no other. */

import { deepStrictEqual, match, rejects, strictEqual, throws } from "node:assert/strict";
import { Readable } from "node:stream";
import { openSnapshot, prefixRange } from "../../mod.ts";
import { cli, command, fixture, withFolder } from "../cli/run.ts";
import { tableSnapshot } from "../cli/snapshots.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const LONG = "x".repeat(300);

/** Runs a line of bash in which `decant` is the program with all permissions. */
async function shell(line: string): Promise<{ stdout: string; stderr: string }> {
  const root = new URL("../../", import.meta.url).pathname;
  const decant = `decant() { "${Deno.execPath()}" run -A --config="${root}deno.json" ` +
    `"${root}cli.ts" "$@"; }`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${decant}\n${line}`],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("a path that is too long is called that, and not missing or damaged", () =>
  withFolder(async (folder) => {
    const surroundings = { read: [SNAP, folder], write: [folder] };
    const read = await cli(["inspect", `${folder}/${LONG}`], surroundings);
    match(read.stderr, /^decant: usage: the path, or a name in it, is longer than .*\n {2}hint: /);
    strictEqual(read.code, 2);
    for (
      const args of [["-o", `${folder}/${LONG}`], ["--dry-run", "--report", `${folder}/${LONG}`]]
    ) {
      const { code, stderr } = await cli(["decode", SNAP, ...args], surroundings);
      match(stderr, /^decant: output-failed: the path, or a name in it, is longer than /);
      strictEqual(code, 5);
    }
    const report = `${folder}/none/report`;
    const missing = await cli(["decode", SNAP, "--dry-run", "--report", report], surroundings);
    match(missing.stderr, /^decant: output-failed: the folder above the output does not exist /);
  }));

Deno.test("a full disk is told from a reader that has gone, and who has read enough hears nothing", async () => {
  const full = await shell(`decant inspect "${SNAP}" > /dev/full; echo $? >&2`);
  strictEqual(
    full.stderr,
    "decant: no-space: no space is left on the disk (file standard output)\n" +
      "  hint: make room there, or choose another place\n5\n",
  );
  for (
    const [args, code] of [
      [`inspect "${SNAP}"`, 0],
      [`inspect "${SNAP}" --json`, 0],
      [`verify "${SNAP}"`, 0],
      [`decode "${SNAP}" --format records -o -`, 5],
    ] as const
  ) {
    const gone = await shell(`decant ${args} | exec 0<&-; echo \${PIPESTATUS[0]} >&2`);
    strictEqual(gone.stderr, `${code}\n`, args);
  }
});

Deno.test("a file that ends inside its checksum has all its entries, and it says so", () =>
  withFolder(async (folder) => {
    const bytes = Deno.readFileSync(SNAP);
    const path = `${folder}/a.fsm`;
    for (let cut = 1; cut < 4; cut++) {
      Deno.writeFileSync(path, bytes.subarray(0, bytes.length - cut));
      const { code, stdout } = await cli(["inspect", path], { read: [path] });
      match(stdout, /truncated: the file ends inside its checksum: all entries were read/);
      strictEqual(code, 4);
    }
    // What is there is no part of the checksum: something else was cut.
    const other = bytes.slice(0, bytes.length - 2);
    other[other.length - 1] ^= 1;
    Deno.writeFileSync(path, other);
    const { stdout } = await cli(["inspect", path], { read: [path] });
    match(stdout, /truncated: the file ends in the middle of an entry/);
  }));

Deno.test("of a damaged file the share of its bytes that was not read is given", async () => {
  const path = fixture("defects/container-unordered/input.fsm");
  const { stdout } = await cli(["inspect", path], { read: [path] });
  match(stdout, /stored keys do not ascend; the last \d+ % of the bytes of its entries could not/);
});

Deno.test("what is piped in and ends too early is not to be copied again", async () => {
  const stdin = Deno.readFileSync(SNAP).subarray(0, 50_000);
  const { code, stdout } = await cli(["inspect", "-"], { stdin });
  match(stdout, /hint: look whether the program that it was piped from has failed/);
  strictEqual(code, 4);
});

Deno.test("a stream that a program gives wrongly is its mistake, and not damage", async () => {
  const bytes = Deno.readFileSync(SNAP);
  const stream = (chunk: unknown): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(chunk as Uint8Array);
        controller.close();
      },
    });
  const locked = stream(bytes);
  locked.getReader();
  const read = Readable.from([bytes]);
  for await (const _ of read);
  const failing = new ReadableStream<Uint8Array>({
    pull() {
      throw new Error("the network is down");
    },
  });
  for (
    const [input, code, message] of [
      [locked, "usage", /is being read by something else/],
      [stream("text"), "usage", /something else than bytes/],
      [read, "usage", /was read already/],
      [failing, "input-failed", /ended with an error: the network is down/],
      [stream(new Uint8Array(0)), "too-small", /is empty/],
      [fixture("real"), "usage", /this is a folder and no file/],
      [`/${LONG}`, "usage", /too long/],
    ] as const
  ) await rejects(openSnapshot(input), { code, message });
  const [once] = [openSnapshot(stream(bytes)), openSnapshot(Readable.from([bytes]))];
  (await once).close();
});

Deno.test("a text is no prefix of keys, and it says what to give", () => {
  throws(() => prefixRange("!redis" as unknown as Uint8Array), { code: "usage", message: /bytes/ });
});

Deno.test("a scope that is not there has a name in the report", () =>
  withFolder(async (folder) => {
    const report = `${folder}/report.json`;
    const scopes = ["--scope", "dynamodb=order", "--scope", "dynamodb=orders"];
    const args = ["decode", SNAP, "--dry-run", ...scopes, "--report", report];
    const { code, stderr } = await cli(args, { read: [SNAP], write: [folder] });
    match(stderr, /^decant: warning: there is nothing of --scope dynamodb=order in the snapshot/);
    strictEqual(code, 0);
    deepStrictEqual(JSON.parse(Deno.readTextFileSync(report)).warnings, [
      { event: "scope_not_found", adapter: "dynamodb", name: "order" },
    ]);
  }));

Deno.test("a program whose input fails while it writes leaves nothing", () =>
  withFolder(async (folder) => {
    const bytes = tableSnapshot(10);
    const out = `${folder}/out`;
    const child = command(["decode", "-", "-o", out], {
      read: [out],
      write: [out],
      stdin: bytes,
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(bytes.subarray(0, bytes.length - 57));
    await writer.close();
    const { code, stderr } = await child.output();
    match(new TextDecoder().decode(stderr), /truncated[^]*look whether the program that it was/);
    strictEqual(code, 4);
    deepStrictEqual([...Deno.readDirSync(folder)], []);
  }));
