import { ok, strictEqual, throws } from "node:assert/strict";
import { SourceChangedError, UsageError } from "../../src/errors.ts";
import { DenoFileSource } from "../../src/sources/deno_file.ts";

/** So many files, the number of each in its four bytes, and a source for each. */
function manyFiles(count: number): { folder: string; sources: DenoFileSource[] } {
  const folder = Deno.makeTempDirSync();
  const sources = Array.from({ length: count }, (_, i) => {
    Deno.writeFileSync(`${folder}/${i}`, new Uint8Array(Uint32Array.of(i).buffer));
    return new DenoFileSource(`${folder}/${i}`);
  });
  return { folder, sources };
}

function numberIn(source: DenoFileSource): number {
  const bytes = new Uint8Array(4);
  strictEqual(source.read(0, bytes), 4);
  return new Uint32Array(bytes.buffer)[0];
}

Deno.test("a thousand files can be read in turn, and some hundreds are open", () => {
  const { folder, sources } = manyFiles(1000);
  for (let round = 0; round < 3; round++) {
    for (const [i, source] of sources.entries()) strictEqual(numberIn(source), i);
  }
  if (Deno.build.os === "linux") {
    const open = [...Deno.readDirSync("/proc/self/fd")].length;
    ok(open < 400, `${open} are open`);
  }
  for (const source of sources) source.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("another file, or none, under the path of one that was closed meanwhile is not read in its place", () => {
  const { folder, sources } = manyFiles(300);
  Deno.writeFileSync(`${folder}/other`, new Uint8Array(4));
  Deno.renameSync(`${folder}/other`, `${folder}/0`);
  Deno.removeSync(`${folder}/1`);
  Deno.removeSync(`${folder}/2`);
  Deno.mkdirSync(`${folder}/2`);
  for (const i of [0, 1, 2]) throws(() => numberIn(sources[i]), SourceChangedError);
  strictEqual(numberIn(sources[299]), 299);
  for (const source of sources) source.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a file that was closed is not opened again", () => {
  const { folder, sources: [source] } = manyFiles(1);
  source.close();
  throws(() => numberIn(source), UsageError);
  Deno.removeSync(folder, { recursive: true });
});
