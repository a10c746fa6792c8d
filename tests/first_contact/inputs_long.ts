/** What people give to the program who do not know yet what it wants, and what it says to them. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { cli, fixture, withFolder } from "../cli/run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");

/** A captured data directory of a node with four groups, unpacked. */
async function dataDirectory(folder: string): Promise<string> {
  const { success } = await new Deno.Command("tar", {
    args: ["xzf", fixture("real/multi-group/data-dir.tar.gz"), "-C", folder],
  }).output();
  ok(success);
  return `${folder}/data`;
}

/** The files that were taken, relative to a folder. */
function taken(stderr: string, folder: string): string[] {
  return [...stderr.matchAll(/^decant: note: took ([^\s;]+)/gm)].map(([, path]) =>
    path.replace(`${folder}/`, "")
  );
}

Deno.test("what lies in a node's folders is named, with the snapshot beside it", () =>
  withFolder(async (folder) => {
    const data = await dataDirectory(folder);
    const group = `${data}/n1/group-1`;
    const near = `the newest snapshot near it is ${group}/fsm-snap/0000000000000079.fsm; `;
    for (
      const [path, what, hint] of [
        ["snap/0000000000000002-000000000000006f.snap", /a record of a snapshot/, /6f\.fsm$/],
        ["wal/0000000000000000-0000000000000000.wal", /a log of a Raft group/, /newest \.fsm file/],
        ["raft-engine", /does not begin like a snapshot/, /\.fsm file or its data directory$/],
      ] as const
    ) {
      const { code, stderr } = await cli(["inspect", `${group}/${path}`], { read: [data] });
      const [error, help] = stderr.trimEnd().split("\n");
      match(error, what);
      ok(help.startsWith(`  hint: ${near}`), help);
      match(help, hint);
      strictEqual(code, 3);
    }
  }));

Deno.test("where Deno may read the file alone, nothing else is looked at", () =>
  withFolder(async (folder) => {
    const data = await dataDirectory(folder);
    const snap = `${data}/n1/group-1/snap/0000000000000002-000000000000006f.snap`;
    const { stderr } = await cli(["inspect", snap], { read: [snap] });
    match(stderr, /\n {2}hint: give what it names, fsm-snap\/000000000000006f\.fsm\n$/);
  }));

Deno.test("any folder of a node will do: above it, inside of it, and a backup of bare files", () =>
  withFolder(async (folder) => {
    const data = await dataDirectory(folder);
    const newest = "data/n1/group-1/fsm-snap/0000000000000079.fsm";
    for (const inside of ["", "/fsm-snap", "/snap/", "/wal"]) {
      const { code, stderr } = await cli(["inspect", `${data}/n1/group-1${inside}`], {
        read: [data],
      });
      strictEqual(code, 0, stderr);
      deepStrictEqual(taken(stderr, folder), [newest]);
      match(stderr, /other groups lie beside/);
    }
    const above = await cli(["inspect", folder], { read: [folder] });
    strictEqual(above.code, 0, above.stderr);
    strictEqual(taken(above.stderr, folder).length, 4);

    const payloads = `${data}/n1/group-1/fsm-snap`;
    const alone = await cli(["inspect", payloads], { read: [payloads] });
    deepStrictEqual(taken(alone.stderr, folder), [newest]);
    match(alone.stderr, /no record could be used, so a payload was taken by its checksum alone/);

    const backup = `${folder}/backup`;
    Deno.mkdirSync(`${backup}/today`, { recursive: true });
    for (const index of ["6f", "79"]) {
      Deno.copyFileSync(
        `${payloads}/00000000000000${index}.fsm`,
        `${backup}/today/${index}.fsm`,
      );
    }
    const two = await cli(["inspect", backup], { read: [backup] });
    strictEqual(two.code, 2);
    match(two.stderr, /decant: another-moment: [^]* \(--newest\)/);
    const one = await cli(["inspect", backup, "--newest"], { read: [backup] });
    strictEqual(one.code, 0, one.stderr);
    deepStrictEqual(taken(one.stderr, backup), ["today/6f.fsm", "today/79.fsm"]);
  }));

Deno.test("a dump, in any of its forms, is told from a snapshot", () =>
  withFolder(async (folder) => {
    const surroundings = { read: [SNAP, folder], write: [folder] };
    for (const [format, name] of [["tree", "dump"], ["tar", "dump.tar"], ["records", "lines"]]) {
      const args = ["decode", SNAP, "--format", format, "-o", `${folder}/${name}`, "-q"];
      strictEqual((await cli(args, surroundings)).code, 0);
    }
    const tar = Deno.readFileSync(`${folder}/dump.tar`);
    Deno.writeFileSync(`${folder}/dump.tgz`, new Uint8Array(gzipSync(tar)));
    for (
      const [name, what, hint] of [
        ["dump", /this is a dump and no snapshot/, /the snapshot that it was made from/],
        ["dump/MANIFEST.json", /the manifest of a dump that Decant made/, /decant verify/],
        ["dump/CHECKSUMS", /a list of checksums/, /decant verify/],
        ["dump.tar", /a tar archive/, /unpack it .* decant verify/],
        ["dump.tgz", /a tar archive/, /unpack it .* decant verify/],
        ["lines", /record lines of a dump/, /the snapshot that it was made from/],
      ] as const
    ) {
      for (const command of name === "dump" ? ["inspect"] : ["inspect", "verify"]) {
        const { code, stderr } = await cli([command, `${folder}/${name}`], surroundings);
        match(stderr, /^decant: not-a-snapshot: /);
        match(stderr, what);
        match(stderr, hint);
        strictEqual(code, 3);
      }
    }
    const none = await cli(["inspect", folder], surroundings);
    match(none.stderr, /^decant: no-snapshot-found: there is no snapshot in this folder/);
  }));

Deno.test("an unpacked size that memory cannot hold is said at once, with the option", () =>
  withFolder(async (folder) => {
    const snap = Deno.readFileSync(SNAP);
    const large = new Uint8Array(100 << 20);
    large.set(snap);
    crypto.getRandomValues(large.subarray(1 << 20, (1 << 20) + 60_000));
    large.copyWithin(2 << 20, 1 << 20, 2 << 20);
    Deno.writeFileSync(`${folder}/a.gz`, new Uint8Array(gzipSync(large, { level: 1 })));
    const { code, stderr } = await cli(["verify", `${folder}/a.gz`], { read: [folder] });
    match(
      stderr,
      /^decant: spool-needed: at least 100 MiB of scratch space are needed, and memory gives 64 MiB \(file .*a\.gz\)\n {2}hint: give a folder for it \(--spool DIR\)\n$/,
    );
    strictEqual(code, 5);
  }));

Deno.test("a file in memory gets a hint that helps", async () => {
  const path = `/dev/shm/decant-test-${crypto.randomUUID()}.fsm`;
  Deno.copyFileSync(SNAP, path);
  try {
    const { code, stderr } = await cli(["inspect", path], { read: [path] });
    ok(
      stderr.includes(`hint: copy the file elsewhere, or pipe it in: … - < ${path}; Deno `),
      stderr,
    );
    strictEqual(code, 6);
    const out = `${path}.out`;
    const written = await cli(["decode", SNAP, "-o", out], { read: [SNAP, out], write: [out] });
    match(written.stderr, /hint: choose a place elsewhere; Deno opens nothing in \/dev/);
    strictEqual(written.code, 6);
  } finally {
    Deno.removeSync(path);
  }
});
