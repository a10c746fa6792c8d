/** Where a decode writes, and what it leaves there. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { cli, fixture, pathsBelow, type Run, withFolder } from "./run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const UNSOUND = fixture("defects/real-bad-footer/input.fsm");
const LOSSES = fixture("defects/unknown-families/input.fsm");

function decode(folder: string, snap: string, ...more: string[]): Promise<Run> {
  return cli(["decode", snap, ...more], { read: [snap, folder], write: [folder] });
}

Deno.test("a decode ends with the balance, which MANIFEST.json has, too", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/out`;
    const { code, stdout } = await decode(folder, SNAP, "-o", out);
    strictEqual(code, 0);
    const [, versions, live, superseded, tombstones, liveAgain, written, derivable, operational] =
      /^balance: (\S+) versions read = (\S+) live \+ (\S+) superseded \+ (\S+) tombstones \+ 0 expired\n +(\S+) live rows = (\S+) written \+ (\S+) derivable \+ (\S+) operational \+ \S+ left out\n$/m
        .exec(stdout)!.map((text) => Number(text.replaceAll(",", "")));
    const { balance, complete } = JSON.parse(Deno.readTextFileSync(`${out}/MANIFEST.json`));
    strictEqual(complete, true);
    deepStrictEqual(
      [balance.versions, balance.live, balance.superseded, balance.tombstones, balance.live],
      [versions, live, superseded, tombstones, liveAgain],
    );
    const sum = (name: string): number =>
      balance.scopes.reduce((n: number, scope: Record<string, number>) => n + scope[name], 0);
    deepStrictEqual(
      [sum("written"), sum("derivable"), sum("operational")],
      [written, derivable, operational],
    );
  });
});

Deno.test("an output that exists is left alone, and it says what to do", async () => {
  await withFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/full`);
    Deno.writeTextFileSync(`${folder}/full/mine`, "x");
    Deno.mkdirSync(`${folder}/cut`);
    Deno.writeTextFileSync(`${folder}/cut/INCOMPLETE`, "");
    Deno.writeTextFileSync(`${folder}/file`, "x");
    Deno.symlinkSync(`${folder}/nothing`, `${folder}/link`);
    const before = pathsBelow(folder);
    for (
      const [args, message] of [
        [
          ["-o", `${folder}/full`],
          /exists and is not empty .*\n {2}hint: choose another name, or empty/,
        ],
        [
          ["-o", `${folder}/cut`],
          /a dump that was not finished .*\n {2}hint: decant clean removes it/,
        ],
        [["-o", `${folder}/file`], /exists and is not a folder/],
        [["-o", `${folder}/link`], /exists and is not a folder/],
        [
          ["-o", `${folder}/file`, "--format", "tar"],
          /the output exists .*\n {2}hint: choose another/,
        ],
        [["-o", `${folder}/link`, "--format", "records"], /the output exists/],
        [["-o", `${folder}/new`, "--report", `${folder}/file`], /the output exists/],
      ] as const
    ) {
      const { code, stdout, stderr } = await decode(folder, SNAP, ...args);
      match(stderr, /^decant: output-exists: /);
      match(stderr, message);
      strictEqual(code, 5);
      strictEqual(stdout, "");
    }
    deepStrictEqual(pathsBelow(folder), before);
  });
});

Deno.test("an output that is an empty folder is taken, and is empty again when the decode fails", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/out`;
    Deno.mkdirSync(out);
    strictEqual((await decode(folder, UNSOUND, "-o", out)).code, 4);
    deepStrictEqual(pathsBelow(folder), ["out/"]);
    strictEqual((await decode(folder, SNAP, "-o", out)).code, 0);
    ok(pathsBelow(out).includes("CHECKSUMS"));
    strictEqual(pathsBelow(out).includes("INCOMPLETE"), false);
  });
});

Deno.test("of an unsound snapshot nothing is written, in any format, but its problems are told", async () => {
  await withFolder(async (folder) => {
    for (const format of ["tree", "tar", "records"]) {
      const { code, stdout, stderr } = await decode(
        folder,
        UNSOUND,
        "--format",
        format,
        "-o",
        `${folder}/${format}`,
      );
      match(stderr, /^decant: checksum-mismatch: .*\n {2}hint: /m);
      match(
        stdout,
        /^Nothing was written: the snapshot is NOT sound, with 1 problem\. --keep-going/,
      );
      strictEqual(code, 4);
    }
    deepStrictEqual(pathsBelow(folder), []);
  });
});

Deno.test("standard output gets nothing of an unsound snapshot, unless the check is not wanted", async () => {
  await withFolder(async (folder) => {
    const args = ["--format", "records", "-o", "-"];
    const checked = await decode(folder, UNSOUND, ...args);
    strictEqual(checked.code, 4);
    strictEqual(checked.stdout, "");
    match(checked.stderr, /^Nothing was written/m);
    const unchecked = await decode(folder, UNSOUND, ...args, "--no-precheck");
    strictEqual(unchecked.code, 4);
    match(unchecked.stdout, /^\{"adapter":/);
    match(unchecked.stderr, /^What was written to standard output must not be used: /m);
  });
});

Deno.test("with --keep-going what is sound is written, and the rest is in ERRORS.jsonl", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/out`;
    const { code, stdout } = await decode(folder, UNSOUND, "-o", out, "--keep-going");
    strictEqual(code, 8);
    match(stdout, /^Wrote \d+ files \(.*\) to .*: NOT complete, see below\.$/m);
    const { code: problem } = JSON.parse(Deno.readTextFileSync(`${out}/ERRORS.jsonl`));
    strictEqual(problem, "checksum-mismatch");
    const { complete } = JSON.parse(Deno.readTextFileSync(`${out}/MANIFEST.json`));
    strictEqual(complete, false);
    strictEqual((await cli(["verify", out], { read: [out] })).code, 8);
  });
});

Deno.test("what a client could read and no file has is a loss: 8, unless it is written or accepted", async () => {
  await withFolder(async (folder) => {
    const lost = await decode(folder, LOSSES, "--dry-run");
    strictEqual(lost.code, 8);
    match(
      lost.stdout,
      /^missing: {2}\d+ rows? of a family that Decant does not decode\n(?: {12}".*"\n)+(?: {12}…\n)? {10}--raw writes/m,
    );
    const accepted = await decode(folder, LOSSES, "--dry-run", "--accept", "unknown,bare");
    strictEqual(accepted.code, 0);
    match(accepted.stdout, /: NOT complete, but nothing is missing that was not accepted\.$/m);
    const raw = await decode(folder, LOSSES, "-o", `${folder}/raw`, "--raw");
    strictEqual(raw.code, 0);
    ok(pathsBelow(folder).includes("raw/_raw/records.jsonl"));
  });
});

Deno.test("a selection that matches nothing is 9, and each name that matches nothing is told", async () => {
  await withFolder(async (folder) => {
    const [{ scope }] = JSON.parse(
      (await cli(["inspect", SNAP, "--json"], { read: [SNAP] })).stdout,
    ).scopes;
    const one = ["--scope", `dynamodb=${scope}`];
    const none = ["--scope", "dynamodb=no such table"];
    const some = await decode(folder, SNAP, "--dry-run", ...one, ...none);
    strictEqual(some.code, 0);
    match(some.stderr, /^decant: warning: there is nothing of --scope dynamodb=no such table in/);
    const nothing = await decode(folder, SNAP, "--dry-run", ...none);
    strictEqual(nothing.code, 9);
    strictEqual(nothing.stdout, "");
    match(
      nothing.stderr,
      /^decant: nothing-selected: nothing of what was asked for is in the snapshot\n {2}hint: there is .*\n$/,
    );
    strictEqual((await decode(folder, SNAP, "--dry-run", ...none, "--allow-empty")).code, 0);
  });
});

Deno.test("an archive has the same files as a tree", async () => {
  await withFolder(async (folder) => {
    const time = ["--wall-time", "2026-01-01T00:00:00Z", "-q"];
    await decode(folder, SNAP, "-o", `${folder}/tree`, ...time);
    await decode(folder, SNAP, "-o", `${folder}/tree.tar`, "--format", "tar", ...time);
    const piped = await decode(folder, SNAP, "-o", "-", "--format", "tar", ...time);
    deepStrictEqual(piped.bytes, Deno.readFileSync(`${folder}/tree.tar`));
    Deno.mkdirSync(`${folder}/unpacked`);
    await new Deno.Command("tar", {
      args: ["xf", `${folder}/tree.tar`, "-C", `${folder}/unpacked`],
    }).output();
    deepStrictEqual(pathsBelow(`${folder}/unpacked`), pathsBelow(`${folder}/tree`));
    const verified = await cli(["verify", `${folder}/unpacked`, "--against", SNAP], {
      read: [folder, SNAP],
    });
    strictEqual(verified.code, 0);
  });
});

Deno.test("a dry run writes nothing and ends like the decode itself", async () => {
  await withFolder(async (folder) => {
    const dry = await decode(folder, SNAP, "--dry-run");
    deepStrictEqual(pathsBelow(folder), []);
    const real = await decode(folder, SNAP, "-o", `${folder}/out`);
    const rest = ({ code, stdout }: Run): string => code + stdout.slice(stdout.indexOf("\n"));
    strictEqual(rest(dry), rest(real));
    match(dry.stdout, /^Would write \d+ files \(/);
  });
});

Deno.test("a report is JSON with everything that was told, also of an unsound snapshot", async () => {
  await withFolder(async (folder) => {
    const report = `${folder}/report.json`;
    const { code } = await decode(folder, UNSOUND, "--dry-run", "--report", report);
    strictEqual(code, 4);
    const { format_version, exit_code, complete, problems, balance } = JSON.parse(
      Deno.readTextFileSync(report),
    );
    deepStrictEqual([format_version, exit_code, complete], [1, 4, false]);
    strictEqual(problems[0].code, "checksum-mismatch");
    ok(balance.live > 0 && balance.scopes.length > 0);
    strictEqual(Deno.statSync(report).mode! & 0o777, 0o600);
  });
});

Deno.test("a report is not left behind when there is nothing to report", async () => {
  await withFolder(async (folder) => {
    const text = `${folder}/text`;
    Deno.writeTextFileSync(text, "this is no snapshot at all");
    const { code } = await decode(folder, text, "--dry-run", "--report", `${folder}/report.json`);
    strictEqual(code, 3);
    deepStrictEqual(pathsBelow(folder), ["text"]);
  });
});

Deno.test("the state of an earlier moment is written, and the manifest says which", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/out`;
    const { code, stdout } = await decode(folder, SNAP, "-o", out, "--at", "117660106900000000");
    strictEqual(code, 0);
    match(stdout, / \+ [1-9][\d,]* later$/m);
    match(Deno.readTextFileSync(`${out}/MANIFEST.json`), /"read_ts": 117660106900000000,/);
    strictEqual((await cli(["verify", out, "--against", SNAP], { read: [out, SNAP] })).code, 0);
    const early = await decode(folder, SNAP, "-o", `${folder}/e`, "--at", "2026-11-22T12:00:00Z");
    strictEqual(early.code, 2);
    match(
      early.stderr,
      /^decant: usage: at \d+ .* nothing yet: .*\n {2}hint: choose a moment from /,
    );
  });
});

Deno.test("--quiet prints nothing at all when all is well, and errors when it is not", async () => {
  await withFolder(async (folder) => {
    const good = await decode(folder, SNAP, "-o", `${folder}/out`, "-q");
    deepStrictEqual([good.code, good.stdout, good.stderr], [0, "", ""]);
    const bad = await decode(folder, UNSOUND, "-o", `${folder}/bad`, "-q");
    deepStrictEqual([bad.code, bad.stdout], [4, ""]);
    match(bad.stderr, /^decant: checksum-mismatch: /);
  });
});

Deno.test("progress as JSON has a line for each phase, with its version", async () => {
  await withFolder(async (folder) => {
    const { stderr } = await decode(folder, SNAP, "-o", `${folder}/out`, "--progress", "json");
    const lines = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    // How many there are depends on the time that it takes.
    const last = new Map(lines.map(({ format_version, phase, percent }) => [
      phase,
      [format_version, percent],
    ]));
    deepStrictEqual([...last], [["reading", [1, 100]], ["decoding", [1, 100]]]);
  });
});
