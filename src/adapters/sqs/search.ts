/** Looks through messages. @module */

import { fromBase64, STANDARD } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import type { Excerpt, Finder } from "../../text/finder.ts";
import { compact } from "../../text/json_compact.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { decodeUtf8, encodeUtf8 } from "../../text/utf8.ts";
import { writeAll } from "../../tree/pieces.ts";
import type { AdapterContext } from "../context.ts";
import { findIn, type Found } from "../search.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { MEMBER_TYPES, MESSAGE_MEMBERS, MessageValue } from "./message_value.ts";
import { records } from "./records.ts";

/** Finds messages by their body, their attributes, and the texts that their senders and the server gave. */
export async function* searchRecords(
  context: AdapterContext,
  selection: RecordSelection,
  finder: Finder,
): AsyncGenerator<Found> {
  const message = new MessageValue();
  for await (const record of records(context, selection)) {
    if (record.type === "queue") record.receipt.written();
    else if (record.type === "messages") {
      const { batch, rows, keys, queue, receipt } = record;
      for (const row of rows) {
        const wrong = message.read(batch, row, keys);
        if (wrong !== undefined) {
          receipt.refuse(row, context.defect(batch, row, "malformed-value", wrong));
          continue;
        }
        for (const { found, part } of partsWith(message, finder)) {
          const key = decodeUtf8(message.text(ID)!)!;
          yield { ...found, scope: queue.label, type: "message", key, part };
        }
        receipt.written(1);
      }
    } else record.receipt.written(record.rows.length);
  }
}

const ID = MESSAGE_MEMBERS.indexOf("message_id");

function* partsWith(
  message: MessageValue,
  finder: Finder,
): Generator<{ found: Excerpt; part: string }> {
  for (const [member, name] of MESSAGE_MEMBERS.entries()) {
    const type = MEMBER_TYPES[name];
    if (type === "object") yield* attributesWith(message, member, finder);
    const bytes = type === "text"
      ? message.text(member)
      : name === "body"
      ? message.body.view()
      : undefined;
    const found = bytes && findIn(finder, bytes);
    if (found) yield { found, part: name === "message_id" ? "key" : name };
  }
}

/** An attribute is an object whose members are texts, or bytes in base64. */
function* attributesWith(
  { bytes, places: { starts, ends } }: MessageValue,
  member: number,
  finder: Finder,
): Generator<{ found: Excerpt; part: string }> {
  if (starts[member] === 0) return;
  const node = { kind: "object", bytes, start: starts[member], end: ends[member] } as const;
  const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
  writeAll(compact(json, node));
  const attributes = JSON.parse(decodeUtf8(json.out.view())!);
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    const part = `message_attributes.${name}`;
    const inName = findIn(finder, encodeUtf8(name));
    if (inName) yield { found: inName, part: `name of ${part}` };
    for (const [type, value] of Object.entries(attribute ?? {})) {
      if (typeof value !== "string") continue;
      const text = encodeUtf8(value);
      const found = findIn(
        finder,
        /binary/i.test(type) ? fromBase64(STANDARD, text) ?? text : text,
      );
      if (found) yield { found, part: `${part}.${type}` };
    }
  }
}
