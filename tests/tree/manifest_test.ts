import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { DecantError } from "../../src/errors.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";
import { type Manifest, readManifest, writeManifest } from "../../src/tree/manifest.ts";
import { corpusFiles, hasCorpus } from "./corpus.ts";

const EXAMPLE: Manifest = {
  phase: "phase0-snapshot-decode",
  elastickv_version: "dev",
  cluster_id: "ek-test",
  snapshot_index: 64n,
  last_commit_ts: 1n,
  wall_time_iso: "2026-04-29T15:42:11.094Z",
  source: { fsm_path: "/data/0000000000000064.fsm" },
  adapters: { dynamodb: {}, s3: {}, redis: {}, sqs: {} },
  exclusions: {
    include_incomplete_uploads: false,
    include_orphans: false,
    preserve_sqs_visibility: false,
    include_sqs_side_records: false,
  },
  dynamodb_layout: "per-item",
};

const EXAMPLE_JSON = `{
  "format_version": 1,
  "phase": "phase0-snapshot-decode",
  "elastickv_version": "dev",
  "cluster_id": "ek-test",
  "snapshot_index": 64,
  "last_commit_ts": 1,
  "wall_time_iso": "2026-04-29T15:42:11.094Z",
  "source": {
    "fsm_path": "/data/0000000000000064.fsm"
  },
  "adapters": {
    "dynamodb": {},
    "s3": {},
    "redis": {},
    "sqs": {}
  },
  "exclusions": {
    "include_incomplete_uploads": false,
    "include_orphans": false,
    "preserve_sqs_visibility": false,
    "include_sqs_side_records": false
  },
  "checksum_algorithm": "sha256",
  "checksum_format": "sha256sum",
  "encoded_filename_charset": "rfc3986-unreserved-plus-percent",
  "key_segment_max_bytes": 240,
  "s3_meta_suffix": ".elastickv-meta.json",
  "s3_collision_strategy": "leaf-data-suffix",
  "dynamodb_layout": "per-item"
}
`;

/** Every member there is. */
const FULL: Manifest = {
  ...EXAMPLE,
  snapshot_index: 18446744073709551615n,
  last_commit_ts: 116654112768000007n,
  source: { fsm_path: "a<b>&.fsm", fsm_crc32c: "b8f5d2d0", sha256: "ab".repeat(32) },
  adapters: {
    dynamodb: { tables: ["a", "é"] },
    s3: { buckets: ["b"] },
    redis: { databases: [0, 15] },
    sqs: { queues: ["q"] },
  },
  exclusions: { ...EXAMPLE.exclusions, include_orphans: true, rename_s3_collisions: true },
  dynamodb_layout: "jsonl",
  file_names: "portable",
  read_ts: 116654112768000001n,
  selection: { adapter: ["dynamodb"], scope: ["dynamodb=a", "dynamodb=é"] },
  inputs: [
    { name: "a<b>&.fsm", size: 180, sha256: "ab".repeat(32), fsm_crc32c: "b8f5d2d0", group: 2n },
    { name: "b.fsm", size: 0, sha256: "cd".repeat(32) },
  ],
  complete: false,
  balance: {
    versions: 10,
    live: 6,
    superseded: 2,
    tombstones: 1,
    expired: 1,
    scopes: [
      {
        adapter: "dynamodb",
        scope: "a",
        live: 6,
        written: 3,
        derivable: 1,
        operational: 1,
        left_out: { unsound: 1 },
      },
    ],
  },
};

const FULL_END = `
  "dynamodb_layout": "jsonl",
  "file_names": "portable",
  "read_ts": 116654112768000001,
  "selection": {
    "adapter": [
      "dynamodb"
    ],
    "scope": [
      "dynamodb=a",
      "dynamodb=é"
    ]
  },
  "inputs": [
    {
      "name": "a<b>&.fsm",
      "size": 180,
      "sha256": "${"ab".repeat(32)}",
      "fsm_crc32c": "b8f5d2d0",
      "group": 2
    },
    {
      "name": "b.fsm",
      "size": 0,
      "sha256": "${"cd".repeat(32)}"
    }
  ],
  "complete": false,
  "balance": {
    "versions": 10,
    "live": 6,
    "superseded": 2,
    "tombstones": 1,
    "expired": 1,
    "scopes": [
      {
        "adapter": "dynamodb",
        "scope": "a",
        "live": 6,
        "written": 3,
        "derivable": 1,
        "operational": 1,
        "left_out": {
          "unsound": 1
        }
      }
    ]
  }
}
`;

const read = (json: string) => readManifest(encodeUtf8(json));
const written = (manifest: Manifest) => decodeUtf8(writeManifest(manifest)) as string;

/** The example with one text replaced by another. */
function changed(from: string, to: string): string {
  strictEqual(EXAMPLE_JSON.split(from).length, 2, `not once in the example: ${from}`);
  return EXAMPLE_JSON.replace(from, to);
}

function invalid(json: string, message?: RegExp): void {
  throws(() => read(json), {
    name: "UnsoundError",
    code: "invalid-tree",
    file: "MANIFEST.json",
    ...(message && { message }),
  }, json);
}

function unsupported(json: string): void {
  throws(() => read(json), { name: "UnsupportedError", code: "unsupported-format" }, json);
}

Deno.test("the example of the dump format is written byte for byte, and read", () => {
  const bytes = writeManifest(EXAMPLE);
  strictEqual(decodeUtf8(bytes), EXAMPLE_JSON);
  strictEqual(bytes.length, 823);
  strictEqual(
    sha256Hex(bytes),
    "a864ae09f9807fc5fadb66810eec18f07dc3ead16848574a2dfcaa62e65cd994",
  );
  deepStrictEqual(readManifest(bytes), EXAMPLE);
});

Deno.test("all members are written in their order, without HTML escapes, and read back", () => {
  const json = written(FULL);
  deepStrictEqual(read(json), FULL);
  ok(json.endsWith(FULL_END), json);
  ok(json.includes('"fsm_path": "a<b>&.fsm",\n    "fsm_crc32c": "b8f5d2d0",\n    "sha256": "abab'));
  ok(json.includes('"redis": {\n      "databases": [\n        0,\n        15\n      ]\n    }'));
  ok(json.includes('"include_sqs_side_records": false,\n    "rename_s3_collisions": true\n  }'));
  ok(json.includes('"snapshot_index": 18446744073709551615,'));
});

Deno.test("what is empty, 0 or false is left out where the reference leaves it out", () => {
  const sparse: Manifest = {
    ...EXAMPLE,
    elastickv_version: "",
    cluster_id: undefined,
    snapshot_index: undefined,
    last_commit_ts: 0n,
    source: undefined,
    adapters: { redis: { databases: [] } },
    exclusions: { ...EXAMPLE.exclusions, rename_s3_collisions: false },
  };
  const json = written(sparse);
  for (const name of ["elastickv_version", "cluster_id", "snapshot_index", "last_commit_ts"]) {
    ok(!json.includes(name), name);
  }
  ok(!json.includes("source") && !json.includes("rename_s3_collisions"));
  ok(json.includes('"adapters": {\n    "redis": {}\n  },'));
});

Deno.test("the dump of a running cluster has live and no source", () => {
  const live: Manifest = {
    ...EXAMPLE,
    phase: "phase1-live-pinned",
    source: undefined,
    live: { read_ts: 18446744073709551615n, pin_token_sha256: "ef".repeat(32) },
  };
  const json = written(live);
  ok(
    json.includes('"live": {\n    "read_ts": 18446744073709551615,\n    "pin_token_sha256": "efef'),
  );
  const { source: _, ...expected } = live;
  deepStrictEqual(read(json), expected);
});

Deno.test("an impossible manifest is not written", () => {
  for (
    const wrong of [
      { ...EXAMPLE, wall_time_iso: "" },
      { ...EXAMPLE, wall_time_iso: "yesterday" },
      { ...EXAMPLE, live: { read_ts: 1n } },
      { ...EXAMPLE, phase: "phase1-live-pinned", live: { read_ts: 1n } },
      { ...EXAMPLE, phase: "phase1-live-pinned", source: undefined },
      { ...EXAMPLE, phase: "phase1-live-pinned", source: undefined, live: { read_ts: 0n } },
    ] as Manifest[]
  ) throws(() => writeManifest(wrong), { code: "invalid-tree" });
});

Deno.test("the version of the format must be a plain integer, and 1", () => {
  const version = '"format_version": 1';
  invalid(changed(version + ",\n  ", ""), /format_version is missing/);
  for (const bad of ["null", '"1"', "1.0", "1e0", "-1", "4294967296", "true", "{}"]) {
    invalid(changed(version, `"format_version": ${bad}`), /^format_version/);
  }
  for (const other of ["0", "2", "999", "4294967295"]) {
    unsupported(changed(version, `"format_version": ${other}`));
  }
  invalid(changed(version, '"Format_Version": 1'), /format_version is missing/);
});

Deno.test("another version of the format is told before anything else that is wrong", () => {
  unsupported('{"format_version":999,"phase":42,"exclusions":[]}');
  unsupported('{"phase":42,"format_version":2}');
  invalid('{"format_version":999', /ends too early/);
});

Deno.test("nothing but space may surround the object", () => {
  invalid(EXAMPLE_JSON + "{}", /something follows/);
  invalid(EXAMPLE_JSON + "x", /something follows/);
  deepStrictEqual(read(" \r\n" + EXAMPLE_JSON + "  \t"), EXAMPLE);
  for (const other of ["", "null", "[]", "1", '""', "\ufeff{}"]) invalid(other);
});

Deno.test("integers of 64 bits are exact, and nothing above them is one", () => {
  const ts = (digits: string) => changed('"last_commit_ts": 1', `"last_commit_ts": ${digits}`);
  strictEqual(read(ts("18446744073709551615")).last_commit_ts, 18446744073709551615n);
  strictEqual(read(ts("116654112768000007")).last_commit_ts, 116654112768000007n);
  for (const bad of ["18446744073709551616", "1.0", "1e3", "-1", "-0", '"1"']) {
    invalid(ts(bad), /last_commit_ts must be an integer of 64 bits/);
  }
});

Deno.test("each of the first four exclusions must be there", () => {
  for (const name of Object.keys(EXAMPLE.exclusions)) {
    const line = `"${name}": false`;
    invalid(changed(line, `"${name}": null`), new RegExp(`exclusions.${name} is missing`));
    invalid(changed(line, `"${name}": 0`), new RegExp(`exclusions.${name} must be true or false`));
    invalid(changed(line, `"${name.toUpperCase()}": false`), /is missing/);
  }
  invalid(changed('"exclusions": {', '"exclusions": null, "x": {'), /exclusions is missing/);
  invalid(changed('"exclusions": {', '"x": {'), /exclusions is missing/);
  invalid(changed('"exclusions": {', '"exclusions": [], "x": {'), /exclusions must be an object/);
});

Deno.test("adapters must be there; null and absent ones are excluded", () => {
  invalid(changed('"adapters": {', '"x": {'), /adapters is missing/);
  invalid(changed('"adapters": {', '"adapters": null, "x": {'), /adapters is missing/);
  deepStrictEqual(read(changed('"s3": {}', '"s3": null')).adapters, {
    dynamodb: {},
    redis: {},
    sqs: {},
  });
  deepStrictEqual(read(changed('"s3": {}', '"S3": {"buckets":1}')).adapters.s3, undefined);
  deepStrictEqual(read(changed('"s3": {}', '"s3": {"tables":["t"]}')).adapters.s3, {
    tables: ["t"],
  });
  invalid(changed('"s3": {}', '"s3": {"buckets":[1]}'), /adapters.s3.buckets\[0\] must be text/);
  invalid(changed('"redis": {}', '"redis": {"databases":["0"]}'), /databases\[0\] must be an int/);
});

Deno.test("phase and time must be what they can be", () => {
  invalid(changed("phase0-snapshot-decode", "phase2"), /^phase must be/);
  invalid(changed("phase0-snapshot-decode", ""), /^phase must be/);
  invalid(changed("2026-04-29T15:42:11.094Z", ""), /wall_time_iso/);
  invalid(changed("2026-04-29T15:42:11.094Z", "2026-04-31T15:42:11.094Z"), /wall_time_iso/);
  const precise = "2026-04-29T15:42:11.123456789+09:00";
  strictEqual(read(changed("2026-04-29T15:42:11.094Z", precise)).wall_time_iso, precise);
});

Deno.test("live and source go with their phases", () => {
  const live = '"live": {"read_ts": 1}, "adapters": {';
  invalid(changed('"adapters": {', live), /live must be absent/);
  deepStrictEqual(read(changed('"adapters": {', '"live": null, "adapters": {')), EXAMPLE);
  const phase1 = (json: string) => json.replace("phase0-snapshot-decode", "phase1-live-pinned");
  invalid(phase1(changed('"adapters": {', live)), /source must be absent/);
  const bare = EXAMPLE_JSON.replace(/"source": \{[^}]*\},/, "");
  invalid(phase1(bare), /live.read_ts is missing/);
  invalid(phase1(bare.replace('"adapters": {', live.replace("1", "0"))), /live.read_ts is missing/);
  strictEqual(read(phase1(bare.replace('"adapters": {', live))).live?.read_ts, 1n);
});

Deno.test("only the policies that every dump has are accepted", () => {
  for (
    const policy of [
      '"checksum_algorithm": "sha256"',
      '"checksum_format": "sha256sum"',
      '"encoded_filename_charset": "rfc3986-unreserved-plus-percent"',
      '"key_segment_max_bytes": 240',
      '"s3_meta_suffix": ".elastickv-meta.json"',
      '"s3_collision_strategy": "leaf-data-suffix"',
      '"dynamodb_layout": "per-item"',
    ]
  ) {
    const [name, value] = policy.split(": ");
    for (const other of ['""', '"other"', "0", "241", "240.0", "null", `[${value}]`]) {
      invalid(changed(policy, `${name}: ${other}`), new RegExp(`^${name.slice(1, -1)} `));
    }
    invalid(changed(policy, `"x": ${value}`), /is missing/);
  }
  strictEqual(read(changed("per-item", "jsonl")).dynamodb_layout, "jsonl");
});

Deno.test("unknown members are ignored everywhere, and of two with one name the last counts", () => {
  const extra = '"x": [1, {"y": null}],';
  const json = EXAMPLE_JSON.replaceAll(/\{(?=\n)/g, `{${extra}`);
  deepStrictEqual(read(json), EXAMPLE);
  strictEqual(read(changed('"cluster_id"', '"cluster_id": 1, "cluster_id"')).cluster_id, "ek-test");
  const twice = changed('"dynamodb_layout"', '"cluster_id": null, "dynamodb_layout"');
  strictEqual(read(twice).cluster_id, undefined);
});

Deno.test("Decant's own members are checked as well", () => {
  const end = '"dynamodb_layout": "per-item"';
  for (
    const wrong of [
      '"file_names": "plain"',
      '"read_ts": "1"',
      '"selection": {"scope": "x"}',
      '"inputs": [{"name": "x"}]',
      '"inputs": [{"name": "x", "size": 1, "sha256": ""}]',
      `"inputs": [{"name": "x", "size": 1, "sha256": "${"A".repeat(64)}"}]`,
      '"inputs": [{"name": "x", "size": 1, "fsm_crc32c": ""}]',
      '"inputs": [{"name": "x", "size": 9007199254740992}]',
      '"complete": "yes"',
      '"losses": [{"count": 1}]',
      '"losses": [{"kind": "groups", "count": -1}]',
      '"accepted": "groups"',
      '"assumed": [1]',
      '"balance": {}',
    ]
  ) invalid(changed(end, `${end}, ${wrong}`));
});

Deno.test("every cut of a manifest is refused", () => {
  const bytes = writeManifest(FULL);
  for (let end = 0; end < bytes.length - 1; end++) {
    throws(() => readManifest(bytes.subarray(0, end)), { code: "invalid-tree" });
  }
  deepStrictEqual(readManifest(bytes.subarray(0, -1)), FULL);
});

Deno.test("a manifest with any byte changed is read or refused, and never crashes", () => {
  const bytes = writeManifest(FULL);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, b) => {
      const copy = bytes.slice();
      copy[at] = b;
      try {
        readManifest(copy);
      } catch (error) {
        ok(error instanceof DecantError, String(error));
      }
    }),
    { seed: 823, numRuns: 3000 },
  );
});

Deno.test("any manifest comes back from its file", () => {
  const u64 = fc.bigInt(1n, (1n << 64n) - 1n);
  const text = fc.string({ unit: "grapheme", minLength: 1 });
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const manifest = fc.record({
    cluster_id: some(text),
    snapshot_index: some(u64),
    last_commit_ts: some(u64),
    source: some(fc.record({ fsm_path: fc.string(), sha256: some(text) })),
    adapters: fc.record({
      dynamodb: some(fc.record({ tables: some(fc.array(fc.string(), { minLength: 1 })) })),
      redis: some(fc.record({ databases: some(fc.array(fc.nat(), { minLength: 1 })) })),
    }),
    read_ts: some(u64),
    selection: some(fc.dictionary(fc.string(), fc.array(fc.string()))),
    inputs: some(fc.array(fc.record({
      name: fc.string(),
      size: fc.maxSafeNat(),
      sha256: some(
        fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }),
      ),
      group: some(u64),
    }))),
    complete: some(fc.boolean()),
    losses: some(fc.array(fc.record({ kind: fc.string(), count: some(fc.maxSafeNat()) }))),
    accepted: some(fc.array(fc.string())),
    assumed: some(fc.array(fc.string())),
  });
  /** Without the members that are undefined. */
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, clean(v)]),
    );
  };
  fc.assert(
    fc.property(manifest, (parts) => {
      const whole = { ...EXAMPLE, ...parts } as Manifest;
      deepStrictEqual(readManifest(writeManifest(whole)), clean(whole));
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test({
  name: "the manifests of the reference read, and are written again as they are",
  ignore: !hasCorpus,
  fn() {
    const files = corpusFiles("parity", /\/expected\/MANIFEST\.json$/);
    for (const [path, bytes] of files) {
      deepStrictEqual(writeManifest(readManifest(bytes)), bytes, path);
    }
    ok(files.size > 50);
  },
});

Deno.test({
  name: "the varied manifests of the corpus are judged as the reference judges them",
  ignore: !hasCorpus,
  fn() {
    const judged = new Map<string, string>();
    for (const [path, bytes] of corpusFiles("encode", /\/man-[^/]+\/tree\/MANIFEST\.json$/)) {
      let outcome = "read";
      try {
        readManifest(bytes);
      } catch (error) {
        outcome = (error as DecantError).code;
      }
      judged.set(path.split("/")[1], outcome);
    }
    deepStrictEqual(Object.fromEntries(judged), {
      "man-adapter-null": "read",
      "man-format-2": "unsupported-format",
      "man-format-string": "invalid-tree",
      "man-jsonl": "read",
      "man-jsonl-redis": "read",
      "man-legacy-no-rename-flag": "read",
      "man-no-exclusion-flag": "invalid-tree",
      "man-phase1": "read",
      "man-policy-unknown": "invalid-tree", // stricter than the reference
      "man-trailing": "invalid-tree",
      "man-ts-max": "read",
      "man-ts-over": "invalid-tree",
    });
  },
});
