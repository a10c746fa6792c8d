/** Proves that a dump is what a snapshot holds. @module */

import { EXTRA_FOLDER } from "../adapters/extra.ts";
import { ACCEPTABLE } from "../adapters/ledger.ts";
import { UsageError } from "../errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { OutlineSink } from "../sinks/outline_sink.ts";
import type { WholeDirectory } from "../sources/directory.ts";
import { MemoryScratch, type Scratch, stoppable } from "../sources/scratch.ts";
import { type Manifest, type ManifestInput, readManifest } from "../tree/manifest.ts";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../tree/output.ts";
import { decode } from "./decode.ts";
import { inputOf, selectedBy } from "./decode_manifest.ts";
import type { DecodeOptions } from "./decode_options.ts";
import type { DecodeReport } from "./decode_report.ts";
import { chunksOf, joinByPath, sortedChecksums } from "./dump_files.ts";
import { type Fault, FaultList } from "./faults.ts";
import { readDump, type TreeReport, verifyTree } from "./verify_tree.ts";

/** How the comparison goes; what the dump holds is up to its manifest. */
export type VerifyAgainstOptions = Pick<DecodeOptions, "kernel" | "signal" | "progress">;

/** What comparing a dump with its snapshot found. */
export interface AgainstReport {
  /** 7 when anything differs, or else that of the decode: 0, 8 or 9. */
  exitCode: number;
  /** Whether the files of the dump are those that its CHECKSUMS has. */
  tree: TreeReport;
  /** What decoding the snapshot again did. */
  decoded: DecodeReport;
  /** The first differences between CHECKSUMS and what the snapshot gives. */
  faults: Fault[];
  /** All of them. */
  faultCount: number;
}

/**
 * Verifies the dump, decodes the snapshot again as the manifest says, and compares every file by its
 * SHA-256, and the manifest member by member. So a change is found also where CHECKSUMS was changed
 * with it.
 *
 * Files are named by the rule that the manifest names, so that a dump is the same wherever it was written.
 *
 * @param snapshot Opened with `at` the manifest's `read_ts`, and with `hash` if its inputs have a SHA-256:
 *   files without one are known by their size and CRC32C.
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @throws {MismatchError} when the dump is not finished, or the folder is none.
 * @throws {UnsoundError} `invalid-tree` when the manifest or CHECKSUMS is malformed.
 * @throws {UsageError} when the snapshot was not opened as the manifest says.
 * @throws {DecantError} when the snapshot is encrypted or the signal fires.
 */
export async function verifyAgainst(
  directory: WholeDirectory,
  snapshot: Snapshot,
  options: VerifyAgainstOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<AgainstReport> {
  const manifest = await readDump(directory);
  refuseOtherMoment(manifest, snapshot);
  const faults = new FaultList();
  compareInputs(manifest, snapshot, faults);
  const tree = await verifyTree(directory, { signal: options.signal });

  const outline = new OutlineSink(stoppable(scratch, options.signal));
  const settings = { ...options, ...settingsOf(manifest) };
  const decoded = await decode(snapshot, outline, settings, scratch);
  compareManifests(manifest, readManifest(outline.manifest), faults);
  // The manifests of other programs name no inputs.
  const isExpected = (path: string): boolean =>
    manifest.inputs !== undefined || !path.startsWith(EXTRA_FOLDER);
  await compareFiles(directory, outline, isExpected, faults, options.signal);
  outline.checksums.close();
  const differs = tree.exitCode === 7 || faults.count > 0;
  return {
    exitCode: differs ? 7 : decoded.exitCode,
    tree,
    decoded,
    faults: faults.list,
    faultCount: faults.count,
  };
}

function refuseOtherMoment({ read_ts }: Manifest, { info }: Snapshot): void {
  if (info.at === read_ts) return;
  throw new UsageError(
    read_ts === undefined
      ? "the dump was made of the newest state, and the snapshot was opened at another moment"
      : `the dump was made of the state of ${read_ts}, and the snapshot was not opened at it`,
    {
      hint: `open it ${read_ts === undefined ? "without a moment" : `at ${read_ts}`}`,
      option: "at",
    },
  );
}

/** Names and the order of the command line do not matter. */
function compareInputs({ inputs }: Manifest, { info }: Snapshot, faults: FaultList): void {
  if (!inputs) return; // not Decant's
  const given: ManifestInput[] = info.inputs.map(inputOf);
  if (inputs.some(({ sha256 }) => sha256) && given.some(({ sha256 }) => !sha256)) {
    throw new UsageError("the snapshot was opened without `hash`");
  }
  for (const input of inputs) {
    if (given.some((file) => isSame(file, input))) continue;
    faults.add("untrue", MANIFEST_FILE, `made from ${described(input)}: not given`);
  }
  for (const input of given) {
    if (inputs.some((file) => isSame(file, input))) continue;
    faults.add("untrue", MANIFEST_FILE, `not made from ${described(input)}`);
  }
}

/** Files are known by their SHA-256; where none was taken, by their size and the checksum in them. */
function isSame(a: ManifestInput, b: ManifestInput): boolean {
  return a.sha256 && b.sha256
    ? a.sha256 === b.sha256
    : a.size === b.size && a.fsm_crc32c === b.fsm_crc32c;
}

function described({ name, size, sha256, fsm_crc32c }: ManifestInput): string {
  if (sha256) return `${name}, ${sha256}`;
  return `${name}, ${size} bytes` + (fsm_crc32c ? ` with the checksum ${fsm_crc32c}` : "");
}

/** The options that the dump was made with, as far as its manifest says them. */
function settingsOf(manifest: Manifest): DecodeOptions {
  const { exclusions } = manifest;
  return {
    ...selectedBy(manifest),
    includeIncompleteUploads: exclusions.include_incomplete_uploads,
    includeOrphans: exclusions.include_orphans,
    preserveSqsVisibility: exclusions.preserve_sqs_visibility,
    includeSqsSideRecords: exclusions.include_sqs_side_records,
    renameCollisions: exclusions.rename_s3_collisions ?? false,
    redisBareStrings: exclusions.redis_bare_strings,
    raw: exclusions.include_raw,
    dynamodbBundleMode: manifest.dynamodb_layout,
    dynamodbBundleSize: manifest.dynamodb_bundle_size,
    portableNames: manifest.file_names === "portable",
    restorable: manifest.restorable,
    keepGoing: true,
    accept: ACCEPTABLE.filter((kind) => manifest.accepted?.includes(kind)),
    clusterId: manifest.cluster_id,
    wallTime: manifest.wall_time_iso,
  };
}

/** What follows from the snapshot and the options. The other members are taken over, or names. */
const DERIVED = [
  "last_commit_ts",
  "adapters",
  "selection",
  "complete",
  "losses",
  "accepted",
  "assumed",
  "balance",
] as const;

function compareManifests(said: Manifest, made: Manifest, faults: FaultList): void {
  // The manifests of other programs have the first of them only.
  for (const member of said.inputs ? DERIVED : DERIVED.slice(0, 1)) {
    if (jsonOf(said[member]) === jsonOf(made[member])) continue;
    faults.add("untrue", MANIFEST_FILE, `${member} is not what the snapshot gives`);
  }
}

function jsonOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? String(part) : part);
}

async function compareFiles(
  directory: WholeDirectory,
  outline: OutlineSink,
  isExpected: (path: string) => boolean,
  faults: FaultList,
  signal: AbortSignal | undefined,
): Promise<void> {
  const checksums = await directory.open(CHECKSUMS_FILE);
  try {
    const said = sortedChecksums(chunksOf(checksums));
    const made = sortedChecksums(outline.checksums.chunks());
    for await (const [there, here] of joinByPath(said, made, signal)) {
      if (!there) {
        if (isExpected(here!.path)) faults.add("missing", here!.path);
      } else if (!here) faults.add("extra", there.path);
      else if (there.path !== MANIFEST_FILE && there.sha256 !== here.sha256) {
        faults.add("changed", there.path);
      }
    }
  } finally {
    checksums.close();
  }
}
