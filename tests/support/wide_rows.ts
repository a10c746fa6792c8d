/** Snapshots with a few rows of tens of MiB, and how much memory the command line needs for them. @module */

import { ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32c } from "../../src/bytes/digest.ts";
import { compare, concat, type Part, u64be, u64le } from "./generator/encoding.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;
export const MIB = 1 << 20;

/** A row: user key and clear body. */
export type WideRow = [key: Uint8Array, body: Uint8Array];

/** Copies of a piece, whole ones: about `size` bytes. */
export function copies(piece: Part, size: number): Uint8Array {
  const unit = concat(piece);
  const count = Math.max(1, Math.floor(size / unit.length));
  return new Uint8Array(Buffer.alloc(count * unit.length, unit));
}

/** Pieces that hold eight digits, which count: about `size` bytes. */
export function numbered(size: number, piece: (digits: string) => string): string {
  const length = piece("00000000").length;
  const pieces: string[] = [];
  for (let i = 0; i * length < size; i++) pieces.push(piece(String(i).padStart(8, "0")));
  return pieces.join("");
}

/** Writes a node's file with these rows; returns the bytes of the largest one. */
export function writeWideRows(path: string, rows: readonly WideRow[]): number {
  const stored = rows.map(([key, body]) => [concat(key, u64be(~1n << 16n)), body] as const)
    .sort(([a], [b]) => compare(a, b));
  const file = Deno.openSync(path, { write: true, createNew: true });
  const sum = crc32c();
  const put = (bytes: Uint8Array): void => {
    sum.update(bytes);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  };
  let largest = 0;
  put(concat("EKVTHLC1", u64be(1_780_000_000_000n), "EKVPBBL1", u64le(1n << 16n)));
  for (const [key, body] of stored) {
    put(concat(u64le(key.length), key, u64le(9 + body.length), new Uint8Array(9)));
    put(body);
    largest = Math.max(largest, key.length + body.length + 25);
  }
  put(sum.digest());
  file.close();
  return largest;
}

/** How the command line ended, and the most memory that its process had. */
export interface Peak {
  exit: number;
  peak: number;
}

/** Runs the command line in a process of its own and watches its size. */
export async function peakOf(words: readonly string[]): Promise<Peak> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", CLI, ...words, "-q"],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // The process has just ended.
    }
  }, 20);
  const { code } = await child.status;
  clearInterval(watch);
  return { exit: code, peak };
}

/**
 * Defines a test: the command line does its work and stays within 256 MiB and three times the largest row.
 *
 * @param words Its arguments; `SNAP`, `OUT` and `SPOOL` stand for paths.
 */
export function testWideRows(
  name: string,
  rows: () => readonly WideRow[],
  words: readonly string[],
): void {
  Deno.test({
    name: `${name}: ${words.join(" ")}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "decant-wide-" });
      try {
        const largest = writeWideRows(`${folder}/SNAP`, rows());
        Deno.mkdirSync(`${folder}/SPOOL`);
        const paths = words.map((word) => word.replace(/^(SNAP|OUT|SPOOL)$/, `${folder}/$1`));
        const { exit, peak } = await peakOf(paths);
        const allowed = 256 * MIB + 3 * largest;
        const mib = (bytes: number): number => Math.round(bytes / MIB);
        console.log(`${mib(peak)} of ${mib(allowed)} MiB, a row of ${mib(largest)} MiB`);
        ok(exit === 0 || exit === 8, `exit code ${exit}`);
        ok(peak <= allowed, `${mib(peak)} MiB, allowed are ${mib(allowed)}`);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
