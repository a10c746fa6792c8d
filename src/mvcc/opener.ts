/** Turns stored values into clear bodies, and refuses those that are not what they should be. @module */

import { type Place, UnsoundError, UnsupportedError } from "../errors.ts";
import { ENVELOPE_OVERHEAD, envelopeKeyId, openEnvelope } from "./envelope.ts";
import { classify } from "../keyspace/families.ts";
import type { Keyring } from "./keyring.ts";
import { isEncrypted, TIMESTAMP_LENGTH, VALUE_HEADER_LENGTH } from "./resolver.ts";

/** What is expected of values. */
export interface OpenerOptions {
  /** The cluster's data keys. */
  keys?: Keyring;
  /** Whether a clear value of a user is refused. */
  requireEncrypted?: boolean;
  /** What to say of encrypted values when there are no keys, such as how many there are. */
  encryptedRows?: () => string;
  /** Whether the keys are those of another cluster: no value is encrypted with one of them. */
  hasNoneOfTheKeys?: boolean;
}

/** Rows of the server's own may be clear: it writes some before encryption is switched on. */
function holdsUserData(key: Uint8Array): boolean {
  const { kind } = classify(key, 0, key.length);
  return kind === "user" || kind === "unknown";
}

function noKey(message: string, place: Place): UnsupportedError {
  return new UnsupportedError("encrypted", message, {
    ...place,
    hint: "give the node's key file with --encryption-keys and its key-encryption key with --kek",
  });
}

/** Opens values of one snapshot. */
export class Opener {
  readonly #options: OpenerOptions;

  /** Without keys, encrypted values are refused. */
  constructor(options: OpenerOptions = {}) {
    this.#options = options;
  }

  /** Whether such a value is its own clear body and needs no look. */
  trusts(encrypted: boolean): boolean {
    return !encrypted && this.#options.keys === undefined && !this.#options.requireEncrypted;
  }

  /**
   * The clear body of an encrypted value, or `undefined` if the stored body is clear.
   *
   * @throws {UnsupportedError} `encrypted` when there are no keys, or not one that is used.
   * @throws {UnsoundError} `decrypt-failed`, also when just its key is missing, or `cleartext-envelope` or `cleartext` for a value
   *   that should not have been clear.
   */
  open(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    place: Place,
  ): Uint8Array | undefined {
    const { keys } = this.#options;
    const body = valueStart + VALUE_HEADER_LENGTH;
    const at: Place = { ...place, key: bytes.slice(keyStart, keyEnd - TIMESTAMP_LENGTH) };
    if (!isEncrypted(bytes, valueStart)) {
      if (this.#options.requireEncrypted && holdsUserData(at.key!)) this.#refuseClear(at);
      if (keys) this.#refuseRelabelled(bytes, keyStart, keyEnd, valueStart, valueEnd, at);
      return undefined;
    }
    const id = envelopeKeyId(bytes, body, valueEnd);
    if (!keys) {
      const { encryptedRows } = this.#options;
      throw noKey(encryptedRows?.() ?? `the value is encrypted with key ${id ?? "unknown"}`, at);
    }
    if (id === undefined || id === 0) {
      throw new UnsoundError("decrypt-failed", "the encryption envelope is malformed", at);
    }
    const key = keys.get(id);
    if (!key) {
      const message = `the value is encrypted with key ${id}, which the key file does not have`;
      if (this.#options.hasNoneOfTheKeys) throw noKey(message, at);
      throw new UnsoundError("decrypt-failed", message, {
        ...at,
        hint:
          "the value is damaged, or the key file is an older or newer one: give one with the key",
      });
    }
    const clear = openEnvelope(
      key,
      bytes.subarray(body, valueEnd),
      bytes.subarray(valueStart, body),
      bytes.subarray(keyStart, keyEnd),
    );
    if (!clear) {
      throw new UnsoundError("decrypt-failed", `the value does not authenticate under key ${id}`, {
        ...at,
        hint: "the value or its key was changed, or the key file is another cluster's",
      });
    }
    if (bytes[body + 1] !== 0) {
      throw new UnsoundError("decrypt-failed", "compressed envelopes are not supported", at);
    }
    return clear;
  }

  #refuseClear(at: Place): never {
    throw new UnsoundError("cleartext", "the value is not encrypted", {
      ...at,
      hint: "leave out --require-encrypted if values from before encryption are expected",
    });
  }

  /** A clear label on a body that is a valid envelope: somebody changed the label. */
  #refuseRelabelled(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    at: Place,
  ): void {
    const body = valueStart + VALUE_HEADER_LENGTH;
    if (valueEnd - body < ENVELOPE_OVERHEAD || bytes[body] !== 1 || bytes[body + 1] !== 0) return;
    const stored = bytes.slice(valueStart, body);
    stored[0] = 2;
    const never = new Uint8Array(VALUE_HEADER_LENGTH);
    never[0] = 2;
    for (const key of this.#options.keys!.values()) {
      for (const header of [stored, never]) {
        const clear = openEnvelope(
          key,
          bytes.subarray(body, valueEnd),
          header,
          bytes.subarray(keyStart, keyEnd),
        );
        if (clear) {
          throw new UnsoundError(
            "cleartext-envelope",
            "the value is labelled clear, but is a valid encrypted envelope",
            { ...at, hint: "the file was changed after it was written: do not trust it" },
          );
        }
      }
    }
  }
}
