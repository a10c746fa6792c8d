/** A disk that is full: a small file system in memory, which only root may make. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { cli, withFolder } from "../cli/run.ts";
import { tableSnapshot } from "../cli/snapshots.ts";

function run(program: string, ...args: string[]): boolean {
  return new Deno.Command(program, { args }).outputSync().success;
}

Deno.test({
  name: "a full disk is called that, with what was needed, and nothing is left on it",
  ignore: Deno.uid() !== 0,
  fn: () =>
    withFolder(async (folder) => {
      const disk = `${folder}/disk`;
      const snap = `${folder}/a.fsm`;
      const packed = `${folder}/a.gz`;
      Deno.mkdirSync(disk);
      const bytes = tableSnapshot(4_000, 1_000);
      Deno.writeFileSync(snap, bytes);
      Deno.writeFileSync(packed, new Uint8Array(gzipSync(bytes)));
      strictEqual(run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk), true);
      try {
        const surroundings = { read: [folder], write: [folder] };
        const full = (hint: string): RegExp =>
          new RegExp(
            `^decant: no-space: no space is left on the disk \\(file [^)]*/disk(/out\\S*)?\\)\\n {2}hint: ${hint}: make room there, or choose another place\\n$`,
          );
        const need = "all rows together have about 4\\.\\d+ MiB, and \\d\\S+ [KM]iB were written";
        for (
          const [args, hint] of [
            [["decode", snap, "-o", `${disk}/out`], need],
            [["decode", snap, "-o", `${disk}/out.tar`, "--format", "tar"], need],
            [["decode", snap, "-o", `${disk}/out`, "--format", "records"], need],
            [
              ["inspect", packed, "--spool", disk],
              "the unpacked input takes at least \\d MiB",
            ],
          ] as const
        ) {
          const { code, stderr } = await cli([...args], surroundings);
          match(stderr, full(hint));
          strictEqual(code, 5);
          deepStrictEqual([...Deno.readDirSync(disk)], []);
        }
      } finally {
        strictEqual(run("umount", disk), true);
      }
    }),
});
