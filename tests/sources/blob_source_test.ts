import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { BlobSource } from "../../src/sources/blob_source.ts";

const BYTES = Uint8Array.from({ length: 10 }, (_, i) => i);

async function readsAlike(): Promise<void> {
  const source = new BlobSource(new File([BYTES], "ten"));
  deepStrictEqual([source.name, source.size], ["ten", 10]);
  for (const [offset, length, expected] of [[0, 4, 4], [8, 4, 2], [10, 4, 0], [0, 0, 0]]) {
    const into = new Uint8Array(length);
    strictEqual(await source.read(offset, into), expected);
    deepStrictEqual(into.subarray(0, expected), BYTES.subarray(offset, offset + expected));
  }
}

/** Runs with what only workers of browsers have. */
async function inWorker(reader: unknown, test: () => void | Promise<void>): Promise<void> {
  Object.assign(globalThis, { FileReaderSync: reader });
  try {
    await test();
  } finally {
    delete (globalThis as { FileReaderSync?: unknown }).FileReaderSync;
  }
}

/** Of a blob whose bytes are at hand. */
class Reader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer {
    return BYTES.slice(...slices.get(blob)!).buffer;
  }
}

const slices = new Map<Blob, [number, number]>();

class Known extends File {
  override slice(from: number, to: number): Blob {
    const slice = super.slice(from, to);
    slices.set(slice, [from, to]);
    return slice;
  }
}

Deno.test("a blob is read at any offset", readsAlike);

Deno.test("where it can be read at once, it is", () =>
  inWorker(Reader, () => {
    const into = new Uint8Array(4);
    strictEqual(new BlobSource(new Known([BYTES], "ten")).read(8, into), 2);
    deepStrictEqual(into, Uint8Array.of(8, 9, 0, 0));
  }));

Deno.test("a file that cannot be read any more is named, with what to do", async () => {
  const gone = new File([BYTES], "gone");
  gone.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("no")) }) as unknown as Blob;
  const expected = { code: "input-failed", file: "gone", hint: /choose the file again/ };
  await rejects(async () => await new BlobSource(gone).read(0, new Uint8Array(1)), expected);
  class Failing {
    readAsArrayBuffer(): never {
      throw new Error("no");
    }
  }
  await inWorker(Failing, () => {
    throws(() => new BlobSource(gone).read(0, new Uint8Array(1)), expected);
  });
});
