/** Turns stored values into clear bodies. @module */

import type { EntryBatch } from "../container/entry_batch.ts";
import type { Authentication } from "./authentication.ts";
import { envelopeKeyId, openEnvelope } from "./envelope.ts";
import { noKeys } from "./missing_keys.ts";
import { isEncrypted, TIMESTAMP_LENGTH, VALUE_HEADER_LENGTH } from "./resolver.ts";

/** Opens values of one snapshot. */
export class Opener {
  readonly #authentication: Authentication;
  readonly #encryptedRows: (() => string) | undefined;

  /**
   * Opens what authenticates.
   *
   * @param encryptedRows What to say of encrypted values when there are no keys.
   */
  constructor(authentication: Authentication, encryptedRows?: () => string) {
    this.#authentication = authentication;
    this.#encryptedRows = encryptedRows;
  }

  /**
   * The clear body of an entry that is no tombstone; a view where it is stored clear.
   *
   * @param file Name of the input, for messages.
   * @throws {UnsupportedError} `encrypted` when there are no keys.
   * @throws {UnsoundError} `decrypt-failed`, `cleartext-envelope` or `cleartext` when the entry is not
   *   to be believed.
   */
  open(batch: EntryBatch, i: number, file: string): Uint8Array {
    const { bytes, ranges, positions } = batch;
    const r = i * 4;
    const [keyStart, keyEnd, valueStart, valueEnd] = ranges.subarray(r, r + 4);
    const body = valueStart + VALUE_HEADER_LENGTH;
    if (!isEncrypted(bytes, valueStart)) {
      const problem = this.#authentication.problem(batch, i, file);
      if (problem) throw problem;
      return bytes.subarray(body, valueEnd);
    }
    const { keys } = this.#authentication;
    const id = envelopeKeyId(bytes, body, valueEnd);
    if (!keys) {
      const message = this.#encryptedRows?.() ??
        `the value is encrypted with key ${id ?? "unknown"}`;
      throw noKeys(message, {
        file,
        offset: positions[i],
        key: bytes.slice(keyStart, keyEnd - TIMESTAMP_LENGTH),
      });
    }
    const key = id === undefined ? undefined : keys.get(id);
    const clear = key && openEnvelope(key, bytes, keyStart, keyEnd, body, valueEnd);
    if (!clear || bytes[body + 1] !== 0) throw this.#authentication.problem(batch, i, file)!;
    return clear;
  }
}
