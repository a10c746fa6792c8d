import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { fromHex, toHex } from "../../src/bytes/hex.ts";
import {
  type DirectoryWarning,
  findSnapshots,
  type FoundSnapshot,
} from "../../src/container/data_directory.ts";
import { readSnapFile } from "../../src/container/snap_file.ts";
import { PermissionError, UnsupportedError, UsageError } from "../../src/errors.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import type { DirectoryEntry } from "../../src/sources/directory.ts";
import { readAt } from "../../src/sources/source.ts";
import { corpusPath, inCorpus } from "./corpus.ts";
import {
  CHECKSUM,
  crcOf,
  entry,
  fsmFile,
  fsmName,
  MemoryDirectory,
  pairName,
  snapFile,
  snapshot,
  state,
  token,
  walBytes,
  type WalRecord,
} from "./raft_builder.ts";

type Files = Record<string, Uint8Array>;

const WAL = `wal/${pairName(0n, 0n, "wal")}`;
const fsm = (index: bigint) => `fsm-snap/${fsmName(index)}`;
const snap = (term: bigint, index: bigint) => `snap/${pairName(term, index, "snap")}`;
const payload = (index: bigint) => `payload ${index}`;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function pair(term: bigint, index: bigint): Files {
  const file = fsmFile(payload(index));
  const crc = crcOf(file.subarray(0, file.length - 4));
  return { [snap(term, index)]: snapFile(term, index, token(index, crc)), [fsm(index)]: file };
}

function log(...records: WalRecord[]): Files {
  return {
    [WAL]: new Uint8Array([...walBytes([CHECKSUM, ...records])[0], ...new Uint8Array(500)]),
  };
}

/** A group with snapshots at 10, 20 and 30, committed up to 35. */
function group(): Files {
  return {
    ...pair(1n, 10n),
    ...pair(2n, 20n),
    ...pair(2n, 30n),
    ...log(snapshot(1n, 10n), snapshot(2n, 20n), snapshot(2n, 30n), entry(50), state(2n, 35n)),
    "fsm.db/000004.log": new Uint8Array(5),
    "etcd-raft-peers.bin": new Uint8Array(5),
    "raft-engine": new Uint8Array(5),
  };
}

const AFTER_30: DirectoryWarning = {
  event: "entries-after-snapshot",
  fields: { path: fsm(30n), index: "30", committed: "35" },
};

function under(folder: string, files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [`${folder}/${path}`, bytes]),
  );
}

async function contents(snapshot: FoundSnapshot): Promise<string> {
  const source = await snapshot.open();
  const bytes = await readAt(source, 0, source.size);
  source.close();
  return text(bytes);
}

/** What is found: path and index of each snapshot, and the warnings. */
async function find(files: Files, name?: string) {
  const directory = new MemoryDirectory(files, name);
  const { snapshots, warnings } = await findSnapshots(directory);
  const found = [];
  for (const snapshot of snapshots) {
    const { group, path, index } = snapshot;
    const all = await contents(snapshot);
    ok(all.startsWith(payload(index!)), `${path} holds ${all}`);
    found.push(group === undefined ? { path, index } : { group, path, index });
  }
  deepStrictEqual(directory.held, [], "every file is closed again");
  return { found, warnings, snapshots };
}

const events = (warnings: DirectoryWarning[]) => warnings.map(({ event }) => event);

Deno.test("the first record of a node names its first payload", async () => {
  const bytes = fromHex(
    "08cfccf82b12250a11454b5654010000000000000001601ff48412100a0a08c0a9e3aafbe0ded90810011801",
  )!;
  strictEqual(bytes.length, 44);
  const record = await readSnapFile(new BytesSource(bytes));
  deepStrictEqual(record, {
    index: 1n,
    term: 1n,
    payload: { kind: "token", index: 1n, crc32c: 0x601ff484 },
  });
  for (let i = 0; i < bytes.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[i] ^= 1 << bit;
      // What the checksum does not cover, such as an unused bit of its own number, changes nothing.
      await readSnapFile(new BytesSource(flipped)).then(
        (same) => deepStrictEqual(same, record, `byte ${i}, bit ${bit}`),
        (error) => ok(error.code, String(error)),
      );
    }
    await rejects(readSnapFile(new BytesSource(bytes.subarray(0, i))), `${i} bytes`);
  }
});

Deno.test("the newest recorded snapshot is taken, and what was committed later is told", async () => {
  const { found, warnings, snapshots } = await find(group());
  deepStrictEqual(found, [{ path: fsm(30n), index: 30n }]);
  strictEqual(snapshots[0].committed, 35n);
  deepStrictEqual(warnings, [AFTER_30]);
  strictEqual(await contents(snapshots[0]), text(fsmFile(payload(30n))));
});

Deno.test("nothing is told when the snapshot holds all that was committed", async () => {
  const { warnings } = await find({
    ...pair(1n, 10n),
    ...log(snapshot(1n, 10n), state(1n, 10n)),
  });
  deepStrictEqual(warnings, []);
});

Deno.test("a node is recognised by the group's folder, its own, or the one above", async () => {
  const one = { path: fsm(30n), index: 30n };
  deepStrictEqual((await find(group(), "/srv/data/n1/")).found, [one]);
  deepStrictEqual((await find(group(), "/srv/data/n1/group-7")).found, [{ group: 7n, ...one }]);
  deepStrictEqual((await find(under("n1", group()))).found, [
    { path: `n1/${fsm(30n)}`, index: 30n },
  ]);

  const several = {
    ...under("group-0", { ...pair(1n, 1n), ...log(snapshot(1n, 1n), state(1n, 1n)) }),
    ...under("group-1", group()),
    ...under("group-12", group()),
    ...under("group-x", group()),
    ...under("group-01", group()),
  };
  const groups = [
    { group: 0n, path: `group-0/${fsm(1n)}`, index: 1n },
    { group: 1n, path: `group-1/${fsm(30n)}`, index: 30n },
    { group: 12n, path: `group-12/${fsm(30n)}`, index: 30n },
  ];
  const node = await find(several);
  deepStrictEqual(node.found, groups);
  deepStrictEqual(node.warnings[0].fields, {
    group: "1",
    path: `group-1/${fsm(30n)}`,
    index: "30",
    committed: "35",
  });
  deepStrictEqual(
    (await find({ ...under("n1", several), "README": new Uint8Array(1) })).found,
    groups.map((found) => ({ ...found, path: `n1/${found.path}` })),
  );
});

Deno.test("group 0 may lie in the folder of the one other group", async () => {
  const zero = under("group-0", { ...pair(1n, 1n), ...log(snapshot(1n, 1n), state(1n, 1n)) });
  const expected = (folder: string) => [
    { path: `${folder}${fsm(30n)}`, index: 30n },
    { group: 0n, path: `${folder}group-0/${fsm(1n)}`, index: 1n },
  ];
  deepStrictEqual((await find({ ...group(), ...zero })).found, expected(""));
  deepStrictEqual((await find(under("n1", { ...group(), ...zero }))).found, expected("n1/"));
});

Deno.test("nodes are found at any depth, and the store's own files and dumps are passed over", async () => {
  const files = {
    ...under("a/b/c/n1", group()),
    ...under("a/n2/group-3", group()),
    ...under("a/n3/fsm.db-sst-ingest-7/x", group()),
    ...under("a/dump", { CHECKSUMS: new Uint8Array(1), "x.fsm": new Uint8Array(9) }),
    "a/old.fsm": fsmFile(payload(1n)),
  };
  const passOver = (inside: readonly DirectoryEntry[]) =>
    inside.some(({ name }) => name === "CHECKSUMS");
  const { snapshots, groups, warnings } = await findSnapshots(new MemoryDirectory(files), {
    passOver,
  });
  deepStrictEqual(snapshots.map(({ path }) => path), [
    `a/b/c/n1/${fsm(30n)}`,
    `a/n2/group-3/${fsm(30n)}`,
  ]);
  deepStrictEqual(groups, [3n]);
  deepStrictEqual(warnings.at(-1), {
    event: "snapshot-passed-over",
    fields: { path: "a/old.fsm" },
  });
});

Deno.test("of fsm-snap/ alone the newest sound payload is taken", async () => {
  const files = {
    [fsmName(30n)]: damaged(fsmFile(payload(30n))),
    [fsmName(20n)]: fsmFile(payload(20n)),
    [fsmName(10n)]: fsmFile(payload(10n)),
    "x.fsm.tmp": new Uint8Array(3),
  };
  const { found, warnings } = await find(files, "/backup/n1/fsm-snap/");
  deepStrictEqual(found, [{ path: fsmName(20n), index: 20n }]);
  deepStrictEqual(events(warnings), [
    "payload-unsound",
    "payload-without-record",
    "newer-payload-without-record",
  ]);
});

Deno.test("of a backup every .fsm file is taken, packed or not", async () => {
  const one = new Uint8Array(1);
  const files = {
    "monday/group-1/0000000000000020.fsm": one,
    "monday/group-2.fsm.gz": one,
    "tuesday/b.fsm.zst": one,
    "tuesday/c.fsm.tmp": one,
    "tuesday/fsm": one,
  };
  const { snapshots, groups, warnings } = await findSnapshots(
    new MemoryDirectory(files, "/backup"),
  );
  deepStrictEqual(snapshots.map(({ path, index, group }) => [path, index, group]), [
    ["monday/group-1/0000000000000020.fsm", 0x20n, 1n],
    ["monday/group-2.fsm.gz", undefined, undefined],
    ["tuesday/b.fsm.zst", undefined, undefined],
  ]);
  deepStrictEqual(groups, [1n]);
  deepStrictEqual(warnings, []);
});

Deno.test("a folder with more folders than anybody should wait for is refused", async () => {
  const directory = new MemoryDirectory({});
  directory.list = (path) =>
    Promise.resolve(
      path === ""
        ? Array.from({ length: 10_001 }, (_, i) => ({
          name: `d${i}`,
          isDirectory: true,
          size: 0,
        }))
        : [],
    );
  await rejects(findSnapshots(directory), (error) => {
    ok(error instanceof UsageError && /10000 folders/.test(error.message));
    return true;
  });
});

Deno.test("several nodes beside each other give one snapshot each", async () => {
  const { found } = await find({ ...under("n1", group()), ...under("n2", group()) });
  deepStrictEqual(found.map(({ path }) => path), [`n1/${fsm(30n)}`, `n2/${fsm(30n)}`]);
});

Deno.test("unfinished and given-up files, and restore scratch, are not looked at", async () => {
  const { found, warnings } = await find({
    ...group(),
    [`${snap(3n, 40n)}.broken`]: new Uint8Array(3),
    "snap/tmp123": new Uint8Array(3),
    "fsm-snap/x7Kq.fsm.tmp": new Uint8Array(3),
    "fsm-snap/elastickv-etcd-snapshot-123": new Uint8Array(3),
    "fsm-snap/0000000000000040.FSM": new Uint8Array(3),
    "fsm.db-sst-ingest-1/fsm-snap/x": new Uint8Array(3),
    "wal/0.tmp": new Uint8Array(3),
  });
  deepStrictEqual(found, [{ path: fsm(30n), index: 30n }]);
  deepStrictEqual(warnings, [AFTER_30]);
});

Deno.test("a record above the last commit, or one that the log does not know, is passed over", async () => {
  const records = [snapshot(1n, 10n), snapshot(2n, 20n), snapshot(2n, 30n)];
  const above = await find({ ...group(), ...log(...records, state(2n, 25n)) });
  deepStrictEqual(above.found, [{ path: fsm(20n), index: 20n }]);
  deepStrictEqual(above.warnings, [
    { event: "snapshot-not-in-wal", fields: { path: snap(2n, 30n), index: "30" } },
    {
      event: "entries-after-snapshot",
      fields: { path: fsm(20n), index: "20", committed: "25" },
    },
  ]);

  const unknown = await find({ ...group(), ...log(snapshot(1n, 10n), state(2n, 35n)) });
  deepStrictEqual(unknown.found, [{ path: fsm(10n), index: 10n }]);

  const none = await find({ ...group(), ...log(state(2n, 35n)) });
  deepStrictEqual(none.found, [{ path: fsm(30n), index: 30n }]);
  deepStrictEqual(events(none.warnings), [
    "snapshot-not-in-wal",
    "snapshot-not-in-wal",
    "snapshot-not-in-wal",
    "unrecorded-snapshot-taken",
    "entries-after-snapshot",
  ]);
});

Deno.test("the term goes before the index when records are ordered", async () => {
  const { found } = await find({
    ...pair(1n, 40n),
    ...pair(2n, 20n),
    ...log(snapshot(1n, 40n), snapshot(2n, 20n), state(2n, 50n)),
  });
  deepStrictEqual(found, [{ path: fsm(20n), index: 20n }]);
});

Deno.test("a damaged record is passed over", async () => {
  const sound = group();
  const cases: [string, Uint8Array][] = [
    ["a wrong checksum", snapFile(2n, 30n, token(30n, 1), 12345)],
    ["no checksum", snapFile(2n, 30n, token(30n, 1), 0)],
    ["an empty file", new Uint8Array(0)],
    ["other bytes", new Uint8Array(40).fill(0xff)],
    ["a cut record", sound[snap(2n, 30n)].subarray(0, 20)],
    ["a token of another version", snapFile(2n, 30n, token(30n, 1, 2))],
  ];
  for (const [what, bytes] of cases) {
    const { found, warnings } = await find({ ...sound, [snap(2n, 30n)]: bytes });
    deepStrictEqual(found, [{ path: fsm(20n), index: 20n }], what);
    deepStrictEqual(events(warnings), [
      "record-unreadable",
      "entries-after-snapshot",
      "newer-payload-without-record",
    ], what);
    strictEqual(warnings[0].fields.path, snap(2n, 30n));
    ok(warnings[0].fields.problem);
  }
});

/** One bit in the middle is another. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length >> 1] ^= 1;
  return copy;
}

Deno.test("a payload that is not the one of its record is passed over", async () => {
  const cases: [string, Uint8Array | undefined, RegExp][] = [
    ["missing", undefined, /it is missing/],
    ["too short", new Uint8Array(3), /only 3 bytes/],
    ["another", fsmFile("payload 31"), /checksum is [0-9a-f]{8}, the record says [0-9a-f]{8}/],
    ["damaged", damaged(group()[fsm(30n)]), /its bytes have the checksum [0-9a-f]{8}, it says/],
  ];
  for (const [what, bytes, problem] of cases) {
    const files = group();
    if (bytes) files[fsm(30n)] = bytes;
    else delete files[fsm(30n)];
    const { found, warnings } = await find(files);
    deepStrictEqual(found, [{ path: fsm(20n), index: 20n }], what);
    deepStrictEqual(events(warnings), ["payload-unusable", "entries-after-snapshot"], what);
    ok(problem.test(warnings[0].fields.problem), warnings[0].fields.problem);
    strictEqual(warnings[0].fields.payload, fsmName(30n));
  }
});

Deno.test("a payload whose record was never written is told, and not taken", async () => {
  const { found, warnings } = await find({ ...group(), [fsm(33n)]: fsmFile(payload(33n)) });
  deepStrictEqual(found, [{ path: fsm(30n), index: 30n }]);
  deepStrictEqual(warnings, [
    AFTER_30,
    { event: "newer-payload-without-record", fields: { path: fsm(33n) } },
  ]);
});

Deno.test("without a readable log the newest record with its payload is taken", async () => {
  const sound = group()[WAL];
  const damaged = sound.slice();
  damaged[40] ^= 1;
  const cases: [string, string, Files][] = [
    ["no log folder", "wal-missing", {}],
    ["no log file", "wal-missing", { "wal/0.tmp": new Uint8Array(9) }],
    ["a damaged log", "wal-unreadable", { [WAL]: damaged }],
    ["a log with a gap", "wal-unreadable", {
      [WAL]: sound,
      [`wal/${pairName(2n, 9n, "wal")}`]: sound,
    }],
  ];
  for (const [what, event, wal] of cases) {
    const files = group();
    delete files[WAL];
    const { found, warnings, snapshots } = await find({ ...files, ...wal });
    deepStrictEqual(found, [{ path: fsm(30n), index: 30n }], what);
    deepStrictEqual(events(warnings), [event], what);
    strictEqual(snapshots[0].committed, undefined);
  }
});

Deno.test("a torn log is used as far as it goes", async () => {
  const torn = group()[WAL].slice(0, -530); // cuts the zeros and the state
  const { found, warnings } = await find({
    ...group(),
    [WAL]: new Uint8Array([
      ...walBytes([CHECKSUM, snapshot(2n, 20n), state(2n, 22n)])[0],
      ...torn.subarray(torn.length - 40).fill(9),
    ]),
  });
  deepStrictEqual(found, [{ path: fsm(20n), index: 20n }]);
  deepStrictEqual(events(warnings), [
    "wal-torn",
    "snapshot-not-in-wal",
    "entries-after-snapshot",
  ]);
});

Deno.test("without any record the newest payload with a sound checksum is taken", async () => {
  const damaged = fsmFile(payload(30n));
  damaged[3] ^= 1;
  const { found, warnings } = await find({
    [fsm(20n)]: fsmFile(payload(20n)),
    [fsm(10n)]: fsmFile(payload(10n)),
    [fsm(30n)]: damaged,
    [fsm(31n)]: new Uint8Array(2),
  });
  deepStrictEqual(found, [{ path: fsm(20n), index: 20n }]);
  deepStrictEqual(events(warnings), [
    "wal-missing",
    "payload-unsound",
    "payload-unsound",
    "payload-without-record",
    "newer-payload-without-record",
    "newer-payload-without-record",
  ]);
});

Deno.test("a payload inside its record is read there", async () => {
  const inline = new TextEncoder().encode("payload 30 of an old node");
  const files = { ...group(), [snap(2n, 30n)]: snapFile(2n, 30n, inline) };
  delete files[fsm(30n)];
  const { found, snapshots } = await find(files);
  deepStrictEqual(found, [{ path: snap(2n, 30n), index: 30n }]);
  const source = await snapshots[0].open();
  strictEqual(source.size, inline.length);
  strictEqual(text(await readAt(source, 8, 1000)), "30 of an old node");
  strictEqual(await source.read(source.size, new Uint8Array(5)), 0);
  strictEqual(await source.read(source.size + 3, new Uint8Array(5)), 0);

  // 17 bytes are a token only when they begin like one.
  const short = new TextEncoder().encode("payload 30 is 17!");
  strictEqual(short.length, 17);
  deepStrictEqual(
    (await find({ ...files, [snap(2n, 30n)]: snapFile(2n, 30n, short) })).found,
    [{ path: snap(2n, 30n), index: 30n }],
  );
});

Deno.test("a record without a payload is passed over", async () => {
  const { found, warnings } = await find({
    ...group(),
    [snap(2n, 30n)]: snapFile(2n, 30n, new Uint8Array(0)),
  });
  deepStrictEqual(found, [{ path: fsm(20n), index: 20n }]);
  strictEqual(warnings[0].event, "record-without-payload");
});

Deno.test("a record needs metadata that is a small message", async () => {
  const record = (hex: string) => {
    const snapshot = fromHex(hex)!;
    return new BytesSource(
      new BinaryWriter().tag(1, WireType.Varint).uint32(crcOf(snapshot))
        .tag(2, WireType.LengthDelimited).bytes(snapshot).finish(),
    );
  };
  const metadata = "1001" + "1802";
  deepStrictEqual(await readSnapFile(record("12" + "04" + metadata)), {
    index: 1n,
    term: 2n,
    payload: undefined,
  });
  const long = "00".repeat((1 << 20) + 1);
  for (
    const [hex, message] of [
      ["0a0161", /no metadata/],
      ["12" + "03" + "100118", /no protobuf/],
      ["12" + "818040" + long, /above/],
      ["12" + "05" + metadata, /cut off/],
      ["0b", /no protobuf/],
    ] as const
  ) await rejects(readSnapFile(record(hex)), { message });
});

Deno.test("a folder that may not be read is passed over unless it is a group's", async () => {
  const directory = (closed: string) => {
    const all = new MemoryDirectory({
      ...under("n1", { ...group(), ...under("group-0", group()) }),
      "lost+found/x": new Uint8Array(1),
    });
    const list = all.list.bind(all);
    all.list = (path) =>
      path === closed ? Promise.reject(new PermissionError("closed")) : list(path);
    return all;
  };
  const { snapshots, warnings } = await findSnapshots(directory("lost+found"));
  strictEqual(snapshots.length, 2);
  deepStrictEqual(warnings[0], {
    event: "folder-unreadable",
    fields: { path: "lost+found", problem: "closed" },
  });
  for (const closed of ["", "n1", "n1/group-0", "n1/group-0/wal", "n1/snap", "n1/fsm-snap"]) {
    await rejects(findSnapshots(directory(closed)), PermissionError, closed);
  }
});

Deno.test("lengths that a record claims are checked, not allocated", async () => {
  const long = (hex: string) => new Uint8Array([...fromHex(hex)!, ...new Uint8Array(30)]);
  for (
    const hex of ["0801 12ffffffff0f", "0801 12ffffffffffffffffff01", "0801 1a 80808080808080"]
  ) {
    await rejects(readSnapFile(new BytesSource(long(hex.replaceAll(" ", "")))));
  }
});

Deno.test("a group without a snapshot is told when others have one", async () => {
  const { found, warnings } = await find({
    ...under("group-1", group()),
    ...under("group-2", log(state(1n, 1n))),
    ...under("group-2/snap", { "x": new Uint8Array(1) }),
  });
  deepStrictEqual(found.map(({ group }) => group), [1n]);
  deepStrictEqual(warnings.at(-1), {
    event: "group-without-snapshot",
    fields: { group: "2", path: "group-2" },
  });
});

Deno.test("a folder without a snapshot is refused, with what was looked for", async () => {
  const refused = (message: RegExp, hint: RegExp) => (error: unknown): true => {
    ok(error instanceof UnsupportedError, String(error));
    strictEqual(error.code, "no-snapshot-found");
    ok(message.test(error.message), error.message);
    ok(hint.test(error.hint!), error.hint);
    return true;
  };
  await rejects(find({}), refused(/no snapshot in this folder/, /fsm-snap\//));
  const one = new Uint8Array(1);
  for (
    const [files, message, hint] of [
      [{ "etcd-fsm-snapshot.bin": one }, /of an old node/, /give its etcd-fsm-snapshot\.bin/],
      [{ [pairName(1n, 1n, "snap")]: one }, /part of a group's folder/, /folder above/],
      [{ [pairName(1n, 1n, "wal")]: one }, /part of a group's folder/, /folder above/],
      [{ "MANIFEST-000001": one, "000002.log": one }, /live store/, /fsm-snap\/ beside it/],
      [{ "fsm.db/000002.log": one, "raft-engine": one }, /no snapshot$/, /only in fsm\.db/],
      [{ "member/snap/db": one }, /etcd server/, /elastickv/],
      [{ "a/b/c/fsm-snap/x": one }, /verifies/, /looked for snap/],
    ] as const
  ) await rejects(find(files), refused(message, hint));
  await rejects(
    find({ [fsm(3n)]: new Uint8Array(9) }),
    refused(/payload-unsound fsm-snap\/0000000000000003\.fsm/, /fsm\.db/),
  );
});

Deno.test({
  name: "Deno's folders list files and folders by name, and no symlink",
  permissions: { read: true, write: true },
  fn: async () => {
    const root = Deno.makeTempDirSync();
    try {
      Deno.mkdirSync(`${root}/data/b`, { recursive: true });
      Deno.writeTextFileSync(`${root}/data/c`, "12345");
      Deno.writeTextFileSync(`${root}/data/b/f`, "inside");
      Deno.writeTextFileSync(`${root}/secret`, "outside");
      Deno.symlinkSync(`${root}/secret`, `${root}/data/a`);
      Deno.symlinkSync(root, `${root}/data/up`);
      Deno.symlinkSync(`${root}/data`, `${root}/link`);
      for (const name of ["data", "data//", "link"]) {
        const directory = new DenoDirectory(`${root}/${name}`);
        deepStrictEqual(await directory.list(""), [
          { name: "b", isDirectory: true, size: 0 },
          { name: "c", isDirectory: false, size: 5 },
        ]);
        deepStrictEqual(await directory.list("b"), [{ name: "f", isDirectory: false, size: 6 }]);
        const source = await directory.open("b/f");
        strictEqual(text(await readAt(source, 0, 100)), "inside");
        source.close();
        for (const path of ["a", "up/secret", "../secret", "b/../c", "", ".", "x", "b//f"]) {
          await rejects(directory.open(path), UsageError, path);
        }
        await rejects(directory.list("up"), UsageError);
      }
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  },
});

Deno.test({
  name: "a missing permission is told with the flag to add",
  permissions: { read: false },
  fn: async () => {
    const told = (error: unknown): true => {
      ok(error instanceof PermissionError, String(error));
      strictEqual(error.hint, "add --allow-read=/srv/data");
      return true;
    };
    await rejects(findSnapshots(new DenoDirectory("/srv/data")), told);
    await rejects(new DenoDirectory("/srv/data").list("n1"), told);
  },
});

/** Unpacks a captured data directory into a temporary folder. */
async function unpacked(name: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const { success } = await new Deno.Command("tar", {
      args: ["xzf", corpusPath(name), "-C", folder],
    }).output();
    ok(success);
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Index, size and footer by group, when every byte has been read and the footer holds. */
async function digests(snapshots: FoundSnapshot[]): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const { group, index, open } of snapshots) {
    const source = await open();
    const bytes = await readAt(source, 0, source.size);
    source.close();
    strictEqual(crcOf(bytes.subarray(0, -4)), parseInt(toHex(bytes.subarray(-4)), 16));
    result[`${group ?? "one"}`] = `${index} ${bytes.length} ${toHex(bytes.subarray(-4))}`;
  }
  return result;
}

Deno.test({
  name: "the snapshots of a real node with one data group are found",
  ignore: !inCorpus("redis-all/data-dir.tar.gz"),
  permissions: { read: true, write: true, run: ["tar"] },
  fn: () =>
    unpacked("redis-all/data-dir.tar.gz", async (folder) => {
      const newest = Deno.readFileSync(corpusPath("redis-all/snapshot.fsm"));
      const one = `409 ${newest.length} ${toHex(newest.subarray(-4))}`;
      for (const path of ["data", "data/n1"]) {
        const { snapshots, warnings } = await findSnapshots(new DenoDirectory(`${folder}/${path}`));
        strictEqual(snapshots[0].committed, 409n);
        deepStrictEqual(warnings, []);
        deepStrictEqual(await digests(snapshots), { one });
      }
    }),
});

Deno.test({
  name: "the snapshots of a real node with several groups are found",
  ignore: !inCorpus("multi-group/data-dir.tar.gz"),
  permissions: { read: true, write: true, run: ["tar"] },
  fn: () =>
    unpacked("multi-group/data-dir.tar.gz", async (folder) => {
      const all = {
        "0": "11 36 519ef678",
        "1": "121 35141 3c374940",
        "2": "361 240991 71eaa74e",
        "3": "81 55659 5ba7f3ef",
      };
      for (const path of ["data", "data/n1"]) {
        const { snapshots, warnings } = await findSnapshots(new DenoDirectory(`${folder}/${path}`));
        deepStrictEqual(await digests(snapshots), all);
        deepStrictEqual(
          warnings.map(({ event, fields: { group, index, committed } }) =>
            `${event} ${group}: ${index} of ${committed}`
          ),
          ["entries-after-snapshot 1: 121 of 125", "entries-after-snapshot 3: 81 of 82"],
        );
      }
      const two = await findSnapshots(new DenoDirectory(`${folder}/data/n1/group-2`));
      deepStrictEqual(await digests(two.snapshots), { "2": all[2] });

      // Without the log the same ones are taken.
      Deno.removeSync(`${folder}/data/n1/group-3/wal`, { recursive: true });
      const bare = await findSnapshots(new DenoDirectory(`${folder}/data`));
      deepStrictEqual(await digests(bare.snapshots), all);
    }),
});
