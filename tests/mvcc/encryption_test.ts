import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { type Code, DecantError, UnsoundError, UnsupportedError } from "../../src/errors.ts";
import * as nativeEnvelope from "../../src/mvcc/envelope.ts";
import { type OpenOptions, openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { agree, scanned, thrownBy } from "../support/naive/agree.ts";
import type { NaiveRow } from "../support/naive/resolve.ts";
import { DATA_KEY, DATA_KEYS, type Pair, sealed } from "../support/sealed.ts";
import { hex, rawStream, storedKey, storedValue } from "../support/stream.ts";
import { importWithoutNative } from "../support/without_native.ts";

const KEYS = DATA_KEYS;
/** Computed by another program: a string `s` whose value is "secret". */
const KEY = hex("2172656469737c7374727c61fe618fbb77ffffff");
const VALUE = hex(`
  020000000000000000 0100000000 07 d4c000030000000000000001
  f473e87d6626dbf37f33548d36357d1eddf796f702ed375a49`);
const CLEAR = hex("ff0100736563726574");

async function read(
  pairs: [Uint8Array, Uint8Array][],
  options: OpenOptions = { keys: KEYS },
): Promise<NaiveRow[]> {
  const snapshot = await openSnapshotInputs([
    { source: new BytesSource(rawStream(pairs, 5n), "test.fsm") },
  ], options);
  return await scanned(snapshot);
}

async function refused(
  pairs: [Uint8Array, Uint8Array][],
  code: Code,
  options?: OpenOptions,
): Promise<DecantError> {
  let found: DecantError | undefined;
  await rejects(read(pairs, options), (error) => {
    ok(error instanceof UnsoundError || error instanceof UnsupportedError, String(error));
    strictEqual(error.code, code, error.message);
    ok(error.key !== undefined && error.offset !== undefined && error.file === "test.fsm");
    found = error;
    return true;
  });
  return found!;
}

Deno.test("an encrypted value is opened with its data key", async () => {
  deepStrictEqual(await read([[KEY, VALUE]]), [{
    key: "!redis|str|a",
    value: "\xff\x01\0secret",
    ts: 0x019e704488000000n,
    expireAt: 0n,
  }]);
});

Deno.test("both implementations of the cipher open the same, and refuse the same", async () => {
  const plain = await importWithoutNative<typeof nativeEnvelope>("src/mvcc/envelope.ts");
  for (const { authenticates, openEnvelope } of [nativeEnvelope, plain]) {
    /** The clear body of a version; it must be known without opening it whether there is one. */
    const open = ([key, value]: Pair, dataKey = DATA_KEY): Uint8Array | undefined => {
      const bytes = Uint8Array.from([0xee, ...key, ...value, 0xee]);
      const body = 1 + key.length + 9;
      const [start, end] = [body - 9, bytes.length - 1];
      const clear = openEnvelope(dataKey, bytes, 1, start, body, end);
      strictEqual(
        authenticates(dataKey, bytes, 1, start, bytes, start, body, end),
        clear !== undefined,
      );
      return clear;
    };
    deepStrictEqual(open([KEY, VALUE]), CLEAR);
    // Without its first byte, which the reader of the header has looked at.
    for (let bit = 8; bit < VALUE.length * 8; bit++) {
      const changed = VALUE.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      strictEqual(open([KEY, changed]), undefined, `bit ${bit}`);
    }
    strictEqual(open([KEY, VALUE], DATA_KEY.map((b) => b ^ 1)), undefined);
    // Without a plaintext there is still a tag.
    deepStrictEqual(open(sealed("k", "")), new Uint8Array(0));
  }
});

Deno.test("every flipped bit of an encrypted value is refused, whatever it would say", async () => {
  const codes = new Set<string>();
  for (let bit = 0; bit < VALUE.length * 8; bit++) {
    const changed = VALUE.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    const bytes = rawStream([[KEY, changed]]);
    const code = await agreeOrRelabelled(bytes, bit === 1);
    ok(code !== "sound", `bit ${bit} of the value`);
    codes.add(code);
  }
  deepStrictEqual([...codes].sort(), [
    "cleartext-envelope",
    "decrypt-failed",
    "encrypted",
    "reserved-bits",
  ]);
});

/** The naive decoder does not look into clear values for envelopes. */
async function agreeOrRelabelled(bytes: Uint8Array, isRelabelled: boolean): Promise<string> {
  if (isRelabelled) {
    const snapshot = await openSnapshotInputs([{ source: new BytesSource(bytes) }], { keys: KEYS });
    return await thrownBy(() => scanned(snapshot)) ?? "sound";
  }
  const result = await agree([{ bytes }], { keys: KEYS, gets: false });
  return typeof result === "string" ? result : result.problems.join() || "sound";
}

Deno.test("every flipped bit of the key of an encrypted value is refused", async () => {
  for (let bit = 0; bit < KEY.length * 8; bit++) {
    const changed = KEY.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    await refused([[changed, VALUE]], "decrypt-failed");
  }
});

Deno.test("values of several data keys, and clear ones, stand side by side", async () => {
  const other = new Uint8Array(32).fill(1);
  const pairs: [Uint8Array, Uint8Array][] = [
    sealed("a", "first"),
    [storedKey("b", 5n), storedValue({ key: "b", value: "clear" })],
    sealed("c", "second", { id: 9, dataKey: other }),
  ];
  const keys = new Map([[7, DATA_KEY], [9, other]]);
  deepStrictEqual((await read(pairs, { keys })).map(({ value }) => value), [
    "first",
    "clear",
    "second",
  ]);
  const { info } = await openSnapshotInputs([{ source: new BytesSource(rawStream(pairs)) }]);
  deepStrictEqual(info.keyIds, new Map([[7, 1], [9, 1]]));
  strictEqual(info.totals[0].encrypted, 2);
});

Deno.test("encrypted values without keys are refused with their number and their keys' ids", async () => {
  const error = await refused([sealed("a", "x"), sealed("b", "y", { id: 9 })], "encrypted", {});
  strictEqual(error.message, "2 live rows are encrypted, with keys 7, 9");
  strictEqual(error.option, "keys");
  // No single row is to blame when no key fits.
  await rejects(read([sealed("a", "x", { id: 8 }), sealed("b", "y", { id: 9 })]), {
    name: "UnsupportedError",
    code: "encrypted",
    message: "values are encrypted with keys 8, 9, which the key file has none of",
  });
});

Deno.test("old and deleted versions need no data key", async () => {
  const pairs: [Uint8Array, Uint8Array][] = [
    [storedKey("a", 9n), storedValue({ key: "a", value: "clear" })],
    sealed("a", "old"),
    [storedKey("b", 9n), storedValue({ key: "b" })],
    sealed("b", "old"),
  ];
  deepStrictEqual((await read(pairs, {})).map(({ value }) => value), ["clear"]);
});

Deno.test("malformed envelopes are refused", async () => {
  const [key, value] = sealed("a", "");
  const bodies: Record<string, Uint8Array> = {
    "one byte too short": value.subarray(0, value.length - 1),
    "nothing": value.subarray(0, 9),
    "of another version": value.with(9, 2),
    "with key id 0": sealed("a", "", { id: 0 })[1],
  };
  for (const body of Object.values(bodies)) await refused([[key, body]], "decrypt-failed");
});

Deno.test("an envelope that says it is compressed is refused once it is known to be genuine", async () => {
  const error = await refused([sealed("a", "x", { flag: 1 })], "decrypt-failed");
  ok(/compressed/.test(error.message));
});

Deno.test("an encrypted row may expire", async () => {
  deepStrictEqual(await read([sealed("a", "x", { expireAt: 5n })]), []);
  const [row] = await read([sealed("a", "x", { expireAt: 6n })]);
  deepStrictEqual([row.value, row.expireAt], ["x", 6n]);
});

Deno.test("an encrypted value that was labelled clear is found out when there are keys", async () => {
  for (const [key, value] of [[KEY, VALUE], sealed("a", "x", { expireAt: 9n })]) {
    await refused([[key, value.with(0, 0)]], "cleartext-envelope");
    // Nobody can tell without keys.
    strictEqual((await read([[key, value.with(0, 0)]], {})).length, 1);
  }
  // Also when the expiry was set as well, to look like a row that the server never wrote.
  const relabelled = VALUE.with(0, 0).with(1, 1).with(8, 0xff);
  await refused([[KEY, relabelled]], "cleartext-envelope");
});

Deno.test("clear values of users are refused where encryption is required, and the server's own are not", async () => {
  const clear = (key: string): [Uint8Array, Uint8Array] => [
    storedKey(key, 5n),
    storedValue({ key, value: "v" }),
  ];
  const options = { keys: KEYS, requireEncrypted: true };
  for (const key of ["!redis|str|a", "!ddb|item|x", "bare", "!fs|ino|1", "!unheard|of"]) {
    await refused([clear(key)], "cleartext", options);
  }
  const own = [clear("!ddb|meta|gen|x"), clear("!dist|meta|version")];
  strictEqual((await read(own, options)).length, 2);
  strictEqual((await read([sealed("bare", "v")], options)).length, 1);
});

Deno.test("a scan can go on behind rows that do not open, naming each", async () => {
  const bad = sealed("b", "x");
  bad[1][bad[1].length - 1] ^= 1;
  const pairs = [sealed("a", "1"), bad, sealed("c", "2")];
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(rawStream(pairs)) }], {
    keys: KEYS,
  });
  const unsound: string[] = [];
  const rows = await scanned(snapshot, undefined, {
    onUnsound: ({ key, code }) => unsound.push(`${new TextDecoder().decode(key)} ${code}`),
  });
  deepStrictEqual(rows.map(({ key }) => key), ["a", "c"]);
  deepStrictEqual(unsound, ["b decrypt-failed"]);
});
