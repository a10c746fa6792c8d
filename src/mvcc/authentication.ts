/**
 * Whether a stored version is what the cluster wrote, as far as its data keys can tell.
 *
 * An encrypted value is sealed together with its header and its stored key, so that a version which
 * authenticates is of that key, of that time, and expires when it says. Of one that does not, nothing
 * is known. Tombstones and clear values are not sealed: only an envelope that was labelled as one of
 * them is found out.
 *
 * @module
 */

import type { EntryBatch } from "../container/entry_batch.ts";
import { type Place, UnsoundError } from "../errors.ts";
import { classify } from "../keyspace/families.ts";
import { authenticates, envelopeKeyId } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";
import {
  ENCRYPTED,
  entryDefect,
  isEncrypted,
  type Proof,
  TIMESTAMP_LENGTH,
  TOMBSTONE,
  VALUE_HEADER_LENGTH,
} from "./resolver.ts";

/** What is known of the values of a snapshot, and expected of them. */
export interface AuthenticationOptions {
  /** The cluster's data keys. */
  keys?: Keyring;
  /** Whether a clear value of a user is refused. */
  requireEncrypted?: boolean;
  /** Whether the outcomes of transactions must be encrypted as well. */
  requireOutcomes?: boolean;
  /** Inputs that are files; those behind them were made from what the files have. */
  files?: number;
}

/** Ids of missing data keys that are remembered. */
const MAX_IDS = 1000;

/** The header of an encrypted value that never expires. */
const SEALED_HEADER = new Uint8Array(VALUE_HEADER_LENGTH).fill(ENCRYPTED, 0, 1);

type Reason = "malformed" | "no-key" | "forged" | "compressed" | "relabelled";

/** Authenticates encrypted versions before anything in them is believed. */
export class Authentication implements Proof {
  /** The cluster's data keys. */
  readonly keys: Keyring | undefined;
  /** Without keys, not even the expiry of an encrypted version is known. */
  readonly believesHeaders: boolean;
  readonly mayFail: boolean;
  /** Entries that were asked about and do not hold. */
  failed = 0;
  /** Ids of data keys that versions name and that are not there, as far as they are remembered. */
  readonly missingIds: Set<number> = new Set();
  readonly #options: AuthenticationOptions;
  readonly #files: number;
  #hasKey = false;

  /** Without keys, every entry holds, and the headers of encrypted ones say nothing. */
  constructor(options: AuthenticationOptions) {
    this.keys = options.keys;
    this.believesHeaders = options.keys !== undefined;
    this.mayFail = options.keys !== undefined;
    this.#options = options;
    this.#files = options.files ?? Infinity;
  }

  /** Whether every encrypted version so far names a key that is not there. */
  get hasNoneOfTheKeys(): boolean {
    return this.missingIds.size > 0 && !this.#hasKey;
  }

  /**
   * What a walk goes by after one that has asked about every entry: where all of them hold, it need not
   * ask again.
   */
  get proof(): Proof {
    if (!this.keys || this.failed > 0) return this;
    return {
      believesHeaders: true,
      mayFail: false,
      holds: () => true,
      allowsClear: (...entry) => this.allowsClear(...entry),
    };
  }

  holds(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    input: number,
  ): boolean {
    if (!this.keys || input >= this.#files) return true;
    const holds = !entryDefect(bytes, keyStart, keyEnd, valueStart, valueEnd) &&
      !this.#reason(bytes, keyStart, keyEnd, valueStart, valueEnd);
    if (!holds) this.failed++;
    return holds;
  }

  allowsClear(bytes: Uint8Array, keyStart: number, keyEnd: number, input: number): boolean {
    if (!this.#options.requireEncrypted || input >= this.#files) return true;
    const allows = !this.#mustBeEncrypted(bytes, keyStart, keyEnd);
    if (!allows) this.failed++;
    return allows;
  }

  /**
   * Why a well-formed entry is not to be believed; `undefined` if it is, or nobody can tell.
   *
   * @param file Name of the input, for the message.
   */
  problem(batch: EntryBatch, i: number, file: string): UnsoundError | undefined {
    const { bytes, ranges, positions, inputs } = batch;
    const r = i * 4;
    const [keyStart, keyEnd, valueStart, valueEnd] = ranges.subarray(r, r + 4);
    if (inputs[i] >= this.#files) return undefined;
    const key = bytes.subarray(keyStart, keyEnd - TIMESTAMP_LENGTH);
    const at: Place = { file, offset: positions[i], key };
    const reason = this.keys && this.#reason(bytes, keyStart, keyEnd, valueStart, valueEnd);
    const body = valueStart + VALUE_HEADER_LENGTH;
    if (reason) return problemOf(reason, envelopeKeyId(bytes, body, valueEnd), at);
    const isClear = (bytes[valueStart] & (TOMBSTONE | ENCRYPTED)) === 0;
    if (!isClear || !this.#options.requireEncrypted) return undefined;
    if (!this.#mustBeEncrypted(key, 0, key.length)) return undefined;
    return new UnsoundError("cleartext", "the value is not encrypted", {
      ...at,
      hint: "do not require encryption if values from before it are expected",
      option: "requireEncrypted",
    });
  }

  #reason(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
  ): Reason | undefined {
    const body = valueStart + VALUE_HEADER_LENGTH;
    const id = envelopeKeyId(bytes, body, valueEnd);
    const key = id === undefined ? undefined : this.keys!.get(id);
    if (!isEncrypted(bytes, valueStart)) {
      if (!key || bytes[body + 1] !== 0) return undefined;
      const header = SEALED_HEADER.slice();
      const never = authenticates(key, bytes, keyStart, keyEnd, header, 0, body, valueEnd);
      header.set(bytes.subarray(valueStart + 1, body), 1);
      return never || authenticates(key, bytes, keyStart, keyEnd, header, 0, body, valueEnd)
        ? "relabelled"
        : undefined;
    }
    if (!id) return "malformed";
    if (!key) {
      if (this.missingIds.size < MAX_IDS) this.missingIds.add(id);
      return "no-key";
    }
    this.#hasKey = true;
    const is = authenticates(key, bytes, keyStart, keyEnd, bytes, valueStart, body, valueEnd);
    if (!is) return "forged";
    return bytes[body + 1] === 0 ? undefined : "compressed";
  }

  /**
   * The server writes rows of its own before encryption is switched on, and outcomes of transactions
   * stay for ever. What users wrote, and writes in flight, can have been written anew.
   */
  #mustBeEncrypted(bytes: Uint8Array, keyStart: number, keyEnd: number): boolean {
    const { kind, id } = classify(bytes, keyStart, keyEnd);
    if (kind === "transaction") {
      return this.#options.requireOutcomes || id === "txn-lock" || id === "txn-intent";
    }
    return kind === "user" || kind === "unknown";
  }
}

function problemOf(reason: Reason, id: number | undefined, at: Place): UnsoundError {
  switch (reason) {
    case "malformed":
      return new UnsoundError("decrypt-failed", "the encryption envelope is malformed", at);
    case "no-key":
      return new UnsoundError(
        "decrypt-failed",
        `the value is encrypted with key ${id}, which the key file does not have`,
        {
          ...at,
          hint:
            "the value is damaged, or the key file is an older or newer one: give one with the key",
        },
      );
    case "forged":
      return new UnsoundError(
        "decrypt-failed",
        `the value does not authenticate under key ${id}`,
        {
          ...at,
          hint: "the value or its key was changed, or the key file is another cluster's",
        },
      );
    case "compressed":
      return new UnsoundError("decrypt-failed", "compressed envelopes are not supported", at);
    case "relabelled":
      return new UnsoundError(
        "cleartext-envelope",
        "the value is labelled clear or deleted, but is a valid encrypted envelope",
        { ...at, hint: "the file was changed after it was written: do not trust it" },
      );
  }
}
