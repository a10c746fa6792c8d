import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import * as native from "../../src/bytes/digest.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { checksum } from "../support/naive/parse.ts";
import { importWithoutNative } from "../support/without_native.ts";

const SEED = 20260822;
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

const portable = await importWithoutNative<typeof native>("src/bytes/digest.ts");
await native.loadDigests();
await portable.loadDigests();
/** Copies that nobody has told to compile anything. */
const plain = await importWithoutNative<typeof native>("src/bytes/digest.ts?plain");
const IMPLEMENTATIONS = {
  "the runtime's own": native,
  "the portable": portable,
  "the plain": plain,
};

Deno.test("digests are the runtime's own, WebAssembly where there are none, and plain until it is loaded", () => {
  const kinds = ({ sha256, md5, crc32c }: typeof native): string[] =>
    [sha256(), md5(), crc32c()].map(({ constructor: { name } }) =>
      ({ Hash: "native", WasmDigest: "wasm" })[name] ?? "plain"
    );
  deepStrictEqual(kinds(native), ["native", "wasm", "wasm"]);
  deepStrictEqual(kinds(portable), ["wasm", "wasm", "wasm"]);
  deepStrictEqual(kinds(plain), ["plain", "plain", "plain"]);
});

for (
  const [name, { sha256, md5, crc32c, digestOf, sha256Hex }] of Object.entries(IMPLEMENTATIONS)
) {
  Deno.test(`${name} digests give the published values`, () => {
    strictEqual(toHex(digestOf(crc32c, text("123456789"))), "e3069283");
    strictEqual(toHex(digestOf(crc32c, text(""))), "00000000");
    strictEqual(toHex(digestOf(crc32c, new Uint8Array(32))), "8a9136aa");
    strictEqual(toHex(digestOf(crc32c, new Uint8Array(32).fill(0xff))), "62a8ab43");
    strictEqual(toHex(digestOf(md5, text(""))), "d41d8cd98f00b204e9800998ecf8427e");
    strictEqual(toHex(digestOf(md5, text("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
    strictEqual(
      sha256Hex(text("abc")),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    strictEqual(
      sha256Hex(text("")),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  Deno.test(`${name} digests do not depend on how the bytes come, nor on other digests at the same time`, () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (pieces) => {
        const digests = [sha256(), md5(), crc32c(), sha256(), crc32c()];
        for (const piece of pieces) for (const digest of digests) digest.update(piece);
        const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
        const sha = createHash("sha256").update(whole).digest("hex");
        const crc = checksum(whole).toString(16).padStart(8, "0");
        deepStrictEqual(digests.map((digest) => toHex(digest.digest())), [
          sha,
          createHash("md5").update(whole).digest("hex"),
          crc,
          sha,
          crc,
        ]);
      }),
      { seed: SEED },
    );
  });
}
