import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { createTarDecoder, unpackTar } from "modern-tar";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import {
  appendTarEnd,
  appendTarHeader,
  appendTarPadding,
  TAR_BLOCK,
  type TarEntry,
} from "../../src/sinks/tar_header.ts";
import { hasProgram, HOSTILE_PATHS, inTempFolder } from "./support.ts";

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

Deno.test("a header has its fields where ustar has them", () => {
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
    [257, 8, "ustar\x0000"],
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

Deno.test("ustar alone does for paths of up to 100 bytes, and of 256 with a slash in the right place", () => {
  const plain = [
    "x".repeat(100),
    `${"p".repeat(155)}/${"n".repeat(100)}`,
    `p/${"n".repeat(100)}`,
    `${"p".repeat(155)}/n`,
    `a/${"p".repeat(99)}/${"n".repeat(99)}`,
  ];
  const extended = [
    "x".repeat(101),
    `p/${"n".repeat(101)}`,
    `${"p".repeat(156)}/n`,
    `${"p".repeat(155)}/${"n".repeat(101)}`,
    "é",
    `${"p".repeat(90)}/é${"n".repeat(20)}`,
  ];
  for (const path of plain) strictEqual(header({ path }).length, 512, path);
  for (const path of extended) ok(header({ path }).length > 512, path);
});

Deno.test("a pax record counts its own length, also where that gains a digit", () => {
  for (const length of [101, 120, 900, 980, 988, 989, 990, 1000, 9990]) {
    const path = "x".repeat(length);
    const bytes = header({ path });
    strictEqual(text(bytes.subarray(156, 157)), "x");
    const size = parseInt(text(bytes.subarray(124, 135)), 8);
    const record = text(bytes.subarray(512, 512 + size));
    strictEqual(record, `${record.length} path=${path}\n`);
    strictEqual(bytes.length % 512, 0);
    strictEqual(bytes.length, 512 + Math.ceil(size / 512) * 512 + 512);
  }
});

Deno.test("a size of 8 GiB needs a pax record, and one byte less does not", async () => {
  const least = 2 ** 33;
  const below = header({ size: least - 1 });
  strictEqual(below.length, 512);
  strictEqual(text(below.subarray(124, 136)), "77777777777\0");
  for (const size of [least, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
    const bytes = header({ size });
    const record = text(bytes.subarray(512, bytes.indexOf(0, 512)));
    strictEqual(record, `${record.length} size=${size}\n`);
    const out = new ByteBuilder().append(bytes);
    appendTarEnd(out);
    // The body is missing, so only the header can be looked at.
    const entries = new Blob([out.take() as BufferSource]).stream()
      .pipeThrough(createTarDecoder({ strict: true }));
    const reader = entries.getReader();
    const entry = await reader.read();
    strictEqual(entry.value!.header.size, size);
    strictEqual(entry.value!.header.name, "a.txt");
    await reader.cancel().catch(() => {});
  }
});

Deno.test({
  name: "the system's tar reads a size of more than 8 GiB",
  ignore: !hasProgram("tar"),
  fn: () =>
    inTempFolder((folder) => {
      Deno.writeFileSync(`${folder}/a.tar`, header({ path: "big", size: 2 ** 33 + 7 }));
      const { stdout } = new Deno.Command("tar", { args: ["tvf", `${folder}/a.tar`] }).outputSync();
      ok(/^-rw-{7} 0\/0 +8589934599 .* big$/m.test(text(stdout)), text(stdout));
    }),
});

Deno.test("another reader finds every path", async () => {
  for (const path of HOSTILE_PATHS) {
    const file = await read(header({ path, size: 0 }));
    deepStrictEqual([file.name, file.size, file.type], [path, 0, "file"]);
    const folder = await read(header({ path, size: undefined }));
    deepStrictEqual([folder.name, folder.type], [path + "/", "directory"]);
  }
  const name = fc.string({ unit: fc.constantFrom("a", "é", "あ", "\u{1f600}", "\n", " ") });
  const path = fc.array(name.filter((s) => s !== ""), { minLength: 1, maxLength: 40 })
    .map((names) => names.join("/"));
  await fc.assert(
    fc.asyncProperty(path, async (path) => {
      strictEqual((await read(header({ path, size: 0 }))).name, path);
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
