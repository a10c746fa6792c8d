/**
 * Whether a body is what its ETag says. An ETag is the MD5 of the body, or the MD5 of the MD5s of its
 * parts, a hyphen and the number of parts. Anything else says nothing about the body.
 *
 * @module
 */

import { type Digest, md5 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import type { AdapterContext } from "../context.ts";
import { scopeLabel } from "../../keyspace/scope_labels.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { nameText } from "../../text/name_text.ts";

/** Bytes of the longest ETag that says something about the body: 32 digits, a hyphen and a number. */
const MAX_ETAG = 38;

/** Computes the ETag of a body that goes by. */
export class EtagCheck {
  readonly #etag: string;
  readonly #whole: Digest = md5();
  /** Where the ETag is made of parts: the sizes of those that have not begun. */
  readonly #sizes: number[] | undefined;
  readonly #suffix: string;
  #part: Digest | undefined;
  /** Bytes that the part at hand still has to get. */
  #left = 0;

  private constructor(etag: string, sizes: readonly number[] | undefined) {
    this.#etag = etag;
    this.#sizes = sizes?.toReversed();
    this.#suffix = sizes ? `-${sizes.length}` : "";
  }

  /**
   * A check of a body that has this ETag, or `undefined` if nothing can be checked.
   *
   * @param sizes The sizes of the parts, in order.
   */
  static of(stored: Uint8Array, sizes: readonly number[]): EtagCheck | undefined {
    if (stored.length > MAX_ETAG) return undefined;
    const etag = decodeUtf8(stored)!;
    if (/^[0-9a-f]{32}$/.test(etag)) return new EtagCheck(etag, undefined);
    const [, count] = /^[0-9a-f]{32}-([1-9][0-9]{0,4})$/.exec(etag) ?? [];
    return count === String(sizes.length) ? new EtagCheck(etag, sizes) : undefined;
  }

  /** Takes the next bytes of the body. */
  update(bytes: Uint8Array): void {
    if (!this.#sizes) {
      this.#whole.update(bytes);
      return;
    }
    for (let at = 0; at < bytes.length;) {
      while (this.#left === 0) this.#nextPart(this.#sizes);
      const n = Math.min(this.#left, bytes.length - at);
      this.#part!.update(bytes.subarray(at, at + n));
      this.#left -= n;
      at += n;
    }
  }

  /** The ETag of the whole body, if it is not the one that was expected. */
  mismatch(): string | undefined {
    if (this.#sizes) {
      while (this.#sizes.length > 0) this.#nextPart(this.#sizes);
      this.#endPart();
    }
    const found = toHex(this.#whole.digest()) + this.#suffix;
    return found === this.#etag ? undefined : found;
  }

  #nextPart(sizes: number[]): void {
    this.#endPart();
    this.#part = md5();
    this.#left = sizes.pop()!;
  }

  #endPart(): void {
    if (this.#part) this.#whole.update(this.#part.digest());
  }
}

/** Warns when a body has another ETag than it should. */
export function warnOfEtag(
  context: AdapterContext,
  bucket: Uint8Array,
  object: Uint8Array,
  etag: Uint8Array,
  found: string | undefined,
): void {
  if (found === undefined) return;
  context.warn("s3_etag_mismatch", {
    bucket: nameText(scopeLabel(bucket)),
    object: nameText(object),
    etag: decodeUtf8(etag)!,
    found,
    hint: "the body is written as it is stored: it may be damaged",
  });
}
