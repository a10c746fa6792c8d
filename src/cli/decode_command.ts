/** `decode`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import type { Accepted } from "../adapters/ledger.ts";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import {
  parseAccepted,
  parseBundleMode,
  parseBundleSize,
  parseJobs,
  parsePath,
  parseWallTime,
} from "./options.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

/** What is written. */
export type Format = "tree" | "tar" | "records" | "resp";

/** Options that the reference tool has, too. */
interface CompatibleFlags {
  input?: string[];
  output?: string;
  clusterId?: string;
  dynamodbBundleMode?: "per-item" | "jsonl";
  includeIncompleteUploads: boolean;
  includeOrphans: boolean;
  includeSqsSideRecords: boolean;
  preserveSqsVisibility: boolean;
  renameCollisions: boolean;
}

interface RowFlags {
  raw: boolean;
  redisBareStrings: boolean;
}

interface WriteFlags {
  format: Format;
  bodies: boolean;
  dynamodbJson?: "typed" | "plain";
  dynamodbBundleSize?: number;
  portableNames: boolean;
  restorable: boolean;
  dryRun: boolean;
  precheck: boolean;
  report?: string;
  wallTime?: string;
}

interface TrustFlags {
  accept?: Accepted[][];
  keepGoing: boolean;
  requireEncrypted: boolean;
  kernel?: "wasm" | "js";
  jobs?: number;
}

/** Options of `decode`. */
export interface DecodeFlags
  extends CompatibleFlags, SelectFlags, RowFlags, WriteFlags, TrustFlags, OpenFlags, ShellFlags {}

const { adapter, ...ownSelect } = selectFlags;

const compatible: FlagParametersForType<
  CompatibleFlags & Pick<SelectFlags, "adapter">,
  CliContext
> = {
  input: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    variadic: true,
    placeholder: "SNAP",
    brief: "The snapshot; the same as naming it without an option",
  },
  output: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    placeholder: "OUT",
    brief: "Where to write: a folder that does not exist or is empty; with --format tar, records " +
      "or resp a new file, or - for standard output",
  },
  adapter,
  dynamodbBundleMode: {
    kind: "parsed",
    parse: parseBundleMode,
    optional: true,
    placeholder: "MODE",
    brief:
      "Items of DynamoDB: per-item (a file each) or jsonl (files of many, as AWS exports them)",
  },
  clusterId: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "ID",
    brief: "Name of the cluster, for MANIFEST.json",
  },
  includeIncompleteUploads: {
    kind: "boolean",
    withNegated: false,
    brief: "Also write S3 uploads that were never completed",
  },
  includeOrphans: {
    kind: "boolean",
    withNegated: false,
    brief: "Also write rows whose table, bucket, queue or key is missing",
  },
  preserveSqsVisibility: {
    kind: "boolean",
    withNegated: false,
    brief: "Keep receive counts, receipts and visibility times of messages",
  },
  includeSqsSideRecords: {
    kind: "boolean",
    withNegated: false,
    brief: "Also write the server's own records of queues",
  },
  renameCollisions: {
    kind: "boolean",
    default: true,
    brief: "Rename S3 objects whose key ends like a sidecar file; with no- they make the " +
      "snapshot unsound",
  },
};

const rows: FlagParametersForType<RowFlags, CliContext> = {
  raw: {
    kind: "boolean",
    withNegated: false,
    brief: "Also write every live row that is in no other file, as it is stored, to " +
      "_raw/records.jsonl",
  },
  redisBareStrings: {
    kind: "boolean",
    withNegated: false,
    brief: "Take rows without a prefix for Redis strings, which old nodes wrote like that",
  },
};

const write: FlagParametersForType<WriteFlags, CliContext> = {
  format: {
    kind: "enum",
    values: ["tree", "tar", "records", "resp"],
    default: "tree",
    placeholder: "FORMAT",
    brief:
      "tree (a folder of ordinary files), tar (the same in an archive), records (JSON lines) " +
      "or resp (commands for redis-cli --pipe)",
  },
  bodies: {
    kind: "boolean",
    withNegated: false,
    brief: "With records: also the bodies of S3 objects, in lines of at most 1 MiB",
  },
  dynamodbJson: {
    kind: "enum",
    values: ["typed", "plain"],
    optional: true,
    placeholder: "FORM",
    brief: "With records: items as typed (DynamoDB JSON) or plain JSON, which cannot be read back",
  },
  dynamodbBundleSize: {
    kind: "parsed",
    parse: parseBundleSize,
    optional: true,
    placeholder: "SIZE",
    brief: "With --dynamodb-bundle-mode jsonl: bytes of a file, as in 64MiB, at least 1MiB",
  },
  portableNames: {
    kind: "boolean",
    withNegated: false,
    brief: "Give files names that Windows, macOS and exFAT keep as they are, for copies and " +
      "archives; where OUT itself does not keep every name, this is done without asking",
  },
  restorable: {
    kind: "boolean",
    withNegated: false,
    brief:
      "Put what elastickv's own encoder would refuse into _unrestorable/, so that it takes the " +
      "rest of the tree",
  },
  dryRun: {
    kind: "boolean",
    withNegated: false,
    brief: "Do everything but write: needs no OUT, and ends with the same balance and exit code",
  },
  precheck: {
    kind: "boolean",
    default: true,
    brief: "Standard output cannot be taken back, so a check of the whole snapshot comes first; " +
      "with no- it does not",
  },
  report: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    placeholder: "FILE",
    brief: "Also write what was done, all problems and warnings to this new file, as JSON",
  },
  wallTime: {
    kind: "parsed",
    parse: parseWallTime,
    optional: true,
    placeholder: "TIME",
    brief: "The moment for MANIFEST.json and for files in an archive, by RFC 3339, so that two " +
      "runs give the same bytes",
  },
};

const trust: FlagParametersForType<TrustFlags, CliContext> = {
  keepGoing: {
    kind: "boolean",
    withNegated: false,
    brief: "Write what is sound although something is not, and list the rest in ERRORS.jsonl",
  },
  accept: {
    kind: "parsed",
    parse: parseAccepted,
    optional: true,
    variadic: true,
    placeholder: "LIST",
    brief:
      "Losses that are known: the dump is not complete all the same, but the exit code is not 8: " +
      "some of groups, checksum, unknown, bare, orphans, transactions, with commas between them",
  },
  requireEncrypted: {
    kind: "boolean",
    withNegated: false,
    brief: "Refuse every value of a user that is not encrypted",
  },
  kernel: {
    kind: "enum",
    values: ["wasm", "js"],
    optional: true,
    placeholder: "KIND",
    brief: "Inner loops: wasm (the default) or js; both give the same bytes",
  },
  jobs: {
    kind: "parsed",
    parse: parseJobs,
    optional: true,
    placeholder: "N",
    brief: "Workers that make and write files beside the thread that reads: as many as there are " +
      "cores, at most 4, unless given; 1 = none. What is written is the same",
  },
};

const brief = "Writes what is in a snapshot as files, as an archive or as a stream";
const aliases = { ...shellAliases, o: "output" } as const;

/** `decode` */
export const decodeCommand: CliCommand = {
  command: buildCommand<DecodeFlags, string[], CliContext>({
    loader: async () => (await import("./run_decode.ts")).runDecode,
    parameters: {
      flags: {
        ...compatible,
        ...ownSelect,
        ...rows,
        ...write,
        ...trust,
        ...openFlags,
        ...shellFlags,
      },
      aliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "decode SNAP... -o OUT",
    "decode SNAP... --format tar|records|resp -o FILE|-",
    "decode SNAP... --dry-run",
    "decode SNAP -o OUT --only dynamodb/orders --only 's3/photos/2026/*'",
  ],
  description: "Writes the newest value of everything that a client of the node could read, and " +
    "ends with the balance: what became of each row. If anything is unsound, nothing is written " +
    "(exit code 4); if a row that a client could read is in no file, the exit code is 8.",
  groups: [
    { title: "Compatible with elastickv-snapshot-decode (also as -name=value)", flags: compatible },
    { title: "What to select", flags: ownSelect },
    { title: "What else to write", flags: rows },
    { title: "How to write it", flags: write },
    { title: "How strict to be", flags: trust },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases,
};
