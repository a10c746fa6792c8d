/**
 * SHA-256, MD5 and CRC32C over streams of bytes, and XXH64 of blocks, all synchronous.
 *
 * Each comes from the fastest of what there is: the runtime's own crypto module (Deno, Node), hash-wasm
 * once {@link loadDigests} has compiled it, or plain TypeScript. hash-wasm has one state per instance:
 * streams share the instance, and save their state when another one takes it.
 *
 * @module
 */

import { md5 as plainMd5 } from "@noble/hashes/legacy.js";
import { sha256 as plainSha256 } from "@noble/hashes/sha2.js";
import { createCRC32, createMD5, createSHA256, createXXHash64, type IHasher } from "hash-wasm";
import { PlainCrc32c } from "./crc32c.ts";
import { canHaveThreads, DigestThread, type ThreadKind } from "./digest_thread.ts";
import { toHex } from "./hex.ts";
import { nativeModule } from "./native_module.ts";
import { PlainXxh64, plainXxh64 } from "./xxh64.ts";

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

let nativeCrypto: NativeCrypto | false | undefined;

/** The runtime's own digests; `undefined` where it has none. Loading them takes a while. */
function native(): NativeCrypto | undefined {
  nativeCrypto ??= nativeModule("node:crypto") as NativeCrypto | undefined ?? false;
  return nativeCrypto || undefined;
}

type Kind = "sha256" | "md5" | "crc32c" | "xxh64";

let wasm: Readonly<Record<Kind, SharedHasher>> | undefined;
let loading: Promise<void> | undefined;

/**
 * Compiles the digests that are in WebAssembly, once. Whoever takes digests of many bytes waits for it
 * first; without it, or where WebAssembly is forbidden, they are the same and slower.
 */
export function loadDigests(): Promise<void> {
  return loading ??= compile();
}

async function compile(): Promise<void> {
  try {
    const [sha256, md5, crc32c, xxh64] = await Promise.all([
      createSHA256(),
      createMD5(),
      createCRC32(0x82f63b78),
      createXXHash64(),
    ]);
    wasm = {
      sha256: new SharedHasher(sha256),
      md5: new SharedHasher(md5),
      crc32c: new SharedHasher(crc32c),
      xxh64: new SharedHasher(xxh64),
    };
  } catch {
    // There is no WebAssembly, or a page's rules forbid it.
  }
}

/** An instance, and the stream whose state is in it. */
class SharedHasher {
  readonly instance: IHasher;
  user: WasmDigest | undefined;

  constructor(instance: IHasher) {
    this.instance = instance;
  }
}

/** Streams that are shorter are not worth waking a thread for. */
const LONG = 8 << 20;
/** Starting a thread takes about as long as digesting so many bytes without one. */
const WORTH_A_THREAD: Record<ThreadKind, number> = { sha256: 128 << 20, md5: 48 << 20 };

let mayHaveThreads = false;
const threads = new Map<ThreadKind, DigestThread>();

/**
 * Lets long streams be taken by threads beside the caller's, one for each kind of digest, where the
 * platform can. They keep the program running until {@link endDigestThreads}.
 */
export function allowDigestThreads(): void {
  mayHaveThreads = canHaveThreads();
}

/** Ends all threads. There must be no streams. */
export function endDigestThreads(): void {
  mayHaveThreads = false;
  for (const thread of threads.values()) thread.close();
  threads.clear();
}

function threadDigest(kind: ThreadKind, length: number): Digest | undefined {
  if (!mayHaveThreads || length < LONG) return undefined;
  let thread = threads.get(kind);
  if (!thread) {
    if (length < WORTH_A_THREAD[kind]) return undefined;
    threads.set(kind, thread = new DigestThread(kind));
  }
  return thread.stream();
}

/** A stream that has an instance to itself until another stream needs it. */
class WasmDigest implements Digest {
  readonly #shared: SharedHasher;
  /** What was saved when another stream took the instance. */
  #state: Uint8Array | undefined;

  constructor(shared: SharedHasher) {
    this.#shared = shared;
  }

  update(bytes: Uint8Array): void {
    this.#take().update(bytes);
  }

  digest(): Uint8Array {
    const digest = this.#take().digest("binary");
    this.#shared.user = undefined;
    return digest;
  }

  #take(): IHasher {
    const { instance, user } = this.#shared;
    if (user === this) return instance;
    if (user) user.#state = instance.save();
    this.#shared.user = this;
    return this.#state ? instance.load(this.#state) : instance.init();
  }
}

/**
 * A new SHA-256 stream; its digest has 32 bytes. The native one is four times as fast as the others.
 *
 * @param length Bytes that are expected: a long one may be taken by a thread.
 */
export function sha256(length = 0): Digest {
  return threadDigest("sha256", length) ?? native()?.createHash("sha256") ??
    (wasm ? new WasmDigest(wasm.sha256) : plainSha256.create());
}

/**
 * A new MD5 stream; its digest has 16 bytes. The native one is as fast and leaves garbage behind.
 *
 * @param length Bytes that are expected, as for {@link sha256}.
 */
export function md5(length = 0): Digest {
  return threadDigest("md5", length) ??
    (wasm ? new WasmDigest(wasm.md5) : native()?.createHash("md5") ?? plainMd5.create());
}

/** A new CRC32C (Castagnoli) stream; its digest has 4 bytes, big-endian. No runtime has it. */
export function crc32c(): Digest {
  return wasm ? new WasmDigest(wasm.crc32c) : new PlainCrc32c();
}

/**
 * The XXH64 of one piece of bytes: 8 bytes, big-endian. It is fast enough to be taken of every byte
 * that is read, and finds what changed by accident; somebody can make two pieces that have the same.
 */
export function xxh64(bytes: Uint8Array): Uint8Array {
  return wasm ? digestOf(xxh64Stream, bytes) : plainXxh64(bytes);
}

/** A new XXH64 stream. */
export function xxh64Stream(): Digest {
  return wasm ? new WasmDigest(wasm.xxh64) : new PlainXxh64();
}

/** Up to here the native module is not worth the memory that each of its streams leaves behind. */
const SMALL = 16 << 10;

/** The SHA-256 of one piece of bytes: 32 bytes. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  const small = bytes.length <= SMALL;
  if (small && wasm) return digestOf(() => new WasmDigest(wasm!.sha256), bytes);
  return small ? plainSha256(bytes) : digestOf(sha256, bytes);
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
