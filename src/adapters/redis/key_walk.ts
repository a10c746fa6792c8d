/**
 * Walks all keys by name: what is known about each besides its elements, side by side with the element
 * rows of the five collection types.
 *
 * @module
 */

import { compareBytes } from "../../bytes/compare.ts";
import { throwIfAborted } from "../../errors.ts";
import type { RowHandle } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { SortedRecords } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import type { Fate, Reason } from "../ledger.ts";
import { Receipt } from "../receipts.ts";
import { CollectionCheck } from "./checks.ts";
import { addFact, type Facts, isStringAlone, noFacts } from "./facts.ts";
import type { ElementCursor } from "./element_batch.ts";
import { elementAt } from "./elements.ts";
import { compareNames, Cursor, isAt, nameLength } from "./key_order.ts";
import { ListItems } from "./list_elements.ts";
import type { WantedNames } from "./name_ranges.ts";
import type { RedisKeyRecord, RedisOrphanEntries } from "./records.ts";
import { type KeyTypes, keyTypes } from "./key_types.ts";
import { DATABASE } from "./scopes.ts";
import { KeyReader } from "./key_reader.ts";
import { StoredElements } from "./stored_elements.ts";
import { COLLECTION_TYPES, type CollectionType } from "./types.ts";

/** One walk. */
export class KeyWalk {
  readonly #context: AdapterContext;
  readonly #facts: Cursor;
  readonly #cursors: readonly ElementCursor[];
  readonly #keys: KeyReader;
  #orphanTtls = 0;
  /** Rows of the index that repeat what strings say themselves. */
  #repeated = 0;

  /** A walk over sorted facts and the element rows of the same names. */
  constructor(context: AdapterContext, names: WantedNames, facts: SortedRecords) {
    this.#context = context;
    this.#facts = new Cursor(facts);
    this.#cursors = COLLECTION_TYPES.map((type) =>
      type === "list" ? new ListItems(context, names) : new StoredElements(context, type, names)
    );
    this.#keys = new KeyReader(context, (type) => this.#cursor(type));
  }

  /** Lets go of what was spilled. */
  close(): void {
    for (const cursor of this.#cursors) cursor.close();
  }

  /** All keys but the strings that were given already. */
  async *records(): AsyncGenerator<RedisKeyRecord | RedisOrphanEntries, void> {
    await this.#facts.advance();
    for (const cursor of this.#cursors) await cursor.advance();
    for (;;) {
      throwIfAborted(this.#context.signal);
      const name = this.#leastName();
      if (!name) break;
      const found = this.#factsOf(name);
      const facts = isPromise(found) ? await found : found;
      if (isStringAlone(facts) && !this.#cursors.some((cursor) => isAt(cursor, name))) {
        if (facts.index) this.#repeated++;
        continue;
      }
      yield* this.#leaveEntries(name, facts);
      const types = keyTypes(facts, (type) => isAt(this.#cursor(type), name));
      this.#warn(name, facts, types);
      let index = types.index;
      for (const key of types.keys) {
        const fate = yield* this.#keys.read(key, name, facts);
        if (key.live && index === "written") index = fate;
      }
      await this.#bookRest(facts, types, index);
    }
    this.#context.ledger.add("redis", DATABASE, "derivable", this.#repeated);
    if (this.#orphanTtls > 0) {
      this.#context.warn("redis_orphan_ttl", {
        count: this.#orphanTtls,
        hint: "times of expiry of keys that do not exist, or of bare keys",
      });
    }
  }

  #cursor(type: CollectionType): ElementCursor {
    return this.#cursors[COLLECTION_TYPES.indexOf(type)];
  }

  /** The name that comes next, with its length before it. */
  #leastName(): Uint8Array | undefined {
    let least = this.#facts.current?.key;
    for (const { name } of this.#cursors) {
      if (name && (!least || compareNames(name, least) < 0)) least = name;
    }
    return least?.slice(0, nameLength(least));
  }

  #factsOf(name: Uint8Array, facts: Facts = noFacts()): MaybePromise<Facts> {
    while (this.#facts.isAt(name)) {
      addFact(facts, this.#facts.current!.value);
      const moved = this.#facts.advance();
      if (isPromise(moved)) return moved.then(() => this.#factsOf(name, facts));
    }
    return facts;
  }

  /** Leaves out stream entries that the server does not show: trimmed ones, and without a meta all. */
  async *#leaveEntries(name: Uint8Array, facts: Facts): AsyncGenerator<RedisOrphanEntries, void> {
    const cursor = this.#cursor("stream");
    const meta = facts.metas.stream;
    let reason: Reason = "unreachable";
    if (!meta && isAt(cursor, name)) {
      const receipt = new Receipt();
      yield { type: "orphan-entries", receipt };
      reason = receipt.outcome as Reason;
    }
    let left = 0;
    while (isAt(cursor, name)) {
      const { batch } = cursor;
      const isLeft = (i: number): boolean =>
        !meta || (meta.trimmed !== undefined &&
          compareBytes(elementAt(batch, i).key, meta.trimmed) <= 0);
      let count = 0;
      while (count < batch.count && isLeft(count)) {
        await this.#leave(cursor.handle(count++), reason);
      }
      if (count === 0) break;
      await cursor.advance(count);
      left += count;
    }
    if (left === 0) return;
    const user_key_len = name.length - 4;
    if (meta) {
      this.#context.warn("redis_stream_entries_below_trim_cursor", { user_key_len, dropped: left });
    } else {
      this.#context.warn("redis_stream_orphan_entries_without_meta", {
        user_key_len,
        observed_entries: left,
        hint: "the server finds streams by their meta row: clients cannot read these entries",
      });
    }
  }

  #warn(name: Uint8Array, facts: Facts, { keys, conflict, stale }: KeyTypes): void {
    const user_key_len = name.length - 4;
    if (conflict) {
      this.#context.warn("redis_type_conflict", {
        user_key_len,
        live_type: conflict[0],
        other_types: conflict.slice(1).join(","),
      });
    }
    if (stale) this.#context.warn("redis_stale_ttl_index", { user_key_len });
    for (const { expireAtMs } of keys) {
      if (expireAtMs === 0n) this.#context.warn("redis_zero_ttl", { user_key_len });
    }
    // Deltas without anything else are an emptied collection; nothing of it is written.
    for (const type of COLLECTION_TYPES) {
      if (facts.deltas[type] && !keys.some((key) => key.type === type)) {
        new CollectionCheck(type, facts).report(this.#context, user_key_len);
      }
    }
  }

  /** Gives the rows their fate that no type of their key has. */
  async #bookRest(facts: Facts, { keys }: KeyTypes, index: Fate | undefined): Promise<void> {
    if (facts.index && index) {
      if (index === "unreachable") this.#orphanTtls++;
      if (index === "hidden" || index === "unreachable") {
        await this.#leave(facts.index.row, index);
      } else {
        this.#context.ledger.add("redis", DATABASE, index, 1);
      }
    }
    for (const [type, row] of Object.entries(facts.blobs)) {
      const used = keys.some((key) => key.type === type && key.from === "blob");
      if (!used) await this.#leave(row.handle, "hidden");
    }
    if (facts.bare && !keys.some(({ from }) => from === "bare")) {
      await this.#context.leavePassed(facts.bare, "system", undefined, "hidden");
    }
  }

  #leave(row: RowHandle, reason: Reason): Promise<void> {
    return this.#context.leavePassed(row, "redis", DATABASE, reason);
  }
}
