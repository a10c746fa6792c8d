/** A snapshot file taken apart, so that any part of it can be changed, and put together again. @module */

import { ByteBuilder } from "../../src/bytes/builder.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { concat, u64le } from "../support/generator/encoding.ts";
import { bytesOf, checksum, headerLength, parseFile } from "../support/naive/parse.ts";

/** A stored entry. The lengths that stand before key and value can be others than those they have. */
export interface ModelEntry {
  /** User key ‖ inverted timestamp. */
  key: Uint8Array;
  /** Flags ‖ expiry ‖ body. */
  value: Uint8Array;
  keyLength?: bigint;
  valueLength?: bigint;
}

/** What stands at the end of a file: a checksum that fits, one that does not, or none. */
export type Footer = "mended" | "broken" | "none";

/** A file. */
export interface ModelFile {
  name: string;
  /** The group that it is from, where that is told. */
  group?: bigint;
  /** What stands before the payload. */
  header: Uint8Array;
  /** The commit time in the payload's head. */
  last: bigint;
  entries: ModelEntry[];
  footer: Footer;
  /** Whether entries stay in the order that the changes have left them in. */
  unsorted?: boolean;
  /** What is done to the bytes of the payload at last. */
  finish?: (payload: Uint8Array) => Uint8Array;
}

/** Takes a sound entry stream apart. */
export function modelOf(name: string, bytes: Uint8Array, group?: bigint): ModelFile {
  const { lastCommitTs, entries } = parseFile(bytes);
  const header = bytes.slice(0, headerLength(bytes));
  return {
    name,
    group,
    header,
    last: lastCommitTs,
    entries: entries.map(({ key, value }) => ({ key: bytesOf(key), value: value.slice() })),
    footer: header.length > 0 ? "mended" : "none",
  };
}

/** Puts a file together. */
export function bytesOfModel(file: ModelFile): Uint8Array {
  const entries = file.unsorted ? file.entries : sorted(file.entries);
  const stream = new ByteBuilder().ascii("EKVPBBL1").append(u64le(file.last));
  for (const { key, value, keyLength, valueLength } of entries) {
    stream.append(u64le(keyLength ?? BigInt(key.length))).append(key);
    stream.append(u64le(valueLength ?? BigInt(value.length))).append(value);
  }
  const whole = concat(file.header, stream.view());
  const payload = file.finish?.(whole) ?? whole;
  if (file.footer === "none") return payload;
  const footer = new Uint8Array(4);
  const sum = checksum(payload);
  new DataView(footer.buffer).setUint32(0, file.footer === "mended" ? sum : ~sum >>> 0);
  return concat(payload, footer);
}

/** By key; of entries with one key the last one. */
function sorted(entries: readonly ModelEntry[]): ModelEntry[] {
  const byKey = new Map(entries.map((entry) => [entry.key.toHex(), entry]));
  return [...byKey.values()].sort((a, b) => compareBytes(a.key, b.key));
}
