import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import type { Problem } from "../../../src/mvcc/problems.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { sqs } from "../../../src/adapters/sqs/mod.ts";
import { equalBytes } from "../../../src/bytes/compare.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { UnsoundError } from "../../../src/errors.ts";
import { FAMILY } from "../../../src/keyspace/families.ts";
import type { KeyRange } from "../../../src/mvcc/key_range.ts";
import type { RowBatch } from "../../../src/mvcc/row_batch.ts";
import { Rows, type ScanOptions } from "../../../src/mvcc/rows.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { FileNames } from "../../../src/tree/file_names.ts";
import { TreeOutput } from "../../../src/tree/output.ts";
import { encodeSegment } from "../../../src/tree/segment.ts";
import { decodeWith } from "../../support/decode.ts";
import { PickySink } from "../../support/picky_sink.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import {
  counterRow,
  dump,
  idsIn,
  key,
  messageRow,
  type Options,
  queueRow,
  seg,
  value,
  warningsOf,
} from "./support.ts";

const ORPHANS = { includeOrphans: true };
const SIDE = { includeSqsSideRecords: true };

Deno.test("messages of a deleted queue are counted and are no loss", async () => {
  const rows = [counterRow("gone", 3n), messageRow("gone", "a"), messageRow("gone", "b")];
  for (const options of [{}, ORPHANS]) {
    const dumped = await dump(rows, options);
    deepStrictEqual(dumped.fates, { "gone deleted": 2, "gone operational": 1 });
    deepStrictEqual([dumped.tree, dumped.warnings, dumped.wrong], [{}, [], []]);
  }
});

Deno.test("messages with neither a queue nor a counter are orphans", async () => {
  const rows = [messageRow("lost", "a"), messageRow("p.fifo", "b", { partition: 1 })];
  const dumped = await dump(rows);
  deepStrictEqual(dumped.fates, { "lost orphan": 1, "p.fifo orphan": 1 });
  deepStrictEqual(dumped.tree, {});
  deepStrictEqual(warningsOf(dumped), [
    ["sqs_orphan_messages", seg("lost"), 1, 0],
    ["sqs_orphan_messages", seg("p.fifo"), 1, 0],
  ]);
});

Deno.test("orphans are written where that is asked for, both layouts to one file", async () => {
  const rows = [
    messageRow("lost", "a", { json: `,"send_timestamp_millis":3` }),
    messageRow("lost", "b", { json: `,"send_timestamp_millis":1`, generation: 9n }),
    messageRow("lost", "c", { json: `,"send_timestamp_millis":2`, partition: 7 }),
  ];
  const dumped = await dump(rows, ORPHANS);
  deepStrictEqual(Object.keys(dumped.tree), [`sqs/${seg("lost")}.orphan/messages.jsonl`]);
  deepStrictEqual(idsIn(dumped.tree[`sqs/${seg("lost")}.orphan/messages.jsonl`]), ["b", "c", "a"]);
  deepStrictEqual(dumped.fates, { "lost written": 3 });
  deepStrictEqual(dumped.scopes, []);
});

Deno.test("messages of a queue whose row is malformed are orphans, not deleted ones", async () => {
  const rows = [
    { key: key("sqs-queue", "q"), value: value("Q", "?") },
    counterRow("q"),
    messageRow("q", "a"),
  ];
  const dumped = await dump(rows);
  deepStrictEqual(dumped.wrong, ["malformed-value q"]);
  deepStrictEqual(dumped.fates, { "q unsound": 1, "q operational": 1, "q orphan": 1 });
});

/** Rows of which those of queues cannot be decrypted. */
class LockedQueues extends Rows {
  readonly #rows: Rows;
  constructor(rows: Rows) {
    super(undefined as never, undefined as never, undefined as never, undefined as never);
    this.#rows = rows;
  }
  override async *scan(range: KeyRange, options: ScanOptions): AsyncGenerator<RowBatch> {
    const isQueues = equalBytes(range.from, FAMILY["sqs-queue"].bytes);
    if (!isQueues || options.values === false) return yield* this.#rows.scan(range, options);
    const error = new UnsoundError("decrypt-failed", "no such key", { key: key("sqs-queue", "q") });
    options.onUnsound!(error);
  }
}

Deno.test("a queue whose row cannot be decrypted was not deleted", async () => {
  const rows = [queueRow("q"), counterRow("q"), messageRow("q", "a")];
  const { snapshot, context: { kernels } } = await decodeWith(sqs, stream(rows));
  const ledger = new Ledger(snapshot.info.totals);
  const problems: Problem[] = [];
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: new LockedQueues(snapshot),
    kernels,
    scratch: new MemoryScratch(),
    ledger,
    options: {},
    handlers: { onProblem: (problem) => void problems.push(problem), onWarning: () => {} },
  });
  await sqs.writeRecords(context, {}, { write: () => {} });
  deepStrictEqual(problems.map(({ error }) => error.code), ["decrypt-failed"]);
  deepStrictEqual(ledger.unbalanced, []);
  deepStrictEqual(ledger.accounts[0].fates, { unsound: 1, operational: 1, orphan: 1 });
});

Deno.test("a queue that does not fit in memory is sorted through scratch", async () => {
  const count = 40_000;
  const body = btoa("x".repeat(450));
  const rows = Array.from({ length: count }, (_, i) => {
    const json = `,"body":"${body}","send_timestamp_millis":${(i * 7919) % count}`;
    return messageRow("q", `m${i}`, { json });
  });
  const { files, unbalanced } = await decodeWith(sqs, stream([queueRow("q"), ...rows]));
  deepStrictEqual(unbalanced, []);
  const lines = new TextDecoder().decode(files.get("sqs/q/messages.jsonl")).trimEnd().split("\n");
  strictEqual(lines.length, count);
  const sorted = lines.every((line, i) => line.includes(`"send_timestamp_millis":${i},`));
  strictEqual(sorted, true);
});

Deno.test("a deleted queue that was made again shows its own messages only", async () => {
  const dumped = await dump([
    queueRow("q", { generation: 3 }),
    counterRow("q", 3n),
    messageRow("q", "old", { generation: 1n }),
    messageRow("q", "new", { generation: 3n }),
    messageRow("q", "newer", { generation: 4n }),
  ]);
  deepStrictEqual(idsIn(dumped.tree["sqs/q/messages.jsonl"]), ["new"]);
  deepStrictEqual(dumped.fates, {
    "q operational": 1,
    "q stale-generation": 2,
    "q written": 2,
  });
  deepStrictEqual(warningsOf(dumped), [["sqs_stale_generation_messages_dropped", "q", 3n, 2]]);
});

Deno.test("the queue's own row says which generation counts, not the counter", async () => {
  const dumped = await dump([
    queueRow("q", { generation: 5 }),
    counterRow("q", 6n),
    messageRow("q", "g5", { generation: 5n }),
    messageRow("q", "g6", { generation: 6n }),
  ]);
  deepStrictEqual(idsIn(dumped.tree["sqs/q/messages.jsonl"]), ["g5"]);
  deepStrictEqual(warningsOf(dumped), [
    ["sqs_generation_mismatch", "q", 5n, 6n],
    ["sqs_stale_generation_messages_dropped", "q", 5n, 1],
  ]);
});

Deno.test("without a generation in the queue's row the counter counts, and 0 is none", async () => {
  const messages = [
    messageRow("q", "g1", { generation: 1n }),
    messageRow("q", "g2", { generation: 2n }),
  ];
  const shown = async (generation: number, counter: bigint): Promise<string[]> => {
    const rows = [queueRow("q", { generation }), counterRow("q", counter), ...messages];
    return idsIn((await dump(rows)).tree["sqs/q/messages.jsonl"]);
  };
  deepStrictEqual(await shown(0, 2n), ["g2"]);
  deepStrictEqual(await shown(0, 0n), ["g1", "g2"]);
  const rows = [queueRow("q", { generation: 0 }), ...messages];
  deepStrictEqual(idsIn((await dump(rows)).tree["sqs/q/messages.jsonl"]), ["g1", "g2"]);
});

Deno.test("messages where the server does not look are left out, by reason", async () => {
  const parts = { partition_count: 4 };
  const dumped = await dump([
    queueRow("classic"),
    messageRow("classic", "ok"),
    messageRow("classic", "in partition 0", { partition: 0 }),
    queueRow("one", { partition_count: 1 }),
    messageRow("one", "ok"),
    messageRow("one", "in partition 0", { partition: 0 }),
    queueRow("many", parts),
    messageRow("many", "ok", { partition: 3 }),
    messageRow("many", "no partition"),
    messageRow("many", "no partition, too"),
    messageRow("many", "out of range", { partition: 4 }),
    queueRow("whole", { ...parts, fifo_throughput_limit: "perQueue" }),
    messageRow("whole", "ok", { partition: 0 }),
    messageRow("whole", "not 0", { partition: 1 }),
    messageRow("whole", "of an older generation", { partition: 1, generation: 0n }),
  ]);
  for (const name of ["classic", "one", "many", "whole"]) {
    deepStrictEqual(idsIn(dumped.tree[`sqs/${name}/messages.jsonl`]), ["ok"]);
  }
  deepStrictEqual(warningsOf(dumped), [
    ["sqs_unreachable_messages", "classic", "queue-is-not-partitioned", 1],
    ["sqs_unreachable_messages", "one", "queue-is-not-partitioned", 1],
    ["sqs_unreachable_messages", "many", "queue-is-partitioned", 2],
    ["sqs_unreachable_messages", "many", "partition-out-of-range", 1],
    ["sqs_stale_generation_messages_dropped", "whole", 1n, 1],
    ["sqs_unreachable_messages", "whole", "partition-not-used", 1],
  ]);
  strictEqual(dumped.fates["many unreachable"], 3);
});

Deno.test("queues that were not selected are left alone, their values unread", async () => {
  const rows = [
    queueRow("a"),
    counterRow("a"),
    messageRow("a", "m"),
    { key: key("sqs-queue", "b"), value: "?" },
    { key: key("sqs-generation", "b"), value: "?" },
    { key: key("sqs-message", "b", { generation: 1n, id: "m" }), value: "?" },
    { key: key("sqs-sequence", "b"), value: "?" },
    { key: key("sqs-message", "c", { generation: 1n, id: "m" }), value: "?" },
  ];
  const onlyA = { scopesOnly: [bytesOf("a")] };
  const dumped = await dump(rows, { ...onlyA, ...SIDE, ...ORPHANS });
  deepStrictEqual(dumped.fates, {
    "a operational": 1,
    "a written": 2,
    "b not-selected": 4,
    "c not-selected": 1,
  });
  deepStrictEqual([dumped.wrong, dumped.warnings], [[], []]);
  deepStrictEqual(dumped.scopes, [bytesOf("a")]);
});

Deno.test("a queue without messages has no file for them", async () => {
  const dumped = await dump([queueRow("q", { generation: 2 }), messageRow("q", "stale")]);
  deepStrictEqual(Object.keys(dumped.tree), ["sqs/q/_queue.json"]);
});

Deno.test("a snapshot without queues makes no folder", async () => {
  const dumped = await dump([{ key: "!redis|str|x", value: "y" }], { ...SIDE, ...ORPHANS });
  deepStrictEqual([dumped.tree, dumped.records, [...dumped.directories]], [{}, [], []]);
});

Deno.test("side rows belong to the adapter only where they are wanted", () => {
  const side = [
    "sqs-age",
    "sqs-dedup",
    "sqs-group",
    "sqs-visibility",
    "sqs-sequence",
    "sqs-tombstone",
  ];
  const without = sqs.books({});
  deepStrictEqual([...without].sort(), ["sqs-generation", "sqs-message", "sqs-queue"]);
  deepStrictEqual([...sqs.books(SIDE)].sort(), [...without, ...side].sort());
});

Deno.test("side records of all layouts and generations are written, orphans' too", async () => {
  const time = { generation: 1n, time: 5n, id: "m" };
  const rows = [
    queueRow("q"),
    { key: key("sqs-visibility", "q", time), value: "m" },
    { key: key("sqs-visibility", "q", { ...time, generation: 9n, partition: 3 }), value: "m" },
    {
      key: key("sqs-dedup", "q", { generation: 1n, partition: 3, group: "g", id: "d" }),
      value: "{}",
    },
    { key: key("sqs-group", "q", { generation: 1n, id: "g" }), value: "\xff" },
    counterRow("gone"),
    { key: key("sqs-age", "gone", time), value: "m" },
    { key: key("sqs-sequence", "gone"), value: "7" },
    messageRow("lost", "m"),
    { key: key("sqs-age", "lost", time), value: "m" },
  ];
  const dumped = await dump(rows, SIDE);
  const prefixes = (folder: string): string[] =>
    dumped.tree[`sqs/${folder}/_internals/side_records.jsonl`].trimEnd().split("\n")
      .map((line) => JSON.parse(line).prefix);
  deepStrictEqual(prefixes("q"), [
    "!sqs|msg|dedup|",
    "!sqs|msg|group|",
    "!sqs|msg|vis|",
    "!sqs|msg|vis|",
  ]);
  deepStrictEqual(prefixes(`${seg("gone")}.orphan`), ["!sqs|msg|byage|", "!sqs|queue|seq|"]);
  deepStrictEqual(prefixes(`${seg("lost")}.orphan`), ["!sqs|msg|byage|"]);
  deepStrictEqual(warningsOf(dumped), [
    ["sqs_orphan_messages", seg("gone"), 0, 2],
    ["sqs_orphan_messages", seg("lost"), 1, 1],
  ]);
  deepStrictEqual(dumped.fates, {
    "gone operational": 1,
    "gone written": 2,
    "lost orphan": 1,
    "lost written": 1,
    "q written": 5,
  });
});

Deno.test("an orphan's folder is never the folder of a queue that is called like it", async () => {
  const name = `${seg("lost")}.orphan`;
  for (const side of [{}, SIDE]) {
    const dumped = await dump([
      queueRow(name),
      messageRow("lost", "o"),
      { key: key("sqs-sequence", "lost"), value: "7" },
    ], { ...ORPHANS, ...side });
    const folders = new Set(Object.keys(dumped.tree).map((path) => path.split("/")[1]));
    strictEqual(folders.size, 2);
    deepStrictEqual(Object.keys(dumped.tree)[0], `sqs/${name}/_queue.json`);
    const orphans = [...folders][1];
    strictEqual(orphans.startsWith(name + "~"), true);
    deepStrictEqual(idsIn(dumped.tree[`sqs/${orphans}/messages.jsonl`]), ["o"]);
  }
});

/** The tree where letters of two cases are one. */
async function portable(rows: TestEntry[], options: Options = {}): Promise<string[]> {
  const { context } = await decodeWith(sqs, stream(rows), options);
  const sink = new PickySink();
  await sqs.writeTree(context, {}, new TreeOutput(sink, new MemoryScratch(), new FileNames(true)));
  return [...sink.files.keys()];
}

const hash = (name: string): string => sha256Hex(bytesOf(name)).slice(0, 32) + "__" + name;

Deno.test("two queues have two folders, also where letters have no case", async () => {
  const rows = [queueRow("A"), messageRow("A", "1"), queueRow("a"), messageRow("a", "2")];
  deepStrictEqual(await portable(rows), [
    "sqs/A/_queue.json",
    `sqs/${hash("a")}/_queue.json`,
    "sqs/A/messages.jsonl",
    `sqs/${hash("a")}/messages.jsonl`,
  ]);
  deepStrictEqual(await portable([queueRow("a.")]), ["sqs/a%2E/_queue.json"]);
});

Deno.test("orphans have folders that differ in more than letter case", async () => {
  const names = ["q", "Q", "x".repeat(300)];
  const rows = names.map((name) => messageRow(name, "1"));
  const folders = (await portable(rows, ORPHANS)).map((path) => path.split("/")[1]);
  deepStrictEqual(
    folders.sort(),
    ["cQ.orphan", "UQ.orphan", `${"eHh4".repeat(100)}.orphan`].map((folder) =>
      hash(folder).slice(0, 98)
    ).sort(),
  );
});

Deno.test("names that the server would not take today are written, with a warning", async () => {
  const long = "q".repeat(81);
  const names = [" orders", "a/b", long, "x".repeat(76) + ".fifo", "日本", "ok.fifo", "Ok_-9"];
  const dumped = await dump(names.map((name) => queueRow(name)));
  const warned = warningsOf(dumped).map(([event, name]) => {
    strictEqual(event, "sqs_nonconforming_queue_name");
    return name;
  });
  deepStrictEqual(warned.sort(), names.slice(0, 5).sort());
  for (const name of names) {
    const file = dumped.tree[`sqs/${encodeSegment(bytesOf(name))}/_queue.json`];
    strictEqual(JSON.parse(file).name, name);
  }
});

Deno.test("the folder has the key's name and the document the value's", async () => {
  const dumped = await dump([
    { key: key("sqs-queue", "in-key"), value: value("Q", `{"name":"in-value<>"}`) },
    { key: key("sqs-queue", "alone"), value: value("Q", `{"name":""}`) },
  ]);
  strictEqual(
    dumped.tree["sqs/in-key/_queue.json"].split("\n")[2],
    `  "name": "in-value\\u003c\\u003e",`,
  );
  strictEqual(JSON.parse(dumped.tree["sqs/alone/_queue.json"]).name, "alone");
  deepStrictEqual(warningsOf(dumped), [["sqs_queue_name_mismatch", "in-key", "in-value<>"]]);
});

Deno.test("only the newest version of a message counts, and a deleted one is gone", async () => {
  const received = messageRow("q", "a", { json: `,"receive_count":1` });
  const dumped = await dump([
    { ...queueRow("q"), ts: 1n },
    { ...messageRow("q", "a"), ts: 2n },
    { ...received, ts: 5n },
    { ...messageRow("q", "b"), ts: 3n },
    { key: messageRow("q", "b").key, ts: 4n },
  ], { preserveSqsVisibility: true });
  const lines = dumped.tree["sqs/q/messages.jsonl"].trimEnd().split("\n");
  deepStrictEqual(lines.map((line) => JSON.parse(line).receive_count), [1]);
  deepStrictEqual(dumped.fates, { "q written": 2 });
});

Deno.test("the folder of an orphan with a long name has a name that every system can have", async () => {
  const name = "x".repeat(300);
  for (const rows of [[], [queueRow("q")]]) {
    const { tree } = await dump([...rows, messageRow(name, "o")], ORPHANS);
    const path = Object.keys(tree).find((path) => path.endsWith("messages.jsonl"))!;
    const folder = path.split("/")[1];
    strictEqual(/^[0-9a-f]{32}__eHh4/.test(folder), true, folder);
    strictEqual(folder.length <= 240, true);
    deepStrictEqual(idsIn(tree[path]), ["o"]);
  }
});
