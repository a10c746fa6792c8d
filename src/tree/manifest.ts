/**
 * MANIFEST.json: what a dump was made from, what it has and what it left out. Members are named as
 * in the file. Those from {@link Manifest.dynamodb_bundle_size} on are Decant's; other readers ignore them.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { UnsoundError, UnsupportedError } from "../errors.ts";
import type { AdapterName } from "../keyspace/families.ts";
import { JsonError, parseJson } from "../text/json_reader.ts";
import {
  bool,
  constant,
  count,
  hex,
  list,
  object,
  omitZero,
  oneOf,
  optional,
  record,
  required,
  type Shape,
  text,
  uint32,
  uint64,
} from "../text/json_shape.ts";
import { JsonWriter } from "../text/json_writer.ts";
import { isRfc3339 } from "../text/rfc3339.ts";
import { type Completeness, completeness } from "./completeness.ts";
import { SIDECAR_SUFFIX } from "./object_files.ts";

/** What a dump says about itself. An absent member was not known, or is not the case. */
export interface Manifest extends Completeness {
  /** How the dump was made: from a snapshot file, or from a running cluster. */
  phase: "phase0-snapshot-decode" | "phase1-live-pinned";
  /** The version of the program that wrote the dump. */
  elastickv_version?: string;
  /** The cluster, as the user named it. */
  cluster_id?: string;
  /** Raft index of the snapshot. */
  snapshot_index?: bigint;
  /** The latest commit in the snapshot: unix milliseconds << 16 | counter. */
  last_commit_ts?: bigint;
  /** When the dump was made, by RFC 3339. */
  wall_time_iso: string;
  /** The snapshot file; only in a dump of phase 0. */
  source?: ManifestSource;
  /** The pinned read; only in a dump of phase 1. */
  live?: ManifestLive;
  /** The adapters that were asked for, with the scopes that they wrote. */
  adapters: { [adapter in AdapterName]?: AdapterScopes };
  /** Which of the optional parts are in the dump. */
  exclusions: Exclusions;
  /** How DynamoDB items are laid out: a file an item, or lines. */
  dynamodb_layout: "per-item" | "jsonl";
  /** Bytes of a file of lines, where it was chosen. */
  dynamodb_bundle_size?: number;
  /** By which rule files are named, where it is not the plain one. */
  file_names?: "portable";
  /** Whether what elastickv's encoder would refuse is in `_unrestorable/`, and nowhere else. */
  restorable?: boolean;
  /** The moment that was read, where it was not the latest one: unix milliseconds << 16 | counter. */
  read_ts?: bigint;
  /** The options that left something out of the dump, each with its values as given. */
  selection?: { [option: string]: string[] };
  /** The snapshot files, in the order of the command line. */
  inputs?: ManifestInput[];
  /** Defects of the snapshot, where the dump was made all the same; ERRORS.jsonl lists them. */
  problems?: number;
  /** What became of each version that was read. */
  balance?: Balance;
}

/** The scopes of one adapter, sorted; an adapter has one of the four lists. */
export interface AdapterScopes {
  /** Names of DynamoDB tables. */
  tables?: string[];
  /** Names of S3 buckets. */
  buckets?: string[];
  /** Numbers of Redis databases. */
  databases?: number[];
  /** Names of SQS queues. */
  queues?: string[];
}

/** The snapshot file of a dump. */
export interface ManifestSource {
  /** Its base name. */
  fsm_path: string;
  /** The checksum in its footer, eight lower-case hex digits, where it was verified. */
  fsm_crc32c?: string;
  /** Its SHA-256, 64 lower-case hex digits. */
  sha256?: string;
}

/** The read that a dump of a running cluster was made with. */
export interface ManifestLive {
  /** Its moment; not 0. */
  read_ts: bigint;
  /** The SHA-256 of the token that held the data. */
  pin_token_sha256?: string;
}

/** Optional parts of a dump. The name is the file's: `true` means that a part is in the dump. */
export interface Exclusions {
  /** S3 uploads that were not completed. */
  include_incomplete_uploads: boolean;
  /** S3 chunks that belong to no object. */
  include_orphans: boolean;
  /** When SQS messages become visible, and how often they were received. */
  preserve_sqs_visibility: boolean;
  /** SQS index and deduplication records. */
  include_sqs_side_records: boolean;
  /** Whether S3 objects named like another's metadata were renamed. */
  rename_s3_collisions?: boolean;
  /** Whether rows without a family were taken for Redis strings. */
  redis_bare_strings?: boolean;
  /** Whether rows that no other file has are in `_raw/`. */
  include_raw?: boolean;
}

/** One snapshot file. */
export interface ManifestInput {
  /** Its base name. */
  name: string;
  /** In bytes. */
  size: number;
  /** 64 lower-case hex digits, where it was taken. */
  sha256?: string;
  /** The checksum in its footer, where it was verified. */
  fsm_crc32c?: string;
  /** The Raft group, where it is known. */
  group?: bigint;
}

/** `versions = live + superseded + tombstones + expired + later`, and `live` is the scopes' sum. */
export interface Balance {
  /** Versions of rows that were read. */
  versions: number;
  /** Versions that are what a client reads. */
  live: number;
  /** Versions that a later one replaced. */
  superseded: number;
  /** Versions that delete their row. */
  tombstones: number;
  /** Versions whose time had passed. */
  expired: number;
  /** Versions newer than the moment that was read. */
  later?: number;
  /** Where the live rows are. */
  scopes: ScopeBalance[];
}

/** `live = written + derivable + operational +` the sum of `left_out`. */
export interface ScopeBalance {
  /** The adapter, or the family of keys that no adapter has. */
  adapter: string;
  /** The table, bucket, database or queue; empty for what belongs to none. */
  scope: string;
  /** Live rows. */
  live: number;
  /** Rows whose content is in a file. */
  written: number;
  /** Rows that follow from others: indexes, counters. */
  derivable: number;
  /** Rows that only a running node needs. */
  operational: number;
  /** The other rows, by the reason why no file has them. */
  left_out: { [reason: string]: number };
}

const FORMAT_VERSION = 1;
const FILE = "MANIFEST.json";

/** What no dump has otherwise, and so is no member of {@link Manifest}. */
const format = { format_version: constant(FORMAT_VERSION) };
const policies = {
  checksum_algorithm: constant("sha256"),
  checksum_format: constant("sha256sum"),
  encoded_filename_charset: constant("rfc3986-unreserved-plus-percent"),
  key_segment_max_bytes: constant(240),
  s3_meta_suffix: constant(SIDECAR_SUFFIX),
  s3_collision_strategy: constant("leaf-data-suffix"),
};

/** The one member that is read before all others. */
const VERSION = object<{ format_version: number }>({ format_version: required(uint32) });

const scopes = omitZero(list(text));
const adapter = object<AdapterScopes>({
  tables: scopes,
  buckets: scopes,
  databases: omitZero(list(uint32)),
  queues: scopes,
});

const MANIFEST: Shape<Manifest> = object<Manifest>({
  ...format,
  phase: required(oneOf("phase0-snapshot-decode", "phase1-live-pinned")),
  elastickv_version: omitZero(text),
  cluster_id: omitZero(text),
  snapshot_index: omitZero(uint64),
  last_commit_ts: omitZero(uint64),
  wall_time_iso: required(text),
  source: optional(object<ManifestSource>({
    fsm_path: required(text),
    fsm_crc32c: omitZero(text),
    sha256: omitZero(text),
  })),
  live: optional(object<ManifestLive>({
    read_ts: required(uint64),
    pin_token_sha256: omitZero(text),
  })),
  adapters: required(object<Manifest["adapters"]>({
    dynamodb: optional(adapter),
    s3: optional(adapter),
    redis: optional(adapter),
    sqs: optional(adapter),
  })),
  exclusions: required(object<Exclusions>({
    include_incomplete_uploads: required(bool),
    include_orphans: required(bool),
    preserve_sqs_visibility: required(bool),
    include_sqs_side_records: required(bool),
    rename_s3_collisions: omitZero(bool),
    redis_bare_strings: omitZero(bool),
    include_raw: omitZero(bool),
  })),
  ...policies,
  dynamodb_layout: required(oneOf("per-item", "jsonl")),
  dynamodb_bundle_size: omitZero(count),
  file_names: optional(oneOf("portable")),
  restorable: omitZero(bool),
  read_ts: optional(uint64),
  selection: optional(record(list(text))),
  inputs: optional(list(object<ManifestInput>({
    name: required(text),
    size: required(count),
    sha256: optional(hex(64)),
    fsm_crc32c: optional(hex(8)),
    group: optional(uint64),
  }))),
  ...completeness,
  problems: omitZero(count),
  balance: optional(object<Balance>({
    versions: required(count),
    live: required(count),
    superseded: required(count),
    tombstones: required(count),
    expired: required(count),
    later: omitZero(count),
    scopes: required(list(object<ScopeBalance>({
      adapter: required(text),
      scope: required(text),
      live: required(count),
      written: required(count),
      derivable: required(count),
      operational: required(count),
      left_out: required(record(count)),
    }))),
  })),
});

/**
 * The bytes of MANIFEST.json: indented by two spaces, no HTML escapes, one line feed at the end. What
 * is 0, "", or an empty list of scopes is left out, as the reference leaves it out.
 *
 * @throws {UnsoundError} `invalid-tree` for a manifest that no reader would accept.
 */
export function writeManifest(manifest: Manifest): Uint8Array {
  const contradiction = contradictionIn(manifest);
  if (contradiction !== undefined) throw invalid(contradiction);
  const json = new JsonWriter(new ByteBuilder(1024), { indent: true, html: false });
  MANIFEST.write(json, manifest);
  return json.out.byte(0x0a).take();
}

/**
 * Reads MANIFEST.json. Names are matched exactly; unknown members are ignored, and `null` is the same
 * as absent. The version of the format is judged first: what else a later version has is not known.
 *
 * @throws {UnsupportedError} `unsupported-format` for another version of the format.
 * @throws {UnsoundError} `invalid-tree` for anything that is not a manifest.
 */
export function readManifest(bytes: Uint8Array): Manifest {
  try {
    const root = parseJson(bytes, 0, bytes.length, { invalidText: "error" });
    const { format_version } = VERSION.read(root, "");
    if (format_version !== FORMAT_VERSION) {
      throw new UnsupportedError(
        "unsupported-format",
        `format version ${format_version} of the dump is not supported, only ${FORMAT_VERSION} is`,
        { file: FILE },
      );
    }
    const manifest = MANIFEST.read(root, "");
    const contradiction = contradictionIn(manifest);
    if (contradiction !== undefined) throw invalid(contradiction);
    return manifest;
  } catch (error) {
    throw error instanceof JsonError ? invalid(error.reason, error.offset) : error;
  }
}

/** What the types alone do not say. */
function contradictionIn({ phase, wall_time_iso, source, live }: Manifest): string | undefined {
  if (!isRfc3339(wall_time_iso)) return "wall_time_iso must be a moment by RFC 3339";
  if (phase === "phase0-snapshot-decode") {
    return live ? "live must be absent in the dump of a snapshot" : undefined;
  }
  if (source) return "source must be absent in the dump of a running cluster";
  return live?.read_ts ? undefined : "live.read_ts is missing";
}

function invalid(message: string, offset?: number): UnsoundError {
  return new UnsoundError("invalid-tree", message, { file: FILE, offset });
}
