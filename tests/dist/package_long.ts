/** The npm package, installed into an empty project. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { dirname } from "node:path";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { toolCommand } from "../../scripts/tools/run_tool.ts";
import { VERSION } from "../../src/version.ts";
import { fixture, withFolder } from "../cli/run.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SNAP = fixture("real/ddb-history/snapshot.fsm");
const PACKAGE = `${ROOT}dist/ekv-decant-${VERSION}.tgz`;

async function run(program: string, args: string[], cwd: string, env = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1", PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`, ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

async function build(): Promise<Record<string, string>> {
  const { code, stderr } = await run(Deno.execPath(), ["task", "--quiet", "build:dist"], ROOT);
  strictEqual(code, 0, stderr);
  const sums = Deno.readTextFileSync(`${ROOT}dist/SHA256SUMS`).trim().split("\n");
  return Object.fromEntries(sums.map((line) => {
    const [sum, name] = line.split("  ");
    strictEqual(sha256Hex(Deno.readFileSync(`${ROOT}dist/${name}`)), sum);
    return [name, sum];
  }));
}

const PROGRAM = `
import { openSnapshot } from "@ekv/decant";
const snap = await openSnapshot(process.argv[2]);
let items = 0;
for await (const item of snap.dynamodb.table("orders").items()) if (item.pk) items++;
console.log(items, (await snap.inspect()).inputs[0].checksum);
`;

/** What an editor would say of it: wrong uses are marked as expected. */
const TYPED = `
import { CODES, keys, MemorySink, openSnapshot, prefixRange, verifyDump } from "@ekv/decant";
import type { DecodeReport, OpenSnapshot, Row } from "@ekv/decant";
export async function use(file: File): Promise<void> {
  const snap: OpenSnapshot = await openSnapshot(file);
  const report: DecodeReport = await snap.decode(new MemorySink());
  const code: number = report.exitCode + CODES.usage[0];
  const row: Row | undefined = await snap.get(keys.redisKey("redis-string", new Uint8Array(code)));
  for await (const { key, body } of snap.s3.bucket("b").objects({ prefix: "a/" })) {
    const name: string | Uint8Array = key;
    const size: number = Number(body.size);
    console.log(name, size, row?.value.length, prefixRange(new Uint8Array(1)).from, verifyDump);
  }
  // @ts-expect-error there is no such function
  snap.nothing();
  // @ts-expect-error a path is no number
  await openSnapshot(1);
}
`;

Deno.test("what is built is the same each time, and what npm installs is a library and a program", () =>
  withFolder(async (folder) => {
    const sums = await build();
    deepStrictEqual(await build(), sums);
    deepStrictEqual(Object.keys(sums), [
      "decant.js",
      "decant.mjs",
      "decant.d.mts",
      `ekv-decant-${VERSION}.tgz`,
    ]);

    Deno.writeTextFileSync(`${folder}/package.json`, '{ "private": true, "type": "module" }');
    const args = ["install", "--offline", "--omit=optional", "--no-audit", PACKAGE];
    const installed = await run("npm", args, folder);
    strictEqual(installed.code, 0, installed.stderr);

    Deno.writeTextFileSync(`${folder}/main.js`, PROGRAM);
    const used = await run("node", ["main.js", SNAP], folder);
    deepStrictEqual(used, { code: 0, stdout: "51 verified\n", stderr: "" });

    Deno.writeTextFileSync(`${folder}/use.ts`, TYPED);
    for (
      const how of [["--module", "nodenext"], [
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
      ]]
    ) {
      const options = ["--noEmit", "--strict", "--target", "es2022", ...how, "use.ts"];
      const tsc = toolCommand("typescript", "tsc");
      const checked = await run(Deno.execPath(), [...tsc, ...options], folder);
      deepStrictEqual(checked, { code: 0, stdout: "", stderr: "" });
    }

    const decant = `${folder}/node_modules/.bin/decant`;
    const out = `${folder}/out`;
    const decoded = await run(decant, ["decode", SNAP, "-o", "out"], folder);
    strictEqual(decoded.code, 0, decoded.stderr);
    match(decoded.stdout, /^Wrote 80 files/);
    strictEqual((await run(decant, ["verify", out], folder)).code, 0);
    strictEqual((await run(decant, ["verify", out, "--against", SNAP], folder)).code, 0);
    const missing = await run(decant, ["inspect", "nothing.fsm"], folder);
    match(missing.stderr, /^decant: usage: no such file/);
    strictEqual(missing.code, 2);
    const help = await run(decant, ["decode", "--help"], folder);
    match(help.stdout, /^USAGE\n {2}decant decode/);
    strictEqual(help.code, 0);
    const wrong = await run(decant, ["decode", SNAP], folder);
    match(wrong.stderr, /no output was named/);
    strictEqual(wrong.code, 2);
    Deno.mkdirSync(`${folder}/backup`);
    Deno.copyFileSync(SNAP, `${folder}/backup/a.fsm`);
    ok((await run(decant, ["backup"], folder)).stdout.startsWith("backup/a.fsm is sound"));

    const node = (await run("node", ["-p", "process.execPath"], folder)).stdout.trim();
    const without = await run(node, [decant, "inspect", SNAP], folder, { PATH: "/nowhere" });
    match(without.stderr, /Deno was not found/);
  }));
