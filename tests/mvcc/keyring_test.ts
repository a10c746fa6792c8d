import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { STANDARD, toBase64 } from "../../src/bytes/base64.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { UnsupportedError } from "../../src/errors.ts";
import { loadKeyring } from "../../src/mvcc/keyring.ts";

/** 00 … 1f, and the data key 20 … 3f wrapped under it by another program. */
const KEK = Uint8Array.from({ length: 32 }, (_, i) => i);
const WRAPPED = "AAECAwQFBgcICQoLZyP0OOHA5DylaL2gncRWQrPntQfETmlLAF7fviFUPo10lD4qJpv0/guJ0OSMfN0B";

/** `nonce ‖ ciphertext ‖ tag`, in base64. */
function wrap(key: Uint8Array, kek = KEK): string {
  const nonce = new Uint8Array(12).fill(9);
  const cipher = createCipheriv("aes-256-gcm", kek, nonce);
  const sealed = [...nonce, ...cipher.update(key), ...cipher.final(), ...cipher.getAuthTag()];
  return toBase64(STANDARD, Uint8Array.from(sealed));
}

function fileOf(content: unknown): Uint8Array {
  return new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content));
}

const KEY = { purpose: "storage", wrapped: WRAPPED, created: "2026-08-22", local_epoch: 1 };
const GOOD = {
  version: 2,
  raft_applied_index: 5,
  active: { storage: 7, raft: 0 },
  keys: { "7": KEY },
};

Deno.test("a key file's data keys are unwrapped", () => {
  const ring = loadKeyring(fileOf(GOOD), KEK);
  deepStrictEqual([...ring].map(([id, key]) => [id, toHex(key)]), [
    [7, Array.from({ length: 32 }, (_, i) => (32 + i).toString(16)).join("")],
  ]);
});

Deno.test("all keys are loaded: those that were rotated out, those of the log, and those with the largest id", () => {
  const keys = Object.fromEntries(
    [1, 7, 9, 4294967295].map((id) => [id, {
      purpose: id === 1 ? "raft" : "storage",
      wrapped: wrap(new Uint8Array(32).fill(id)),
    }]),
  );
  for (const version of [1, 2]) {
    const ring = loadKeyring(fileOf({ version, keys, active: { storage: 9, raft: 1 } }), KEK);
    deepStrictEqual([...ring.keys()].sort((a, b) => a - b), [1, 7, 9, 4294967295]);
    deepStrictEqual(ring.get(9), new Uint8Array(32).fill(9));
  }
});

Deno.test("a key file may have no keys, no active ones and members that nobody knows", () => {
  deepStrictEqual(loadKeyring(fileOf({ version: 2, keys: {}, later: [1] }), KEK).size, 0);
  deepStrictEqual(loadKeyring(fileOf({ ...GOOD, active: null }), KEK).size, 1);
});

const entry = (change: Record<string, unknown>): unknown => ({
  ...GOOD,
  keys: { "7": { ...KEY, ...change } },
});

const REFUSED: [string, unknown, RegExp][] = [
  ["text that is no JSON", "{", /not JSON/],
  ["bytes that are no UTF-8", '"\xff', /not JSON/],
  ["JSON that is no object", "null", /version/],
  ["an unknown version", { ...GOOD, version: 3 }, /version/],
  ["a version that is a string", { ...GOOD, version: "2" }, /version/],
  ["no keys", { version: 2 }, /no keys/],
  ["an id that is no number", { ...GOOD, keys: { x: KEY } }, /"x" is not a key id/],
  ["a negative id", { ...GOOD, keys: { "-1": KEY } }, /not a key id/],
  ["an id above 32 bits", { ...GOOD, keys: { "4294967296": KEY } }, /not a key id/],
  ["an id of 0", { ...GOOD, keys: { "0": KEY } }, /reserved/],
  ["an unknown purpose", entry({ purpose: "backup" }), /no known purpose/],
  ["no purpose", entry({ purpose: undefined }), /no known purpose/],
  ["a key that is no object", { ...GOOD, keys: { "7": null } }, /no known purpose/],
  ["no wrapped key", entry({ wrapped: undefined }), /60 wrapped bytes/],
  [
    "a wrapped key of 59 bytes",
    entry({ wrapped: toBase64(STANDARD, new Uint8Array(59)) }),
    /60 wrapped/,
  ],
  ["a last digit that was changed", entry({ wrapped: WRAPPED.slice(0, -1) + "R" }), /unwrapped/],
  [
    "base64 with padding that does not belong there",
    entry({ wrapped: WRAPPED + "=" }),
    /60 wrapped/,
  ],
  [
    "a wrapped key that was changed",
    entry({ wrapped: "B" + WRAPPED.slice(1) }),
    /cannot be unwrapped/,
  ],
  [
    "an active key that is missing",
    { ...GOOD, active: { storage: 8 } },
    /active storage key is missing/,
  ],
  ["an active key of another purpose", { ...GOOD, active: { raft: 7 } }, /another purpose/],
  ["an active key that is no number", { ...GOOD, active: { storage: "7" } }, /is missing/],
];

for (const [what, content, message] of REFUSED) {
  Deno.test(`a key file with ${what} is refused`, () => {
    throws(() => loadKeyring(fileOf(content), KEK, "keys.json"), (error) => {
      ok(error instanceof UnsupportedError && error.code === "bad-key-file", String(error));
      ok(message.test(error.message), error.message);
      ok(error.file === "keys.json" && error.hint);
      return true;
    });
  });
}

Deno.test("a key-encryption key of another length, or another one, is refused", () => {
  for (const length of [0, 16, 31, 33, 64]) {
    throws(() => loadKeyring(fileOf(GOOD), new Uint8Array(length)), /not 32/);
  }
  for (let bit = 0; bit < 256; bit++) {
    const other = KEK.slice();
    other[bit >> 3] ^= 1 << (bit & 7);
    throws(() => loadKeyring(fileOf(GOOD), other), /this is not its key-encryption key/);
  }
});
