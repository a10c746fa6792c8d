/** The digests of a file, all taken while it is read once. @module */

import { startsWith } from "../bytes/compare.ts";
import { PlainCrc32c } from "../bytes/crc32c.ts";
import { crc32c, type Digest, sha256 } from "../bytes/digest.ts";
import { toHex } from "../bytes/hex.ts";
import { UnsoundError } from "../errors.ts";
import type { BlockCache } from "../sources/block_cache.ts";
import { BlockDigests } from "../sources/block_digests.ts";
import { pause } from "../sources/pause.ts";
import type { Source } from "../sources/source.ts";
import { VerifiedSource } from "../sources/verified_source.ts";
import { FOOTER_LENGTH } from "./frames.ts";

/**
 * The checksum behind a payload. `unknown`: the entries could not be followed to their end, and the
 * last four bytes are not the checksum of what is before them.
 */
export type FooterState = "verified" | "absent" | "mismatch" | "unknown";

/** What the digests say of a file. */
export interface FileVerdict {
  /** Whether there was a checksum behind the payload, and whether it holds. */
  readonly footer: FooterState;
  /** The computed CRC32C of everything before the footer, as 8 hex digits; absent without a footer. */
  readonly crc32c?: string;
  /** SHA-256 of the whole file as 64 hex digits, when it was asked for. */
  readonly sha256?: string;
  /** What is wrong with the file as a container. Entries before the damage can still be read. */
  readonly problems: UnsoundError[];
}

const READ_LENGTH = 4 << 20;

/** The running digests. The checksum covers everything but the last four bytes. */
export class FileSums {
  readonly #source: Source;
  readonly #size: number;
  readonly #blocks: BlockDigests;
  readonly #crc = crc32c();
  readonly #sha: Digest | undefined;
  /** The last bytes of the file, where a footer would be. */
  readonly #tail = new Uint8Array(FOOTER_LENGTH);

  /**
   * @param hash Whether the SHA-256 is wanted.
   * @param block Bytes of a block; see {@link BlockDigests}.
   */
  constructor(source: Source, size: number, hash: boolean, block?: number) {
    this.#source = source;
    this.#size = size;
    this.#sha = hash ? sha256(size) : undefined;
    this.#blocks = new BlockDigests(size, block);
  }

  /** Bytes added so far. */
  get seen(): number {
    return this.#blocks.size;
  }

  /** Takes the bytes behind those that it has seen. */
  add(bytes: Uint8Array): void {
    const { seen } = this;
    this.#sha?.update(bytes);
    const covered = Math.max(0, Math.min(bytes.length, this.#size - FOOTER_LENGTH - seen));
    if (covered > 0) this.#crc.update(bytes.subarray(0, covered));
    for (let i = covered; i < bytes.length; i++) {
      this.#tail[seen + i - (this.#size - FOOTER_LENGTH)] = bytes[i];
    }
    this.#blocks.add(bytes);
  }

  /** Reads what has not been seen. */
  async addRest(signal?: AbortSignal, progress?: (read: number) => void): Promise<void> {
    const buffer = new Uint8Array(Math.min(READ_LENGTH, this.#size - this.seen));
    while (this.seen < this.#size) {
      await pause(signal);
      const n = await this.#source.read(this.seen, buffer.subarray(0, this.#size - this.seen));
      if (n === 0) break;
      this.add(buffer.subarray(0, n));
      progress?.(this.seen);
    }
  }

  /**
   * The file for further readings, which give the bytes that were seen or an error.
   *
   * @param cache Shared with other files.
   */
  verified(cache: BlockCache): { source: Source; digests: BlockDigests } {
    this.#blocks.finish();
    return { source: new VerifiedSource(this.#source, this.#blocks, cache), digests: this.#blocks };
  }

  /**
   * What can be said of the whole file.
   *
   * @param left Bytes behind the payload: 4 if there is a footer.
   * @param problems What is wrong with the payload; with any, nobody knows where it ends.
   */
  verdict(left: number, problems: UnsoundError[]): FileVerdict {
    const whole = { sha256: this.#sha && toHex(this.#sha.digest()), problems };
    if (left !== FOOTER_LENGTH && problems.length === 0) return { footer: "absent", ...whole };
    const crc = this.#crc.digest();
    const crc32c = toHex(crc);
    const stored = toHex(this.#tail);
    if (crc32c === stored) return { footer: "verified", crc32c, ...whole };
    if (this.#endsInFooter(left, crc, problems)) {
      return { footer: "unknown", ...whole, problems: [this.#cutFooter(left, problems[0])] };
    }
    if (problems.length > 0) return { footer: "unknown", ...whole };
    problems.push(
      new UnsoundError("checksum-mismatch", `CRC32C is ${crc32c}, the file says ${stored}`, {
        file: this.#source.name,
        offset: this.#size - FOOTER_LENGTH,
        hint: "any value may be wrong: copy the file again, or take another replica's",
      }),
    );
    return { footer: "mismatch", crc32c, ...whole };
  }

  /**
   * Whether the file was cut inside its checksum: up to three bytes are left behind the last entry, and
   * they are those with which the checksum of all entries begins.
   *
   * @param crc Of everything but the last four bytes.
   */
  #endsInFooter(left: number, crc: Uint8Array, [problem, ...more]: UnsoundError[]): boolean {
    if (left <= 0 || left >= FOOTER_LENGTH || this.#size < FOOTER_LENGTH) return false;
    if (problem?.code !== "truncated" || more.length > 0) return false;
    const entriesEnd = FOOTER_LENGTH - left;
    const whole = new PlainCrc32c(crc);
    whole.update(this.#tail.subarray(0, entriesEnd));
    return startsWith(whole.digest(), this.#tail.subarray(entriesEnd));
  }

  #cutFooter(left: number, { hint }: UnsoundError): UnsoundError {
    const message =
      "the file ends inside its checksum: all entries were read, and what is there of " +
      "it fits";
    const offset = this.#size - left;
    return new UnsoundError("truncated", message, { file: this.#source.name, offset, hint });
  }
}
