import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hex, type TestEntry } from "../../support/stream.ts";
import { counterRow, dump, key, queueRow, sumOf, value, warningsOf } from "./support.ts";

const ID = "00112233445566778899aabbccddeeff";
const TOKEN = "AAECAwQFBgcICQoLDA0ODw==";

const ORDERS: TestEntry = {
  key: hex("217371737c71756575657c6d6574617c62334a6b5a584a7a"),
  value: value(
    "Q",
    `{"name":"orders","generation":7,"incarnation":3,"created_at_hlc":111411200000000000,"visibility_timeout_seconds":30,"message_retention_seconds":345600,"delay_seconds":0,"receive_message_wait_seconds":0,"maximum_message_size":262144,"tags":{"team":"a\\u0026b"},"last_purged_at_millis":1699999000000,"created_at_millis":1690000000000,"last_modified_at_millis":1699999000000}`,
  ),
};
const ORDERS_COUNTER: TestEntry = {
  key: hex("217371737c71756575657c67656e7c62334a6b5a584a7a"),
  value: "7",
};
const HELLO: TestEntry = {
  key: hex(
    "217371737c6d73677c646174617c62334a6b5a584a7a00000000000000074d4441784d5449794d7a4d304e4455314e6a59334e7a67344f546c6859574a6959324e6b5a47566c5a6d59",
  ),
  value: value(
    "M",
    `{"message_id":"${ID}","body":"aGVsbG8=","md5_of_body":"5d41402abc4b2a76b9719d911017c592","send_timestamp_millis":1700000000000,"available_at_millis":1700000000000,"visible_at_millis":1700000030000,"receive_count":1,"first_receive_millis":1700000000500,"current_receipt_token":"${TOKEN}","queue_generation":7}`,
  ),
};
const STANDARD = [ORDERS, ORDERS_COUNTER, HELLO];
const HELLO_SUM = "402efbfa3f45495f6dc834cf5f6df6ecbf5c0c522e4ee12736a67d002b2f2382";
const ORDERS_SUM = "477295e1848d96d5abdb7f702dd2002cc61676effd6a2b3e108761de599ec908";

Deno.test("a standard queue and its message are written as clients know them", async () => {
  const dumped = await dump(STANDARD);
  deepStrictEqual(dumped.tree, {
    "sqs/orders/_queue.json": `{
  "format_version": 1,
  "name": "orders",
  "visibility_timeout_seconds": 30,
  "message_retention_seconds": 345600,
  "delay_seconds": 0,
  "maximum_message_size": 262144
}`,
    "sqs/orders/messages.jsonl":
      `{"message_id":"${ID}","body":"hello","md5_of_body":"5d41402abc4b2a76b9719d911017c592","send_timestamp_millis":1700000000000,"available_at_millis":1700000000000,"visible_at_millis":0,"receive_count":0,"queue_generation":7}\n`,
  });
  strictEqual(sumOf(dumped, "sqs/orders/_queue.json"), ORDERS_SUM);
  strictEqual(sumOf(dumped, "sqs/orders/messages.jsonl"), HELLO_SUM);
  deepStrictEqual(dumped.fates, { "orders written": 2, "orders operational": 1 });
  deepStrictEqual(dumped.scopes, [new TextEncoder().encode("orders")]);
  deepStrictEqual([dumped.wrong, dumped.warnings], [[], []]);
});

Deno.test("visibility, receive counts and receipts are kept where that is asked for", async () => {
  const dumped = await dump(STANDARD, { preserveSqsVisibility: true });
  strictEqual(
    sumOf(dumped, "sqs/orders/messages.jsonl"),
    "c45b5c1fe722c36f6ed07572e211b3063386d866040ff7ddaf621cd9c66e0dfc",
  );
});

Deno.test("a FIFO queue orders numbers past 2^53 and escapes bodies otherwise than names", async () => {
  const queue = "596d6c7362476c755a79356d61575a76";
  const message = (id: string, rest: string): TestEntry => ({
    key: key("sqs-message", "billing.fifo", { generation: 1n, id }),
    value: value("M", `{"message_id":"${id}",${rest}}`),
  });
  const body = (text: string, at: number, group: string, sequence: string): string =>
    `"body":"${text}","md5_of_body":"x","send_timestamp_millis":${at},"available_at_millis":${at},"visible_at_millis":${at},"receive_count":0,"current_receipt_token":"${TOKEN}","queue_generation":1,"message_group_id":"${group}","sequence_number":${sequence}`;
  const dumped = await dump([
    {
      key: hex("217371737c71756575657c6d6574617c" + queue),
      value: value(
        "Q",
        `{"name":"billing.fifo","generation":1,"incarnation":1,"is_fifo":true,"content_based_dedup":true,"visibility_timeout_seconds":30,"message_retention_seconds":345600,"delay_seconds":0,"receive_message_wait_seconds":20,"maximum_message_size":262144,"redrive_policy":"{\\"deadLetterTargetArn\\":\\"arn:aws:sqs:us-east-1:000000000000:dlq.fifo\\",\\"maxReceiveCount\\":5,\\"x\\":\\"\\u003c\\u0026\\u003e\\"}","partition_count":1}`,
      ),
    },
    { key: hex("217371737c71756575657c67656e7c" + queue), value: "1" },
    { key: hex("217371737c71756575657c7365717c" + queue), value: "9007199254740995" },
    message(
      "mA",
      body("PGE+JiJcCAwBfwrigKjDqQ==", 200, "\\u003cg\\u003e\\u0026", "9007199254740993"),
    ),
    message("mB", body("gP8B", 200, "g1", "9007199254740992")),
    message("mC", body("Yw==", 100, "g1", "9007199254740995")),
  ]);
  strictEqual(
    sumOf(dumped, "sqs/billing.fifo/_queue.json"),
    "098c605537e1db13b0daad189e76f51f8ebbaa6c4148b2eeb980e5ef07b19316",
  );
  strictEqual(
    sumOf(dumped, "sqs/billing.fifo/messages.jsonl"),
    "b660bec64c29b3c973cb46753f5de49f3d230b72efc397f0a8f2eb1e30735493",
  );
  deepStrictEqual([dumped.wrong, dumped.warnings], [[], []]);
});

Deno.test("attributes keep the spelling of their values and are sorted by name", async () => {
  const dumped = await dump([ORDERS, ORDERS_COUNTER, {
    key: hex("217371737c6d73677c646174617c62334a6b5a584a7a0000000000000007625551"),
    value: value(
      "M",
      `{"message_id":"mD","body":"ZA==","md5_of_body":"8277e0910d750195b448797616e091ad","md5_of_message_attributes":"y","message_attributes":{"Z":{"DataType":"String","StringValue":"a\\u003cb\\u2028"},"b":{"DataType":"Binary","BinaryValue":"AQI="},"a\\u003c":{"DataType":"Number","StringValue":"1"}},"send_timestamp_millis":5,"available_at_millis":5,"visible_at_millis":5,"receive_count":0,"current_receipt_token":"${TOKEN}","queue_generation":7}`,
    ),
  }]);
  strictEqual(
    sumOf(dumped, "sqs/orders/messages.jsonl"),
    "6f56c8e8e5bd277ba6c3a851c0ccfd4353bf8ecbcd95378176662507ab988458",
  );
});

Deno.test("messages of a partitioned queue name their partition, 0 too", async () => {
  const message = (id: string, partition: string, at: string, group: string): TestEntry => ({
    key: hex(
      `217371737c6d73677c646174617c707c6343356d61575a767c${partition}0000000000000001` +
        (id === "m0" ? "625441" : "625445"),
    ),
    value: value(
      "M",
      `{"message_id":"${id}","body":"eA==","md5_of_body":"9dd4e461268c8034f5c8564e155c67a6","send_timestamp_millis":${at},"available_at_millis":${at},"visible_at_millis":${at},"receive_count":0,"current_receipt_token":"${TOKEN}","queue_generation":1,"message_group_id":"g${group}","message_deduplication_id":"d${group}","sequence_number":${group}}`,
    ),
  });
  const dumped = await dump([
    {
      key: hex("217371737c71756575657c6d6574617c6343356d61575a76"),
      value: value(
        "Q",
        `{"name":"p.fifo","generation":1,"incarnation":1,"is_fifo":true,"visibility_timeout_seconds":30,"message_retention_seconds":345600,"delay_seconds":0,"receive_message_wait_seconds":0,"maximum_message_size":262144,"partition_count":2,"fifo_throughput_limit":"perMessageGroupId","deduplication_scope":"messageGroup"}`,
      ),
    },
    { key: hex("217371737c71756575657c67656e7c6343356d61575a76"), value: "1" },
    message("m0", "00000000", "1700000000002", "2"),
    message("m1", "00000001", "1700000000001", "1"),
  ]);
  strictEqual(
    sumOf(dumped, "sqs/p.fifo/_queue.json"),
    "6e1dbfb9d80b136ebc41b0bdc89034e2a43a44b0e97456269af13482c5d7c883",
  );
  strictEqual(
    sumOf(dumped, "sqs/p.fifo/messages.jsonl"),
    "7bf7c83f0bfdf30a105466e227f0735e2e314cab802d920d17b95e50fea9c00a",
  );
});

Deno.test("a message of an older generation is left out, and a warning counts it", async () => {
  const dumped = await dump([...STANDARD, {
    key: key("sqs-message", "orders", { generation: 6n, id: "old" }),
    value: value("M", `{"message_id":"old","queue_generation":6}`),
  }]);
  strictEqual(sumOf(dumped, "sqs/orders/_queue.json"), ORDERS_SUM);
  strictEqual(sumOf(dumped, "sqs/orders/messages.jsonl"), HELLO_SUM);
  deepStrictEqual(warningsOf(dumped), [
    ["sqs_stale_generation_messages_dropped", "orders", 7n, 1],
  ]);
  strictEqual(dumped.fates["orders stale-generation"], 1);
});

Deno.test("side records of a queue are written in the order of their keys", async () => {
  const dumped = await dump([
    ORDERS,
    ORDERS_COUNTER,
    {
      key: hex(
        "217371737c6d73677c62796167657c62334a6b5a584a7a00000000000000070000018bcfe568004d4441784d5449794d7a4d304e4455314e6a59334e7a67344f546c6859574a6959324e6b5a47566c5a6d59",
      ),
      value: ID,
    },
    {
      key: hex(
        "217371737c6d73677c7669737c62334a6b5a584a7a00000000000000070000018bcfe5dd304d4441784d5449794d7a4d304e4455314e6a59334e7a67344f546c6859574a6959324e6b5a47566c5a6d59",
      ),
      value: ID,
    },
    {
      key: hex("217371737c71756575657c746f6d6273746f6e657c62334a6b5a584a7a0000000000000006"),
      value: "\x01",
    },
  ], { includeSqsSideRecords: true });
  deepStrictEqual(Object.keys(dumped.tree).sort(), [
    "sqs/orders/_internals/side_records.jsonl",
    "sqs/orders/_queue.json",
  ]);
  strictEqual(
    sumOf(dumped, "sqs/orders/_internals/side_records.jsonl"),
    "b4f8eeb3001bf6ec1e8309834e74f32b6e03a092bf199a68be20defdead1b3b3",
  );
  deepStrictEqual(dumped.fates, { "orders written": 4, "orders operational": 1 });
});

Deno.test("side records of a deleted queue have a folder of their own", async () => {
  const dumped = await dump([{
    key: key("sqs-tombstone", "gone", { generation: 1n }),
    value: "\x01",
  }], { includeSqsSideRecords: true });
  deepStrictEqual([...dumped.files.keys()], ["sqs/Z29uZQ.orphan/_internals/side_records.jsonl"]);
  strictEqual(
    sumOf(dumped, "sqs/Z29uZQ.orphan/_internals/side_records.jsonl"),
    "f42c0c2994d58979618d43506074d905c8f9dcc341dd09fe0a9993e2daab2537",
  );
  deepStrictEqual(warningsOf(dumped), [["sqs_orphan_messages", "Z29uZQ", 0, 1]]);
});

Deno.test("folders are named by the rules of path segments", async () => {
  const names = ["b64.fifo", "0123456789abcdef0123456789abcdef__x", " orders"];
  const dumped = await dump(names.flatMap((name) => [queueRow(name), counterRow(name)]));
  deepStrictEqual(Object.keys(dumped.tree).sort(), [
    "sqs/%20orders/_queue.json",
    "sqs/6d569adb756fb691545b327385919c6b__b64.fifo/_queue.json",
    "sqs/c6adf9bb73b31df7b339106a031c285a__0123456789abcdef0123456789abcdef__x/_queue.json",
  ]);
});
