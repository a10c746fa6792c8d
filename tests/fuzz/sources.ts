/** Ways in which the program can get to the bytes of a file, none of which may make a difference. @module */

import { BlobSource } from "../../src/sources/blob_source.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Source } from "../../src/sources/source.ts";
import { buildBundle, buildTable, type Entry } from "../container/sst_builder.ts";
import { concat } from "../support/generator/encoding.ts";
import { bytesOf, checksum, headerLength, parseFile } from "../support/naive/parse.ts";
import { LateSource } from "../support/split_sources.ts";

/** From memory; from what answers later; from a blob; as a bundle of tables with the same entries. */
export const WAYS = ["bytes", "late", "blob", "bundle"] as const;

/** One of {@link WAYS}. */
export type Way = typeof WAYS[number];

/** A file as a source. What cannot be a bundle is read from memory. */
export function sourceOf(way: Way, name: string, bytes: Uint8Array): Source {
  if (way === "late") return new LateSource(bytes, true);
  if (way === "blob") return new BlobSource(new Blob([bytes as BufferSource]), name);
  const same = way === "bundle" ? bundleOf(bytes) : undefined;
  return new BytesSource(same ?? bytes, name);
}

/** The entries of a sound file in two tables, with its header and its checksum. */
function bundleOf(bytes: Uint8Array): Uint8Array | undefined {
  let entries: Entry[];
  let last: bigint;
  try {
    const file = parseFile(bytes);
    if (file.problem || file.entries.length < 2 || file.entries[0].key === "") return undefined;
    entries = file.entries.map(({ key, value }) => ({ key: bytesOf(key), value }));
    last = file.lastCommitTs;
  } catch {
    return undefined;
  }
  const half = entries.length >> 1;
  const tables = [entries.slice(0, half), entries.slice(half)]
    .map((entries) => ({ entries, table: buildTable(entries) }));
  const bundle = buildBundle(tables, last, (list) => {
    list.last_commit_ts = (JSON as unknown as RawJson).rawJSON(String(last));
  });
  const header = bytes.slice(0, headerLength(bytes));
  const payload = concat(header, bundle);
  if (header.length === 0) return payload;
  const footer = new Uint8Array(4);
  new DataView(footer.buffer).setUint32(0, checksum(payload));
  return concat(payload, footer);
}

interface RawJson {
  rawJSON(text: string): unknown;
}
