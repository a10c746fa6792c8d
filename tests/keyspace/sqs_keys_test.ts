import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { isUtf8 } from "../../src/text/utf8.ts";
import { classify, FAMILY } from "../../src/keyspace/families.ts";
import { parseSqsKey, type SqsFamily, type SqsKey, sqsKey } from "../../src/keyspace/sqs_keys.ts";
import { byteStrings, check, hex, inside, raw, u64s } from "./support.ts";

const id = raw("00112233445566778899aabbccddeeff");
const ID = "4d4441784d5449794d7a4d304e4455314e6a59334e7a67344f546c6859574a6959324e6b5a47566c5a6d59";
const orders = { queue: raw("orders"), generation: 7n };
const m0 = { queue: raw("p.fifo"), partition: 0, generation: 1n, id: raw("m0") };
const m1 = { queue: raw("p.fifo"), partition: 1, generation: 1n, id: raw("m1") };

const EXAMPLES: [key: string, family: SqsFamily, parts: SqsKey][] = [
  ["217371737c71756575657c6d6574617c62334a6b5a584a7a", "sqs-queue", { queue: orders.queue }],
  ["217371737c71756575657c67656e7c62334a6b5a584a7a", "sqs-generation", { queue: orders.queue }],
  [
    "217371737c71756575657c7365717c596d6c7362476c755a79356d61575a76",
    "sqs-sequence",
    { queue: raw("billing.fifo") },
  ],
  ["217371737c71756575657c6d6574617c494739795a4756796377", "sqs-queue", { queue: raw(" orders") }],
  [
    "217371737c71756575657c746f6d6273746f6e657c62334a6b5a584a7a0000000000000006",
    "sqs-tombstone",
    { queue: orders.queue, generation: 6n },
  ],
  [
    "217371737c6d73677c646174617c62334a6b5a584a7a0000000000000007" + ID,
    "sqs-message",
    { ...orders, id },
  ],
  [
    "217371737c6d73677c62796167657c62334a6b5a584a7a00000000000000070000018bcfe56800" + ID,
    "sqs-age",
    { ...orders, time: 1700000000000n, id },
  ],
  [
    "217371737c6d73677c7669737c62334a6b5a584a7a00000000000000070000018bcfe5dd30" + ID,
    "sqs-visibility",
    { ...orders, time: 1700000030000n, id },
  ],
  [
    "217371737c6d73677c64656475707c59324a6b4c6d5a705a6d380000000000000001" +
    "4f47566b4d325932595751324f4456694f5455355a57466b4e7a41794d6a55784f475578595759334e6d4e6b" +
    "4f4445325a6a686c4f47566a4e324e6a5a4752684d57566b4e4441784f4755345a6a49794d6a4e6d4f41",
    "sqs-dedup",
    {
      queue: raw("cbd.fifo"),
      generation: 1n,
      id: raw("8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8"),
    },
  ],
  [
    "217371737c6d73677c646174617c707c6343356d61575a767c000000000000000000000001625441",
    "sqs-message",
    m0,
  ],
  [
    "217371737c6d73677c646174617c707c6343356d61575a767c000000010000000000000001625445",
    "sqs-message",
    m1,
  ],
  [
    "217371737c6d73677c7669737c707c6343356d61575a767c0000000100000000000000010000018bcfe56801625445",
    "sqs-visibility",
    { ...m1, time: 1700000000001n },
  ],
  [
    "217371737c6d73677c62796167657c707c6343356d61575a767c0000000000000000000000010000018bcfe56802625441",
    "sqs-age",
    { ...m0, time: 1700000000002n },
  ],
  [
    "217371737c6d73677c64656475707c707c6343356d61575a767c0000000100000000000000015a7a457c5a4445",
    "sqs-dedup",
    { ...m1, group: raw("g1"), id: raw("d1") },
  ],
  [
    "217371737c6d73677c64656475707c707c6343356d61575a767c0000000000000000000000015a7a497c5a4449",
    "sqs-dedup",
    { ...m0, group: raw("g2"), id: raw("d2") },
  ],
];

Deno.test("keys have the server's bytes, in both layouts", () => {
  for (const [digits, family, parts] of EXAMPLES) {
    const key = hex(digits);
    strictEqual(classify(key, 0, key.length).id, family);
    deepStrictEqual(sqsKey(family, parts), key, family);
    deepStrictEqual(parseSqsKey(FAMILY[family], ...inside(key)), parts, family);
  }
});

Deno.test("malformed keys say what is wrong", () => {
  const queue = "the queue name is not canonical base64 of a name";
  const ids = "the id is not canonical base64";
  const u64 = "\0\0\0\0\0\0\0\x01";
  for (
    const [key, reason] of [
      ["!sqs|queue|meta|%%%", queue],
      ["!sqs|queue|gen|%%%", queue],
      ["!sqs|queue|gen|", queue],
      ["!sqs|queue|meta|", queue],
      ["!sqs|queue|seq|c", queue],
      // The last digit has bits that mean nothing.
      ["!sqs|queue|meta|cR", queue],
      // The names `.` and `..`, and one that is not UTF-8.
      ["!sqs|queue|meta|Lg", queue],
      ["!sqs|queue|meta|Li4", queue],
      ["!sqs|queue|meta|_w", queue],
      ["!sqs|queue|meta|cQ=", "unexpected bytes at the end: 1"],
      ["!sqs|queue|meta|cQ" + u64, "unexpected bytes at the end: 8"],
      // Only rows of messages have the second layout: these are queues of one digit.
      ["!sqs|queue|meta|p|cQ|\0\0\0\x01", queue],
      ["!sqs|queue|tombstone|p|cQ|\0\0\0\x01" + u64, queue],
      ["!sqs|queue|tombstone|cQ", "it ends in the generation"],
      ["!sqs|queue|tombstone|cQ" + u64 + "\0", "unexpected bytes at the end: 1"],
      ["!sqs|msg|data|" + u64 + "bQ", queue],
      ["!sqs|msg|data|cQ", "it ends in the generation"],
      ["!sqs|msg|data|cQ" + u64, ids],
      ["!sqs|msg|data|cQ" + u64 + "b!", ids],
      ["!sqs|msg|data|cQ" + u64 + "bR", ids],
      ["!sqs|msg|data|cQ\x01\0\0\0\0\0\0\0bQ", "no generation follows the queue name"],
      ["!sqs|msg|data|p|cQ", "it ends in the queue name"],
      ["!sqs|msg|data|p|cQ!" + u64 + u64, "no bar follows the queue name"],
      ["!sqs|msg|data|p|cQ|\0\0\0\x01", "it ends in the generation"],
      ["!sqs|msg|data|p||\0\0\0\0" + u64 + "bQ", queue],
      ["!sqs|msg|data|p|cQ|\0\0\0\x01" + u64, ids],
      ["!sqs|msg|vis|cQQQ", "it ends in the generation"],
      ["!sqs|msg|vis|cQ" + u64 + "\0\0", "it ends in the time"],
      ["!sqs|msg|vis|p|cQ|\0\0", "it ends in the partition"],
      ["!sqs|msg|dedup|p|cQ|\0\0\0\x01" + u64 + "|ZDE", "the group is not canonical base64"],
      ["!sqs|msg|dedup|p|cQ|\0\0\0\x01" + u64 + "ZzE", "no bar follows the group"],
      ["!sqs|msg|dedup|p|cQ|\0\0\0\x01" + u64 + "ZzE|", ids],
      ["!sqs|msg|dedup|cQ" + u64 + "ZzE|ZDE", ids],
      ["!sqs|route|global", "keys of this family have no known layout"],
    ]
  ) {
    const bytes = raw(key);
    const family = classify(bytes, 0, bytes.length);
    strictEqual(parseSqsKey(family, ...inside(bytes)), reason, key);
  }
});

Deno.test("a key cannot be built from the parts of another family", () => {
  throws(() => sqsKey("sqs-queue", orders), RangeError);
  throws(() => sqsKey("sqs-message", orders), RangeError);
  throws(() => sqsKey("sqs-tombstone", { ...orders, partition: 1 }), RangeError);
  throws(() => sqsKey("sqs-dedup", m1), RangeError);
  throws(() => sqsKey("sqs-dedup", { ...orders, group: raw("g"), id }), RangeError);
  throws(() => sqsKey("sqs-message", { ...orders, id, generation: 1n << 56n }), RangeError);
});

Deno.test("parsing gives back what keys were built from", () => {
  const queue = byteStrings(1).filter((name) =>
    isUtf8(name) && !/^\.\.?$/.test(String.fromCharCode(...name))
  );
  const name = byteStrings(1);
  const generation = u64s.map((n) => n % (1n << 56n));
  const partition = fc.nat(0xffff_ffff);
  check(
    fc.property(queue, partition, generation, u64s, u64s, name, name, (...values) => {
      const [queue, partition, small, generation, time, group, id] = values;
      const classic = { queue, generation: small };
      const partitioned = { queue, partition, generation };
      const keys: [SqsFamily, SqsKey][] = [
        ["sqs-queue", { queue }],
        ["sqs-generation", { queue }],
        ["sqs-sequence", { queue }],
        ["sqs-tombstone", classic],
        ["sqs-message", { ...classic, id }],
        ["sqs-message", { ...partitioned, id }],
        ["sqs-visibility", { ...classic, time, id }],
        ["sqs-visibility", { ...partitioned, time, id }],
        ["sqs-age", { ...classic, time, id }],
        ["sqs-age", { ...partitioned, time, id }],
        ["sqs-dedup", { ...classic, id }],
        ["sqs-dedup", { ...partitioned, group, id }],
        ["sqs-group", { ...classic, id }],
        ["sqs-group", { ...partitioned, id }],
      ];
      for (const [family, key] of keys) {
        deepStrictEqual(parseSqsKey(FAMILY[family], ...inside(sqsKey(family, key))), key, family);
      }
    }),
    500,
  );
});
