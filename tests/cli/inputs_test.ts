/** What can be given as a snapshot, and what is said about it. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  notDeepStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { nodeFile, stream } from "../support/stream.ts";
import { cli, command, fixture, pathsBelow, type Run, withFolder } from "./run.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const DATA_DIRECTORY = fixture("real/multi-group/data-dir.tar.gz");

async function unpackDataDirectory(folder: string): Promise<string> {
  const { success } = await new Deno.Command("tar", {
    args: ["xzf", DATA_DIRECTORY, "-C", folder],
  }).output();
  ok(success);
  return `${folder}/data`;
}

/** What `inspect --json` says, without the name of the input. */
async function inspected(args: string[], read: string[], stdin?: Uint8Array): Promise<unknown> {
  const { code, stdout, stderr } = await cli(["inspect", "--json", ...args], { read, stdin });
  strictEqual(stderr, "");
  strictEqual(code, 0);
  const report = JSON.parse(stdout);
  strictEqual(report.format_version, 1);
  for (const input of report.inputs) delete input.name;
  return report;
}

Deno.test("a snapshot is the same from a file, packed, and from standard input", async () => {
  await withFolder(async (folder) => {
    const plain = Deno.readFileSync(SNAP);
    const gzip = gzipSync(plain);
    const zstd = zstdCompressSync(plain);
    Deno.writeFileSync(`${folder}/a`, gzip);
    Deno.writeFileSync(`${folder}/b.fsm`, zstd);
    const expected = await inspected([SNAP], [SNAP]);
    deepStrictEqual(await inspected([`${folder}/a`], [folder]), expected);
    deepStrictEqual(await inspected([`${folder}/b.fsm`], [folder]), expected);
    for (const stdin of [plain, gzip, zstd]) {
      deepStrictEqual(await inspected(["-"], [], new Uint8Array(stdin)), expected);
    }
  });
});

Deno.test("the same dump comes from a file and from standard input, but for its name", async () => {
  await withFolder(async (folder) => {
    const stdin = Deno.readFileSync(SNAP);
    const time = ["--wall-time", "2026-01-01T00:00:00Z", "-q"];
    for (const [input, out] of [[SNAP, "file"], ["-", "stdin"]]) {
      const args = ["decode", input, "-o", `${folder}/${out}`, ...time];
      const { code, stderr } = await cli(args, { read: [SNAP, folder], write: [folder], stdin });
      strictEqual(code + stderr, "0");
    }
    deepStrictEqual(pathsBelow(`${folder}/stdin`), pathsBelow(`${folder}/file`));
    const sums = (out: string): string =>
      Deno.readTextFileSync(`${folder}/${out}/CHECKSUMS`).replace(/.*MANIFEST.json\n/, "");
    strictEqual(sums("stdin"), sums("file"));
  });
});

Deno.test("a data directory gives the newest snapshot of each group, and says which", async () => {
  await withFolder(async (folder) => {
    const data = await unpackDataDirectory(folder);
    const { code, stdout, stderr } = await cli(["inspect", data], { read: [data] });
    strictEqual(code, 0);
    const taken = [
      ...stderr.matchAll(
        /^decant: note: took (\S+) \(group (\d), up to log entry (\d+)\); (.*)$/gm,
      ),
    ];
    deepStrictEqual(taken.map(([, path, group, index]) => [path.replace(data, ""), group, index]), [
      ["/n1/group-0/fsm-snap/000000000000000b.fsm", "0", "11"],
      ["/n1/group-1/fsm-snap/0000000000000079.fsm", "1", "121"],
      ["/n1/group-2/fsm-snap/0000000000000169.fsm", "2", "361"],
      ["/n1/group-3/fsm-snap/0000000000000051.fsm", "3", "81"],
    ]);
    const after = "the log goes on to entry 125, and what was committed after 121 is only there";
    strictEqual(taken[1][4], after);
    strictEqual(taken[0][4], "the log has nothing committed after it");
    strictEqual(taken.length, stderr.trimEnd().split("\n").length);
    match(stdout, /^4 files are sound: every checksum holds/);
    match(stdout, /^groups +3 of 3 given \(1, 2, 3\)$/m);
  });
});

Deno.test("groups that are not given are named, and are a loss unless it is accepted", async () => {
  await withFolder(async (folder) => {
    const data = await unpackDataDirectory(folder);
    const group = `${data}/n1/group-2`;
    const { stdout } = await cli(["inspect", group], { read: [group] });
    match(
      stdout,
      /^groups +1 of 3 given \(2\); NOT given: 1, 3, whose rows are not counted here$/m,
    );

    const dry = (...more: string[]): Promise<Run> =>
      cli(["decode", group, "--dry-run", "--redis-bare-strings", ...more], { read: [group] });
    const refused = await dry();
    strictEqual(refused.code, 8);
    match(
      refused.stdout,
      /^missing: {2}2 groups of the cluster\n {12}group 1\n {12}group 3\n {10}name a snapshot of each/m,
    );
    const accepted = await dry("--accept", "groups");
    strictEqual(accepted.code, 0);
    match(accepted.stdout, /^accepted: 2 groups of the cluster\n {12}group 1\n {12}group 3$/m);
  });
});

Deno.test("a group's folder without a snapshot and the timestamps' own file leave a group missing", async () => {
  await withFolder(async (folder) => {
    const data = await unpackDataDirectory(folder);
    const node = `${data}/n1`;
    const dry = (...paths: string[]): Promise<Run> =>
      cli(["decode", ...paths, "--dry-run", "--redis-bare-strings"], { read: [data] });
    const files = [0, 1, 2].map((group) => {
      const [file] = [...Deno.readDirSync(`${node}/group-${group}/fsm-snap`)];
      return `${node}/group-${group}/fsm-snap/${file.name}`;
    });
    const byFile = await dry(...files);
    match(byFile.stdout, /^missing: {2}1 group of the cluster$/m);
    strictEqual(byFile.code, 8);

    // Group 2 has the routes: only its folder says that there is such a group.
    for (const name of ["snap", "fsm-snap"]) {
      Deno.removeSync(`${node}/group-2/${name}`, { recursive: true });
      Deno.mkdirSync(`${node}/group-2/${name}`);
    }
    const byFolder = await dry(node);
    match(byFolder.stdout, /^missing: {2}the cluster's routes, .*\n {12}group 2\n {12}…$/m);
    strictEqual(byFolder.code, 8);
  });
});

Deno.test("several files are one snapshot, whatever their order", async () => {
  const files = [1, 2, 3].map((group) => fixture(`real/multi-group/group-${group}.fsm`));
  const scopes = async (paths: string[]): Promise<unknown> =>
    (await inspected(paths, files) as { scopes: unknown }).scopes;
  const whole = await scopes(files);
  deepStrictEqual(await scopes(files.toReversed()), whole);
  notDeepStrictEqual(await scopes(files.slice(0, 2)), whole);
});

Deno.test("groups that lie beside the folder that was named are named, and are lost", async () => {
  await withFolder(async (folder) => {
    const data = await unpackDataDirectory(folder);
    const node = `${data}/n1`;
    const dry = (read: string[], ...paths: string[]): Promise<Run> =>
      cli(["decode", ...paths, "--dry-run", "--redis-bare-strings"], { read });

    const beside = await dry([node], `${node}/group-1`);
    strictEqual(beside.code, 8);
    match(
      beside.stderr,
      /other groups lie beside .*: name the folder above them \(path \S+\/n1, groups 2, 3\)/,
    );
    match(
      beside.stdout,
      /^missing: +the cluster's routes, .*: nobody knows whether there are others\n +group 2\n +group 3\n +…\n/m,
    );
    const accepted = await cli(
      ["decode", `${node}/group-1/`, "--dry-run", "--redis-bare-strings", "--accept", "groups"],
      { read: [node] },
    );
    strictEqual(accepted.code, 0);
    match(
      accepted.stdout,
      /^Would write .*: NOT complete, but nothing is missing that was not accepted/,
    );

    const group = `${node}/group-1`;
    const blind = await dry([group], group);
    strictEqual(blind.code, 8);
    match(
      blind.stderr,
      /warning: whether other groups lie beside those that were named could not be looked up \(path \S+\/n1\)/,
    );

    const all = [1, 2, 3].map((n) => `${node}/group-${n}`);
    const whole = await dry([node], ...all);
    doesNotMatch(whole.stderr, /beside/);
    match(whole.stdout, /^Would write .*: everything that a client could read\.$/m);
    strictEqual(whole.code, 0);
  });
});

Deno.test("two moments of a group are refused, and --newest takes the newer one", async () => {
  const [earlier, later] = ["earlier", "later"].map((name) =>
    fixture(`real/two-moments/${name}.fsm.gz`)
  );
  const read = [earlier, later];
  for (
    const args of [["inspect", later, earlier], ["verify", earlier, later], [
      "decode",
      earlier,
      later,
      "--dry-run",
    ]]
  ) {
    const { code, stdout, stderr } = await cli(args, { read });
    strictEqual(code, 2);
    strictEqual(stdout, "");
    match(
      stderr,
      /^decant: another-moment: two moments of one group: \S+\/later\.fsm\.gz \(last commit 2026-11-29T\S+Z = \d+, log entry 71\) goes on from \S+\/earlier\.fsm\.gz \(.*, log entry 61\)\n {2}hint: .* \(--newest\)\n/,
    );
  }
  const { code, stdout } = await cli(["inspect", "--newest", earlier, later], { read });
  strictEqual(code, 0);
  match(stdout, /^\S+\/earlier\.fsm\.gz .* 61 .*; left out: an earlier moment$/m);
  match(stdout, /^\S+\/later\.fsm\.gz .* 71 .*Z$/m);
  const dry = (...paths: string[]): Promise<Run> =>
    cli(["decode", ...paths, "--dry-run", "--accept", "groups,transactions"], { read });
  const both = await dry("--newest", later, earlier);
  match(both.stdout, /^\S+\/earlier\.fsm\.gz .*; left out: an earlier moment$/m);
  const alone = await dry(later);
  match(alone.stdout, /^of: +last commit \d+ = 2026-11-29T\S+Z, log entry 71$/m);
  const balance = (text: string): string => text.slice(text.indexOf("balance:"));
  strictEqual(balance(both.stdout), balance(alone.stdout));
});

Deno.test("files of two clusters are refused", async () => {
  const files = [fixture("real/redis-all/snapshot.fsm.gz"), SNAP];
  for (const more of [[], ["--newest"]]) {
    const { code, stderr } = await cli(["inspect", ...files, ...more], { read: files });
    strictEqual(code, 2);
    match(
      stderr,
      /^decant: another-history: \S+redis-all\S+ \(.*\) does not go on from \S+ddb-history\S+ \(.*\), though both are of group 1 \(key ".*"\)\n {2}hint: files of different clusters, /,
    );
  }
});

Deno.test("a dump, a folder without a snapshot and other files are no snapshots, and it says why", async () => {
  await withFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/dump`);
    Deno.mkdirSync(`${folder}/empty`);
    Deno.writeTextFileSync(`${folder}/dump/CHECKSUMS`, "");
    Deno.writeTextFileSync(`${folder}/text`, "hello, this is text and no snapshot");
    for (
      const [name, message] of [
        [
          "dump",
          /^decant: not-a-snapshot: this is a dump .*\n {2}hint: name the snapshot that it was made from/,
        ],
        ["empty", /^decant: no-snapshot-found: .*\n {2}hint: looked for /],
        ["text", /^decant: not-a-snapshot: .*\n {2}hint: give a node's \.fsm file/],
      ] as const
    ) {
      const { code, stderr } = await cli(["inspect", `${folder}/${name}`], { read: [folder] });
      match(stderr, message);
      strictEqual(code, 3);
    }
  });
});

Deno.test("more than 64 MiB of standard input needs a folder to spool to, which is empty afterwards", async () => {
  await withFolder(async (folder) => {
    const value = "x".repeat(1 << 20);
    const entries = Array.from({ length: 65 }, (_, i) => ({ key: `!redis|str|${i}`, value }));
    const stdin = nodeFile(stream(entries));
    const refused = await cli(["inspect", "-"], { stdin });
    strictEqual(refused.code, 5);
    match(
      refused.stderr,
      /^decant: spool-needed: .*\n {2}hint: give a folder for it \(--spool DIR\)\n/,
    );

    const args = ["inspect", "-", "--spool", folder];
    const { code, stdout } = await cli(args, { read: [folder], write: [folder], stdin });
    strictEqual(code, 0);
    match(stdout, /^stdin is sound: /);
    deepStrictEqual(pathsBelow(folder), []);
  });
});

Deno.test("endless input that is no snapshot is refused by its first bytes, packed or not", async () => {
  const lines = new TextEncoder().encode("y\n".repeat(50_000));
  const members = new Uint8Array([...gzipSync(lines), ...gzipSync(lines)]);
  for (const part of [lines, members]) {
    await withFolder(async (folder) => {
      const out = `${folder}/out`;
      const surroundings = { read: [out], write: [out], stdin: new Uint8Array(0) };
      const child = command(["decode", "-", "-o", out], surroundings).spawn();
      const writer = child.stdin.getWriter();
      let written = 0;
      const endless = (async () => {
        for (;;) {
          await writer.write(part);
          written += part.length;
        }
      })().catch(() => {});
      const { code, stderr } = await child.output();
      await endless;
      match(
        new TextDecoder().decode(stderr),
        /^decant: not-a-snapshot: .*\(file stdin, offset 0\)/,
      );
      strictEqual(code, 3);
      ok(written < 4 << 20, `${written} bytes were taken`);
      deepStrictEqual(pathsBelow(folder), []);
    });
  }
});

Deno.test("a small file that unpacks to much is refused by what it begins with", () =>
  withFolder(async (folder) => {
    const out = `${folder}/out`;
    const bomb = fixture("attacks/spool-never-looks/input.fsm.zst");
    const { code, stderr } = await cli(["decode", bomb, "-o", out], {
      read: [bomb, out],
      write: [out],
    });
    match(stderr, /^decant: not-a-snapshot: .*input\.fsm\.zst, offset 0\)/);
    strictEqual(code, 3);
    deepStrictEqual(pathsBelow(folder), []);
  }));

Deno.test("a snapshot that unpacks to more than 1,000 times its length is agreed to first", () =>
  withFolder(async (folder) => {
    const value = new Uint8Array(17 << 20);
    const entries = Array.from({ length: 4 }, (_, i) => ({ key: `!redis|str|${i}`, value }));
    const snap = `${folder}/a.fsm.gz`;
    const spool = `${folder}/spool`;
    Deno.mkdirSync(spool);
    Deno.writeFileSync(snap, zstdCompressSync(nodeFile(stream(entries))));
    const args = ["inspect", snap, "--spool", spool];
    const refused = await cli(args, { read: [folder], write: [spool] });
    match(refused.stderr, /^decant: too-compressed: .*\n {2}hint: allow it .* \(--allow-ratio\)\n/);
    strictEqual(refused.code, 2);
    const taken = await cli([...args, "--allow-ratio"], { read: [folder], write: [spool] });
    match(taken.stdout, /a\.fsm\.gz is sound/);
    strictEqual(taken.code, 0);
    deepStrictEqual(pathsBelow(folder), ["a.fsm.gz", "spool/"]);
  }));

Deno.test("a zstd file with a long window is not called damaged", async () => {
  const snap = fixture("attacks/zstd-long-window/input.fsm.zst");
  const { code, stderr } = await cli(["inspect", snap], { read: [snap] });
  match(
    stderr,
    /^decant: unsupported-format: .* window of 2048 MiB.*\n {2}hint: .*zstd -d --long=31\n$/,
  );
  strictEqual(code, 3);
});

Deno.test("reported gzip files of several members are read, from a file and from standard input", async () => {
  for (const name of ["input.one-member.fsm.gz", "input.two-members.fsm.gz"]) {
    const snap = fixture(`reports/gzip-members/${name}`);
    const bytes = new Uint8Array([...Deno.readFileSync(snap), ...new Uint8Array(512)]);
    for (
      const run of [
        await cli(["inspect", snap], { read: [snap] }),
        await cli(["inspect", "-"], { stdin: bytes }),
      ]
    ) {
      match(run.stdout, /with 8 entries in order/);
      strictEqual(run.stderr + run.code, "0");
    }
  }
});
