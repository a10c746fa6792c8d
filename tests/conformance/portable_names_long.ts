/** Every snapshot of the corpus has a dump on a file system that does not keep every name. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { DecantError } from "../../src/errors.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { openBytes } from "../commands/dumps.ts";
import { PickySink } from "../support/picky_sink.ts";
import { corpusFiles, hasCorpus } from "../tree/corpus.ts";

const OPTIONS = {
  includeOrphans: true,
  includeIncompleteUploads: true,
  raw: true,
  keepGoing: true,
};
const MAX_SIZE = 4 << 20;

/** What a decode says, or the code of the error that it ends with. */
async function decoded(
  bytes: Uint8Array,
  sink: MemorySink,
): Promise<Partial<DecodeReport> | string> {
  try {
    const { exitCode, balance, accounts } = await decode(await openBytes(bytes), sink, OPTIONS);
    return { exitCode, balance, accounts };
  } catch (error) {
    if (error instanceof DecantError) return error.code;
    throw error;
  }
}

/** Bytes in all files but the papers and those with names of files. */
function sizeOf({ files }: MemorySink): number {
  return [...files].filter(([path]) =>
    !/(MANIFEST\.json|CHECKSUMS|KEYMAP\.jsonl|_ttl\.jsonl)$|^_extra/.test(path)
  )
    .reduce((sum, [, bytes]) => sum + bytes.length, 0);
}

for (const folder of ["real", "parity", "defects"]) {
  Deno.test({
    name: `portable names lose nothing of ${folder}`,
    ignore: !hasCorpus,
    fn: async () => {
      let renamed = 0;
      for (const [path, bytes] of corpusFiles(folder, /\.fsm$/)) {
        if (bytes.length > MAX_SIZE) continue;
        const plain = new MemorySink();
        const portable = new PickySink();
        deepStrictEqual(await decoded(bytes, portable), await decoded(bytes, plain), path);
        if ([...portable.files.keys()].some((name) => !plain.files.has(name))) renamed++;
        deepStrictEqual(sizeOf(portable), sizeOf(plain), path);
      }
      ok(renamed > 0 || folder === "defects");
    },
  });
}
