import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { counterRow, dump, key, messageRow, queueRow, seg } from "./support.ts";

const ROWS = [
  queueRow("b", { is_fifo: true, redrive_policy: "<x>" }),
  counterRow("b"),
  messageRow("b", "m2", { json: `,"body":"PGI+","sequence_number":18446744073709551615` }),
  messageRow("b", "m1", { json: `,"sequence_number":1` }),
  queueRow("a"),
  messageRow("a", "m0", { json: `,"body":"gA=="` }),
  { key: key("sqs-sequence", "b"), value: "2" },
  messageRow("lost", "o"),
];

const ZEROS =
  `"send_timestamp_millis":0,"available_at_millis":0,"visible_at_millis":0,"receive_count":0,"queue_generation":1`;

const QUEUES = [
  `{"adapter":"sqs","scope":"a","type":"queue","value":{"format_version":1,"name":"a","visibility_timeout_seconds":0,"message_retention_seconds":0,"delay_seconds":0}}`,
  `{"adapter":"sqs","scope":"b","type":"queue","value":{"format_version":1,"name":"b","fifo":true,"visibility_timeout_seconds":0,"message_retention_seconds":0,"delay_seconds":0,"redrive_policy":"<x>"}}`,
];

const MESSAGES = [
  `{"adapter":"sqs","scope":"a","type":"message","key":"m0","value":{"message_id":"m0","body":{"base64":"gA"},${ZEROS}}}`,
  `{"adapter":"sqs","scope":"b","type":"message","key":"m1","value":{"message_id":"m1","body":"",${ZEROS},"sequence_number":1}}`,
  `{"adapter":"sqs","scope":"b","type":"message","key":"m2","value":{"message_id":"m2","body":"\\u003cb\\u003e",${ZEROS},"sequence_number":18446744073709551615}}`,
];

Deno.test("record lines give all queues, then the messages of each in the order of the file", async () => {
  const dumped = await dump(ROWS);
  deepStrictEqual(dumped.records, [...QUEUES, ...MESSAGES]);
});

Deno.test("orphans and side records have types of their own, where they are wanted", async () => {
  const dumped = await dump(ROWS, { includeOrphans: true, includeSqsSideRecords: true });
  deepStrictEqual(dumped.records, [
    ...QUEUES,
    ...MESSAGES,
    `{"adapter":"sqs","scope":"b","type":"side_record","value":{"prefix":"!sqs|queue|seq|","key_hex":"217371737c71756575657c7365717c5967","value_b64":"Mg"}}`,
    `{"adapter":"sqs","scope":"lost","type":"orphan_message","key":"o","value":{"message_id":"o","body":"",${ZEROS}}}`,
  ]);
});

Deno.test("a record's value is the line of the file", async () => {
  const options = { includeOrphans: true, includeSqsSideRecords: true };
  const { tree, records } = await dump(ROWS, options);
  const files = [
    "sqs/a/messages.jsonl",
    "sqs/b/messages.jsonl",
    "sqs/b/_internals/side_records.jsonl",
    `sqs/${seg("lost")}.orphan/messages.jsonl`,
  ];
  const lines = files.map((path) => tree[path]).join("");
  const values = records.slice(2).map((line) => line.replace(/^.*?"value":/, "").slice(0, -1));
  strictEqual(values.join("\n") + "\n", lines);
});
