import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import type { LookOptions } from "../../src/commands/looking.ts";
import { search, type SearchMatch, type Wanted } from "../../src/commands/search.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { nameText } from "../../src/text/name_text.ts";
import { encodeSegment } from "../../src/tree/segment.ts";
import { generate, Random } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";

const FIXTURES = new URL("../fixtures/real/", import.meta.url);

function open(bytes: Uint8Array): Promise<Snapshot> {
  return openSnapshotInputs([{ source: new BytesSource(bytes, "test.fsm") }]);
}

function fixture(path: string): Promise<Snapshot> {
  const bytes = Deno.readFileSync(new URL(path, FIXTURES));
  return open(path.endsWith(".gz") ? new Uint8Array(gunzipSync(bytes)) : bytes);
}

async function found(snapshot: Snapshot, wanted: Wanted): Promise<SearchMatch[]> {
  return await Array.fromAsync(search(snapshot, wanted, { onProblem: () => {} }));
}

/** A part of a record, as a character a byte. */
type Leaf = string;
// deno-lint-ignore no-explicit-any
type Json = any;

const latin1 = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => String.fromCharCode(b)).join("");
const ofText = (text: string): Leaf => latin1(new TextEncoder().encode(text));
const ofBase64 = (text: string): Leaf => atob(text.replaceAll("-", "+").replaceAll("_", "/"));
/** A text, or `{"base64":…}`. */
const ofValue = (value: Json): Leaf =>
  typeof value === "string" ? ofText(value) : ofBase64(value.base64);

function* attributeLeaves(value: Json): Generator<Leaf> {
  const [[type, content]] = Object.entries(value) as [string, Json][];
  if (type === "S" || type === "N") yield ofText(content);
  else if (type === "B") yield ofBase64(content);
  else if (type === "BS") yield* content.map(ofBase64);
  else if (type === "SS" || type === "NS") yield* content.map(ofText);
  else if (type === "L") { for (const one of content) yield* attributeLeaves(one); }
  else if (type === "M") yield* itemLeaves(content);
}

function* itemLeaves(item: Json): Generator<Leaf> {
  for (const [name, value] of Object.entries(item)) {
    yield ofText(name);
    yield* attributeLeaves(value);
  }
}

function* messageLeaves(message: Json): Generator<Leaf> {
  for (const [name, value] of Object.entries(message) as [string, Json][]) {
    if (name === "body") yield ofValue(value);
    else if (name === "message_attributes") {
      for (const [attribute, parts] of Object.entries(value) as [string, Json][]) {
        yield ofText(attribute);
        for (const [type, part] of Object.entries(parts ?? {}) as [string, Json][]) {
          if (type === "BinaryValue") yield ofBase64(part);
          else if (typeof part === "string") yield ofText(part);
        }
      }
    } else if (typeof value === "string") yield ofText(value);
  }
}

function* objectLeaves(value: Json): Generator<Leaf> {
  for (const [name, text] of Object.entries(value) as [string, Json][]) {
    if (name === "sha256" || name === "last_modified") continue;
    if (typeof text === "string") yield ofText(text);
    else if (name === "user_metadata") {
      for (const pair of Object.entries(text) as [string, string][]) yield* pair.map(ofText);
    }
  }
}

function* redisLeaves({ type, value }: Json): Generator<Leaf> {
  if (!Array.isArray(value)) return yield ofValue(value);
  for (const element of value) {
    if (type === "hash") yield* [ofValue(element.name), ofValue(element.value)];
    else if (type === "zset") yield ofValue(element.member);
    else if (type === "stream") {
      for (const { name, value } of element.fields) yield* [ofText(name), ofText(value)];
    } else yield ofValue(element);
  }
}

const nameOf = (key: Json): string =>
  nameText(Uint8Array.from(ofValue(key), (c) => c.charCodeAt(0)));

/** What records have, by the lines that a decode writes of them. */
async function leavesOf(snapshot: Snapshot): Promise<Map<string, Leaf[]>> {
  let text = "";
  const decoder = new TextDecoder();
  await decodeRecords(snapshot, {
    write: (lines) => void (text += decoder.decode(lines, { stream: true })),
  }, { bodies: true, keepGoing: true });
  const records = new Map<string, Leaf[]>();
  for (const line of text.trimEnd().split("\n").map((line) => JSON.parse(line) as Json)) {
    const { adapter, scope, type, key, value, live } = line;
    const add = (name: string, leaves: Iterable<Leaf>): void => {
      const id = `${adapter}/${nameOf(scope)}/${name}`;
      records.set(id, [...records.get(id) ?? [], ...leaves]);
    };
    if (type === "item") {
      const parts = Object.values(key).map((part: Json) => {
        const [[kind, content]] = Object.entries(part) as [string, string][];
        const raw = kind === "B" ? ofBase64(content) : ofText(content);
        return encodeSegment(Uint8Array.from(raw, (c) => c.charCodeAt(0)));
      });
      add(parts.join("/"), itemLeaves(value));
    } else if (type === "message") add(key, messageLeaves(value));
    else if (type === "object") add(nameOf(key), [ofValue(key), ...objectLeaves(value)]);
    else if (type === "body") {
      const id = `${adapter}/${nameOf(scope)}/${nameOf(key)}`;
      const leaves = records.get(id)!;
      if (value.offset === 0) leaves.push(atob(value.data));
      else leaves[leaves.length - 1] += atob(value.data);
    } else if (adapter === "redis" && key !== undefined && live !== false) {
      add(nameOf(key), [ofValue(key), ...redisLeaves(line)]);
    }
  }
  return records;
}

async function agree(snapshot: Snapshot, random: Random, searches: number): Promise<void> {
  const records = await leavesOf(snapshot);
  const leaves = [...records.values()].flat().filter((leaf) => leaf !== "");
  for (let run = 0; run < searches && leaves.length > 0; run++) {
    const leaf = random.pick(leaves)!;
    const start = random.below(leaf.length);
    const wanted = leaf.slice(start, start + 1 + random.below(7));
    const bytes = Uint8Array.from(wanted, (c) => c.charCodeAt(0));
    const matches = await found(snapshot, bytes);
    const expected = [...records].filter(([, leaves]) =>
      leaves.some((leaf) => leaf.includes(wanted))
    ).map(([id]) => id).sort();
    const ids = matches.map(({ adapter, scope, key }) => `${adapter}/${scope}/${key}`);
    deepStrictEqual([...new Set(ids)].sort(), expected, JSON.stringify(wanted));
    for (const { around, length } of matches) {
      ok(length > bytes.length || latin1(around).includes(wanted));
    }
  }
}

for (
  const path of [
    "ddb-history/snapshot.fsm",
    "redis-all/snapshot.fsm.gz",
    "s3-hostile-keys/snapshot.fsm",
    "sqs-all/snapshot.fsm.gz",
    "legacy-forged/snapshot.fsm",
  ]
) {
  Deno.test(`${path}: what records contain is found in these, and in no others`, async () => {
    const snapshot = await fixture(path);
    await agree(snapshot, new Random(randomSeed()), 12);
    snapshot.close();
  });
}

Deno.test("generated snapshots: what records contain is found in these, and in no others", async () => {
  const seed = randomSeed();
  for (let i = 0; i < 6; i++) {
    const snapshot = await open(generate(seed + i, { size: 6 }).file());
    await agree(snapshot, new Random(seed + i), 6);
    snapshot.close();
  }
});

Deno.test("a match says which part of a record it is in, and where", async () => {
  const snapshot = await fixture("sqs-all/snapshot.fsm.gz");
  const [first] = await found(snapshot, /after\s+PURGE/i);
  const { around, ...rest } = first;
  deepStrictEqual(rest, {
    adapter: "sqs",
    scope: "purged",
    type: "message",
    key: "7fc67399f3b331a29111029880afb1e5",
    part: "body",
    offset: 0,
    length: 11,
  });
  strictEqual(new TextDecoder().decode(around), "after purge 1");
  snapshot.close();
});

Deno.test("only what is selected is looked at", async () => {
  const snapshot = await fixture("ddb-history/snapshot.fsm");
  const all = await found(snapshot, "acc1");
  const some = async (options: LookOptions): Promise<SearchMatch[]> =>
    await Array.fromAsync(search(snapshot, "acc1", options));
  deepStrictEqual(await some({ only: ["dynamodb/accounts"] }), all);
  deepStrictEqual(
    await some({ keyRegex: "0$" }),
    all.filter(({ key }) => key.endsWith("0")),
  );
  deepStrictEqual(await some({ scopes: { dynamodb: ["orders"] } }), []);
  await rejects(some({ keyPrefix: "none" }), { code: "nothing-selected" });
  snapshot.close();
});

Deno.test("nothing is looked for with nothing, and a signal stops it", async () => {
  const snapshot = await fixture("ddb-history/snapshot.fsm");
  await rejects(found(snapshot, ""), { code: "usage" });
  const stopped = search(snapshot, "a", { signal: AbortSignal.abort() });
  await rejects(stopped.next(), { code: "aborted" });
  snapshot.close();
});
