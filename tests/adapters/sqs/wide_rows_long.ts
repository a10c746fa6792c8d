/** One row of tens of MiB in each family, in all forms: memory is that of the row, not of its text. */

import { sqsKey } from "../../../src/keyspace/sqs_keys.ts";
import { text } from "../../support/generator/encoding.ts";
import { copies, MIB, numbered, testWideRows, type WideRow } from "../../support/wide_rows.ts";

const SIZE = 40 * MIB;
const QUEUE = { queue: text("q"), generation: 1n };
const ID = "0".repeat(32);

function queue(more = ""): WideRow[] {
  return [
    [
      sqsKey("sqs-queue", { queue: QUEUE.queue }),
      text(`\0SQ\x01{"name":"q","generation":1${more}}`),
    ],
    [sqsKey("sqs-generation", { queue: QUEUE.queue }), text("1")],
  ];
}

function message(more: string, body = "eA=="): WideRow {
  const value = `{"message_id":"${ID}","body":"${body}","send_timestamp_millis":1,` +
    `"available_at_millis":1,"visible_at_millis":1,"receive_count":0,"queue_generation":1${more}}`;
  return [sqsKey("sqs-message", { ...QUEUE, id: text(ID) }), text("\0SM\x01" + value)];
}

function attributes(json: string): WideRow[] {
  return [...queue(), message(`,"message_attributes":{${json}}`)];
}

const TYPE = `{"DataType":"String","StringValue":"x"}`;
const long = (piece: string): string => piece.repeat(Math.floor(SIZE / piece.length));

const KINDS: Record<string, () => WideRow[]> = {
  "a body of text": () => [...queue(), message("", btoa("x".repeat(30)).repeat(SIZE / 40))],
  "a body of control characters": () => [...queue(), message("", long("AQEB"))],
  "a body that is no text": () => [...queue(), message("", long("//79"))],
  "many attributes in order": () =>
    attributes(numbered(SIZE, (n) => `"a${n}":${TYPE},`) + `"z":${TYPE}`),
  "many attributes in another order": () =>
    attributes(`"z":${TYPE}` + numbered(SIZE, (n) => `,"a${[...n].reverse().join("")}":${TYPE}`)),
  "attributes of one name": () => attributes(`"a":${TYPE}` + long(`,"a":${TYPE}`)),
  "an attribute with a long name": () => attributes(`"${long("n")}":${TYPE}`),
  "an attribute with a long value": () => attributes(`"a":{"StringValue":"${long("\\n")}"}`),
  "an attribute of white space": () => attributes(`"a":{${long(" ")}}`),
  "a group with escapes": () => [...queue(), message(`,"message_group_id":"${long("\\u0001")}"`)],
  "a member that nobody knows":
    () => [...queue(), message(`,"${"n".repeat(SIZE / 2)}":[${"1,".repeat(SIZE / 4)}1]`)],
  "many members that nobody knows": () => [
    ...queue(),
    message(numbered(SIZE, (n) => `,"x${n}":1`)),
  ],
  "an orphan": () => [message("", long("AQEB"))],
  "a policy of quotes": () => queue(`,"redrive_policy":"${long('\\"')}"`),
  "many tags": () => queue(`,"tags":{"z":"v"${numbered(SIZE, (n) => `,"k${n}":"v"`)}}`),
  "a tag with a long value": () => queue(`,"tags":{"k":"${long("<")}"}`),
};

for (const [name, rows] of Object.entries(KINDS)) {
  for (const form of ["tree", "records"]) {
    const output = form === "tree" ? [] : ["--format", "records", "--spool", "SPOOL"];
    const accept = ["--accept", "groups", "--include-orphans"];
    testWideRows(name, rows, ["decode", "SNAP", "-o", "OUT", ...output, ...accept]);
  }
}

testWideRows(
  "a side record",
  () => [...queue(), [sqsKey("sqs-dedup", { ...QUEUE, id: text("d") }), copies("x", SIZE)]],
  ["decode", "SNAP", "-o", "OUT", "--accept", "groups", "--include-sqs-side-records"],
);
testWideRows("attributes", () => attributes(`"a":{"StringValue":"${long("x")}"}`), [
  "inspect",
  "SNAP",
]);
for (const name of ["a body of text"]) {
  const restorable = ["decode", "SNAP", "-o", "OUT", "--restorable", "--accept", "groups"];
  testWideRows(name, KINDS[name], restorable);
}
