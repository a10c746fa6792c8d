/** Files, lines, reports: the same, however many workers there are. The long part is in same_bytes_long.ts. */

import { casesOf } from "../conformance/cases.ts";
import { generate, generateLarge } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";
import { sameHoweverManyWork } from "./support.ts";

const WAYS = [{ jobs: 2 }] as const;

Deno.test("items of real nodes come out the same from any number of workers", async () => {
  const { folder } = casesOf("real").find(({ name }) => name === "ddb-history")!;
  const bytes = Deno.readFileSync(`${folder}snapshot.fsm`);
  await sameHoweverManyWork(bytes, WAYS, { adapters: ["dynamodb"] }, "ddb-history");
});

Deno.test("generated tables come out the same from any number of workers", async () => {
  const seed = randomSeed();
  const bytes = generate(seed, { families: ["dynamodb", "sqs"], size: 60 }).file();
  await sameHoweverManyWork(bytes, [{ jobs: 3, kernel: "js" }], {}, `seed ${seed}`);
});

Deno.test("many batches come out the same from any number of workers", async () => {
  const parts: Uint8Array[] = [];
  generateLarge((block) => void parts.push(block.slice()), 5 << 20, "items");
  const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  const options = { dynamodbBundleMode: "jsonl", dynamodbBundleSize: 1 << 20 } as const;
  await sameHoweverManyWork(bytes, WAYS, { ...options, outputs: ["memory", "records"] }, "lines");
});
