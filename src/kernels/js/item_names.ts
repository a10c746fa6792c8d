/**
 * File names of items: the segment of the hash attribute, and behind a `/` that of the range attribute.
 * Strings are percent-encoded, numbers in lowest terms, binary in base64 behind `b64.`. An item whose
 * hash attribute is empty has the range attribute alone: no folder can have an empty name.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { encodeBinarySegment, encodeSegment, escapeDotSegment } from "../../tree/segment.ts";
import { ITEM_NAME_OUT_OF_BOUNDS, ITEM_NAME_RESPELLED, NUMBER_OUT_OF_BOUNDS } from "../codes.ts";
import { appendCanonicalNumber } from "./numbers.ts";

const NUMBER = 2;
const BINARY = 3;

/**
 * The name of an item with what stands around it, and a sum of `ITEM_NAME_…`. `columns` are those of
 * its row in the table of `transcodeItems`: 3 to 8 tell the key attributes.
 */
export function itemName(
  bytes: Uint8Array,
  columns: Uint32Array,
  around: { readonly before: Uint8Array; readonly behind: Uint8Array },
): { flags: number; name: string } {
  const segments = new Segments();
  const hash = segments.of(columns[3], bytes.subarray(columns[4], columns[5]));
  const range = columns[6] === 0
    ? undefined
    : segments.of(columns[6], bytes.subarray(columns[7], columns[8]));
  const name = range === undefined ? hash : hash === "" ? range : `${hash}/${range}`;
  return { flags: segments.flags, name: ascii(around.before) + name + ascii(around.behind) };
}

class Segments {
  flags = 0;

  of(kind: number, raw: Uint8Array): string {
    if (kind === BINARY) return encodeBinarySegment(raw);
    return escapeDotSegment(encodeSegment(kind === NUMBER ? this.#lowestTerms(raw) : raw));
  }

  #lowestTerms(literal: Uint8Array): Uint8Array {
    const text = new ByteBuilder();
    const status = appendCanonicalNumber(text, literal, 0, literal.length);
    if (status === NUMBER_OUT_OF_BOUNDS) this.flags |= ITEM_NAME_OUT_OF_BOUNDS;
    if (!equalBytes(text.view(), literal)) this.flags |= ITEM_NAME_RESPELLED;
    return text.view();
  }
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
