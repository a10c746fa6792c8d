/**
 * Lists the messages of an SQS queue, oldest first: when each was sent, its id, and its body as text.
 *
 *     deno run --allow-read examples/list_queue.ts 0000000000000235.fsm orders
 *
 * @module
 */

import { openSnapshot } from "../mod.ts";

const [file, name] = Deno.args;
using snap = await openSnapshot(file);
const text = new TextDecoder();
for await (const message of snap.sqs.queue(name).messages()) {
  const sent = new Date(Number(message.send_timestamp_millis)).toISOString();
  console.log(sent, message.message_id, text.decode(message.body));
}
