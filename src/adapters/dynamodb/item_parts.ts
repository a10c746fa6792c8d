/** The parts of an item that hold bytes: names, texts, numbers and binary values, wherever they are in it. @module */

import { decodeUtf8 } from "../../text/utf8.ts";
import { KINDS } from "./item_message.ts";
import type { ItemMessage } from "./values.ts";

/** A part: where it is in the item, and in the bytes of its message. */
export interface ItemPart {
  /** As in a document path of DynamoDB: `tags[2]`, `address.city`; `name of …` for a name. */
  path: string;
  start: number;
  end: number;
}

/** The parts of a message that has been checked and has the form that servers write. */
export function* itemParts({ bytes, start, end }: ItemMessage): Generator<ItemPart> {
  yield* memberParts(bytes, start, end, "");
}

function* memberParts(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: string,
): Generator<ItemPart> {
  for (let at = start; at < end;) {
    const entry = fieldAt(bytes, at);
    const name = fieldAt(bytes, entry.start);
    const value = fieldAt(bytes, name.end);
    const path = prefix + decodeUtf8(bytes, name.start, name.end)!;
    yield { path: `name of ${path}`, start: name.start, end: name.end };
    yield* valueParts(bytes, value.start, value.end, path);
    at = entry.end;
  }
}

function* valueParts(
  bytes: Uint8Array,
  start: number,
  end: number,
  path: string,
): Generator<ItemPart> {
  if (start === end) return;
  const kind = KINDS[bytes[start] >> 3];
  if (kind === "BOOL" || kind === "NULL") return;
  const value = fieldAt(bytes, start);
  if (kind === "M") return yield* memberParts(bytes, value.start, value.end, `${path}.`);
  if (kind === "S" || kind === "N" || kind === "B") {
    return yield { path, start: value.start, end: value.end };
  }
  for (let at = value.start, i = 0; at < value.end; i++) {
    const element = fieldAt(bytes, at);
    if (kind === "L") yield* valueParts(bytes, element.start, element.end, `${path}[${i}]`);
    else yield { path: `${path}[${i}]`, start: element.start, end: element.end };
    at = element.end;
  }
}

/** The contents of the field that begins at an offset: tag u8 ‖ length varint ‖ contents. */
function fieldAt(bytes: Uint8Array, at: number): { start: number; end: number } {
  let length = 0;
  for (let factor = 1;; factor *= 0x80) {
    const b = bytes[++at];
    length += (b & 0x7f) * factor;
    if (b < 0x80) return { start: at + 1, end: at + 1 + length };
  }
}
