import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unpackTar } from "modern-tar";

import { ByteBuilder } from "../../src/bytes/builder.ts";
import { toHex } from "../../src/bytes/hex.ts";
import {
  appendTarEnd,
  appendTarHeader,
  appendTarPadding,
  TAR_BLOCK,
  type TarEntry,
} from "../../src/sinks/tar_header.ts";
import { utf8 } from "./support.ts";

function header(entry: Partial<TarEntry>): Uint8Array {
  const out = new ByteBuilder();
  appendTarHeader(out, { path: "a.txt", size: 5, mtime: 0, ...entry });
  return out.take();
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The fields that a reader sees, of an archive of this one header. */
async function read(bytes: Uint8Array): Promise<{ name: string; size: number; type?: string }> {
  const out = new ByteBuilder().append(bytes);
  appendTarEnd(out);
  const [{ header }] = await unpackTar(out.take(), { strict: true });
  return header;
}

Deno.test("a header has its fields where GNU's tar has them", () => {
  const bytes = header({ mtime: 1777477331 });
  strictEqual(bytes.length, 512);
  const fields = [
    [0, 6, "a.txt\0"],
    [100, 8, "0000600\0"],
    [108, 8, "0000000\0"],
    [116, 8, "0000000\0"],
    [124, 12, "00000000005\0"],
    [136, 12, "15174423323\0"],
    [156, 1, "0"],
    [157, 100, "\0".repeat(100)],
    [257, 8, "ustar  \0"],
    [265, 80, "\0".repeat(80)],
    [345, 167, "\0".repeat(167)],
  ] as const;
  for (const [at, length, value] of fields) {
    strictEqual(text(bytes.subarray(at, at + length)), value, `field at ${at}`);
  }
  const sum = bytes.reduce((n, b, i) => n + (i >= 148 && i < 156 ? 32 : b), 0);
  strictEqual(text(bytes.subarray(148, 156)), sum.toString(8).padStart(6, "0") + "\0 ");
});

Deno.test("a folder has type 5, mode 0700 and a slash behind its name", () => {
  const bytes = header({ path: "a/b", size: undefined });
  strictEqual(text(bytes.subarray(0, 5)), "a/b/\0");
  strictEqual(text(bytes.subarray(100, 108)), "0000700\0");
  strictEqual(text(bytes.subarray(124, 136)), "00000000000\0");
  strictEqual(text(bytes.subarray(156, 157)), "5");
});

Deno.test("a path of up to 100 bytes is in the header, a longer one is a body before it too", () => {
  for (const path of ["x".repeat(100), "é".repeat(50), "a/".repeat(49) + "ab"]) {
    const bytes = header({ path });
    strictEqual(bytes.length, 512);
    strictEqual(text(bytes.subarray(0, 100)), path);
  }
  for (const path of ["x".repeat(101), "é".repeat(51), "x".repeat(511), "x".repeat(512)]) {
    const bytes = header({ path });
    const name = utf8(path + "\0");
    strictEqual(text(bytes.subarray(0, 14)), "././@LongLink\0");
    strictEqual(text(bytes.subarray(156, 157)), "L");
    strictEqual(parseInt(text(bytes.subarray(124, 135)), 8), name.length);
    deepStrictEqual(bytes.subarray(512, 512 + name.length), name);
    const rest = bytes.subarray(512 + Math.ceil(name.length / 512) * 512);
    strictEqual(rest.length, 512);
    deepStrictEqual(rest.subarray(0, 100), name.subarray(0, 100));
  }
  strictEqual(header({ path: "x".repeat(99), size: undefined }).length, 512);
  strictEqual(header({ path: "x".repeat(100), size: undefined }).length, 1536);
});

Deno.test("a size of 8 GiB is written in base 256, and one byte less is not", () => {
  const field = (size: number) => header({ size }).subarray(124, 136);
  strictEqual(text(field(2 ** 33 - 1)), "77777777777\0");
  strictEqual(toHex(field(2 ** 33)), "800000000000000200000000");
  strictEqual(toHex(field(Number.MAX_SAFE_INTEGER)), "80000000001fffffffffffff");
});

Deno.test("another reader finds every path", async () => {
  const name = fc.string({ unit: fc.constantFrom("a", "é", "あ", "\u{1f600}", "\n", " ") });
  const path = fc.array(name.filter((s) => s !== ""), { minLength: 1, maxLength: 40 })
    .map((names) => names.join("/"));
  await fc.assert(
    fc.asyncProperty(path, async (path) => {
      const file = await read(header({ path, size: 0 }));
      deepStrictEqual([file.name, file.size, file.type], [path, 0, "file"]);
      const folder = await read(header({ path, size: undefined }));
      deepStrictEqual([folder.name, folder.type], [path + "/", "directory"]);
    }),
    { seed: 512, numRuns: 500 },
  );
});

Deno.test("bodies are filled up to whole blocks", () => {
  for (const [size, padding] of [[0, 0], [1, 511], [511, 1], [512, 0], [513, 511]]) {
    const out = new ByteBuilder();
    appendTarPadding(out, size);
    deepStrictEqual(out.take(), new Uint8Array(padding), `${size}`);
  }
  const end = new ByteBuilder();
  appendTarEnd(end);
  deepStrictEqual(end.take(), new Uint8Array(2 * TAR_BLOCK));
});
