/** From the options on the command line to those of the decode. @module */

import { checkRestorable, type DecodeOptions } from "../commands/decode_options.ts";
import { UsageError } from "../errors.ts";
import type { DecodeFlags, Format } from "./decode_command.ts";
import { checkSelection } from "./select_options.ts";
import { STANDARD_OUTPUT } from "./standard_output.ts";

/** Options that change something only in these formats. */
const ONLY_IN: readonly [keyof DecodeFlags, string, readonly Format[]][] = [
  ["bodies", "--bodies", ["records"]],
  ["dynamodbJson", "--dynamodb-json", ["records"]],
  ["dynamodbBundleMode", "--dynamodb-bundle-mode", ["tree", "tar"]],
  ["dynamodbBundleSize", "--dynamodb-bundle-size", ["tree", "tar"]],
  ["raw", "--raw", ["tree", "tar"]],
  ["portableNames", "--portable-names", ["tree", "tar"]],
  ["restorable", "--restorable", ["tree", "tar"]],
];

/**
 * Refuses options that do not go together, and those that would do nothing: somebody expects something
 * of them.
 *
 * @throws {UsageError} that names one.
 */
export function checkFlags(flags: DecodeFlags): void {
  const { format, output, dryRun } = flags;
  if (output === undefined && !dryRun) {
    throw new UsageError("no output was named", {
      hint: "give -o OUT, or --dry-run to write nothing",
    });
  }
  if (output === STANDARD_OUTPUT && format === "tree") {
    throw new UsageError("a tree cannot be written to standard output", {
      hint: "--format tar writes the same tree as an archive",
    });
  }
  for (const [flag, name, formats] of ONLY_IN) {
    if (flags[flag] && !formats.includes(format)) {
      throw new UsageError(`${name} does nothing with --format ${format}`, {
        hint: `it works with ${formats.join(" and ")}`,
      });
    }
  }
  if (flags.dynamodbBundleSize !== undefined && flags.dynamodbBundleMode !== "jsonl") {
    throw new UsageError(
      "--dynamodb-bundle-size does nothing without --dynamodb-bundle-mode jsonl",
    );
  }
  if (format === "resp" && flags.adapter && !flags.adapter.includes("redis")) {
    throw new UsageError("--format resp writes what is in Redis, and --adapter leaves it out");
  }
  checkRestorable(decodeOptions(flags));
  checkSelection(flags);
}

/** The options of the decode, but for what is selected. */
export function decodeOptions(flags: DecodeFlags): DecodeOptions {
  return {
    dynamodbBundleMode: flags.dynamodbBundleMode,
    dynamodbBundleSize: flags.dynamodbBundleSize,
    dynamodbJson: flags.dynamodbJson,
    includeIncompleteUploads: flags.includeIncompleteUploads,
    includeOrphans: flags.includeOrphans,
    renameCollisions: flags.renameCollisions,
    redisBareStrings: flags.redisBareStrings,
    includeSqsSideRecords: flags.includeSqsSideRecords,
    preserveSqsVisibility: flags.preserveSqsVisibility,
    bodies: flags.bodies,
    keepGoing: flags.keepGoing,
    raw: flags.raw,
    portableNames: flags.portableNames,
    restorable: flags.restorable,
    accept: flags.accept?.flat(),
    kernel: flags.kernel,
    clusterId: flags.clusterId,
    wallTime: flags.wallTime,
  };
}
