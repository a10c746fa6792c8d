/** Looks at the elements of a collection as they pass, and compares them with what its meta says. @module */

import { compareBytes } from "../../bytes/compare.ts";
import { sequence } from "../../keyspace/redis_keys.ts";
import type { AdapterContext } from "../context.ts";
import type { ElementBatch } from "./element_batch.ts";
import { elementAt } from "./elements.ts";
import type { Facts } from "./facts.ts";
import type { CollectionType } from "./types.ts";
import { isNaNAt } from "./values.ts";

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

  /** Sees the next elements. */
  see(batch: ElementBatch): void {
    const { count, ranges, values } = batch;
    this.#observed += count;
    if (this.#window) this.#outside += countOutside(batch, this.#window);
    else if (this.#type === "zset") {
      for (let i = 0; i < count; i++) if (isNaNAt(values, ranges[i * 4 + 2])) this.#nan++;
    }
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

interface Window {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** How many items are outside of their list. They are in their order. */
function countOutside(batch: ElementBatch, { from, to }: Window): number {
  const isWithin = (i: number): boolean => {
    const { key } = elementAt(batch, i);
    return compareBytes(key, from) >= 0 && compareBytes(key, to) < 0;
  };
  const { count } = batch;
  if (compareBytes(from, to) < 0 && isWithin(0) && isWithin(count - 1)) return 0;
  let outside = 0;
  for (let i = 0; i < count; i++) if (!isWithin(i)) outside++;
  return outside;
}
