import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { hex, type TestEntry } from "../../support/stream.ts";
import {
  counterRow,
  dump,
  idsIn,
  key,
  messageRow,
  queueRow,
  rawKey,
  seg,
  value,
} from "./support.ts";

const U1 = "\0\0\0\0\0\0\0\x01";
const P1 = "\0\0\0\x01";

/** A sound queue with a message: what is wrong elsewhere must not touch it. */
const SOUND = [queueRow("sound"), counterRow("sound"), messageRow("sound", "ok")];

/** Decodes one bad row beside a sound queue. */
async function wrongWith(row: TestEntry, side = false, more: TestEntry[] = []): Promise<string[]> {
  const dumped = await dump([...SOUND, ...more, row], { includeSqsSideRecords: side });
  deepStrictEqual(idsIn(dumped.tree["sqs/sound/messages.jsonl"]), ["ok"]);
  strictEqual(dumped.fates["sound written"], 2);
  return dumped.wrong;
}

const QUEUE_JSON = value("Q", `{"name":"q"}`);

for (
  const [title, rest] of [
    ["a name that is not base64", "%%%"],
    ["no name", ""],
    ["a name whose last digit has bits to spare", "cR"],
    ["a name of one digit", "c"],
    ["padding behind the name", "cQ=="],
    ["the name ..", "Li4"],
    ["the name .", "Lg"],
    ["a name that is not UTF-8", "_w"],
    ["a byte behind the name", "cQ\0"],
  ]
) {
  Deno.test(`the row of a queue with ${title} is refused`, async () => {
    const row = { key: rawKey("sqs-queue", rest), value: QUEUE_JSON };
    match((await wrongWith(row)).join(), /^malformed-key \S+$/);
  });
  Deno.test(`a generation counter with ${title} is refused, and no queue comes of it`, async () => {
    const row = { key: rawKey("sqs-generation", rest), value: "1" };
    match((await wrongWith(row)).join(), /^malformed-key \S+$/);
    const alone = await dump([row], { includeOrphans: true, includeSqsSideRecords: true });
    deepStrictEqual([alone.tree, alone.warnings, alone.scopes], [{}, [], []]);
  });
}

Deno.test("the counter with the key !sqs|queue|gen|%%% is refused", async () => {
  const row = { key: hex("217371737c71756575657c67656e7c252525"), value: "1" };
  deepStrictEqual(await wrongWith(row), ["malformed-key -"]);
});

for (
  const [title, rest] of [
    ["no id", `cQ${U1}`],
    ["no generation", "cQ"],
    ["a generation from 2^56 on", `cQ\x01\0\0\0\0\0\0\0bQ`],
    ["an id that is not base64", `cQ${U1}b!`],
    ["an id that is not canonical base64", `cQ${U1}bR`],
    ["an id that is followed by a bar", `cQ${U1}bQ|`],
    ["no queue", `${U1}bQ`],
    ["a queue of one digit", `c${U1}bQ`],
    ["nothing behind the partition", `p|cQ|${P1}`],
    ["an empty queue and a partition", `p||${P1}${U1}bQ`],
    ["no bar behind the queue", `p|cQ`],
    ["no id behind the partition", `p|cQ|${P1}${U1}`],
  ]
) {
  Deno.test(`a message whose key has ${title} is refused`, async () => {
    const row = { key: rawKey("sqs-message", rest), value: value("M", "{}") };
    match((await wrongWith(row)).join(), /^malformed-key \S+$/);
  });
}

for (
  const [title, bytes] of [
    ["without its first bytes", "{}"],
    ["with the first bytes of a queue", value("Q", `{"message_id":"m","queue_generation":1}`)],
    ["with nothing behind them", value("M", "")],
    ["that is no JSON", value("M", "not json")],
    ["that is null", value("M", "null")],
    ["that is a list", value("M", "[]")],
    ["with an exponent", value("M", `{"sequence_number":1e3}`)],
    ["with a fraction", value("M", `{"receive_count":1.0}`)],
    ["with a number as text", value("M", `{"send_timestamp_millis":"7"}`)],
    ["with a negative sequence", value("M", `{"sequence_number":-1}`)],
    ["with a sequence of -0", value("M", `{"sequence_number":-0}`)],
    ["with a time above 2^63", value("M", `{"send_timestamp_millis":9223372036854775808}`)],
    ["with a body that is not base64", value("M", `{"body":"a"}`)],
    ["with a body in the URL alphabet", value("M", `{"body":"_w=="}`)],
    ["with a body without padding", value("M", `{"body":"eA"}`)],
    ["with a body with padding inside", value("M", `{"body":"eA==eA=="}`)],
    ["with a body that is a list of bytes", value("M", `{"body":[104,105]}`)],
    ["with attributes in a list", value("M", `{"message_attributes":[]}`)],
    ["with something behind it", value("M", `{"message_id":"m","queue_generation":1} x`)],
    ["with another id than its key's", value("M", `{"message_id":"n","queue_generation":1}`)],
    ["without an id", value("M", `{"queue_generation":1}`)],
    ["of another generation than its key's", value("M", `{"message_id":"m","queue_generation":2}`)],
    ["without a generation", value("M", `{"message_id":"m"}`)],
  ] as [string, string | Uint8Array][]
) {
  const row = { key: key("sqs-message", "q", { generation: 1n, id: "m" }), value: bytes };
  Deno.test(`a message ${title} is refused`, async () => {
    deepStrictEqual(await wrongWith(row, false, [queueRow("q")]), ["malformed-value q"]);
  });
  Deno.test(`a message ${title} is refused, also where its queue is not known`, async () => {
    deepStrictEqual(await wrongWith(row), ["malformed-value q"]);
  });
}

Deno.test("a message that no output can hold is not read: its value may be anything", async () => {
  const stale = { key: key("sqs-message", "q", { generation: 1n, id: "m" }), value: "?" };
  const unreachable = {
    key: key("sqs-message", "q", { generation: 2n, id: "m", partition: 0 }),
    value: "?",
  };
  const deleted = { key: key("sqs-message", "gone", { generation: 1n, id: "m" }), value: "?" };
  const dumped = await dump([
    queueRow("q", { generation: 2 }),
    counterRow("gone"),
    stale,
    unreachable,
    deleted,
  ]);
  deepStrictEqual(dumped.wrong, []);
  deepStrictEqual(dumped.fates, {
    "gone deleted": 1,
    "gone operational": 1,
    "q stale-generation": 1,
    "q unreachable": 1,
    "q written": 1,
  });
});

for (
  const [title, bytes] of [
    ["nothing", ""],
    ["JSON without the first bytes", `{"name":"q"}`],
    ["the first bytes of a message", value("M", `{"name":"q"}`)],
    ["no JSON", value("Q", "nope")],
    ["null", value("Q", "null")],
    ["a negative number of partitions", value("Q", `{"partition_count":-1}`)],
    ["2^32 partitions", value("Q", `{"partition_count":4294967296}`)],
    ["a word for true", value("Q", `{"is_fifo":"true"}`)],
    ["an exponent", value("Q", `{"delay_seconds":1e3}`)],
    ["a fraction", value("Q", `{"delay_seconds":1.0}`)],
    ["a generation with an exponent", value("Q", `{"generation":1e3}`)],
    ["tags that are a number", value("Q", `{"generation":1,"tags":5}`)],
    ["limits that are text", value("Q", `{"throttle":"no"}`)],
    ["a limit beyond a double", value("Q", `{"throttle":{"send_capacity":1e999}}`)],
    ["something behind its JSON", value("Q", "{} x")],
  ] as [string, string | Uint8Array][]
) {
  Deno.test(`the row of a queue that holds ${title} is refused`, async () => {
    const row = { key: key("sqs-queue", "q"), value: bytes };
    deepStrictEqual(await wrongWith(row), ["malformed-value q"]);
  });
}

for (
  const counter of ["", "abc", "-1", "+1", "1_0", " 7\n", "7 ", "1.0", "18446744073709551616"]
) {
  Deno.test(`the generation counter ${JSON.stringify(counter)} is refused`, async () => {
    deepStrictEqual(await wrongWith(counterRow("q", counter)), ["malformed-value q"]);
  });
}

Deno.test("a counter may have zeros in front, and be as large as 2^64 - 1", async () => {
  deepStrictEqual(await wrongWith(counterRow("q", "0000000000000000000000000000007")), []);
  deepStrictEqual(await wrongWith(counterRow("q", "18446744073709551615")), []);
});

Deno.test("a sequence counter is a side record like any other", async () => {
  const row = { key: key("sqs-sequence", "sound"), value: "5" };
  const dumped = await dump([...SOUND, row], { includeSqsSideRecords: true });
  const hexKey = [...row.key].map((b) => b.toString(16).padStart(2, "0")).join("");
  strictEqual(
    dumped.tree["sqs/sound/_internals/side_records.jsonl"],
    `{"prefix":"!sqs|queue|seq|","key_hex":"${hexKey}","value_b64":"NQ"}\n`,
  );
  const bad = { key: key("sqs-sequence", "sound"), value: "x" };
  deepStrictEqual(await wrongWith(bad, true), ["malformed-value sound"]);
});

for (
  const [title, family, rest] of [
    ["an index by time that ends in its queue", "sqs-visibility", "cQQQ"],
    ["an index by time without a time", "sqs-visibility", `cQ${U1}bQ`],
    ["an index by time without an id", "sqs-age", `cQ${U1}${U1}`],
    ["a partitioned index by time that is too short", "sqs-visibility", `p|cQ|${P1}${U1}bQ`],
    ["a removed generation with a byte too many", "sqs-tombstone", `cQ${U1}x`],
    ["a removed generation with a byte too few", "sqs-tombstone", "cQ\0\0\0\0\0\0\x01"],
    ["a sequence counter with a generation", "sqs-sequence", `cQ${U1}`],
    ["a deduplication id without a group", "sqs-dedup", `p|cQ|${P1}${U1}${seg("d")}`],
    ["a deduplication id that is empty", "sqs-dedup", `cQ${U1}`],
    ["a lock whose group is not base64", "sqs-group", `cQ${U1}a!`],
  ] as const
) {
  Deno.test(`${title} is refused where side records are wanted, and not looked at elsewhere`, async () => {
    const row = { key: rawKey(family, rest), value: "1" };
    match((await wrongWith(row, true)).join(), /^malformed-key \S+$/);
    deepStrictEqual(await wrongWith(row, false), []);
  });
}

Deno.test("a family that nobody knows is none of the adapter's", async () => {
  deepStrictEqual(await wrongWith({ key: "!sqs|route|x", value: "1" }, true), []);
});
