/**
 * Inputs that the reference refuses: we refuse them with the code that stands for its error class, and
 * publish nothing. Where we know better, the outcome is in the second table.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Code, DecantError } from "../../src/errors.ts";
import { stream, type TestEntry } from "../support/stream.ts";
import { argumentsOf, casesOf, exists, noteMissingCorpus } from "./cases.ts";
import { decodeBytes } from "./decoding.ts";
import { optionsOf } from "./options.ts";

/** The reference's error class → the codes that stand for it. */
const CODES_OF: Readonly<Record<string, readonly Code[]>> = {
  "(EOF)": ["too-small", "truncated"],
  "(unexpected EOF)": ["too-small", "truncated", "not-a-snapshot"],
  ErrSnapshotBadMagic: ["not-a-snapshot", "unsupported-format", "truncated"],
  ErrSnapshotTruncated: ["truncated"],
  ErrSnapshotKeyTooLarge: ["too-large"],
  ErrSnapshotValueTooLarge: ["too-large"],
  ErrSnapshotShortKey: ["short-key"],
  ErrSnapshotShortValue: ["short-value"],
  ErrSnapshotEncryptedEntry: ["encrypted"],
  ErrSnapshotEncryptedReserved: ["reserved-bits"],
  ErrDDBMalformedKey: ["malformed-key"],
  ErrDDBInvalidSchema: ["invalid-schema"],
  ErrDDBInvalidItem: ["malformed-value", "invalid-item"],
  ErrRedisInvalidStringValue: ["malformed-value"],
  ErrRedisInvalidHLLValue: ["malformed-value"],
  ErrRedisInvalidTTLValue: ["malformed-value"],
  ErrRedisInvalidHashMeta: ["malformed-value"],
  ErrRedisInvalidListMeta: ["malformed-value"],
  ErrRedisInvalidSetMeta: ["malformed-value"],
  ErrRedisInvalidZSetMeta: ["malformed-value"],
  ErrRedisInvalidStreamMeta: ["malformed-value"],
  ErrRedisInvalidHashKey: ["malformed-key"],
  ErrRedisInvalidListKey: ["malformed-key"],
  ErrRedisInvalidSetKey: ["malformed-key"],
  ErrRedisInvalidZSetKey: ["malformed-key"],
  ErrRedisInvalidStreamKey: ["malformed-key"],
  ErrRedisInvalidZSetMember: ["malformed-value"],
  ErrRedisInvalidZSetLegacyBlob: ["malformed-value"],
  ErrRedisInvalidStreamEntry: ["malformed-value"],
  ErrS3MalformedKey: ["malformed-key"],
  ErrS3InvalidBucketMeta: ["malformed-value"],
  ErrS3InvalidManifest: ["malformed-value"],
  ErrS3InvalidChunkRef: ["malformed-value", "incomplete-object"],
  ErrS3IncompleteBlobChunks: ["incomplete-object"],
  ErrS3ChunkBlobHashMismatch: ["incomplete-object"],
  ErrS3MetaSuffixCollision: ["name-collision"],
  ErrSQSMalformedKey: ["malformed-key", "malformed-value"],
  ErrSQSInvalidQueueMeta: ["malformed-value"],
  ErrSQSInvalidMessage: ["malformed-value"],
};

/**
 * Outcomes of ours that differ: the exit code of a decode that publishes. The reasons: rows that no
 * output would contain are not looked into; legacy JSON is read; empty S3 values mean that there is
 * nothing; names that cannot be paths are written under other ones; NaN scores are written.
 */
const OURS: readonly (readonly [name: RegExp, exit: number])[] = [
  [/^err-ddb-(item-value-\d+|orphan-bad-value|nesting)$/, 8],
  [/^err-ddb-(schema-value-03|jsonl-mode)$/, 0],
  [/^err-redis-zset-blob-nan$/, 0],
  [/^err-s3-(bucket|manifest)-value-00$/, 0],
  [/^err-s3-(leaf-target|meta-suffix-target|name-too-long|unsafe-name-\d+)$/, 0],
  [/^err-s3-unsafe-object-blob$/, 8],
];

for (const { name, folder } of casesOf("parity")) {
  if (!name.startsWith("err-") || name.startsWith("err-cli-")) continue;
  if (!exists(`${folder}class.txt`)) continue;
  const input = Deno.readFileSync(`${folder}input.fsm`);
  const options = optionsOf(argumentsOf(folder));
  const ours = OURS.find(([pattern]) => pattern.test(name));
  if (ours) {
    Deno.test(`refusals: ${name} is read, and ends with exit code ${ours[1]}`, async () => {
      const { report, published } = await decodeBytes({ "input.fsm": input }, options);
      deepStrictEqual(report.problems.map(({ error }) => error.message), []);
      strictEqual(report.exitCode, ours[1]);
      ok(published);
    });
    continue;
  }
  const kind = Deno.readTextFileSync(`${folder}class.txt`).trim();
  Deno.test(`refusals: ${name} is refused as ${kind}`, async () => {
    const { codes, published } = await refusal(input, options);
    ok(codes.length > 0, "it was accepted");
    const known = CODES_OF[kind];
    ok(known?.includes(codes[0]), `${codes[0]} for ${kind}`);
    ok(!published);
  });
}
noteMissingCorpus("refusals");

/** The codes that an input is refused with. */
async function refusal(
  input: Uint8Array,
  options: Parameters<typeof decodeBytes>[1],
): Promise<{ codes: Code[]; published: boolean }> {
  try {
    const { report, published, files } = await decodeBytes({ "input.fsm": input }, options);
    if (report.exitCode === 4) deepStrictEqual([...files], []);
    return { codes: report.problems.map(({ error }) => error.code), published };
  } catch (error) {
    if (!(error instanceof DecantError)) throw error;
    return { codes: [error.code], published: false };
  }
}

/** Values of items of a table that is there: now they are looked into. */
const SCHEMA: TestEntry = {
  key: "!ddb|meta|table|dA",
  value: Uint8Array.from([
    ...[0x00, 0x44, 0x53, 0x01, 0x0a, 0x01, 0x74, 0x12, 0x07, 0x0a, 0x02, 0x69, 0x64, 0x12, 0x01],
    ...[0x53, 0x1a, 0x04, 0x0a, 0x02, 0x69, 0x64, 0x28, 0x02, 0x38, 0x01],
  ]),
};

for (const { name, folder } of casesOf("parity")) {
  if (!/^err-ddb-(item-value-\d+|nesting)$/.test(name)) continue;
  if (name === "err-ddb-item-value-03") continue; // legacy JSON, which is read
  Deno.test(`refusals: the value of ${name} is refused in a table that is there`, async () => {
    const entries = entriesOf(Deno.readFileSync(`${folder}input.fsm`));
    const items = entries.filter(({ key }) =>
      new TextDecoder().decode(key as Uint8Array).startsWith("!ddb|item|")
    );
    ok(items.length > 0);
    const moved = items.map((item, i) => ({ ...item, key: `!ddb|item|dA|1|${i}\0\x01` }));
    const { codes } = await refusal(stream([...moved, SCHEMA]), {});
    ok(codes.length > 0, "it was accepted");
    for (const code of codes) ok(["malformed-value", "invalid-item"].includes(code), code);
  });
}

/** The entries of a bare stream with one version a key. */
function entriesOf(bytes: Uint8Array): TestEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TestEntry[] = [];
  for (let at = 16; at < bytes.length;) {
    const keyLength = Number(view.getBigUint64(at, true));
    const key = bytes.subarray(at + 8, at + keyLength);
    at += 8 + keyLength;
    const valueLength = Number(view.getBigUint64(at, true));
    entries.push({ key, value: bytes.subarray(at + 8 + 9, at + 8 + valueLength) });
    at += 8 + valueLength;
  }
  return entries;
}
