/** A dump on a file system that does not keep every name: exFAT, through FUSE. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { keepsNames } from "../../src/sinks/deno_names.ts";
import { decode } from "../../src/commands/decode.ts";
import { openBytes } from "../commands/dumps.ts";
import { inTempFolder, readFolder } from "../sinks/support.ts";
import { hasExfat, onExfat } from "../support/exfat.ts";
import { hostileSnapshot } from "../support/hostile_names.ts";
import { isMissing } from "../support/programs.ts";
import { cli, type Run } from "./run.ts";

const OPTIONS = ["--include-orphans", "--include-incomplete-uploads", "--raw"];

/** Runs the program with the permissions for both folders. */
async function ran(folders: string[], ...args: string[]): Promise<Run> {
  const run = await cli(args, { read: folders, write: folders });
  strictEqual(run.code, 0, run.stderr);
  return run;
}

Deno.test({
  name: "a dump on exFAT has everything, and its own snapshot knows it",
  ignore: isMissing(hasExfat),
  fn: () =>
    onExfat((exfat) =>
      inTempFolder(async (folder) => {
        strictEqual(keepsNames(`${exfat}/names`), false);
        const snap = `${folder}/snap.fsm`;
        const bytes = hostileSnapshot();
        Deno.writeFileSync(snap, bytes);
        const decant = (...args: string[]) => ran([folder, exfat], ...args);
        const decoded = await decant("decode", snap, "-o", `${exfat}/out`, ...OPTIONS);
        match(decoded.stderr, /portable_names/);

        const { files } = readFolder(`${exfat}/out`);
        const plain = new MemorySink();
        const options = { includeOrphans: true, includeIncompleteUploads: true, raw: true };
        await decode(await openBytes(bytes), plain, options);
        const contents = (files: Map<string, Uint8Array>): string[] =>
          [...files].filter(([path]) =>
            !/(MANIFEST\.json|CHECKSUMS|KEYMAP\.jsonl)$|^_extra/.test(path)
          )
            .map(([, content]) => sha256Hex(content)).sort();
        deepStrictEqual(contents(files), contents(plain.files));
        ok(
          new TextDecoder().decode(files.get("MANIFEST.json")).includes('"file_names": "portable"'),
        );

        await decant("verify", `${exfat}/out`);
        await decant("verify", `${exfat}/out`, "--against", snap);

        // The same files, as they are, in a folder and in an archive elsewhere.
        const flags = ["--portable-names", ...OPTIONS];
        await decant("decode", snap, "-o", `${folder}/copy`, ...flags);
        deepStrictEqual(
          [...readFolder(`${folder}/copy`).files.keys()].sort(),
          [...files.keys()].sort(),
        );
      })
    ),
});
