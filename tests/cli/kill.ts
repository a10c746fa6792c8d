/** Programs that are killed while they work, and what is left of them. @module */

import { match, ok, strictEqual } from "node:assert/strict";
import { cli, command, pathsBelow, withFolder } from "./run.ts";

/** Runs a test with a folder that has a snapshot in it. */
export function withSnapshot(
  bytes: Uint8Array,
  action: (folder: string, snap: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/a.fsm`, bytes);
    await action(folder, `${folder}/a.fsm`);
  });
}

/** Waits, but not for ever. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 300_000;
  while (!isTrue()) {
    ok(performance.now() < deadline, "nothing happens");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a path exists. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Kills a decode once its output has so many files and folders. What is left must be refused, or be whole.
 * Returns whether it was cut short.
 */
export async function killAndLook(out: string, snap: string, paths: number): Promise<boolean> {
  await decodeAndKill(out, snap, paths);
  const inside = pathsBelow(out);
  const isWhole = inside.includes("CHECKSUMS") && !inside.includes("INCOMPLETE");
  const verified = await cli(["verify", out], { read: [out] });
  const again = await cli(["decode", snap, "-o", out], { read: [snap, out], write: [out] });
  const told = `${inside.length} files: ${verified.stderr} ${again.stderr}`;
  if (isWhole) {
    strictEqual(verified.code, 0, told);
    match(again.stderr, /exists and is not empty.*\n {2}hint: choose another name, or empty/);
  } else if (inside.length === 0) {
    strictEqual(verified.code, 3, told);
    strictEqual(again.code, 0, told);
  } else {
    strictEqual(verified.code, 7, told);
    match(
      verified.stderr,
      /the dump was not finished.*\n {2}hint: decant clean removes it: decode/,
    );
    strictEqual(again.code, 5, told);
    match(
      again.stderr,
      /a dump that was not finished.*\n {2}hint: decant clean removes it/,
    );
  }
  return !isWhole;
}

/**
 * Decodes, and kills once the output has so many files and folders. Returns how many there are in the end.
 * What has been written tells how far it is, whatever the speed of the machine.
 */
export async function decodeAndKill(out: string, snap: string, paths: number): Promise<number> {
  const child = command(["decode", snap, "-o", out], { read: [snap, out], write: [out] }).spawn();
  let isOver = false;
  const ended = child.output().finally(() => isOver = true);
  await until(() => isOver || pathsIn(out) >= paths);
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await ended;
  return pathsBelow(out).length;
}

/** How many files and folders there are while some come and go; −1 before there is the folder itself. */
function pathsIn(folder: string): number {
  try {
    return pathsBelow(folder).length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return -1;
    throw error;
  }
}

/** Results of `count` actions, of which at most `width` run at once. */
export async function inParallel<T>(
  count: number,
  width: number,
  action: (i: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const i = next++;
      results[i] = await action(i);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
