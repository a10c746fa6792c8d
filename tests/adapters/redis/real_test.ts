/** The captured files: what is decoded must be what the server's own API said, no more and no less. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { STANDARD, toBase64 } from "../../../src/bytes/base64.ts";
import { keysOf } from "../../conformance/cases.ts";
import { corpusPath } from "../../container/corpus.ts";
import { type Dump, dump } from "./support.ts";

interface TrueKey {
  key_b64: string;
  type: string;
  expire_at_ms: [number, number] | null;
  stored_as_bare_key?: true;
  value_b64?: string;
  fields_b64?: [string, string][];
  items_b64?: string[];
  members_b64?: string[] | [string, string | null][];
  members_written?: string[];
  entries?: [string, [string, string][]][];
  len?: number;
}

interface Truth {
  redis: { keys: TrueKey[]; absent_keys_b64: string[]; expired_keys_b64: string[] };
  raw_kv?: { key_b64: string; exists: boolean; value_b64?: string }[];
}

/** A value of a record line as base64 of its bytes. */
type Binary = string | { base64: string };

function base64(value: Binary): string {
  if (typeof value !== "string") {
    return value.base64.replaceAll("-", "+").replaceAll("_", "/").padEnd(
      Math.ceil(value.base64.length / 4) * 4,
      "=",
    );
  }
  return toBase64(STANDARD, new TextEncoder().encode(value));
}

interface Line {
  type: string;
  key: Binary;
  // deno-lint-ignore no-explicit-any
  value: any;
  expire_at_ms: number | null;
  live?: false;
  part?: number;
}

/** Key as base64 → its lines. */
function keysIn({ records }: Dump): Map<string, Line[]> {
  strictEqual(records[0], '{"adapter":"redis","scope":"0","type":"db"}');
  const keys = new Map<string, Line[]>();
  for (const text of records.slice(1)) {
    const line: Line = JSON.parse(text);
    strictEqual(line.part, undefined);
    const key = base64(line.key);
    keys.set(key, [...keys.get(key) ?? [], line]);
  }
  return keys;
}

/** What the line says, in the form of the truth. */
function contents({ type, value }: Line): Partial<TrueKey> {
  switch (type) {
    case "string":
      return { value_b64: base64(value) };
    case "hll":
      return { members_written: [...value].sort() };
    case "hash":
      return {
        fields_b64: value.map((f: { name: Binary; value: Binary }) => [
          base64(f.name),
          base64(f.value),
        ]),
      };
    case "list":
      return { items_b64: value.map(base64) };
    case "set":
      return { members_b64: value.map(base64) };
    case "zset":
      return {
        members_b64: value.map((m: { member: Binary; score: unknown }) => [
          base64(m.member),
          Object.is(m.score, -0) ? "-0" : String(m.score),
        ]),
      };
    default:
      return {
        entries: value.map((e: { id: string; fields: { name: Binary; value: Binary }[] }) => [
          e.id,
          e.fields.map((f) => [base64(f.name), base64(f.value)]),
        ]),
      };
  }
}

/** The truth in the same form: base64 sorts otherwise than bytes, scores have other names. */
function trueContents(key: TrueKey): Partial<TrueKey> {
  const { value_b64, fields_b64, items_b64, members_written, entries } = key;
  if (key.type === "string") return { value_b64 };
  if (key.type === "hll") return { members_written: [...members_written!].sort() };
  if (key.type === "hash") return { fields_b64: fields_b64!.toSorted(byFirst) };
  if (key.type === "list") return { items_b64 };
  if (key.type === "stream") return { entries };
  if (key.type === "set") return { members_b64: (key.members_b64 as string[]).toSorted(byBytes) };
  const members = key.members_b64 as [string, string | null][];
  return {
    members_b64: members.toSorted(byFirst)
      .map(([member, score]): [string, string] => [member, scoreOf(score)]),
  };
}

function scoreOf(text: string | null): string {
  if (text === null) return "null";
  if (/^[+-]?inf/i.test(text)) return text.startsWith("-") ? "-inf" : "+inf";
  return String(Number(text)) === "0" && text.startsWith("-") ? "-0" : String(Number(text));
}

function byFirst([a]: [string, unknown], [b]: [string, unknown]): number {
  return byBytes(a, b);
}

function byBytes(a: string, b: string): number {
  const [x, y] = [atob(a), atob(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Compares, but for what is in the file and no client saw. */
function check(dumped: Dump, truth: Truth, unseen: (key: string) => boolean = () => false): void {
  const keys = keysIn(dumped);
  const expired = new Set(truth.redis.expired_keys_b64);
  for (const key of truth.redis.keys) {
    const lines = keys.get(key.key_b64) ?? [];
    keys.delete(key.key_b64);
    const label = `${key.type} ${atob(key.key_b64)}`;
    if (lines.length === 0) {
      // An emptied collection; a legacy stream, of which the server shows nothing.
      strictEqual(key.len, 0, label);
      continue;
    }
    strictEqual(lines.length, 1, label);
    const [line] = lines;
    strictEqual(line.live, undefined, label);
    strictEqual(line.type, key.type, label);
    const found = contents(line);
    const wanted = trueContents(key);
    // The server itself did not find these scores.
    const missing = new Set(
      key.type === "zset"
        ? wanted.members_b64!.filter(([, s]) => s === "null").map(([m]) => m)
        : [],
    );
    if (missing.size > 0) {
      const without = (all: unknown) =>
        (all as [string, string][]).filter(([m]) => !missing.has(m));
      deepStrictEqual(without(found.members_b64), without(wanted.members_b64), label);
      strictEqual(found.members_b64!.length, wanted.members_b64!.length);
    } else deepStrictEqual(found, wanted, label);
    if (key.expire_at_ms === null) strictEqual(line.expire_at_ms, null, label);
    else {
      const [low, high] = key.expire_at_ms;
      const ms = line.expire_at_ms!;
      strictEqual(ms >= low && ms <= high, true, `${label} expires at ${ms}, not ${low}…${high}`);
    }
  }
  for (const [key, [line]] of keys) {
    strictEqual(
      expired.has(key) ? line.expire_at_ms !== null : unseen(key),
      true,
      `${line.type} ${atob(key)} was seen by nobody`,
    );
  }
}

interface Case {
  files: string[];
  /** Rows by what became of them, with bare rows taken for strings. */
  fates: Record<string, number>;
  noted?: unknown[][];
}

function fates(written: number, operational: number, derivable: number, bare: number) {
  return {
    "redis written": written,
    "redis operational": operational,
    "redis derivable": derivable,
    "system written": bare,
  };
}

const CASES: Record<string, Case> = {
  "redis-all": { files: ["snapshot.fsm"], fates: fates(727, 117, 21, 9) },
  "legacy-forged": {
    files: ["snapshot.fsm"],
    fates: { "redis written": 26, "redis hidden": 1, "system written": 2 },
    noted: [["redis_legacy_stream_blob_dropped", 5, 1]],
  },
  "interleaved": {
    files: ["snapshot.fsm"],
    fates: { "redis written": 40, "redis operational": 30, "system written": 10 },
  },
  "mixed": { files: ["snapshot.fsm.gz"], fates: fates(967, 931, 3, 9) },
  "three-node": { files: ["snapshot.fsm.gz"], fates: fates(118, 72, 2, 2) },
  "sst-ingest": { files: ["snapshot.fsm.gz"], fates: fates(714, 117, 21, 9) },
  "encrypted": { files: ["snapshot.fsm.gz"], fates: fates(222, 134, 4, 4) },
  "encrypted-raft-envelope": { files: ["snapshot.fsm.gz"], fates: fates(274, 165, 5, 5) },
  "multi-group": {
    files: ["group-1.fsm", "group-2.fsm", "group-3.fsm"],
    fates: fates(97, 30, 3, 3),
  },
};

for (const [name, { files, fates, noted = [] }] of Object.entries(CASES)) {
  Deno.test({
    name: `real/${name} has exactly the keys that clients saw`,
    ignore: pathOf(`${name}/${files[0]}`) === undefined,
    async fn() {
      const bytes = await Promise.all(files.map((file) => readCase(`${name}/${file}`)));
      const truth: Truth = JSON.parse(Deno.readTextFileSync(pathOf(`${name}/truth.json`)!));
      const keys = keysOf({ name, folder: pathOf(`${name}/truth.json`)!.slice(0, -10) });
      const dumped = await dump(bytes, { redisBareStrings: true, keys });
      const raw = new Set(truth.raw_kv?.map(({ key_b64 }) => key_b64));
      // Written after the truth was read, or not found by the server's own lookup.
      check(dumped, truth, (key) => raw.has(key) || /^zz:filler$|gap/.test(atob(key)));
      deepStrictEqual(dumped.fates, fates);
      deepStrictEqual(dumped.noted, noted);
      deepStrictEqual(dumped.wrong, []);
    },
  });
}

Deno.test("real/redis-all has each type with and without an expiry", async () => {
  const { records } = await dump(await readCase("redis-all/snapshot.fsm"));
  const seen = new Set(
    records.slice(1).map((text) => {
      const { type, expire_at_ms } = JSON.parse(text);
      return `${type}${expire_at_ms === null ? "" : " that expires"}`;
    }),
  );
  const types = ["string", "hll", "hash", "list", "set", "zset", "stream"];
  deepStrictEqual([...seen].sort(), types.flatMap((t) => [t, `${t} that expires`]).sort());
});

/** The small ones are in the repository, some with gzip; the others lie beside it, if anywhere. */
function pathOf(name: string): string | undefined {
  const fixtures = import.meta.dirname + "/../../fixtures/real/";
  const paths = [fixtures + name, `${fixtures}${name}.gz`, corpusPath(name)];
  return paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

async function readCase(name: string): Promise<Uint8Array> {
  const path = pathOf(name)!;
  using file = Deno.openSync(path);
  const plain = path.endsWith(".gz")
    ? file.readable.pipeThrough(new DecompressionStream("gzip"))
    : file.readable;
  return new Uint8Array(await new Response(plain).arrayBuffer());
}
