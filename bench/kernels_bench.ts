/**
 * The kernels, 10,000 items or messages a run.
 *
 *   deno bench -A bench/kernels_bench.ts
 */

import { ByteBuilder } from "../src/bytes/builder.ts";
import {
  type ItemForm,
  type Kernels,
  loadKernels,
  type MessageForm,
  type Rows,
  type TextForm,
} from "../src/kernels/kernels.ts";
import { itemValue } from "../tests/adapters/dynamodb/rows.ts";
import { ID_AT, messageKey, messageRows, messageValue } from "../tests/kernels/random_messages.ts";

const COUNT = 10_000;

/** Items of about 400 bytes, as large files of the generator have them. */
function storedItems(): { rows: Rows; places: Uint32Array } {
  const out = new ByteBuilder();
  const ranges = new Uint32Array(4 * COUNT);
  for (let i = 0; i < COUNT; i++) {
    ranges.fill(out.length, 4 * i, 4 * i + 3);
    out.append(itemValue({
      id: { S: `item-${i}` },
      email: { S: `someone-${i}@example.org` },
      count: { N: "12345.678" },
      about: {
        S: 'A text of some length, with "quotes" and ünïcödé, as items have it. '.repeat(2),
      },
      tags: { SS: ["red", "green"] },
      nested: { M: { on: { BOOL: true }, b: { B: "A".repeat(32) } } },
    }));
    ranges[4 * i + 3] = out.length;
  }
  return {
    rows: { bytes: out.take(), ranges, count: COUNT },
    places: Uint32Array.from({ length: COUNT }, (_, i) => i),
  };
}

function transcode(kernels: Kernels, form: ItemForm): void {
  for (let done = 0; done < COUNT;) {
    done += kernels.transcodeItems(stored.rows, stored.places, done, form).count;
  }
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const FORM = { hash: text("id"), plain: false, before: text(""), behind: text("") };
const FILES: ItemForm = {
  ...FORM,
  indent: true,
  html: true,
  name: { before: text("dynamodb/large/items/"), behind: text(".json") },
};
const LINES: ItemForm = {
  ...FORM,
  indent: false,
  html: false,
  before: text('{"adapter":"dynamodb","scope":"large","type":"item","key":'),
  between: text(',"value":'),
  behind: text("}\n"),
};

/** Messages as large files of the generator have them. */
function storedMessages(): { rows: Rows; places: Uint32Array } {
  const body = text('{"order":17,"text":"a message of ordinary length, as queues have it"}');
  const rows = messageRows(Array.from({ length: COUNT }, (_, i) => {
    const message = {
      message_id: i.toString(16).padStart(32, "0"),
      body,
      md5_of_body: "5d41402abc4b2a76b9719d911017c592",
      send_timestamp_millis: 1_700_000_000_000 + i,
      available_at_millis: 1_700_000_000_000 + i,
      visible_at_millis: 1_700_000_000_000 + i,
      receive_count: 0,
      current_receipt_token: new Uint8Array(16),
      queue_generation: 7,
    };
    return [messageKey(message), messageValue(message)];
  }));
  return { rows, places: stored.places };
}

const MESSAGES: MessageForm = { idAt: ID_AT, generation: 7n, preserveVisibility: false };

function transcodeMessages(kernels: Kernels): void {
  for (let done = 0; done < COUNT;) {
    done += kernels.transcodeMessages(messages.rows, messages.places, done, MESSAGES).count;
  }
}

/** Fields of a hash and their values, 12 and 60 bytes. */
function storedFields(): Rows {
  const out = new ByteBuilder();
  const ranges = new Uint32Array(4 * COUNT);
  for (let i = 0; i < COUNT; i++) {
    for (const [k, part] of [`field-${100_000 + i}`, `value ${i} `.padEnd(60, "x")].entries()) {
      ranges[4 * i + 2 * k] = out.length;
      out.ascii(part);
      ranges[4 * i + 2 * k + 1] = out.length;
    }
  }
  return { bytes: out.take(), ranges, count: COUNT };
}

const FIELDS: TextForm = {
  columns: [0, 2],
  around: [',{"name":', ',"value":', "}"].map(text),
  binary: [text('{"base64":"'), text('"}')],
  html: true,
};

function writeTexts(kernels: Kernels): void {
  for (let done = 0; done < COUNT;) done += kernels.writeTexts(fields, done, FIELDS).count;
}

const stored = storedItems();
const fields = storedFields();
const messages = storedMessages();
for (const kernels of [await loadKernels("js"), await loadKernels("wasm")]) {
  const { name } = kernels;
  const baseline = name === "js";
  const size = `${(stored.rows.bytes.length / 1e6).toFixed(1)} MB`;
  Deno.bench({ name: `${name} files`, group: `transcodeItems, ${size}`, baseline }, () => {
    transcode(kernels, FILES);
  });
  Deno.bench({ name: `${name} lines`, group: `transcodeItems, ${size}` }, () => {
    transcode(kernels, LINES);
  });
  const hash = `${(fields.bytes.length / 1e6).toFixed(1)} MB`;
  Deno.bench({ name: `${name} fields`, group: `writeTexts, ${hash}`, baseline }, () => {
    writeTexts(kernels);
  });
}

// There is no twin: without WebAssembly, messages are left to the adapter.
const wasm = await loadKernels("wasm");
const queue = `${(messages.rows.bytes.length / 1e6).toFixed(1)} MB`;
Deno.bench({ name: "wasm messages", group: `transcodeMessages, ${queue}` }, () => {
  transcodeMessages(wasm);
});
