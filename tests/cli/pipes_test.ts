/** Pipes and devices as inputs. Nothing that is there only once is read twice. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { cli, command, fixture, pathsBelow, withFolder } from "./run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");

function makePipe(path: string): void {
  const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
  ok(success);
}

/** Writes to a pipe when somebody reads it. */
async function feed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await Deno.open(path, { write: true });
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  file.close();
}

/** What `inspect --json` says of files, without their names. */
async function inspected(paths: string[], read: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await cli(["inspect", "--json", ...paths], { read });
  strictEqual(stderr + code, "0");
  const report = JSON.parse(stdout);
  for (const input of report.inputs) delete input.name;
  return report;
}

Deno.test("a snapshot is the same from a named pipe, packed or not", () =>
  withFolder(async (folder) => {
    const bytes = Deno.readFileSync(SNAP);
    const expected = await inspected([SNAP], [SNAP]);
    const pipe = `${folder}/pipe`;
    makePipe(pipe);
    for (const content of [bytes, new Uint8Array(gzipSync(bytes))]) {
      const [report] = await Promise.all([inspected([pipe], [pipe]), feed(pipe, content)]);
      deepStrictEqual(report, expected);
    }
  }));

Deno.test("several pipes are one snapshot, as the files would be", () =>
  withFolder(async (folder) => {
    const parts = [1, 2, 3].map((group, part) => {
      const bytes = Deno.readFileSync(fixture(`real/multi-group/group-${group}.fsm`));
      Deno.writeFileSync(`${folder}/${part}.fsm`, bytes);
      makePipe(`${folder}/${part}`);
      return bytes;
    });
    const names = parts.map((_, part) => `${folder}/${part}`);
    const expected = await inspected(names.map((name) => `${name}.fsm`), [folder]);
    const [report] = await Promise.all([
      inspected(names, [folder]),
      ...parts.map((bytes, part) => feed(names[part], bytes)),
    ]);
    deepStrictEqual(report, expected);
  }));

Deno.test("what a shell puts in for <(…) is read, several at once", async () => {
  const { args, ...options } = shell(`inspect <(cat "$1") <(gzip -c "$1")`, SNAP);
  const { code, stdout, stderr } = await new Deno.Command("bash", { args, ...options }).output();
  strictEqual(new TextDecoder().decode(stderr), "");
  match(new TextDecoder().decode(stdout), /^2 files are /);
  strictEqual(code, 0);
});

/** A line of bash that calls the program with all permissions to read. */
function shell(line: string, ...words: string[]): { args: string[]; env: Record<string, string> } {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const program = new URL("../../cli.ts", import.meta.url).pathname;
  const deno =
    `"${Deno.execPath()}" run --no-prompt --allow-read "--config=${config}" "${program}"`;
  return { args: ["-c", `${deno} ${line}`, "bash", ...words], env: { NO_COLOR: "1" } };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  for (const [what, start] of [["nobody opens", 0], ["stays silent", 1000]] as const) {
    Deno.test(`${signal} ends a program that waits for a pipe that ${what}, and nothing is left`, () =>
      withFolder(async (folder) => {
        const pipe = `${folder}/pipe`;
        const out = `${folder}/out`;
        makePipe(pipe);
        const args = ["decode", pipe, "-o", out];
        const child = command(args, { read: [pipe, out], write: [out] }).spawn();
        let writer: Deno.FsFile | undefined;
        if (start > 0) {
          writer = await Deno.open(pipe, { write: true });
          await writer.write(Deno.readFileSync(SNAP).subarray(0, start));
        }
        while (!isThere(out)) await new Promise((resolve) => setTimeout(resolve, 10));
        await new Promise((resolve) => setTimeout(resolve, 200));
        child.kill(signal);
        const { code, stderr } = await child.output();
        writer?.close();
        strictEqual(new TextDecoder().decode(stderr), "decant: aborted: interrupted\n");
        strictEqual(code, 130);
        deepStrictEqual(pathsBelow(folder), ["pipe"]);
      }));
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a pipe without a snapshot in it is refused by its first bytes", () =>
  withFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    makePipe(pipe);
    const child = command(["inspect", pipe], { read: [pipe] }).spawn();
    const writer = await Deno.open(pipe, { write: true });
    await writer.write(new TextEncoder().encode("y\n".repeat(2000)));
    const { code, stderr } = await child.output(); // the pipe is still open
    writer.close();
    match(new TextDecoder().decode(stderr), /^decant: not-a-snapshot: .*pipe/);
    strictEqual(code, 3);
  }));

Deno.test("a pipe that nobody may open says what to do", () =>
  withFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    makePipe(pipe);
    const { code, stderr } = await cli(["inspect", pipe]);
    ok(stderr.includes(`hint: add --allow-read=${pipe}\n`), stderr);
    strictEqual(code, 6);
  }));

for (const device of ["/dev/zero", "/dev/null"]) {
  Deno.test(`${device} is refused as a device, and not read`, async () => {
    const { code, stderr } = await cli(["inspect", device], { read: [device] });
    match(
      stderr,
      /^decant: usage: this is a device .*\n {2}hint: copy what is on it into a file\n$/,
    );
    strictEqual(code, 2);
  });
}

Deno.test("standard input under its other name needs all permissions, or is called -", async () => {
  const { code, stderr } = await cli(["inspect", "/dev/stdin"], {
    read: ["/dev/stdin"],
    stdin: Deno.readFileSync(SNAP),
  });
  match(stderr, /^decant: permission: .*\n {2}hint: name - for what is piped in/);
  strictEqual(code, 6);
});
