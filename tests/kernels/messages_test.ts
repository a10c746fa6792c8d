import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  loadKernels,
  MESSAGE_COLUMNS,
  MESSAGE_ID_LIMIT,
  MESSAGE_INPUT_LIMIT,
  MESSAGE_LEFT,
  MESSAGE_WRITTEN,
  type MessageForm,
  MESSAGES_OUTPUT_LIMIT,
  type Rows,
} from "../../src/kernels/kernels.ts";
import { MESSAGE_MEMBERS } from "../../src/kernels/js/messages.ts";
import type { MessageExports } from "../../src/kernels/wasm_messages.ts";
import { concat, text } from "../support/generator/encoding.ts";
import { Random } from "../support/generator/random.ts";
import { randomSeed } from "../support/random_seed.ts";
import { GuardedMemory, rawKernels, u32Bytes } from "./guarded_memory.ts";
import {
  damagedMessage,
  ID_AT,
  type Message,
  messageKey,
  messageRows,
  messageValue,
  naiveDocument,
  randomMessage,
} from "./random_messages.ts";

const wasm = await loadKernels("wasm");

const FORM: MessageForm = { idAt: ID_AT, generation: 7n, preserveVisibility: false };
const PRESERVED: MessageForm = { ...FORM, partition: 3, preserveVisibility: true };

/** What one row has become: nothing if it was left. */
interface Written {
  document: string;
  order: string;
}

function all(rows: Rows, form: MessageForm): (Written | undefined)[] {
  const places = Array.from({ length: rows.count }, (_, i) => i);
  const written: (Written | undefined)[] = [];
  while (written.length < places.length) {
    const first = written.length;
    const { count, documents, orders, table } = wasm.transcodeMessages(
      rows,
      places,
      first,
      form,
    );
    ok(count > 0 && table.length === count * MESSAGE_COLUMNS);
    for (let i = 0; i < count; i++) {
      const [status, start, end, orderStart, orderEnd] = table.subarray(i * MESSAGE_COLUMNS);
      if (status === MESSAGE_LEFT) {
        deepStrictEqual([start, end, orderStart, orderEnd], [0, 0, 0, 0]);
        written.push(undefined);
        continue;
      }
      strictEqual(status, MESSAGE_WRITTEN);
      written.push({
        document: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
          .decode(documents.subarray(start, end)),
        order: orders.subarray(orderStart, orderEnd).toHex(),
      });
    }
  }
  return written;
}

const MESSAGE: Message = {
  message_id: "00112233445566778899aabbccddeeff",
  body: text("hello"),
  md5_of_body: "5d41402abc4b2a76b9719d911017c592",
  send_timestamp_millis: 1_700_000_000_000,
  available_at_millis: 1_700_000_000_000,
  visible_at_millis: 1_700_000_030_000,
  receive_count: 1,
  first_receive_millis: 1_700_000_000_500,
  current_receipt_token: Uint8Array.from({ length: 16 }, (_, i) => i),
  queue_generation: 7,
};
const JSON_START = 4;

const one = (message: Message, form = FORM): Written | undefined =>
  all(messageRows([[messageKey(message), messageValue(message)]]), form)[0];
/** The same row, with another spelling of its value. */
const spelled = (json: string, key = messageKey(MESSAGE)): Written | undefined =>
  all(messageRows([[key, concat(Uint8Array.of(0, 0x53, 0x4d, 1), json)]]), FORM)[0];
const JSON_TEXT = new TextDecoder().decode(messageValue(MESSAGE).subarray(JSON_START));

Deno.test("a message becomes a document and what it is sorted by", () => {
  deepStrictEqual(one(MESSAGE), {
    document: '{"message_id":"00112233445566778899aabbccddeeff","body":"hello","md5_of_body":' +
      '"5d41402abc4b2a76b9719d911017c592","send_timestamp_millis":1700000000000,' +
      '"available_at_millis":1700000000000,"visible_at_millis":0,"receive_count":0,"queue_generation":7}',
    order: "8000018bcfe56800" + "0000000000000000" + text(MESSAGE.message_id).toHex(),
  });
  strictEqual(
    one({ ...MESSAGE, sequence_number: 258 }, PRESERVED)?.document,
    '{"message_id":"00112233445566778899aabbccddeeff","body":"hello","md5_of_body":' +
      '"5d41402abc4b2a76b9719d911017c592","send_timestamp_millis":1700000000000,' +
      '"available_at_millis":1700000000000,"visible_at_millis":1700000030000,"receive_count":1,' +
      '"first_receive_millis":1700000000500,"current_receipt_token":"AAECAwQFBgcICQoLDA0ODw==",' +
      '"queue_generation":7,"sequence_number":258,"partition":3}',
  );
  ok(one({ ...MESSAGE, sequence_number: 258 })?.order.slice(16).startsWith("0000000000000102"));
});

Deno.test("a body is text with HTML escaped, or base64 of the other alphabet", () => {
  const bodies: [body: Uint8Array, json: string][] = [
    [text("<a>&\u2028\n"), '"\\u003ca\\u003e\\u0026\\u2028\\n"'],
    [text(""), '""'],
    [Uint8Array.of(0xfb, 0xff, 0xfe), '{"base64":"-__-"}'],
    [Uint8Array.of(0xff), '{"base64":"_w"}'],
    [text("é".repeat(30)), `"${"é".repeat(30)}"`],
  ];
  for (const [body, json] of bodies) {
    ok(one({ ...MESSAGE, body })?.document.includes(`"body":${json},"md5`), json);
  }
  for (let length = 0; length < 70; length++) {
    const body = new Uint8Array(length).fill(0x62);
    ok(one({ ...MESSAGE, body })?.document.includes(`"body":"${"b".repeat(length)}",`));
  }
});

Deno.test("every byte that is no digit of base64 is found", () => {
  const digits = text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  const [before, behind] = JSON_TEXT.split("aGVsbG8=");
  for (let c = 0; c < 256; c++) {
    for (const at of [3, 18, 37]) {
      const body = new Uint8Array(40).fill(0x41);
      body[at] = c;
      const value = concat(Uint8Array.of(0, 0x53, 0x4d, 1), before, body, behind);
      const [written] = all(messageRows([[messageKey(MESSAGE), value]]), FORM);
      strictEqual(written !== undefined, digits.includes(c), `${c} at ${at}`);
    }
  }
});

Deno.test("what servers spell otherwise is left", () => {
  ok(spelled(JSON_TEXT));
  const changes: [from: string | RegExp, to: string][] = [
    ["{", "{ "],
    [",", ", "],
    ["00112233", "00112234"],
    ["00112233445566778899aabbccddeeff", ""],
    ["aGVsbG8=", "aGVsbG8"],
    ["aGVsbG8=", "aGVsbG9="],
    ["aGVsbG8=", "aGVsbG8\\u003d"],
    ["aGVsbG8=", "aGVs\\nbG8="],
    ["aGVsbG8=", "aGVsb==="],
    ["aGVsbG8=", "="],
    ['"aGVsbG8="', "null"],
    ["5d4140", "5d\\u00340"],
    ["5d4140", "5d\n40"],
    ["5d4140", "5d\u2028"],
    ['"send_timestamp_millis":1', '"send_timestamp_millis":-1'],
    ['"send_timestamp_millis":1', '"send_timestamp_millis":01'],
    ['"send_timestamp_millis":1700000000000', '"send_timestamp_millis":1e9'],
    ['"send_timestamp_millis":1700000000000', '"send_timestamp_millis":1000000000000000000'],
    ['"send_timestamp_millis":1700000000000,', ""],
    ['"queue_generation":7', '"queue_generation":8'],
    ['"queue_generation":7', '"queue_generation":77'],
    ['"queue_generation":7', '"queue_generation":'],
    ['"AAECAwQFBgcICQoLDA0ODw=="', "null"],
    ["AAEC", "A"],
    [/}$/, ""],
    [/}$/, "}}"],
    [/}$/, ',"more":1}'],
    [/}$/, ',"receive_count":2}'],
    [/^{/, '{"more":1,'],
    ['"body":', '"Body":'],
  ];
  for (const [from, to] of changes) {
    const json = JSON_TEXT.replace(from, to);
    ok(json !== JSON_TEXT, String(from));
    strictEqual(spelled(json), undefined, `${from} → ${to}`);
  }
  strictEqual(spelled(JSON_TEXT, messageKey({ ...MESSAGE, message_id: "x" })), undefined);
  strictEqual(spelled(JSON_TEXT, text("short")), undefined);
  strictEqual(one({ ...MESSAGE, message_id: "k".repeat(65) }), undefined);
  ok(one({ ...MESSAGE, message_id: "k".repeat(64) }));
  const around = messageValue({ ...MESSAGE, body: text("") }).length;
  const most = Math.floor((MESSAGE_INPUT_LIMIT - around) / 4) * 3;
  ok(one({ ...MESSAGE, body: new Uint8Array(most) }), "a long one");
  strictEqual(one({ ...MESSAGE, body: new Uint8Array(most + 3) }), undefined);
});

Deno.test("attributes keep their spelling, or the message is left", () => {
  const cases: [attributes: string, isWritten: boolean][] = [
    ['{"a":{"DataType":"String","StringValue":"\\u003c\\"\\\\\\/\\b\\f\\n\\r\\t é"}}', true],
    ['{"a":{"x":"y"},"b":{"x":"y"}}', true],
    ['{"a":{"x":"y"},"é":{"x":"y"}}', true],
    ["{}", false],
    ["null", false],
    ['{"a":{}}', false],
    ['{"a":"b"}', false],
    ['{"a":{"x":1}}', false],
    ['{"a":{"x":"y" }}', false],
    ['{"b":{"x":"y"},"a":{"x":"y"}}', false],
    ['{"a":{"x":"y"},"a":{"x":"y"}}', false],
    ['{"\\u0061":{"x":"y"}}', false],
    ['{"a":{"x":"\\x"}}', false],
    ['{"a":{"x":"\\u12"}}', false],
    ['{"a":{"x":"\\u123g"}}', false],
    ['{"a":{"x":"\\ud83d\\ude00"}}', false],
    ['{"a":{"x":"\\uD7ff\\ue000"}}', true],
    ['{"a":{"x":"\n"}}', false],
    ['{"a":{"x":"y"}', false],
    ['{"a":{"x":"y"},}', false],
    ['{"a":{"x":"y",}}', false],
    ['{"a":{"x"}}', false],
  ];
  for (const [attributes, isWritten] of cases) {
    const json = JSON_TEXT.replace(
      ',"send_',
      () => `,"message_attributes":${attributes},"send_`,
    );
    const written = spelled(json);
    strictEqual(written !== undefined, isWritten, attributes);
    if (written) ok(written.document.includes(`,"message_attributes":${attributes},"send_`));
  }
});

Deno.test("many messages take several calls", () => {
  const random = new Random(1);
  const messages = Array.from({ length: 6_000 }, (): Message => ({
    ...MESSAGE,
    message_id: random.bytes(16).toHex(),
    body: text("x".repeat(random.below(900))),
  }));
  messages[77].body = new Uint8Array(100_000);
  const rows = messageRows(messages.map((m) => [messageKey(m), messageValue(m)]));
  const expected = messages.map((m, i) => i === 77 ? undefined : naiveDocument(m, FORM));
  deepStrictEqual(all(rows, FORM).map((written) => written?.document), expected);
  ok(expected.join("").length > 4 * MESSAGES_OUTPUT_LIMIT);
});

Deno.test("messages that servers write become what objects would", () => {
  const random = new Random(randomSeed());
  let written = 0;
  for (let round = 0; round < 300; round++) {
    const form = random.pick([FORM, PRESERVED, { ...FORM, partition: 0 }]);
    const messages = Array.from({ length: 40 }, () => randomMessage(random));
    const rows = messageRows(
      messages.map((m) => [messageKey(m), messageValue(m)]),
      random.below(256),
    );
    const results = all(rows, form);
    results.forEach((result, i) => {
      if (!result) return;
      written++;
      strictEqual(result.document, naiveDocument(messages[i], form));
    });
  }
  ok(written > 11_000, `only ${written} of 12,000 messages were written`);
});

Deno.test("what lies around messages makes no difference, damaged or not", () => {
  const random = new Random(randomSeed());
  for (let round = 0; round < 100; round++) {
    const rows = Array.from({ length: 40 }, (): [Uint8Array, Uint8Array] => {
      const message = randomMessage(random);
      return [messageKey(message), damagedMessage(random, messageValue(message))];
    });
    const expected = all(messageRows(rows, 0), FORM);
    for (const filler of [0x22, 0x41, 0x7d, 0xff]) {
      deepStrictEqual(all(messageRows(rows, filler), FORM), expected);
    }
  }
});

Deno.test("without WebAssembly all messages are left", async () => {
  const js = await loadKernels("js");
  const rows = messageRows([[messageKey(MESSAGE), messageValue(MESSAGE)]]);
  const { count, table } = js.transcodeMessages(rows, [0, 0, 0], 1, FORM);
  deepStrictEqual([count, ...table], [2, MESSAGE_LEFT, 0, 0, 0, 0, MESSAGE_LEFT, 0, 0, 0, 0]);
});

Deno.test("the kernel of messages writes nothing outside of the room that it is given", async () => {
  const kernels = await rawKernels<MessageExports>();
  const random = new Random(randomSeed());
  for (let round = 0; round < 10; round++) {
    const rows = Array.from({ length: 300 }, (): [Uint8Array, Uint8Array] => {
      const message = randomMessage(random);
      if (random.chance(0.02)) message.body = new Uint8Array(48_000).fill(random.pick([1, 0xff]));
      const value = messageValue(message);
      return [messageKey(message), random.chance(0.7) ? value : damagedMessage(random, value)];
    });
    const { bytes, ranges, count } = messageRows(rows);
    const memory = new GuardedMemory(kernels);
    const textAt = (part: Uint8Array): [number, number] => {
      const start = memory.readable(part);
      return [start, start + part.length];
    };
    const input = memory.writable(bytes); // bodies are decoded in place
    const table = memory.writable(4 * MESSAGE_COLUMNS * count);
    const output = memory.writable(MESSAGES_OUTPUT_LIMIT + 6 * MESSAGE_INPUT_LIMIT);
    const orders = memory.writable((32 + MESSAGE_ID_LIMIT) * count);
    const members = MESSAGE_MEMBERS.flatMap(([beginning, type, use]) => [
      ...textAt(beginning),
      type,
      use,
    ]);
    const frame = [...textAt(text("7")), ...textAt(text(',"partition":3}'))];
    const [place, description, around] = [ranges, members, frame]
      .map((numbers) => memory.readable(u32Bytes(numbers)));
    memory.watch();
    const done = kernels.transcodeMessages(
      input,
      place,
      count,
      ID_AT,
      description,
      MESSAGE_MEMBERS.length,
      around,
      output,
      orders,
      table,
    );
    ok(done > 0);
    memory.check();
  }
});
