/** The reference's flags, as they stand in the cases, as options of a decode. @module */

import type { DecodeOptions } from "../../src/commands/decode_options.ts";
import type { AdapterName } from "../../src/keyspace/families.ts";

const SWITCHES: Readonly<Record<string, keyof DecodeOptions>> = {
  "include-incomplete-uploads": "includeIncompleteUploads",
  "include-orphans": "includeOrphans",
  "preserve-sqs-visibility": "preserveSqsVisibility",
  "include-sqs-side-records": "includeSqsSideRecords",
  "rename-collisions": "renameCollisions",
};

/** The options that a case's words ask for. */
export function optionsOf(words: readonly string[]): DecodeOptions {
  const options: Record<string, unknown> = { renameCollisions: false };
  for (let i = 0; i < words.length; i++) {
    const [name, inline] = words[i].replace(/^--?/, "").split("=", 2);
    if (name in SWITCHES) options[SWITCHES[name]] = inline !== "false";
    else {
      const value = inline ?? words[++i];
      if (name === "adapter") {
        const names = value.split(",").map((word) => word.trim()).filter((word) => word !== "");
        if (value !== "all") options.adapters = names as AdapterName[];
      } else if (name === "cluster-id") options.clusterId = value;
      else if (name === "dynamodb-bundle-mode") options.dynamodbBundleMode = value;
      else throw new Error(`the test does not know ${words[i]}`);
    }
  }
  return options;
}
