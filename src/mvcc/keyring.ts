/**
 * The data keys of a cluster.
 *
 * A key file (usually `keys.json`) holds data keys, each wrapped under one key-encryption key of 32
 * raw bytes: `nonce 12 ‖ ciphertext 32 ‖ tag 16`, AES-256-GCM without additional data, as base64.
 * All of them are loaded: old versions are under keys that have been rotated out.
 *
 * @module
 */

import { fromBase64, STANDARD } from "../bytes/base64.ts";
import { UnsupportedError } from "../errors.ts";
import { openGcm } from "./envelope.ts";

/** Key id → 32-byte data key. */
export type Keyring = ReadonlyMap<number, Uint8Array>;

const KEK_LENGTH = 32;
const WRAPPED_LENGTH = 60;
const MAX_KEY_ID = 0xffff_ffff;

/**
 * Unwraps the data keys of a key file.
 *
 * @param sidecar The key file's bytes.
 * @param kek The key-encryption key, 32 raw bytes.
 * @throws {UnsupportedError} `bad-key-file`, naming what is wrong.
 */
export function loadKeyring(sidecar: Uint8Array, kek: Uint8Array, file = "keys.json"): Keyring {
  const fail = (what: string): never => {
    throw new UnsupportedError("bad-key-file", what, {
      file,
      hint: "give the node's key file and its key-encryption key",
      option: "keys",
    });
  };
  if (kek.length !== KEK_LENGTH) fail(`the key-encryption key has ${kek.length} bytes, not 32`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(sidecar));
  } catch {
    fail("the key file is not JSON");
  }
  const { version, keys, active } = (parsed ?? {}) as Record<string, unknown>;
  if (version !== 1 && version !== 2) fail("the key file's version is not 1 or 2");
  if (typeof keys !== "object" || keys === null) fail("the key file has no keys");

  const ring = new Map<number, Uint8Array>();
  const purposes = new Map<number, string>();
  for (const [text, entry] of Object.entries(keys as Record<string, unknown>)) {
    const id = Number(text);
    if (!/^[0-9]+$/.test(text) || id > MAX_KEY_ID) fail(`"${text}" is not a key id`);
    if (id === 0) fail("key id 0 is reserved");
    const { purpose, wrapped } = (entry ?? {}) as Record<string, unknown>;
    if (purpose !== "storage" && purpose !== "raft") fail(`key ${id} has no known purpose`);
    purposes.set(id, purpose as string);
    const bytes = typeof wrapped === "string"
      ? fromBase64(STANDARD, new TextEncoder().encode(wrapped))
      : undefined;
    if (bytes?.length !== WRAPPED_LENGTH) fail(`key ${id} is not 60 wrapped bytes in base64`);
    const key = openGcm(kek, bytes!);
    if (!key) fail(`key ${id} cannot be unwrapped: this is not its key-encryption key`);
    ring.set(id, key!);
  }
  for (const [purpose, id] of Object.entries((active ?? {}) as Record<string, unknown>)) {
    if (id === 0) continue;
    if (typeof id !== "number" || !ring.has(id)) fail(`the active ${purpose} key is missing`);
    if (purposes.get(id as number) !== purpose) {
      fail(`the active ${purpose} key has another purpose`);
    }
  }
  return ring;
}
