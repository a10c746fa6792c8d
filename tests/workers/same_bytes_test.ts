/** Files, lines, reports: the same, however many workers there are. The long part is in same_bytes_long.ts. */

import { casesOf } from "../conformance/cases.ts";
import { generate, generateLarge } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";
import { latin1 } from "../support/naive/parse.ts";
import { concat, u64be } from "../support/generator/encoding.ts";
import { Random } from "../support/generator/random.ts";
import { bytesOf, stream, type TestEntry } from "../support/stream.ts";
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

Deno.test("strings and messages come out the same from any number of workers", async () => {
  const seed = randomSeed();
  const random = new Random(seed);
  const rows: TestEntry[] = [];
  for (let i = 0; i < 3000; i++) {
    const name = random.bytes(random.pick([0, 1, 2, 8, 90]));
    const expiry = random.chance(0.5) ? concat(1, u64be(BigInt(random.below(3)))) : [0];
    const value = concat(0xff, 1, Uint8Array.from(expiry), random.bytes(random.below(40)));
    rows.push({ key: concat("!redis|str|", name), value });
    if (random.chance(0.3)) rows.push({ key: concat("!redis|ttl|", name), value: u64be(7n) });
  }
  const unique = new Map(rows.map((row) => [latin1(bytesOf(row.key)), row]));
  const what = `seed ${seed}`;
  await sameHoweverManyWork(stream([...unique.values()]), WAYS, {}, what);
  const queues = generate(seed, { families: ["redis", "sqs"], size: 200 }).file();
  await sameHoweverManyWork(queues, WAYS, { outputs: ["folder", "records"] }, what);
});

Deno.test("objects come out the same from any number of workers", async () => {
  const seed = randomSeed();
  const some = generate(seed, { families: ["s3"], size: 25 }).file();
  await sameHoweverManyWork(some, [{ jobs: 3, kernel: "js" }], {}, `seed ${seed}`);
  const parts: Uint8Array[] = [];
  generateLarge((block) => void parts.push(block.slice()), 3 << 19, "small-objects");
  const many = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  await sameHoweverManyWork(many, WAYS, { outputs: ["folder"] }, "small objects");
});
