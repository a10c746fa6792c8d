/**
 * Whatever a row stores is in some output, or docs/completeness.md says why it is not: the rows of real
 * nodes are walked member by member, and a member that the page does not list fails.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { prefixRange } from "../../src/mvcc/key_range.ts";
import { rowValue } from "../../src/mvcc/row_batch.ts";
import { FAMILY, type FamilyId } from "../../src/keyspace/families.ts";
import { TableDefinitionSchema } from "../proto/dynamodb_pb.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { inflated } from "../../src/sources/spool.ts";
import { casesOf } from "./cases.ts";
import { decodeBytes } from "./decoding.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/completeness.md", import.meta.url));
const LISTED = new Set([...PAGE.matchAll(/`((?:table|item|bucket|object|queue|message)\.\w+)`/g)]
  .map(([, name]) => name));

/** Families whose values are JSON, and the bytes before it. */
const JSON_FAMILIES: [thing: string, family: FamilyId, magic: number][] = [
  ["bucket", "s3-bucket", 0],
  ["object", "s3-object", 0],
  ["queue", "sqs-queue", 4],
  ["message", "sqs-message", 4],
];

for (const { name, folder } of casesOf("real")) {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => /\.fsm(\.gz)?$/.test(name));
  if (files.length === 0 || name.startsWith("encrypted")) continue;
  Deno.test(`${name}: every member of every row is listed in docs/completeness.md`, async () => {
    const unlisted = new Set<string>();
    for (const file of files) {
      for (const member of await membersOf(`${folder}${file}`)) {
        if (!LISTED.has(member)) unlisted.add(member);
      }
    }
    deepStrictEqual([...unlisted], []);
  });
}

async function membersOf(path: string): Promise<Set<string>> {
  const scratch = new MemoryScratch(1 << 30);
  const source = await inflated(new BytesSource(Deno.readFileSync(path), path), scratch);
  const snapshot = await openSnapshotInputs([{ source }], { scratch });
  const members = new Set<string>();
  for (const [thing, family, magic] of JSON_FAMILIES) {
    for await (const batch of snapshot.scan(prefixRange(FAMILY[family].bytes))) {
      for (let i = 0; i < batch.count; i++) {
        const text = new TextDecoder().decode(rowValue(batch, i).subarray(magic));
        if (text === "") continue;
        for (const member of Object.keys(JSON.parse(text))) members.add(`${thing}.${member}`);
      }
    }
  }
  for await (const batch of snapshot.scan(prefixRange(FAMILY["ddb-table"].bytes))) {
    for (let i = 0; i < batch.count; i++) {
      const value = rowValue(batch, i);
      if (value[0] !== 0) continue; // of early servers
      const { $unknown } = fromBinary(TableDefinitionSchema, value.subarray(4));
      ok(!$unknown?.length, `${path}: a schema has fields that nobody knows`);
    }
  }
  snapshot.close();
  return members;
}

Deno.test("every field of a schema is listed in docs/completeness.md", () => {
  const fields = TableDefinitionSchema.fields.map(({ name }) => `table.${name}`);
  deepStrictEqual(fields.filter((field) => !LISTED.has(field)), []);
});

Deno.test("tags, throttle and times of a real queue are beside the tree", async () => {
  const path = new URL("../fixtures/reports/sqs-queue-tags/input.fsm", import.meta.url);
  const { extra, files } = await decodeBytes({ "input.fsm": Deno.readFileSync(path) });
  deepStrictEqual(
    [...extra].map(([path, bytes]) => [path, JSON.parse(new TextDecoder().decode(bytes))]),
    [["_extra/sqs.jsonl", {
      scope: "jobs",
      type: "queue",
      value: {
        tags: { env: "prod", team: "billing" },
        created_at_millis: 1795941437924,
        last_modified_at_millis: 1795941437924,
        throttle: { send_capacity: 10, send_refill_per_second: 5 },
      },
    }]],
  );
  ok(!new TextDecoder().decode(files.get("sqs/jobs/_queue.json")).includes("billing"));
});
