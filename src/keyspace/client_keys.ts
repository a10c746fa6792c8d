/**
 * Which key a row belongs to, as clients know it: an item's, an object's, that of a Redis key or a
 * message. Many rows can belong to one key: the chunks of an object, the fields of a hash.
 *
 * Rows that only repeat what others say (index entries, queue orders) belong to no key.
 *
 * @module
 */

import { segmentContents, segmentEnd } from "../bytes/segments.ts";
import { nameEnd, readName } from "./base64_names.ts";
import { FAMILY, type Family } from "./families.ts";
import { parseRedisKey, RedisKey } from "./redis_keys.ts";
import { scopeEnd } from "./scopes.ts";

const BAR = 0x7c;
const GENERATION_LENGTH = 8;

/** Where the name of a client's key lies in the key of a row. Made to be reused. */
export class ClientKey {
  /** Where it begins. */
  start = 0;
  /** Where it ends. */
  end = 0;
  readonly #redis = new RedisKey();

  /** Finds the name in the user key `bytes[start, end)`; `false` where the row belongs to none. */
  find(family: Family, bytes: Uint8Array, start: number, end: number): boolean {
    switch (family.adapter) {
      case "dynamodb":
        if (family !== FAMILY["ddb-item"]) return false;
        return this.#findItem(bytes, scopeEnd(family, bytes, start, end), end);
      case "s3":
        if (family.scope !== "bucket") return false;
        return this.#findObject(bytes, scopeEnd(family, bytes, start, end), end);
      case "redis":
        if (parseRedisKey(family, bytes, start, end, this.#redis) !== undefined) return false;
        this.start = this.#redis.nameStart;
        this.end = this.#redis.nameEnd;
        return true;
      case "sqs":
        if (family !== FAMILY["sqs-message"]) return false;
        return this.#findMessage(bytes, scopeEnd(family, bytes, start, end), end);
      default:
        return false;
    }
  }

  /** `| generation | payload` */
  #findItem(bytes: Uint8Array, at: number, end: number): boolean {
    if (at < 0) return false;
    const bar = bytes.indexOf(BAR, at + 1);
    if (bar < 0 || bar >= end) return false;
    this.start = bar + 1;
    this.end = end;
    return true;
  }

  /** `generation object …` */
  #findObject(bytes: Uint8Array, at: number, end: number): boolean {
    if (at < 0) return false;
    this.start = at + GENERATION_LENGTH;
    this.end = segmentEnd(bytes, this.start, end);
    return this.end >= 0;
  }

  /** `generation id`, or `| partition generation id`. */
  #findMessage(bytes: Uint8Array, at: number, end: number): boolean {
    if (at < 0) return false;
    this.start = at + GENERATION_LENGTH + (bytes[at] === BAR ? 1 + 4 : 0);
    this.end = end;
    return nameEnd(bytes, this.start, end) === end;
  }
}

/**
 * The parts of the name that {@link ClientKey} has found: one, but for an item with a range attribute.
 * Those of items in a table of ordered keys have the form that sorts.
 */
export function clientKeyParts(family: Family, name: Uint8Array): Uint8Array[] {
  switch (family.adapter) {
    case "dynamodb":
      return itemParts(name);
    case "s3":
      return [segmentContents(name, 0, name.length)];
    case "sqs":
      return [readName(name, 0, name.length)!];
    default:
      return [name];
  }
}

function itemParts(payload: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < payload.length;) {
    const end = segmentEnd(payload, at, payload.length);
    if (end < 0) return legacyParts(payload) ?? [payload];
    parts.push(segmentContents(payload, at, end));
    at = end;
  }
  return parts;
}

/** `base64 | base64`, of which the second may be empty. */
function legacyParts(payload: Uint8Array): Uint8Array[] | undefined {
  const bar = payload.indexOf(BAR);
  if (bar < 0) return undefined;
  const hash = readName(payload, 0, bar) ?? new Uint8Array(0);
  const range = readName(payload, bar + 1, payload.length);
  return range ? [hash, range] : [hash];
}
