/** Proves that the files of a dump are those that were written. @module */

import { loadDigests, sha256 } from "../bytes/digest.ts";
import { toHex } from "../bytes/hex.ts";
import { MismatchError } from "../errors.ts";
import type { DirectoryName, WholeDirectory } from "../sources/directory.ts";
import { pause } from "../sources/pause.ts";
import type { Source } from "../sources/source.ts";
import { MAX_JSON_BYTES } from "../text/json_reader.ts";
import { hasUnacceptedLoss } from "../tree/completeness.ts";
import { type Manifest, readManifest } from "../tree/manifest.ts";
import { CHECKSUMS_FILE, INCOMPLETE_FILE, MANIFEST_FILE } from "../tree/output.ts";
import { chunksOf, dumpFiles, joinByPath, readWhole, sortedChecksums } from "./dump_files.ts";
import { type Fault, FaultList } from "./faults.ts";
import { balanceFaults } from "./verify_balance.ts";
import { BodyLengths } from "./verify_bodies.ts";

/** What verifying a dump does not prove: to be shown with its result. */
export const NOT_PROVEN: string =
  "Checksums find damage, not forgery: whoever could change a file could " +
  "change CHECKSUMS too. Compare the dump with its snapshot, or keep the SHA-256 of CHECKSUMS " +
  "elsewhere.";

/** How a dump is verified. */
export interface VerifyOptions {
  /** Stops the verifying. */
  signal?: AbortSignal;
  /** Called now and then with the files and bytes that were read so far. */
  progress?: (files: number, bytes: number) => void;
}

/** What verifying a dump found. */
export interface TreeReport {
  /**
   * 0, or 7 when there are faults, or else 8 when the manifest says that something is missing which
   * was not accepted.
   */
  exitCode: number;
  /** What the dump says about itself. */
  manifest: Manifest;
  /** Files that were read. */
  files: number;
  /** Bytes in them. */
  bytes: number;
  /** The first faults, by path; then those of the manifest. */
  faults: Fault[];
  /** All of them. */
  faultCount: number;
}

/**
 * Reads the manifest of a dump that is whole.
 *
 * @throws {MismatchError} when the dump is not finished, or the folder is none.
 * @throws {UnsoundError} `invalid-tree` when the manifest is malformed.
 * @throws {UnsupportedError} `unsupported-format` when the manifest is of a later version.
 */
export async function readDump(directory: WholeDirectory): Promise<Manifest> {
  const kinds = new Map<string, DirectoryName["kind"]>();
  for await (const { name, kind } of directory.names("")) kinds.set(name, kind);
  const refuse = (message: string, hint: string): MismatchError =>
    new MismatchError(message, { file: directory.name, hint });
  if (kinds.has(INCOMPLETE_FILE)) {
    throw refuse(
      "the dump was not finished: INCOMPLETE is in it",
      "decant clean removes it: decode again, as nothing of it is needed",
    );
  }
  for (const name of [CHECKSUMS_FILE, MANIFEST_FILE]) {
    if (kinds.get(name) === "file") continue;
    throw refuse(
      kinds.has(name) ? `${name} is not a file` : `there is no ${name}`,
      "the folder is no dump, or one that was cut short: decode again",
    );
  }
  return readManifest(await readWhole(directory, MANIFEST_FILE, MAX_JSON_BYTES));
}

/**
 * Compares every file of a dump with CHECKSUMS, every S3 body with its sidecar, and the sums in the
 * manifest with each other. Symlinks and special files are faults and are not opened. A folder may be
 * empty.
 *
 * @throws {MismatchError} when the dump is not finished, or the folder is none.
 * @throws {UnsoundError} `invalid-tree` when the manifest or CHECKSUMS is malformed.
 * @throws {OutputError | PermissionError} when a file cannot be read.
 */
export async function verifyTree(
  directory: WholeDirectory,
  { signal, progress }: VerifyOptions = {},
): Promise<TreeReport> {
  const manifest = await readDump(directory);
  const faults = new FaultList();
  const lengths = new BodyLengths(faults);
  let files = 0;
  let bytes = 0;
  const checksums = await directory.open(CHECKSUMS_FILE);
  try {
    const listed = sortedChecksums(chunksOf(checksums));
    const there = dumpFiles(directory, manifest.file_names === "portable", signal);
    for await (const [line, file] of joinByPath(listed, there, signal)) {
      const { path } = file ?? line!;
      if (!file || !file.isFile || !line) {
        faults.add(!file ? "missing" : !file.isFile ? "special" : "extra", path);
        await lengths.add(path);
        continue;
      }
      const source = await directory.open(file.stored);
      try {
        const sum = await sha256Of(source, signal, (n) => {
          bytes += n;
          progress?.(files, bytes);
        });
        files++;
        if (sum !== line.sha256) faults.add("changed", path);
        await lengths.add(path, source);
      } finally {
        source.close();
      }
    }
  } finally {
    checksums.close();
  }
  for (const sentence of manifest.balance ? balanceFaults(manifest.balance) : []) {
    faults.add("untrue", MANIFEST_FILE, sentence);
  }
  return {
    exitCode: faults.count > 0 ? 7 : hasUnacceptedLoss(manifest) ? 8 : 0,
    manifest,
    files,
    bytes,
    faults: faults.list,
    faultCount: faults.count,
  };
}

async function sha256Of(
  source: Source,
  signal: AbortSignal | undefined,
  onRead: (bytes: number) => void,
): Promise<string> {
  await loadDigests();
  const digest = sha256();
  for await (const chunk of chunksOf(source)) {
    digest.update(chunk);
    onRead(chunk.length);
    await pause(signal);
  }
  return toHex(digest.digest());
}
