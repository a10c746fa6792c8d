/** A table of which each item would be a file. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { cli, pathsBelow, withFolder } from "../cli/run.ts";
import { tableSnapshot } from "../cli/snapshots.ts";

Deno.test("more than 100,000 items are not written as files before that is agreed to", () =>
  withFolder(async (folder) => {
    const snap = `${folder}/a.fsm`;
    const out = `${folder}/out`;
    Deno.writeFileSync(snap, tableSnapshot(100_001, 8));
    const surroundings = { read: [folder], write: [folder] };
    const refused = await cli(["decode", snap, "-o", out], surroundings);
    match(
      refused.stderr,
      /^decant: too-many-files: there are 100,001 DynamoDB items, and each would be a file of its own\n {2}hint: choose jsonl \(about 1 file of many items, \d\S* MiB in all\) or per-item \(100,001 files, which take about 391 MiB of a disk with blocks of 4 KiB\) \(--dynamodb-bundle-mode\)\n$/,
    );
    strictEqual(refused.code, 2);
    deepStrictEqual(pathsBelow(folder), ["a.fsm"]);

    const agreed = ["decode", snap, "-o", out, "--dynamodb-bundle-mode", "jsonl"];
    strictEqual((await cli(agreed, surroundings)).code, 0);
    const files = pathsBelow(out).filter((path) => path.endsWith(".jsonl"));
    strictEqual(files.length, 1);
    const real = Deno.statSync(`${out}/${files[0]}`).size / 2 ** 20;
    const said = Number(/many items, ([\d.]+) MiB/.exec(refused.stderr)![1]);
    ok(said > real / 2 && said < real * 2, `${said} MiB were said, and it is ${real}`);
  }));
