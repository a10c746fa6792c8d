/** Encrypted versions, as a node writes them. @module */

import { createCipheriv } from "node:crypto";
import { compareBytes } from "../../src/bytes/compare.ts";
import { putU32be } from "../../src/bytes/integers.ts";
import { bytesOf, rawStream, storedKey, storedValue } from "./stream.ts";

/** Data key 7. */
export const DATA_KEY: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => 32 + i);

/** The data keys of the cluster. */
export const DATA_KEYS: ReadonlyMap<number, Uint8Array> = new Map([[7, DATA_KEY]]);

/** How a version is sealed. */
export interface SealedOptions {
  /** When it was committed; 5 unless given. */
  ts?: bigint;
  /** Id of its data key; 7 unless given. */
  id?: number;
  /** Second byte of the envelope. */
  flag?: number;
  expireAt?: bigint;
  /** That of id 7 unless given. */
  dataKey?: Uint8Array;
  /** Every byte of the nonce. */
  nonce?: number;
}

/** A stored key and value. */
export type Pair = [Uint8Array, Uint8Array];

/** An encrypted version. */
export function sealed(
  key: Uint8Array | string,
  value: Uint8Array | string,
  { ts = 5n, id = 7, flag = 0, expireAt = 0n, dataKey = DATA_KEY, nonce = 3 }: SealedOptions = {},
): Pair {
  const stored = storedKey(key, ts);
  const header = storedValue({ key, value: "", expireAt });
  header[0] = 2;
  const head = Uint8Array.of(1, flag, 0, 0, 0, 0);
  putU32be(head, 2, id);
  const random = new Uint8Array(12).fill(nonce);
  const cipher = createCipheriv("aes-256-gcm", dataKey, random);
  cipher.setAAD(Uint8Array.from([...head, ...header, ...stored]));
  const parts = [cipher.update(bytesOf(value)), cipher.final(), cipher.getAuthTag()];
  const text = parts.flatMap((part) => [...part]);
  return [stored, Uint8Array.from([...header, ...head, ...random, ...text])];
}

/** A clear version, or a tombstone. */
export function clear(
  key: Uint8Array | string,
  value: Uint8Array | string | undefined,
  { ts = 5n, expireAt = 0n }: Pick<SealedOptions, "ts" | "expireAt"> = {},
): Pair {
  return [storedKey(key, ts), storedValue({ key, value, expireAt })];
}

/** A bare stream of these versions in stored order. */
export function sealedStream(pairs: Pair[], lastCommitTs = 5n): Uint8Array {
  return rawStream(pairs.toSorted(([a], [b]) => compareBytes(a, b)), lastCommitTs);
}
