/**
 * Encrypted values.
 *
 * ```text
 * body := 01 ‖ flag u8 ‖ keyId u32BE ‖ nonce 12 ‖ AES-256-GCM ciphertext ‖ tag 16
 * AAD  := body[0, 6) ‖ value header (9 bytes) ‖ stored key
 * ```
 *
 * Authenticating needs no plaintext, and is done in place. Plaintexts come from the runtime's own
 * crypto module where there is one, as that is faster for long values. WebCrypto is not synchronous.
 *
 * @module
 */

import { u32be } from "../bytes/integers.ts";
import { nativeModule } from "../bytes/native_module.ts";
import { Gcm, NONCE_LENGTH, TAG_LENGTH } from "./gcm.ts";

/** Bytes of the shortest envelope: its header, nonce and tag around nothing. */
const ENVELOPE_OVERHEAD = 34;

const NOTHING = new Uint8Array(0);
/** Bytes of an envelope before its nonce. */
const NONCE_AT = 6;
/** Bytes of a value header. */
const HEADER_LENGTH = 9;

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

const ciphers = new WeakMap<Uint8Array, Gcm>();

/** A data key, made ready once. */
function cipherOf(key: Uint8Array): Gcm {
  let cipher = ciphers.get(key);
  if (!cipher) ciphers.set(key, cipher = new Gcm(key));
  return cipher;
}

/** Opens AES-256-GCM: nonce ‖ ciphertext ‖ tag; `undefined` when the tag does not match. */
export function openGcm(
  key: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array = NOTHING,
): Uint8Array | undefined {
  if (!native) {
    const cipher = cipherOf(key);
    return cipher.authenticates(aad, aad.length, sealed, 0, sealed.length)
      ? cipher.decrypt(sealed, 0, sealed.length)
      : undefined;
  }
  try {
    const tag = sealed.length - TAG_LENGTH;
    const nonce = sealed.subarray(0, NONCE_LENGTH);
    const decipher = native.createDecipheriv("aes-256-gcm", key, nonce, {
      authTagLength: TAG_LENGTH,
    });
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(tag));
    const clear = decipher.update(sealed.subarray(NONCE_LENGTH, tag));
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
  const length = additionalData(bytes, keyStart, keyEnd, headers, header, body);
  return cipherOf(key).authenticates(aad, length, bytes, body + NONCE_AT, end);
}

/**
 * Opens the envelope `bytes[body, end)` of a value whose header lies before it; `undefined` when it does
 * not authenticate.
 */
export function openEnvelope(
  key: Uint8Array,
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  body: number,
  end: number,
): Uint8Array | undefined {
  const length = additionalData(bytes, keyStart, keyEnd, bytes, body - HEADER_LENGTH, body);
  return openGcm(key, bytes.subarray(body + NONCE_AT, end), aad.subarray(0, length));
}

/** What is authenticated with a value; valid until the next one. */
let aad = new Uint8Array(256);

/** Fills {@link aad}, and returns its length. */
function additionalData(
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  headers: Uint8Array,
  header: number,
  body: number,
): number {
  const length = NONCE_AT + HEADER_LENGTH + keyEnd - keyStart;
  if (aad.length < length) aad = new Uint8Array(length);
  for (let i = 0; i < NONCE_AT; i++) aad[i] = bytes[body + i];
  for (let i = 0; i < HEADER_LENGTH; i++) aad[NONCE_AT + i] = headers[header + i];
  aad.set(bytes.subarray(keyStart, keyEnd), NONCE_AT + HEADER_LENGTH);
  return length;
}
