/** A file that somebody writes to while the program reads it. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { command, pathsBelow, withFolder } from "./run.ts";
import { tableSnapshot } from "./snapshots.ts";

const LARGE = tableSnapshot(8_000, 4_000);

/** Overwrites most of a file in place, without changing its length. */
function overwrite(path: string): void {
  const file = Deno.openSync(path, { write: true });
  file.seekSync(LARGE.length >> 3, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(LARGE.length >> 1).fill(0x57));
  file.close();
}

function cutOff(path: string): void {
  Deno.truncateSync(path, LARGE.length >> 3);
}

for (
  const [what, change, message] of [
    ["overwritten", overwrite, /^decant: source-changed: the file was changed while it was read/],
    ["cut off", cutOff, /^decant: source-changed: the file was cut off while it was read/],
  ] as const
) {
  Deno.test(`records of a file that is ${what} meanwhile have no last line, and exit code 4`, () =>
    withFolder(async (folder) => {
      const snap = `${folder}/a.fsm`;
      Deno.writeFileSync(snap, LARGE);
      const args = ["decode", snap, "--format", "records", "-o", "-", "--no-precheck"];
      const child = command([...args, "--keep-going"], { read: [snap] }).spawn();
      const reader = child.stdout.getReader();
      const parts = [(await reader.read()).value!]; // it writes, and waits until this is read
      change(snap);
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        parts.push(next.value);
      }
      const { code } = await child.status;
      const stderr = await new Response(child.stderr).text();
      match(stderr, message);
      ok(stderr.includes(`(file ${snap}, offset `), stderr);
      strictEqual(code, 4);
      const text = await new Blob(parts).text();
      ok(text.length > 0 && !text.includes("WWWW"));
      ok(!text.includes('"type":"end"') && !text.includes('"end"'));
    }));

  Deno.test(`a dump of a file that is ${what} meanwhile is taken back`, () =>
    withFolder(async (folder) => {
      const snap = `${folder}/a.fsm`;
      const out = `${folder}/out`;
      for (let attempt = 1;; attempt++) {
        Deno.writeFileSync(snap, LARGE);
        const child = command(["decode", snap, "-o", out, "--keep-going"], {
          read: [snap, out],
          write: [out],
        }).spawn();
        let isOver = false;
        const ended = child.output().finally(() => isOver = true);
        while (!isOver && !exists(`${out}/dynamodb/t/items`)) {
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        change(snap);
        const { code } = await ended;
        // One that was faster than this is done again.
        if (code === 0 && attempt < 5) {
          Deno.removeSync(out, { recursive: true });
          continue;
        }
        strictEqual(code, 4);
        deepStrictEqual(pathsBelow(folder), ["a.fsm"]);
        break;
      }
    }));
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
