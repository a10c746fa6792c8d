/** Every command runs with the permissions that it needs and no others, and names what is missing. */

import { match, ok, strictEqual } from "node:assert/strict";
import { cli, fixture, type Run, withFolder } from "./run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const REDIS = fixture("parity/redis-strings/input.fsm");

/** `$` is a folder of the test's own. */
interface Case {
  what: string;
  args: string[];
  read?: string[];
  write?: string[];
  /** Run before it, with the permissions that it needs. */
  first?: Case;
}

const DECODE: Case = {
  what: "decode into a tree",
  args: ["decode", SNAP, "-o", "$/out"],
  read: [SNAP, "$/out"],
  write: ["$/out"],
};

const CASES: Case[] = [
  { what: "a snapshot alone", args: [SNAP], read: [SNAP] },
  { what: "inspect", args: ["inspect", SNAP], read: [SNAP] },
  { what: "inspect --json", args: ["inspect", SNAP, "--json"], read: [SNAP] },
  {
    what: "inspect with a spool folder",
    args: ["inspect", SNAP, "--spool", "$"],
    read: [SNAP, "$"],
    write: ["$"],
  },
  DECODE,
  {
    what: "decode with JavaScript kernels",
    args: [...DECODE.args, "--kernel", "js"],
    read: DECODE.read,
    write: DECODE.write,
  },
  {
    what: "decode with workers",
    args: [...DECODE.args, "--jobs", "3"],
    read: DECODE.read,
    write: DECODE.write,
  },
  {
    what: "decode into bundles",
    args: [...DECODE.args, "--dynamodb-bundle-mode", "jsonl"],
    read: DECODE.read,
    write: DECODE.write,
  },
  {
    what: "decode into an archive",
    args: ["decode", SNAP, "--format", "tar", "-o", "$/out.tar"],
    read: [SNAP],
    write: ["$/out.tar"],
  },
  {
    what: "decode into records",
    args: ["decode", SNAP, "--format", "records", "-o", "$/out.jsonl"],
    read: [SNAP],
    write: ["$/out.jsonl"],
  },
  {
    what: "decode into commands",
    args: ["decode", REDIS, "--format", "resp", "-o", "$/out.resp"],
    read: [REDIS],
    write: ["$/out.resp"],
  },
  {
    what: "decode to standard output",
    args: ["decode", SNAP, "--format", "records", "-o", "-", "-q"],
    read: [SNAP],
  },
  { what: "decode without writing", args: ["decode", SNAP, "--dry-run"], read: [SNAP] },
  {
    what: "decode with a report",
    args: ["decode", SNAP, "--dry-run", "--report", "$/report.json"],
    read: [SNAP],
    write: ["$/report.json"],
  },
  {
    what: "decode with a spool folder",
    args: [...DECODE.args, "--spool", "$/spool"],
    read: [SNAP, "$/out", "$/spool"],
    write: ["$/out", "$/spool"],
  },
  { what: "verify a snapshot", args: ["verify", SNAP], read: [SNAP] },
  { what: "verify a dump", args: ["verify", "$/out"], read: ["$/out"], first: DECODE },
  {
    what: "verify a dump against its snapshot",
    args: ["verify", "$/out", "--against", SNAP],
    read: ["$/out", SNAP],
    first: DECODE,
  },
];

for (const test of CASES) {
  Deno.test(`${test.what}: exactly these permissions do`, async () => {
    await withFolder(async (folder) => {
      Deno.mkdirSync(`${folder}/spool`);
      if (test.first) strictEqual((await run(test.first, folder)).code, 0);
      const { code, stderr } = await run(test, folder);
      strictEqual(stderr, "");
      strictEqual(code, 0);
    });
  });

  for (const access of ["read", "write"] as const) {
    for (const missing of test[access] ?? []) {
      const name = missing.startsWith("$") ? missing : "the snapshot";
      Deno.test(`${test.what}: without --allow-${access} for ${name} the exit code is 6`, async () => {
        await withFolder(async (folder) => {
          Deno.mkdirSync(`${folder}/spool`);
          if (test.first) strictEqual((await run(test.first, folder)).code, 0);
          const rest = test[access]!.filter((path) => path !== missing);
          const { code, stdout, stderr } = await run({ ...test, [access]: rest }, folder);
          match(stderr, /^decant: permission: Deno may not (read|write) this path \(file /);
          const flag = `--allow-${access}=${missing.replace("$", folder)}`;
          ok(stderr.includes(`\n  hint: add ${flag}`), `${flag} in ${stderr}`);
          strictEqual(code, 6);
          strictEqual(stdout, "");
          const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
          strictEqual(left.filter((name) => name !== "spool").join(), test.first ? "out" : "");
        });
      });
    }
  }
}

Deno.test("all missing permissions are named at once", async () => {
  const { code, stderr } = await cli([
    "decode",
    SNAP,
    "-o",
    "/nowhere/a,b",
    "--report",
    "/nowhere/r",
  ]);
  strictEqual(code, 6);
  ok(
    stderr.endsWith(
      `hint: add --allow-read=${SNAP},/nowhere/a,,b --allow-write=/nowhere/a,,b,/nowhere/r\n`,
    ),
    stderr,
  );
});

Deno.test("standard input and standard output need no permission", async () => {
  const stdin = Deno.readFileSync(SNAP);
  const { code, stdout, stderr } = await cli(
    ["decode", "-", "--format", "records", "-o", "-", "-q"],
    { stdin },
  );
  strictEqual(stderr, "");
  strictEqual(code, 0);
  ok(stdout.startsWith('{"adapter":"dynamodb"'));
});

function run({ args, read, write }: Case, folder: string): Promise<Run> {
  const own = (path: string): string => path.replace("$", folder);
  return cli([...args.map(own), "--progress", "none"], {
    read: read?.map(own),
    write: write?.map(own),
  });
}
