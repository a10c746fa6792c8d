/** What stands for the name of a table, bucket or queue that is too long to be kept. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import { sha256Hex } from "../bytes/digest.ts";
import { characterLength } from "../text/utf8.ts";

/** Bytes of the longest name that is its own label. No server makes names of more than 255. */
const MAX_LABEL = 1024;
/** Bytes of the beginning of a longer one that are in its label. */
const LABEL_START = 128;

/**
 * What stands for a name where scopes are counted, listed and shown: the name itself, and for one of
 * more than 1,024 bytes its beginning, its length and its SHA-256, so that names of a megabyte take no
 * memory. A label is its own label.
 */
export function scopeLabel(name: Uint8Array): Uint8Array {
  if (name.length <= MAX_LABEL) return name;
  let end = 0;
  while (end < LABEL_START) end += characterLength(name, end, name.length) || 1;
  const out = new ByteBuilder().append(name, 0, end);
  return out.text(`… (${name.length} bytes, SHA-256 ${sha256Hex(name)})`).take();
}

const CUT = /… \(\d+ bytes, SHA-256 [0-9a-f]{64}\)$/;

/** Whether this is the label of a longer name, from which the name cannot be told. */
export function isCutLabel(label: Uint8Array): boolean {
  return label.length <= MAX_LABEL && CUT.test(new TextDecoder().decode(label));
}

/** A label as the key of a map, the same for the name that it stands for. Keys sort as labels do. */
export function scopeKey(label: Uint8Array): string {
  return String.fromCharCode(...scopeLabel(label));
}

/** A name as the key of a map; no two names have the same, not even if one is called like a label. */
export function nameKey(name: Uint8Array): string {
  return name.length > MAX_LABEL ? LONG + scopeKey(name) : scopeKey(name);
}

/** A character that stands for no byte. */
const LONG = "\u0100";
