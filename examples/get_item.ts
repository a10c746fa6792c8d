/**
 * Prints one item of a DynamoDB table: its key is given as JSON, numbers as text or as DynamoDB JSON.
 *
 *     deno run --allow-read examples/get_item.ts 0000000000000235.fsm orders '{"pk":"cust/0","sk":"15"}'
 *
 * The exit code is 1 if there is no such item.
 *
 * @module
 */

import { openSnapshot } from "../mod.ts";

const [file, table, key] = Deno.args;
using snap = await openSnapshot(file);
const item = await snap.dynamodb.table(table).get(JSON.parse(key));
if (!item) {
  console.error("there is no such item");
  Deno.exit(1);
}
console.log(JSON.stringify(item, null, 2));
