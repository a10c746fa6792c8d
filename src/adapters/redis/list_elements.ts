/**
 * The items of all lists: by name, and within a name by their places.
 *
 * The names of lists have no length before them, so that the items of one list can lie among those of
 * others, and the order of names is another one. So items are sorted, but for those of a long run that
 * belong to one list: of these only the first and the last place are sorted, and they are read when it is
 * their turn.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { startsWith } from "../../bytes/compare.ts";
import { FAMILY } from "../../keyspace/families.ts";
import { SEQUENCE_SIZE } from "../../keyspace/redis_keys.ts";
import { type RowBatch, type RowHandle, rowHandle } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import {
  appendRecordValue,
  dropElements,
  type ElementBatch,
  type ElementCursor,
  emptyBatch,
  PackedElements,
  pushElement,
  RUN,
} from "./element_batch.ts";
import { appendName, Cursor, nameLength } from "./key_order.ts";
import { listItems } from "./list_items.ts";
import { rowsOf, type WantedNames } from "./name_ranges.ts";
import { RedisRow } from "./rows.ts";

const LIST_ITEM = FAMILY["list-item"];
/** Bytes of a run's items that are sorted one by one, and of all that are held before they are spilled. */
const SHORT_RUN = 64 << 10;
const MEMORY = 16 << 20;

/** Items of one list that are stored one behind the other. */
interface Run {
  /** Of the list. */
  name: Uint8Array;
  /** Bytes of those that were sorted one by one. */
  size: number;
  /** The place of the first one that was not. */
  first?: Uint8Array;
  /** And of the last. */
  readonly last: Uint8Array;
}

/** Reads the items of all lists. */
export class ListItems implements ElementCursor {
  name: Uint8Array | undefined;
  readonly #context: AdapterContext;
  readonly #names: WantedNames;
  readonly #sorter: SpillSorter;
  #sorted: { records: Cursor; packed: PackedElements } | undefined;
  /** The run that is read, whose items are at hand. */
  #run: RunReader | undefined;
  /** The run that is being sorted. */
  #open: Run | undefined;
  readonly #key = new ByteBuilder();
  readonly #value = new ByteBuilder();

  /** Nothing is read before the first items are asked for, by going to them. */
  constructor(context: AdapterContext, names: WantedNames) {
    this.#context = context;
    this.#names = names;
    this.#sorter = new SpillSorter(context.scratch, MEMORY);
  }

  get batch(): ElementBatch {
    return (this.#run ?? this.#sorted?.packed)?.batch ?? NOTHING;
  }

  whole(): MaybePromise<ElementBatch> {
    return this.#run?.batch ?? this.#sorted!.packed.whole();
  }

  handle(i: number): RowHandle {
    return this.#run?.handle(i) ?? this.#sorted!.packed.handle(i);
  }

  async advance(count = this.batch.count): Promise<void> {
    if (count < this.batch.count) return dropElements(this.batch, count);
    const { records, packed } = this.#sorted ??= await this.#sort();
    if (await this.#run?.next()) return;
    this.#run = undefined;
    const record = records.current;
    this.name = record?.key.slice(0, nameLength(record.key));
    if (!record) return void (packed.batch.count = 0);
    if (record.value[0] !== RUN) return await packed.pack(this.name!);
    const name = this.name!.subarray(4);
    const first = record.key.slice(4 + name.length);
    this.#run = new RunReader(this.#context, name, first, record.value.slice(1));
    await records.advance();
    await this.#run.next();
  }

  close(): void {
    this.#sorter.close();
  }

  /** Goes through all items, and sorts what there is to be sorted. */
  async #sort(): Promise<{ records: Cursor; packed: PackedElements }> {
    const prefix = LIST_ITEM.bytes.length;
    for await (const batch of rowsOf(this.#context, LIST_ITEM.id, this.#names)) {
      const row = new RedisRow();
      const { bytes, ranges } = batch;
      for (let i = 0; i < batch.count; i++) {
        const start = ranges[i * 4] + prefix;
        const end = ranges[i * 4 + 1];
        if (!this.#isInRun(bytes, start, end)) {
          if (!row.read(this.#context, LIST_ITEM, batch, i)) continue;
          if (!this.#names.has(bytes, row.nameStart, row.nameEnd)) continue;
          const ended = this.#endRun();
          if (isPromise(ended)) await ended;
          this.#open = { name: row.name(), size: 0, last: new Uint8Array(SEQUENCE_SIZE) };
        }
        const added = this.#add(this.#open!, batch, i);
        if (isPromise(added)) await added;
      }
    }
    await this.#endRun();
    const records = new Cursor(await this.#sorter.sorted());
    await records.advance();
    return { records, packed: new PackedElements(this.#context.rows, records) };
  }

  #isInRun(bytes: Uint8Array, start: number, end: number): boolean {
    const name = this.#open?.name;
    if (name === undefined || end - start !== name.length + SEQUENCE_SIZE) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    return true;
  }

  #add(run: Run, batch: RowBatch, i: number): MaybePromise<void> {
    const { bytes, ranges } = batch;
    const r = i * 4;
    const end = ranges[r + 1];
    const at = end - SEQUENCE_SIZE;
    if (run.size >= SHORT_RUN) {
      run.first ??= bytes.slice(at, end);
      for (let k = 0; k < SEQUENCE_SIZE; k++) run.last[k] = bytes[at + k];
      return;
    }
    run.size += end - ranges[r] + ranges[r + 3] - ranges[r + 2];
    appendRecordValue(this.#value.clear(), batch, i, ranges[r + 2], ranges[r + 3]);
    return this.#addRecord(run.name, bytes.subarray(at, end));
  }

  #endRun(): MaybePromise<void> {
    const run = this.#open;
    this.#open = undefined;
    if (!run?.first) return;
    this.#value.clear().byte(RUN).append(run.last);
    return this.#addRecord(run.name, run.first);
  }

  #addRecord(name: Uint8Array, place: Uint8Array): MaybePromise<void> {
    appendName(this.#key.clear(), name, 0, name.length);
    return this.#sorter.add(this.#key.append(place).view(), this.#value.view());
  }
}

const NOTHING = emptyBatch();

/** Reads the items of one run again, where they lie. */
class RunReader {
  /** The items at hand. */
  readonly batch: ElementBatch = emptyBatch();
  readonly #batches: AsyncGenerator<RowBatch>;
  /** What their keys begin with. */
  readonly #prefix: Uint8Array;
  #rows: RowBatch | undefined;
  #places = new Uint32Array(0);

  /**
   * @param name The list.
   * @param first The first place.
   * @param last And the last.
   */
  constructor(context: AdapterContext, name: Uint8Array, first: Uint8Array, last: Uint8Array) {
    this.#prefix = new ByteBuilder().append(LIST_ITEM.bytes).append(name).take();
    // The same rows came before, and were told of then.
    this.#batches = listItems(context.silent(), name, first, last);
  }

  /** Goes to the next items; returns whether there are any. */
  async next(): Promise<boolean> {
    this.batch.count = 0;
    do {
      const { done, value } = await this.#batches.next();
      if (done) return false;
      this.#take(value);
    } while (this.batch.count === 0);
    return true;
  }

  handle(i: number): RowHandle {
    return rowHandle(this.#rows!, this.#places[i]);
  }

  #take(rows: RowBatch): void {
    const { bytes, ranges, count } = rows;
    const { batch } = this;
    const prefix = this.#prefix;
    if (this.#places.length < count) this.#places = new Uint32Array(count);
    this.#rows = rows;
    batch.keys = batch.values = bytes;
    for (let i = 0; i < count; i++) {
      const r = i * 4;
      const place = ranges[r + 1] - SEQUENCE_SIZE;
      if (place - ranges[r] !== prefix.length || !startsWith(bytes, prefix, ranges[r], place)) {
        continue;
      }
      this.#places[batch.count] = i;
      pushElement(batch, place, place + SEQUENCE_SIZE, ranges[r + 2], ranges[r + 3]);
    }
  }
}
