/** Messages for the kernel's tests: as servers write them, and what they should become. */

import { toBase64, URL_SAFE } from "../../src/bytes/base64.ts";
import { concat, text } from "../support/generator/encoding.ts";
import type { Random } from "../support/generator/random.ts";
import type { MessageForm, Rows } from "../../src/kernels/kernels.ts";

/** A message as its row has it; `undefined` members are not there. */
export interface Message {
  message_id: string;
  body: Uint8Array;
  md5_of_body?: string;
  md5_of_message_attributes?: string;
  message_attributes?: Record<string, Record<string, string>>;
  sender_id?: string;
  send_timestamp_millis: number;
  available_at_millis: number;
  visible_at_millis: number;
  receive_count: number;
  first_receive_millis?: number;
  current_receipt_token?: Uint8Array;
  queue_generation: number;
  message_group_id?: string;
  message_deduplication_id?: string;
  sequence_number?: number;
  dead_letter_source_arn?: string;
}

const BODIES = [
  "",
  "hello",
  '{"order":17}',
  "<a>&\n\u2028\x7f/\\",
  "世界 🌍".repeat(20),
  "x".repeat(999),
];

/** A message with members that are there or not. */
export function randomMessage(random: Random): Message {
  const some = <T>(make: () => T): T | undefined => random.chance(0.4) ? make() : undefined;
  const plain = () =>
    random.pick(["", "g", "group-1", "é世🌍", "x".repeat(70), "arn:aws:sqs:us-east-1:0:q"]);
  const millis = () => random.pick([0, 5, 1_700_000_000_000 + random.below(1000), 1e15]);
  return {
    message_id: random.chance(0.9)
      ? random.bytes(16).toHex()
      : random.pick(["m", "é", "k".repeat(64)]),
    body: random.chance(0.7) ? text(random.pick(BODIES)) : random.bytes(random.below(60)),
    md5_of_body: random.chance(0.9) ? random.bytes(16).toHex() : undefined,
    md5_of_message_attributes: some(plain),
    message_attributes: some(() => ({
      ...(random.chance(0.5) ? { "A name": { DataType: "String", StringValue: 'a"<b>\\\n' } } : {}),
      k: { DataType: "Binary", BinaryValue: random.bytes(9).toBase64() },
      ...(random.chance(0.3) ? { "é": { DataType: "Number", StringValue: "世\u2028" } } : {}),
    })),
    sender_id: some(plain),
    send_timestamp_millis: millis(),
    available_at_millis: millis(),
    visible_at_millis: millis(),
    receive_count: random.below(4),
    first_receive_millis: some(millis),
    current_receipt_token: some(() => random.bytes(random.pick([0, 15, 16, 17, 40]))),
    queue_generation: 7,
    message_group_id: some(plain),
    message_deduplication_id: some(plain),
    sequence_number: some(() => random.below(2_000_000)),
    dead_letter_source_arn: some(plain),
  };
}

/** JSON with the escapes of a server, which escapes `<`, `>` and `&` everywhere. */
function escaped(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

/** The value of a message's row. */
export function messageValue(message: Message): Uint8Array {
  const json = JSON.stringify(
    message,
    (_, value) => value instanceof Uint8Array ? value.toBase64() : value,
  );
  return concat(Uint8Array.of(0, 0x53, 0x4d, 1), escaped(json));
}

/** A value that is damaged somewhere. */
export function damagedMessage(random: Random, stored: Uint8Array): Uint8Array {
  const value = [...stored];
  const at = random.below(value.length);
  switch (random.below(5)) {
    case 0:
      value.length = at;
      break;
    case 1:
      value[at] ^= 1 << random.below(8);
      break;
    case 2:
      value.splice(at, 0, random.pick([...text('"\\{}[]:,0 =é<')]));
      break;
    case 3:
      value.splice(at, random.below(4));
      break;
    default:
      value[at] = random.below(256);
  }
  return Uint8Array.from(value);
}

/** Its key. */
export function messageKey({ message_id }: Message): Uint8Array {
  return concat(
    "!sqs|msg|data|cQ",
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7),
    toBase64(URL_SAFE, text(message_id)),
  );
}

/** Bytes of keys before their ids. */
export const ID_AT = 24;

/** Rows of one batch, with `filler` between and around them. */
export function messageRows(rows: [key: Uint8Array, value: Uint8Array][], filler = 0x22): Rows {
  const ranges = new Uint32Array(4 * rows.length);
  const parts: Uint8Array[] = [];
  let at = 0;
  const add = (part: Uint8Array): [start: number, end: number] => {
    parts.push(part);
    at += part.length;
    return [at - part.length, at];
  };
  rows.forEach(([key, value], i) => {
    add(new Uint8Array(5).fill(filler));
    ranges.set(add(key), 4 * i);
    add(new Uint8Array(17).fill(filler));
    ranges.set(add(value), 4 * i + 2);
  });
  add(new Uint8Array(40).fill(filler));
  return { bytes: concat(...parts), ranges, count: rows.length };
}

/** The document that a message becomes, made from the object; attributes as the row spells them. */
export function naiveDocument(message: Message, form: MessageForm): string {
  const { body, message_attributes, current_receipt_token, ...others } = message;
  const members: [name: string, json: string][] = [];
  const isUtf8 = (() => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    } catch {
      return undefined;
    }
  })();
  const lines = (json: string) =>
    json.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  const order = Object.keys(message);
  for (const name of order) {
    if (name === "body") {
      members.push([
        name,
        isUtf8 === undefined
          ? `{"base64":"${toBase64(URL_SAFE, body)}"}`
          : escaped(JSON.stringify(isUtf8)),
      ]);
    } else if (name === "message_attributes") {
      if (message_attributes) members.push([name, escaped(JSON.stringify(message_attributes))]);
    } else if (name === "current_receipt_token") {
      if (form.preserveVisibility && current_receipt_token?.length) {
        members.push([name, `"${current_receipt_token.toBase64()}"`]);
      }
    } else {
      let value = others[name as keyof typeof others];
      if (!form.preserveVisibility) {
        if (name === "visible_at_millis" || name === "receive_count") value = 0;
        if (name === "first_receive_millis") continue;
      }
      const isRequired =
        /^(message_id|(send_timestamp|available_at|visible_at)_millis|receive_count|queue_generation)$/
          .test(name);
      if (value === undefined || (!isRequired && !value)) continue;
      members.push([name, lines(JSON.stringify(value))]);
    }
  }
  if (form.partition !== undefined) members.push(["partition", String(form.partition)]);
  return `{${members.map(([name, json]) => `"${name}":${json}`).join(",")}}`;
}
