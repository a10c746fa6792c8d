/** What the tests of sinks share. @module */

import type { Sink } from "../../src/tree/sink.ts";

/** Gives a folder that does not outlive the test. */
export async function inTempFolder<T>(test: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = Deno.makeTempDirSync({ prefix: "decant-test-" });
  try {
    return await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Names that a dump can have and that careless programs trip over. */
export const HOSTILE_PATHS: readonly string[] = [
  "a\nb",
  "a\\b",
  "a\rb\tc",
  "100%",
  "%2e%2e",
  " lead",
  "trail ",
  "-rf",
  "--checkpoint-action=exec=sh",
  "*",
  "$(id)",
  "'\"`",
  "\x01\x1b[31m\x7f",
  "é",
  "e\u0301",
  "\u202etxt.exe",
  "\u{10000}",
  "\ufeffbom",
  "...",
  "..a/.b",
  "CON",
  "x".repeat(100),
  "x".repeat(101),
  "x".repeat(255),
  "あ".repeat(85),
  `${"d".repeat(99)}/${"f".repeat(100)}`,
  `${"e".repeat(155)}/${"f".repeat(99)}`,
  `${"p".repeat(156)}/f`,
  `${"q".repeat(240)}/${"r".repeat(240)}/${"s".repeat(240)}/f`,
];

/** Every regular file below a folder, by path, and the mode of everything. */
export function readFolder(
  root: string,
): { files: Map<string, Uint8Array>; modes: Map<string, number> } {
  const files = new Map<string, Uint8Array>();
  const modes = new Map<string, number>();
  const walk = (folder: string): void => {
    for (const { name, isDirectory, isFile } of Deno.readDirSync(`${root}/${folder}`)) {
      const path = folder + name;
      modes.set(path, Deno.lstatSync(`${root}/${path}`).mode! & 0o7777);
      if (isDirectory) walk(path + "/");
      else if (isFile) files.set(path, Deno.readFileSync(`${root}/${path}`));
    }
  };
  walk("");
  return { files, modes };
}

/** Writes a file piece by piece. */
export async function writeFile(
  sink: Sink,
  path: string,
  pieces: Uint8Array[],
  size?: number,
): Promise<boolean> {
  const file = await sink.create(path, size);
  if (!file) return false;
  for (const piece of pieces) await file.write(piece);
  await file.close();
  return true;
}

/** Bytes that differ from place to place. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Text as bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Lets every write to a file fail meanwhile, as on a disk that is full. */
export function failingWrites(action: () => void): void {
  const { writeSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.writeSync = () => {
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  };
  try {
    action();
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
}
