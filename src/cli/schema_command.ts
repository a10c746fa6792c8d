/** `schema`: its options and its help. @module */

import { buildCommand, type FlagParametersForType } from "@stricli/core";
import type { AwsRequest } from "../commands/aws_table.ts";
import {
  type CliCommand,
  type OpenFlags,
  openFlags,
  shellAliases,
  shellFlags,
} from "./common_flags.ts";
import { parsePath, parseText } from "./options.ts";
import type { CliContext, ShellFlags } from "./shell.ts";

interface AsFlags {
  as: AwsRequest;
  bucket: string;
}

/** Options of `schema`. */
export interface SchemaFlags extends AsFlags, OpenFlags, ShellFlags {}

const asFlags: FlagParametersForType<AsFlags, CliContext> = {
  as: {
    kind: "enum",
    values: ["create-table", "import-table"],
    default: "create-table",
    placeholder: "REQUEST",
    brief: "create-table, or import-table, which makes the table and loads it from files in S3",
  },
  bucket: {
    kind: "parsed",
    parse: parseText,
    default: "BUCKET",
    placeholder: "NAME",
    brief: "With --as import-table: the bucket that the files are in",
  },
};
const flags: FlagParametersForType<SchemaFlags, CliContext> = {
  ...asFlags,
  ...openFlags,
  ...shellFlags,
};
const brief = "Prints a DynamoDB table as the AWS CLI takes it, and counts what AWS would refuse";

/** `schema` */
export const schemaCommand: CliCommand = {
  command: buildCommand<SchemaFlags, string[], CliContext>({
    loader: async () => (await import("./run_schema.ts")).runSchema,
    parameters: {
      flags,
      aliases: shellAliases,
      positional: { kind: "array", parameter: { brief, parse: parsePath, placeholder: "SNAP" } },
    },
    docs: { brief },
  }),
  brief,
  usage: [
    "schema SNAP... dynamodb/TABLE",
    "schema SNAP dynamodb/orders --as import-table --bucket my-dumps",
  ],
  description:
    "Prints JSON for `aws dynamodb create-table --cli-input-json file://...`, or for import-table. All " +
    "items of the table are read: how many of them AWS would refuse, and why, is said on standard error.",
  groups: [
    { title: "What to print", flags: asFlags },
    { title: "How to open", flags: openFlags },
    { title: "Messages", flags: shellFlags },
  ],
  aliases: shellAliases,
};
