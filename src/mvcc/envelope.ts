/**
 * Encrypted values.
 *
 * ```text
 * body := 01 ‖ flag u8 ‖ keyId u32BE ‖ nonce 12 ‖ AES-256-GCM ciphertext ‖ tag 16
 * AAD  := body[0, 6) ‖ value header (9 bytes) ‖ stored key
 * ```
 *
 * AES-GCM comes from the runtime's own crypto module where there is one and from @noble/ciphers
 * elsewhere; both are synchronous, which WebCrypto is not.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import { nativeModule } from "../bytes/digest.ts";
import { u32be } from "../bytes/integers.ts";

/** Bytes of the shortest envelope: its header, nonce and tag around nothing. */
export const ENVELOPE_OVERHEAD = 34;

const NONCE_AT = 6;
const CIPHERTEXT_AT = 18;
const TAG_LENGTH = 16;

interface Decipher {
  setAAD(aad: Uint8Array): void;
  setAuthTag(tag: Uint8Array): void;
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

const native = nativeModule("node:crypto") as {
  createDecipheriv(
    name: string,
    key: Uint8Array,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): Decipher;
} | undefined;

/** Opens AES-256-GCM; `undefined` when the tag does not match. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  aad?: Uint8Array,
): Uint8Array | undefined {
  try {
    if (!native) return gcm(key, nonce, aad).decrypt(sealed);
    const decipher = native.createDecipheriv("aes-256-gcm", key, nonce, {
      authTagLength: TAG_LENGTH,
    });
    if (aad) decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH));
    const clear = decipher.update(sealed.subarray(0, sealed.length - TAG_LENGTH));
    decipher.final();
    // The runtime's own kind of array behaves differently where it is copied.
    return new Uint8Array(clear.buffer, clear.byteOffset, clear.length);
  } catch {
    return undefined;
  }
}

/** The key id of an envelope, or `undefined` if the body cannot be one of this version. */
export function envelopeKeyId(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start < ENVELOPE_OVERHEAD || bytes[start] !== 1) return undefined;
  return u32be(bytes, start + 2);
}

/**
 * Whether the envelope `bytes[body, end)` authenticates under a data key, together with the stored key
 * `bytes[keyStart, keyEnd)` and the value header that begins at `headers[header]`.
 */
export function authenticates(
  key: Uint8Array,
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  headers: Uint8Array,
  header: number,
  body: number,
  end: number,
): boolean {
  return openEnvelope(
    key,
    bytes.subarray(body, end),
    headers.subarray(header, header + 9),
    bytes.subarray(keyStart, keyEnd),
  ) !== undefined;
}

/**
 * Opens an envelope; `undefined` when it does not authenticate.
 *
 * @param header The 9 bytes of the value header that the envelope is bound to.
 */
export function openEnvelope(
  key: Uint8Array,
  body: Uint8Array,
  header: Uint8Array,
  storedKey: Uint8Array,
): Uint8Array | undefined {
  const aad = new Uint8Array(NONCE_AT + header.length + storedKey.length);
  aad.set(body.subarray(0, NONCE_AT));
  aad.set(header, NONCE_AT);
  aad.set(storedKey, NONCE_AT + header.length);
  return openGcm(key, body.subarray(NONCE_AT, CIPHERTEXT_AT), body.subarray(CIPHERTEXT_AT), aad);
}
