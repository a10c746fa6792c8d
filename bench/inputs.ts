/** The files that are decoded. The same kind and size give the same bytes. @module */

import { generateLarge, type LargeKind } from "../tests/support/generator/mod.ts";
import { tableEntries } from "../tests/cli/snapshots.ts";
import { clear, sealed, sealedStream } from "../tests/support/sealed.ts";
import type { Input } from "./results.ts";

/** Items of 400 bytes, clear and as a node with keys stores them. */
export type SealedKind = "clear" | "encrypted";
/** What a file is full of. */
export type Kind = LargeKind | SealedKind;

/** Kinds, and MiB of a file where no size is given. */
export const SIZES: Readonly<Record<Kind, number>> = {
  "items": 96,
  "large-items": 96,
  "versions": 96,
  "small-objects": 128,
  "huge-objects": 512,
  "huge-list": 64,
  "huge-hash": 64,
  "huge-queue": 160,
  "ttls": 32,
  "mixed": 96,
  "clear": 16,
  "encrypted": 16,
};

/** Whether a kind is read with keys. */
export function isSealed(kind: Kind): boolean {
  return kind === "encrypted";
}

/** Writes a file of about so many MiB. */
export function writeInput(path: string, kind: Kind, mib: number): Input {
  const file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  };
  const size = mib * 2 ** 20;
  try {
    if (kind !== "clear" && kind !== "encrypted") {
      return { kind, ...generateLarge(write, size, kind) };
    }
    const length = 400;
    const entries = tableEntries("t", Math.max(1, Math.floor(size / (length + 100))), length);
    const form = kind === "clear" ? clear : sealed;
    const bytes = sealedStream(entries.map(({ key, value, ts }) => form(key, value!, { ts })));
    write(bytes);
    return { kind, bytes: bytes.length, entries: entries.length, things: entries.length - 1 };
  } finally {
    file.close();
  }
}
