/** MANIFEST.json of a decode. @module */

import { type Account, type Reason, REASONS } from "../adapters/ledger.ts";
import type { AdapterName } from "../keyspace/families.ts";
import { scopeLabel } from "../keyspace/scope_labels.ts";
import { nameBytes, nameText } from "../text/name_text.ts";
import type { InputInfo } from "../mvcc/snapshot.ts";
import { rfc3339FromMs } from "../text/rfc3339.ts";
import type { FileNames } from "../tree/file_names.ts";
import type { AdapterScopes, Manifest, ManifestInput, ScopeBalance } from "../tree/manifest.ts";
import { VERSION } from "../version.ts";
import type { DecodeOptions } from "./decode_options.ts";
import { completenessOf, type DecodeReport } from "./decode_report.ts";
import type { DecodeRun } from "./decode_run.ts";
import type { SelectOptions } from "./select_options.ts";
import type { Selection } from "./selection.ts";

/** The names of an adapter's scopes, for the manifest. */
export function scopeLists(adapter: AdapterName, scopes: Uint8Array[]): AdapterScopes {
  const names = scopes.map((scope) => nameText(scopeLabel(scope))).sort();
  switch (adapter) {
    case "dynamodb":
      return { tables: names };
    case "s3":
      return { buckets: names };
    case "redis":
      return { databases: names.map(Number) };
    case "sqs":
      return { queues: names };
  }
}

/** What a dump says of itself. */
export function manifestOf(
  run: DecodeRun,
  report: DecodeReport,
  adapters: Manifest["adapters"],
  names: FileNames,
): Manifest {
  const { options, snapshot: { info } } = run;
  const inputs = info.inputs.map(inputOf);
  const [first] = inputs;
  const index = inputs.length === 1 ? snapshotIndex(first.name) : undefined;
  return {
    phase: "phase0-snapshot-decode",
    elastickv_version: `decant ${VERSION}`,
    cluster_id: options.clusterId,
    snapshot_index: index,
    last_commit_ts: info.lastCommitTs,
    wall_time_iso: options.wallTime ?? rfc3339FromMs(Date.now()),
    source: {
      fsm_path: first.name,
      fsm_crc32c: first.fsm_crc32c,
      sha256: first.sha256,
    },
    adapters,
    exclusions: {
      include_incomplete_uploads: options.includeIncompleteUploads ?? false,
      include_orphans: options.includeOrphans ?? false,
      preserve_sqs_visibility: options.preserveSqsVisibility ?? false,
      include_sqs_side_records: options.includeSqsSideRecords ?? false,
      rename_s3_collisions: options.renameCollisions ?? true,
      redis_bare_strings: options.redisBareStrings ?? false,
      include_raw: options.raw ?? false,
    },
    dynamodb_layout: options.dynamodbBundleMode ?? "per-item",
    dynamodb_bundle_size: options.dynamodbBundleSize,
    file_names: names.portable ? "portable" : undefined,
    restorable: options.restorable,
    read_ts: info.at,
    selection: selectionOf(run.selection, options),
    inputs,
    ...completenessOf(report),
    problems: report.problems.length,
    balance: {
      ...report.balance,
      scopes: report.accounts.map(scopeBalance),
    },
  };
}

/** A snapshot file, for the manifest. */
export function inputOf({ name, file, group }: InputInfo): ManifestInput {
  return {
    name: baseName(name),
    size: file.size,
    sha256: file.sha256,
    fsm_crc32c: file.footer === "verified" ? file.crc32c : undefined,
    group,
  };
}

function selectionOf(
  { selective, adapters, scopes }: Selection,
  { only, exclude, paths, keyPrefix, keyRegex, allowEmpty }: DecodeOptions,
): Manifest["selection"] {
  if (!selective) return undefined;
  const selection: { [option: string]: string[] } = { adapter: adapters.map(({ name }) => name) };
  const add = (option: string, values: readonly string[] | undefined): void => {
    if (values) selection[option] = [...values];
  };
  const names = Object.entries(scopes).flatMap(([adapter, names]) =>
    names.map((name) => `${adapter}=${name}`)
  );
  add("scope", names.length > 0 ? names : undefined);
  add("only", only);
  add("exclude", exclude);
  add("path", paths);
  add("key_prefix", keyPrefix === undefined ? undefined : [nameText(nameBytes(keyPrefix))]);
  add("key_regex", keyRegex === undefined ? undefined : [keyRegex]);
  add("allow_empty", allowEmpty ? ["true"] : undefined);
  return selection;
}

/** The options that a dump's manifest says that it was selected by. */
export function selectedBy({ selection, adapters }: Manifest): SelectOptions {
  const scopes: { [adapter in AdapterName]?: string[] } = {};
  for (const scope of selection?.scope ?? []) {
    const equals = scope.indexOf("=");
    (scopes[scope.slice(0, equals) as AdapterName] ??= []).push(scope.slice(equals + 1));
  }
  const names = Object.keys(adapters) as AdapterName[];
  return {
    adapters: names.length > 0 ? names : undefined,
    scopes: selection?.scope && scopes,
    only: selection?.only,
    exclude: selection?.exclude,
    paths: selection?.path,
    keyPrefix: selection?.key_prefix?.[0],
    keyRegex: selection?.key_regex?.[0],
    allowEmpty: selection?.allow_empty !== undefined,
  };
}

/** What became of a scope's live rows, as the manifest says it. */
export function scopeBalance({ adapter, scope, live, fates }: Account): ScopeBalance {
  const left_out: { [reason: string]: number } = {};
  for (const reason of Object.keys(REASONS) as Reason[]) {
    if (fates[reason]) left_out[reason] = fates[reason];
  }
  return {
    adapter,
    scope: scope ? nameText(scope) : "",
    live,
    written: fates.written ?? 0,
    derivable: fates.derivable ?? 0,
    operational: fates.operational ?? 0,
    left_out,
  };
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** A node names its files by the index, as 16 hexadecimal digits. */
function snapshotIndex(name: string): bigint | undefined {
  const digits = /^([0-9a-f]{16})\.fsm(\.gz|\.zst)?$/.exec(name)?.[1];
  return digits === undefined ? undefined : BigInt("0x" + digits);
}
