/**
 * SHA-256, MD5 and CRC32C over streams of bytes, all synchronous.
 *
 * SHA-256 of anything long comes from the runtime's own crypto module where there is one (Deno, Node:
 * four times as fast); all else comes from hash-wasm. hash-wasm has one state per instance, so each
 * stream keeps its saved state and the instance is shared.
 *
 * @module
 */

import { createCRC32, createMD5, createSHA256, type IHasher } from "hash-wasm";
import { toHex } from "./hex.ts";

/** A running digest. */
export interface Digest {
  /** Adds bytes. */
  update(bytes: Uint8Array): void;
  /** The digest of everything added, as bytes; the stream is over. */
  digest(): Uint8Array;
}

interface NativeCrypto {
  createHash(name: string): { update(bytes: Uint8Array): unknown; digest(): Uint8Array };
}

/** The runtime's crypto module, without an import that a browser could not resolve. */
export function nativeModule(name: string): unknown {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.(name);
}

const native = nativeModule("node:crypto") as NativeCrypto | undefined;
const [sha256Instance, md5Instance, crc32cInstance] = await Promise.all([
  createSHA256(),
  createMD5(),
  createCRC32(0x82f63b78),
]);

class WasmDigest implements Digest {
  readonly #instance: IHasher;
  #state: Uint8Array;

  constructor(instance: IHasher) {
    this.#instance = instance;
    this.#state = instance.init().save();
  }

  update(bytes: Uint8Array): void {
    this.#instance.load(this.#state).update(bytes);
    this.#state = this.#instance.save();
  }

  digest(): Uint8Array {
    return this.#instance.load(this.#state).digest("binary");
  }
}

/** A new SHA-256 stream; its digest has 32 bytes. */
export function sha256(): Digest {
  return native?.createHash("sha256") ?? new WasmDigest(sha256Instance);
}

/** A new MD5 stream; its digest has 16 bytes. */
export function md5(): Digest {
  return new WasmDigest(md5Instance);
}

/** A new CRC32C (Castagnoli) stream; its digest has 4 bytes, big-endian. */
export function crc32c(): Digest {
  return new WasmDigest(crc32cInstance);
}

/** Up to here the native module is not worth the memory that each of its streams leaves behind. */
const SMALL = 16 << 10;

/** The SHA-256 of one piece of bytes: 32 bytes. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return bytes.length <= SMALL
    ? sha256Instance.init().update(bytes).digest("binary")
    : digestOf(sha256, bytes);
}

/** The digest of one piece of bytes. */
export function digestOf(kind: () => Digest, bytes: Uint8Array): Uint8Array {
  const digest = kind();
  digest.update(bytes);
  return digest.digest();
}

/** The SHA-256 of one piece of bytes, as 64 lower-case hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return toHex(sha256Of(bytes));
}
