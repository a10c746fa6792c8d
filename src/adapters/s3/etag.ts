/**
 * Whether a body is what its ETag says. An ETag is the MD5 of the body, or the MD5 of the MD5s of its
 * parts, a hyphen and the number of parts. Anything else says nothing about the body.
 *
 * @module
 */

import { type Digest, digestOf, md5 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import type { AdapterContext } from "../context.ts";
import { scopeLabel } from "../../keyspace/scope_labels.ts";
import { decodeUtf8, encodeUtf8 } from "../../text/utf8.ts";
import { nameText } from "../../text/name_text.ts";

/** Bytes of the longest ETag that says something about the body: 32 digits, a hyphen and a number. */
const MAX_ETAG = 38;

/** Computes the ETag of a body that goes by. */
export class EtagCheck {
  readonly #etag: string;
  readonly #whole: Digest;
  /** Bytes of the body, as its row has it. */
  readonly #size: number;
  /** How many parts the ETag is made of; absent where it is that of the body. */
  readonly #parts: number | undefined;
  /** The part at hand, and its place. */
  #part: Digest | undefined;
  #place = -1;

  private constructor(etag: string, size: number, parts?: number) {
    this.#etag = etag;
    this.#size = size;
    this.#parts = parts;
    this.#whole = md5(parts === undefined ? size : 0);
  }

  /**
   * A check of a body that has this ETag, or `undefined` if nothing can be checked.
   *
   * @param size Bytes of the body.
   * @param parts How many parts it has.
   */
  static of(stored: Uint8Array, size: number, parts: number): EtagCheck | undefined {
    if (stored.length > MAX_ETAG) return undefined;
    const etag = decodeUtf8(stored)!;
    if (/^[0-9a-f]{32}$/.test(etag)) return new EtagCheck(etag, size);
    const [, count] = /^[0-9a-f]{32}-([1-9][0-9]{0,4})$/.exec(etag) ?? [];
    return count === String(parts) ? new EtagCheck(etag, size, parts) : undefined;
  }

  /** Takes the next bytes of the body, which are of the part at a place. */
  update(bytes: Uint8Array, place: number): void {
    if (this.#parts === undefined) return this.#whole.update(bytes);
    this.#enter(place);
    this.#part!.update(bytes);
  }

  /** The ETag of the whole body, if it is not the one that was expected. */
  mismatch(): string | undefined {
    let found = "";
    if (this.#parts === undefined) found = toHex(this.#whole.digest());
    else {
      this.#enter(this.#parts);
      found = `${toHex(this.#whole.digest())}-${this.#parts}`;
    }
    return found === this.#etag ? undefined : found;
  }

  /** Ends the parts before a place: those without chunks as well. */
  #enter(place: number): void {
    for (; this.#place < place; this.#place++) {
      if (this.#part) this.#whole.update(this.#part.digest());
      this.#part = md5(this.#size);
    }
  }
}

/** The ETag of a body in one part, if it is not the one that was expected and that can be told. */
export function mismatchOf(stored: Uint8Array, body: Uint8Array): string | undefined {
  const check = EtagCheck.of(stored, body.length, 1);
  check?.update(body, 0);
  return check?.mismatch();
}

/** The same for most of them, which need no texts. */
export function isMd5Of(stored: Uint8Array, body: Uint8Array): boolean {
  if (stored.length !== 2 * MD5_LENGTH) return false;
  const digest = digestOf(md5, body);
  for (let i = 0; i < MD5_LENGTH; i++) {
    if (stored[2 * i] !== HEX[digest[i] >> 4] || stored[2 * i + 1] !== HEX[digest[i] & 15]) {
      return false;
    }
  }
  return true;
}

const MD5_LENGTH = 16;
const HEX = encodeUtf8("0123456789abcdef");

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
