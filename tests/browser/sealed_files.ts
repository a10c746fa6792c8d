/** An encrypted snapshot and the two files that open it. @module */

import { createCipheriv } from "node:crypto";
import { DATA_KEY, sealed, sealedStream } from "../support/sealed.ts";

/** A Redis string `secret` with the value `wine`, under data key 7. */
export function sealedFiles(): { snapshot: Uint8Array; keys: Uint8Array; kek: Uint8Array } {
  const kek = new Uint8Array(32).fill(9);
  const nonce = new Uint8Array(12).fill(1);
  const cipher = createCipheriv("aes-256-gcm", kek, nonce);
  const parts = [nonce, cipher.update(DATA_KEY), cipher.final(), cipher.getAuthTag()];
  const wrapped = Uint8Array.from(parts.flatMap((part) => [...part])).toBase64();
  const keys = { version: 1, keys: { 7: { purpose: "storage", wrapped } }, active: { storage: 7 } };
  return {
    snapshot: sealedStream([sealed("!redis|str|secret", "wine")]),
    keys: new TextEncoder().encode(JSON.stringify(keys)),
    kek,
  };
}
