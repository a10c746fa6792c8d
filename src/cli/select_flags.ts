/** The options by which all commands that go through records select. @module */

import type { FlagParametersForType } from "@stricli/core";
import type { AdapterName } from "../keyspace/families.ts";
import {
  parseAdapters,
  parseExpression,
  parsePath,
  parsePattern,
  parseScope,
  parseText,
  type WantedScope,
} from "./options.ts";
import type { CliContext } from "./shell.ts";

/** What is selected. */
export interface SelectFlags {
  adapter?: AdapterName[];
  scope?: WantedScope[];
  only?: string[];
  exclude?: string[];
  fromList?: string;
  keyPrefix?: string;
  keyRegex?: string;
  allowEmpty: boolean;
}

/** The options, for the parser and for help. */
export const selectFlags: FlagParametersForType<SelectFlags, CliContext> = {
  adapter: {
    kind: "parsed",
    parse: parseAdapters,
    optional: true,
    placeholder: "LIST",
    brief: "Only these of dynamodb,s3,redis,sqs",
  },
  scope: {
    kind: "parsed",
    parse: parseScope,
    optional: true,
    variadic: true,
    placeholder: "ADAPTER=NAME",
    brief: "Only this table, bucket, database or queue, or those that a pattern matches: " +
      "dynamodb=orders, 's3=log-*'; can be given several times. A name that is " +
      "no text is b64: and base64, as inspect prints it",
  },
  only: {
    kind: "parsed",
    parse: parsePattern,
    optional: true,
    variadic: true,
    placeholder: "PATTERN",
    brief:
      "Only what has such a path, as ls prints it: 's3/photos/2026/*', dynamodb/orders. * and ? " +
      "are within a name, ** is any path, a folder is all in it; can be given several times",
  },
  exclude: {
    kind: "parsed",
    parse: parsePattern,
    optional: true,
    variadic: true,
    placeholder: "PATTERN",
    brief: "Not what has such a path; can be given several times",
  },
  fromList: {
    kind: "parsed",
    parse: parsePath,
    optional: true,
    placeholder: "FILE",
    brief: "Only what has one of the paths in this file, a line each, as ls --paths prints them",
  },
  keyPrefix: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "TEXT",
    brief: "Only items, objects and Redis keys whose key begins with this; of items, the hash " +
      "attribute. Where keys lie in that order, only these are read",
  },
  keyRegex: {
    kind: "parsed",
    parse: parseExpression,
    optional: true,
    placeholder: "REGEX",
    brief: "Only those whose key has a match of this regular expression; the key of an item is " +
      "its hash attribute, and behind a / its range attribute",
  },
  allowEmpty: {
    kind: "boolean",
    withNegated: false,
    brief: "It is well if nothing is selected: exit code 0 instead of 9",
  },
};
