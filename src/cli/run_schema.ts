/** Runs `schema`. @module */

import { AWS_REASONS } from "../adapters/dynamodb/aws_items.ts";
import { parseAddress } from "../commands/address.ts";
import { type AwsTable, awsTable } from "../commands/aws_table.ts";
import { UsageError } from "../errors.ts";
import { counted } from "./format.ts";
import { jsonText } from "./json.ts";
import { tellProblems, withSnapshot } from "./open.ts";
import { withAddress } from "./run_cat.ts";
import type { SchemaFlags } from "./schema_command.ts";
import { type CliContext, runLooking } from "./shell.ts";

/** Prints a table for AWS. */
export function runSchema(this: CliContext, flags: SchemaFlags, ...args: string[]): Promise<void> {
  const { paths, address: text } = withAddress(args, "dynamodb/orders");
  const address = parseAddress(text);
  if (address.kind !== "table") {
    throw new UsageError("only tables have a schema", { hint: "as in dynamodb/orders" });
  }
  const { encryptionKeys, kek, spool } = flags;
  const needs = { read: [...paths, encryptionKeys, kek, spool], write: [spool] };
  return runLooking(
    this,
    flags,
    needs,
    (shell) =>
      withSnapshot(shell, paths, flags, async (snapshot, scratch) => {
        const { as, bucket } = flags;
        const options = { signal: shell.signal, progress: shell.progress.rows("reading items") };
        const table = await awsTable(snapshot, address.table, as, bucket, options, scratch);
        shell.progress.end();
        shell.print(jsonText(table.request));
        shell.tell(refusedText(table));
        return tellProblems(shell, snapshot.info.problems);
      }),
  );
}

function refusedText({ items, refused }: AwsTable): string {
  const sum = refused.reduce((sum, [, count]) => sum + count, 0);
  if (sum === 0) {
    return `decant: note: AWS would take ${counted(items, "item")}, which is all of them\n`;
  }
  return `decant: warning: AWS would refuse ${sum} of ${counted(items, "item")}\n` +
    refused.map(([why, count]) => `  ${count} ${why}: ${AWS_REASONS[why]}\n`).join("");
}
