/**
 * Whole snapshots from a seed: everything that clients may have written, many versions of it, as the
 * files of the nodes that keep it, and as what a reader should see of it.
 *
 * @module
 */

import { compareBytes } from "../../../src/bytes/compare.ts";
import { groupOf, type Route, routeKey } from "../../../src/keyspace/dist_keys.ts";
import { dynamodb } from "./dynamodb.ts";
import { concat, text, u64be, u64le } from "./encoding.ts";
import {
  type Encryption,
  type FileOptions,
  isChunkBlob,
  lastCommit,
  nodeFile,
  stream,
} from "./files.ts";
import { type Clock, CLOCKS, History, latin1, type Write } from "./history.ts";
import { Random } from "./random.ts";
import { redis } from "./redis.ts";
import { s3 } from "./s3.ts";
import { sqs } from "./sqs.ts";
import { catalog, expiring, interleaved, system } from "./system.ts";
import { transactions } from "./transactions.ts";

/** What writes each part of a history; the last three are for the store rather than for adapters. */
export const FAMILIES = { dynamodb, s3, redis, sqs, system, interleaved, expiring } as const;

/** A part of a history. */
export type FamilyName = keyof typeof FAMILIES;

/** What a snapshot shall have. */
export interface GeneratorOptions {
  /** All unless given. */
  families?: readonly FamilyName[];
  /** About how many writes of each family; 20 unless given. */
  size?: number;
  /** Chosen by the seed unless given. */
  clock?: Clock;
  /** Groups that share the keys; 1 unless given. */
  groups?: number;
  /** Whether groups may have rows that were once theirs, as the routes have changed. */
  leftOvers?: boolean;
  /** Transactions in flight; 0 unless given. */
  transactions?: number;
  /** Whether later values are encrypted. */
  encrypted?: boolean;
}

/** A row that a reader sees. */
export interface LiveRow {
  key: Uint8Array;
  value: Uint8Array;
  ts: bigint;
  expireAt: bigint;
}

/** A file and whose it is. */
export interface GeneratedFile {
  name: string;
  group: bigint;
  bytes: Uint8Array;
}

/** How a node's file is written. */
export type NodeFileOptions =
  & Partial<Pick<FileOptions, "header" | "footer" | "compactedTo" | "dropsTombstones">>
  & {
    /** Writes after it are not there: an earlier moment. */
    until?: bigint;
  };

const MAX_TIME = 0xffff_ffff_ffff_ffffn;

/** Makes the snapshot of a seed: the same on every machine. */
export function generate(seed: number, options: GeneratorOptions = {}): GeneratedSnapshot {
  const random = new Random(seed);
  const history = new History(random, options.clock ?? random.pick(CLOCKS));
  const { families = Object.keys(FAMILIES) as FamilyName[], size = 20 } = options;
  for (const family of families) {
    if (size > 0) FAMILIES[family](history, random.between(1, size));
  }
  const pending = transactions(history, options.transactions ?? 0);
  const routes = routesFor(history.writes, options.groups ?? 1, random);
  for (const row of catalog(routes)) history.writes.push({ ...row, ts: 1n, expireAt: 0n });
  if (options.leftOvers) {
    const ts = history.tick();
    for (const row of catalog(routes)) history.writes.push({ ...row, ts, expireAt: 0n });
  }
  return new GeneratedSnapshot(seed, random, history, pending, routes, options);
}

/** Cuts the keys into ranges, at keys that occur. */
function routesFor(writes: readonly Write[], groups: number, random: Random): Route[] {
  const keys = [
    ...new Map(writes.map(({ key }) => [latin1(routeKey(key)), routeKey(key)])).values(),
  ];
  const cuts = Array.from({ length: groups - 1 }, () => random.pick(keys) ?? text("m"));
  const starts = [new Uint8Array(0), ...cuts.sort(compareBytes)];
  return starts.map((start, i): Route => ({
    id: BigInt(i + 1),
    group: BigInt(i + 1),
    state: 0,
    parent: 0n,
    start: start.slice(),
    end: starts[i + 1]?.slice(),
    splitTime: 0n,
  }));
}

/** A snapshot in every form. */
export class GeneratedSnapshot {
  readonly seed: number;
  readonly clock: Clock;
  /** Every version, in the order of writing. */
  readonly writes: readonly Write[];
  /** Writes of committed transactions that the rows do not have yet. */
  readonly pending: readonly Write[];
  readonly routes: readonly Route[];
  readonly encryption: Encryption | undefined;
  /** The greatest commit time of what clients read by time. */
  readonly last: bigint;
  readonly #random: Random;
  readonly #mayHaveLeftOvers: boolean;

  constructor(
    seed: number,
    random: Random,
    history: History,
    pending: Write[],
    routes: Route[],
    { encrypted = false, leftOvers = false }: GeneratorOptions,
  ) {
    this.seed = seed;
    this.#random = random;
    this.clock = history.clock;
    this.writes = history.writes;
    this.pending = pending;
    this.routes = routes;
    this.last = lastCommit(history.writes);
    this.#mayHaveLeftOvers = leftOvers;
    if (encrypted) this.encryption = encryptionFor(history.writes, random);
  }

  /** Commit times that occur, ascending; the catalog's is left out. */
  get moments(): bigint[] {
    const times = [...new Set(this.writes.map(({ ts }) => ts))].filter((ts) => ts <= this.last);
    return times.sort((a, b) => a < b ? -1 : 1).slice(1);
  }

  /** Everything in the file of one node, up to a time where one is given. */
  file(options: NodeFileOptions = {}): Uint8Array {
    const { until = MAX_TIME } = options;
    const writes = this.writes.filter(({ ts }) => ts <= until);
    const lag = this.#random.chance(0.2) ? 1n : 0n;
    return nodeFile(writes, {
      header: this.#random.pick([0, 1, 1, 2]),
      ...options,
      lastCommitTs: lastCommit(writes) - lag,
      encryption: this.encryption,
      random: this.#random,
    });
  }

  /**
   * The files of the groups: of each one, and perhaps one of another node that has compacted otherwise,
   * in any order. Rows that were once in another group may still be there.
   *
   * @param compactedTo Versions that were hidden then may be gone from some files.
   */
  groupFiles(compactedTo = 0n): GeneratedFile[] {
    const random = this.#random;
    const byGroup = new Map<bigint, Write[]>(this.routes.map(({ group }) => [group, []]));
    for (const write of this.writes) {
      byGroup.get(groupOf(this.routes, write.key) ?? 1n)!.push(write);
    }
    const files: GeneratedFile[] = [];
    for (const [group, writes] of byGroup) {
      const leftOver = this.#mayHaveLeftOvers && random.chance(0.3)
        ? this.writes.slice(0, this.writes.length / 2).filter(() => random.chance(0.1))
        : [];
      const own = new Set(writes);
      const whole = [...writes, ...leftOver.filter((write) => !own.has(write))];
      files.push(this.#groupFile(group, "a", whole, compactedTo));
      if (random.chance(0.4)) files.push(this.#groupFile(group, "b", whole, compactedTo));
    }
    return files.sort(() => random.chance(0.5) ? -1 : 1);
  }

  #groupFile(group: bigint, node: string, writes: Write[], compactedTo: bigint): GeneratedFile {
    const bytes = nodeFile(writes, {
      header: this.#random.pick([0, 1, 2]),
      footer: this.#random.chance(0.8),
      meta: this.#random.chance(0.9),
      lastCommitTs: lastCommit(writes),
      compactedTo: this.#random.chance(0.5) ? compactedTo : 0n,
      encryption: this.encryption,
      random: this.#random,
    });
    return { name: `group-${group}${node}.fsm`, group, bytes };
  }

  /** What a reader sees at a time, or now; in stored order. */
  live(at?: bigint): LiveRow[] {
    const time = at ?? MAX_TIME;
    const newest = new Map<string, Write>();
    for (const write of [...this.writes, ...this.pending]) {
      const name = latin1(write.key);
      if (write.ts > time && !isChunkBlob(write.key)) continue;
      const known = newest.get(name);
      if (!known || write.ts > known.ts) newest.set(name, write);
    }
    const now = at ?? this.last;
    const rows: LiveRow[] = [];
    for (const { key, value, ts, expireAt } of newest.values()) {
      if (value && (expireAt === 0n || expireAt > now)) rows.push({ key, value, ts, expireAt });
    }
    const stored = new Map(rows.map((row) => [row, concat(row.key, u64be(~row.ts))]));
    return rows.sort((a, b) => compareBytes(stored.get(a)!, stored.get(b)!));
  }

  /** What a reader sees, as a bare stream of one version a key. */
  bare(at?: bigint): Uint8Array {
    return stream(
      this.live(at).map(({ key, value, ts, expireAt }) => [
        concat(key, u64be(~ts)),
        concat(0, u64le(expireAt), value),
      ]),
      at ?? this.last,
    );
  }
}

/** One key from a third of the history on, and another from two thirds on. */
function encryptionFor(writes: readonly Write[], random: Random): Encryption {
  const times = writes.map(({ ts }) => ts).sort((a, b) => a < b ? -1 : 1);
  const at = (part: number): bigint => times[Math.floor(times.length * part)] ?? 0n;
  return {
    keys: new Map([[7, random.bytes(32)], [9, random.bytes(32)]]),
    from: [{ ts: at(1 / 3), id: 7 }, { ts: at(2 / 3), id: 9 }],
  };
}
