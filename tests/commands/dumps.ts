/** Makes dumps in folders, and damages them. @module */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Manifest } from "../../src/tree/manifest.ts";
import { TreeOutput } from "../../src/tree/output.ts";
import { readFolder } from "../sinks/support.ts";

/** When the dumps say that they were made. */
export const WALL_TIME = "2026-04-29T15:42:11Z";

/** The least that a manifest says. */
export const MANIFEST: Manifest = {
  phase: "phase0-snapshot-decode",
  wall_time_iso: WALL_TIME,
  adapters: { s3: { buckets: ["b"] } },
  exclusions: {
    include_incomplete_uploads: false,
    include_orphans: false,
    preserve_sqs_visibility: false,
    include_sqs_side_records: false,
  },
  dynamodb_layout: "per-item",
};

/** A dump of files that stand for themselves. */
export async function writeDump(
  root: string,
  files: Iterable<[string, string | Uint8Array]>,
  manifest: Manifest = MANIFEST,
): Promise<void> {
  const sink = new DenoDirectorySink(root);
  const output = new TreeOutput(sink, sink.scratch);
  for (const [path, content] of files) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await output.putNew(path, bytes);
  }
  await output.finish(manifest);
}

/** Opens snapshots as a command does that verifies. */
export function openBytes(
  inputs: Uint8Array | Uint8Array[],
  at?: bigint,
  hash = true,
): Promise<Snapshot> {
  const list = inputs instanceof Uint8Array ? [inputs] : inputs;
  return openSnapshotInputs(
    list.map((bytes, i) => ({ source: new BytesSource(bytes, `/data/${i}.fsm`) })),
    { at, hash },
  );
}

/** The dump of a snapshot. */
export async function decodeDump(
  root: string,
  inputs: Uint8Array | Uint8Array[],
  options: DecodeOptions = {},
  at?: bigint,
): Promise<DecodeReport> {
  const sink = new DenoDirectorySink(root);
  const snapshot = await openBytes(inputs, at);
  return await decode(snapshot, sink, { wallTime: WALL_TIME, ...options }, sink.scratch);
}

/** Writes CHECKSUMS anew, as somebody would who wants to hide a change. */
export function forgeChecksums(root: string): void {
  const { files } = readFolder(root);
  files.delete("CHECKSUMS");
  const lines = [...files].map(([path, bytes]) => {
    const sum = createHash("sha256").update(bytes).digest("hex");
    const escaped = path.replace(/[\\\n\r]/g, (c) => ({ "\\": "\\\\", "\n": "\\n" })[c] ?? "\\r");
    return { path, line: `${escaped === path ? "" : "\\"}${sum}  ${escaped}\n` };
  });
  lines.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  Deno.writeTextFileSync(`${root}/CHECKSUMS`, lines.map(({ line }) => line).join(""));
}

/** Changes a text file by replacing what must be in it. */
export function edit(
  path: string,
  from: string | RegExp,
  to: string | ((found: string) => string),
): void {
  const before = Deno.readTextFileSync(path);
  const after = typeof to === "string" ? before.replace(from, to) : before.replace(from, to);
  if (after === before) throw new Error(`${from} is not in ${path}`);
  Deno.writeTextFileSync(path, after);
}

/** Whether there is such a file. */
export function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}
