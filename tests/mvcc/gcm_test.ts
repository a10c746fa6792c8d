import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { Gcm } from "../../src/mvcc/gcm.ts";
import { Random } from "../support/generator/mod.ts";
import { hex } from "../support/stream.ts";

/** Nonce ‖ ciphertext ‖ tag, by the runtime. */
function seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, aad: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  const parts = [nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("the published vectors of AES-256-GCM authenticate and open", () => {
  const nonce = "000000000000000000000000";
  const vectors = [
    ["00".repeat(32), nonce, "", "530f8afbc74536b9a963b4f1c4cb738b", ""],
    [
      "00".repeat(32),
      nonce,
      "cea7403d4d606b6e074ec5d3baf39d18",
      "d0d1c8a799996bf0265b98b5d48ab919",
      "00".repeat(16),
    ],
  ];
  for (const [key, nonce, ciphertext, tag, text] of vectors) {
    const gcm = new Gcm(hex(key));
    const sealed = hex(nonce + ciphertext + tag);
    strictEqual(gcm.authenticates(new Uint8Array(0), 0, sealed, 0, sealed.length), true);
    deepStrictEqual(gcm.decrypt(sealed, 0, sealed.length), hex(text));
  }
});

Deno.test("whatever the runtime seals authenticates and opens, at any place of a buffer", () => {
  const random = new Random(20261122);
  for (let i = 0; i < 400; i++) {
    const gcm = new Gcm(random.bytes(32));
    // Every length around whole blocks, and some that are long.
    const text = random.bytes(i < 100 ? i % 50 : random.below(5000));
    const aad = random.bytes(i < 100 ? i >> 1 : random.below(300));
    const key = random.bytes(32);
    const [own, other] = [new Gcm(key), gcm];
    const sealed = seal(key, random.bytes(12), text, aad);
    const before = random.below(20);
    const bytes = Uint8Array.from([...random.bytes(before), ...sealed, ...random.bytes(5)]);
    const end = before + sealed.length;
    const longer = Uint8Array.from([...aad, 1, 2, 3]);
    const at = `${text.length} bytes with ${aad.length}, ${i}`;
    strictEqual(own.authenticates(longer, aad.length, bytes, before, end), true, at);
    deepStrictEqual(own.decrypt(bytes, before, end), text, at);
    strictEqual(other.authenticates(aad, aad.length, bytes, before, end), false, at);
    strictEqual(own.authenticates(longer, aad.length + 1, bytes, before, end), false, at);
    const bit = random.between(before * 8, end * 8 - 1);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    strictEqual(own.authenticates(aad, aad.length, bytes, before, end), false, `${at}, bit ${bit}`);
    if (aad.length === 0) continue;
    bytes[bit >> 3] ^= 1 << (bit & 7);
    aad[random.below(aad.length)] ^= 0x10;
    strictEqual(own.authenticates(aad, aad.length, bytes, before, end), false, at);
  }
});

Deno.test("a block that moved from the additional data into the ciphertext does not authenticate", () => {
  const key = new Uint8Array(32).fill(1);
  const aad = new Uint8Array(32).fill(2);
  const sealed = seal(key, new Uint8Array(12), new Uint8Array(16), aad);
  const moved = Uint8Array.from([
    ...sealed.subarray(0, 12),
    ...aad.subarray(16),
    ...sealed.subarray(12),
  ]);
  const gcm = new Gcm(key);
  strictEqual(gcm.authenticates(aad, 32, sealed, 0, sealed.length), true);
  strictEqual(gcm.authenticates(aad, 16, moved, 0, moved.length), false);
});
