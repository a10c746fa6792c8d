import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { inspect, type InspectedScope, type InspectReport } from "../../src/commands/inspect.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { nodeFile, rawStream, storedKey, storedValue, stream } from "../support/stream.ts";

const TIME = 1_780_000_000_000n << 16n;
const MOMENT = { hlc: String(TIME), rfc3339: "2026-05-28T20:26:40Z" };

async function report(files: Uint8Array[], at?: bigint): Promise<InspectReport> {
  const inputs = files.map((bytes, i) => ({ source: new BytesSource(bytes, `${i}.fsm`) }));
  const snapshot = await openSnapshotInputs(inputs, { at });
  return inspect(snapshot);
}

function scope(counts: Partial<InspectedScope>): InspectedScope {
  return {
    adapter: "redis",
    keys: 0,
    live: 0,
    undecided: 0,
    versions: 0,
    superseded: 0,
    tombstones: 0,
    expired: 0,
    later: 0,
    bytes: 0,
    live_bytes: 0,
    superseded_bytes: 0,
    deleted_bytes: 0,
    clear: 0,
    encrypted: 0,
    ...counts,
  };
}

Deno.test("a sound file is reported with its checksum, its last commit and its counts", async () => {
  const file = nodeFile(stream([
    { key: "!redis|str|a", value: "new", ts: TIME },
    { key: "!redis|str|a", value: "old", ts: 5n },
    { key: "!redis|str|b", ts: 6n },
    { key: "!redis|str|c", value: "gone", ts: 7n, expireAt: 9n },
    { key: "no prefix", value: "x", ts: 8n },
  ], TIME));
  const { inputs: [input], ...rest } = await report([file]);
  deepStrictEqual(input, {
    name: "0.fsm",
    size: file.length,
    format: "stream",
    header_version: 1,
    checksum: "verified",
    crc32c: input.crc32c,
    group: undefined,
    commit_time: MOMENT,
    applied_index: undefined,
    newer: undefined,
  });
  ok(/^[0-9a-f]{8}$/.test(input.crc32c!));
  deepStrictEqual(rest, {
    format_version: 1,
    sound: true,
    entries: 5,
    first_commit_time: { hlc: "5", rfc3339: "1970-01-01T00:00:00Z" },
    commit_time: MOMENT,
    at: undefined,
    readable: { from: { hlc: "5", rfc3339: "1970-01-01T00:00:00Z" }, to: MOMENT },
    groups: { known: [], missing: [], unknown: true },
    scopes: [
      scope({
        scope: "0",
        state: "live",
        things: { strings: 1 },
        keys: 3,
        live: 1,
        versions: 4,
        superseded: 1,
        tombstones: 1,
        expired: 1,
        bytes: 4 * (12 + 8 + 9) + 3 + 3 + 4,
        live_bytes: 12 + 8 + 9 + 3,
        superseded_bytes: 12 + 8 + 9 + 3,
        deleted_bytes: 2 * (12 + 8 + 9) + 4,
        clear: 1,
      }),
      scope({
        adapter: "system",
        family: "bare",
        example_keys_b64: [btoa("no prefix")],
        keys: 1,
        live: 1,
        versions: 1,
        bytes: 9 + 8 + 9 + 1,
        live_bytes: 9 + 8 + 9 + 1,
        clear: 1,
      }),
    ],
    encrypted: { versions: 0, authenticated: false },
    key_ids: [],
    transactions: { applied: 0, rolled_back: 0, undecided_locks: 0, undecided_intents: 0 },
    problems: [],
  });
});

Deno.test("scopes are in the order of a dump, and the families of one are added up", async () => {
  const file = stream([
    { key: "!s3|bucket|meta|b\x00\x01", value: "x" },
    { key: "!redis|str|a", value: "x" },
    { key: "!redis|hll|a", value: "x" },
    { key: "!ddb|meta|table|enp6", value: "x" }, // zzz
    { key: "!ddb|meta|table|YWE", value: "x" }, // aa
    { key: "!dist|meta|x", value: "x" },
    { key: "!fs|ino|x", value: "x" },
  ]);
  const { scopes } = await report([file]);
  deepStrictEqual(
    scopes.map(({ adapter, scope, family, live }) => [adapter, scope ?? `(${family})`, live]),
    [
      ["dynamodb", "aa", 1],
      ["dynamodb", "zzz", 1],
      ["s3", "b", 1],
      ["redis", "0", 2],
      ["system", "(dist)", 1],
      ["system", "(fs-inode)", 1],
    ],
  );
});

Deno.test("an earlier moment has its own counts, and says which it is", async () => {
  const file = stream([
    { key: "!redis|str|a", value: "new", ts: 20n },
    { key: "!redis|str|a", value: "old", ts: 10n },
    { key: "!redis|str|b", value: "later", ts: 15n },
  ], 20n);
  const { at, scopes: [redis] } = await report([file], 12n);
  strictEqual(at?.hlc, "12");
  deepStrictEqual([redis.keys, redis.live, redis.versions, redis.later], [1, 1, 3, 2]);
});

Deno.test("encrypted values are counted by the key that they need, without having it", async () => {
  const envelope = (id: number): Uint8Array =>
    Uint8Array.of(1, 0, 0, 0, 0, id, ...Array(28).fill(0));
  const row = (key: string, id: number): [Uint8Array, Uint8Array] => {
    const value = storedValue({ key, value: envelope(id) });
    value[0] = 2;
    return [storedKey(key, 1n), value];
  };
  const file = rawStream([
    row("!redis|str|a", 9),
    row("!redis|str|b", 7),
    [storedKey("!redis|str|c", 1n), storedValue({ key: "", value: "clear" })],
    row("!redis|str|d", 9),
  ]);
  const { key_ids, scopes: [redis], sound } = await report([file]);
  deepStrictEqual(key_ids, [{ id: 7, live: 1 }, { id: 9, live: 2 }]);
  deepStrictEqual([redis.live, redis.clear, redis.encrypted, sound], [4, 1, 3, true]);
});

Deno.test("what is wrong is listed with its place and what to do", async () => {
  const file = nodeFile(stream([{ key: "!redis|str|a", value: "x" }]));
  file[file.length - 1] ^= 1;
  const { sound, inputs: [input], problems: [problem, ...more] } = await report([file]);
  deepStrictEqual([sound, input.checksum, input.crc32c, more], [false, "mismatch", undefined, []]);
  deepStrictEqual(
    { ...problem, message: undefined, hint: undefined },
    {
      code: "checksum-mismatch",
      message: undefined,
      file: "0.fsm",
      offset: file.length - 4,
      key_b64: undefined,
      key_length: undefined,
      key_sha256: undefined,
      hint: undefined,
    },
  );
  ok(problem.message !== "" && problem.hint);
});

Deno.test("a report is plain data: JSON has all of it, and no timestamp is rounded", async () => {
  const last = TIME + 1n; // no double
  const plain = await report([nodeFile(stream([{ key: "!redis|str|a", value: "x" }], last))]);
  const read: InspectReport = JSON.parse(JSON.stringify(plain));
  strictEqual(read.commit_time?.hlc, "116654080000000001");
  strictEqual(read.inputs[0].crc32c, plain.inputs[0].crc32c);
});

Deno.test("an empty store has no last commit and nothing to read", async () => {
  const { sound, commit_time, readable, scopes, inputs: [input] } = await report([
    nodeFile(new Uint8Array(0)),
  ]);
  deepStrictEqual([sound, commit_time, readable, scopes], [true, undefined, undefined, []]);
  deepStrictEqual([input.format, input.checksum], ["empty", "verified"]);
});
