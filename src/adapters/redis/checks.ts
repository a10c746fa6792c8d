/** Looks at the elements of a collection as they pass, and compares them with what its meta says. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { sequence } from "../../keyspace/redis_keys.ts";
import type { AdapterContext } from "../context.ts";
import type { RedisElement } from "./elements.ts";
import type { Facts } from "./facts.ts";
import type { CollectionType } from "./types.ts";
import { scoreAt } from "./values.ts";

const OBSERVED = {
  list: "observed_items",
  hash: "observed_fields",
  set: "observed_members",
  zset: "observed_members",
  stream: "observed_entries",
} as const;

const MISMATCH = "the length in the meta row and its deltas is not the number of element rows";

/** What is noticed about one collection. */
export class CollectionCheck {
  readonly #type: CollectionType;
  /** Length by meta and deltas, where there is either. */
  readonly #length: bigint | undefined;
  /** Lists: the first place, the one behind the last, and both as they stand in keys. */
  readonly #window: { head: bigint; tail: bigint; from: Uint8Array; to: Uint8Array } | undefined;
  #observed = 0;
  #outside = 0;
  #nan = 0;

  /** Made for a key that has something of a type. */
  constructor(type: CollectionType, { metas, deltas }: Facts) {
    this.#type = type;
    const meta = metas[type];
    const delta = deltas[type];
    if (!meta && !delta) return;
    const length = (meta?.length ?? 0n) + (delta?.length ?? 0n);
    this.#length = length < 0n ? 0n : length;
    if (type !== "list") return;
    const head = BigInt.asIntN(64, (meta?.head ?? 0n) + (delta?.head ?? 0n));
    const tail = BigInt.asIntN(64, head + this.#length);
    this.#window = { head, tail, from: sequence(head), to: sequence(tail) };
  }

  /** Sees an element. */
  see({ key, value }: RedisElement): void {
    this.#observed++;
    if (this.#type === "list") {
      if (this.#window && !isWithin(key, this.#window)) this.#outside++;
    } else if (this.#type === "zset" && Number.isNaN(scoreAt(value, 0))) this.#nan++;
  }

  /** Warns of what was noticed. */
  report(context: AdapterContext, userKeyLength: number): void {
    const type = this.#type;
    const warn = (event: string, fields: Record<string, string | number | bigint>): void =>
      context.warn(event, { user_key_len: userKeyLength, ...fields });
    if (this.#length !== undefined && this.#length !== BigInt(this.#observed)) {
      warn(`redis_${type}_length_mismatch`, {
        declared_len: this.#length,
        [OBSERVED[type]]: this.#observed,
        hint: MISMATCH,
      });
    }
    if (this.#window && this.#outside > 0) {
      const { head, tail } = this.#window;
      warn("redis_list_items_outside_window", { head, tail, outside: this.#outside });
    }
    if (this.#nan > 0) warn("redis_zset_nan_score", { members: this.#nan });
  }
}

/** Warns of rows that no Redis server can be given. */
export function warnUnloadable(context: AdapterContext, userKeyLength: number, rows: number): void {
  context.warn("redis_not_loadable", {
    user_key_len: userKeyLength,
    rows,
    hint: "Redis has no such value: it is left out here, and is in the other formats",
  });
}

function isWithin(place: Uint8Array, { from, to }: { from: Uint8Array; to: Uint8Array }): boolean {
  return compareBytes(place, from) >= 0 && compareBytes(place, to) < 0;
}
