import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { UsageError } from "../../src/errors.ts";
import { BlobSource } from "../../src/sources/blob_source.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { DenoFileSource } from "../../src/sources/deno_file.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { readAt, type Source } from "../../src/sources/source.ts";
import { Random } from "../support/generator/random.ts";

const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7) >> 3);

const KINDS: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Source> = {
  "a byte array": (bytes) => new BytesSource(bytes, "some.fsm"),
  "a blob": (bytes) => new BlobSource(new Blob([bytes]), "some.fsm"),
  "a file of a browser": (bytes) => new BlobSource(new File([bytes], "some.fsm")),
  "a file": (bytes) => {
    const path = Deno.makeTempFileSync();
    Deno.writeFileSync(path, bytes);
    const source = new DenoFileSource(path, "some.fsm");
    Deno.removeSync(path);
    return source;
  },
  "a scratch file": (bytes) => {
    const file = new MemoryScratch().create();
    file.append(bytes);
    return Object.defineProperty(file, "name", { value: "some.fsm" });
  },
};

for (const [kind, open] of Object.entries(KINDS)) {
  Deno.test(`${kind} is read at any offset, and gives less only at its end`, async () => {
    const source = open(BYTES);
    const random = new Random(1);
    deepStrictEqual([source.name, source.size], ["some.fsm", BYTES.length]);
    for (let i = 0; i < 200; i++) {
      const offset = random.below(BYTES.length + 20);
      const into = new Uint8Array(random.pick([0, 1, 100, 9000, 20_000])).fill(0xee);
      const part = BYTES.subarray(offset, offset + into.length);
      strictEqual(await source.read(offset, into), part.length);
      deepStrictEqual(into.subarray(0, part.length), part);
      ok(into.subarray(part.length).every((b) => b === 0xee), "nothing behind it is touched");
    }
    deepStrictEqual(await readAt(source, 9_990, 50), BYTES.subarray(9_990));
    deepStrictEqual(await readAt(source, 10_000, 5), new Uint8Array(0));
    deepStrictEqual(await readAt(source, 20_000, 5), new Uint8Array(0));
    source.close();
  });
}

Deno.test("reading many bytes that are not there allocates none of them", async () => {
  strictEqual((await readAt(new BytesSource(BYTES), 5, 2 ** 40)).length, BYTES.length - 5);
});

Deno.test("a path that is no file, or leads nowhere, cannot be opened", () => {
  const folder = Deno.makeTempDirSync();
  for (const path of [folder, `${folder}/none`]) {
    throws(() => new DenoFileSource(path), (error) => {
      return error instanceof UsageError && error.file === path;
    });
  }
  Deno.removeSync(folder);
});

Deno.test("a symlink that the user names is followed", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeFileSync(`${folder}/file`, BYTES);
  Deno.symlinkSync(`${folder}/file`, `${folder}/link`);
  const source = new DenoFileSource(`${folder}/link`);
  deepStrictEqual(await readAt(source, 0, 100), BYTES.subarray(0, 100));
  source.close();
  Deno.removeSync(folder, { recursive: true });
});
