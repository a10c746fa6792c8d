import { deepStrictEqual, ok } from "node:assert/strict";
import { dynamodb } from "../../src/adapters/dynamodb/mod.ts";
import { sqs } from "../../src/adapters/sqs/mod.ts";
import { decodeWith } from "../support/decode.ts";
import { generate } from "../support/generator/mod.ts";
import { randomSeed } from "../support/random_seed.ts";

const SNAPSHOTS = Number(Deno.env.get("SNAPSHOTS") ?? 40);

Deno.test(`${SNAPSHOTS} generated snapshots become the same with both kernels`, async () => {
  const first = randomSeed();
  let files = 0;
  for (let seed = first; seed < first + SNAPSHOTS; seed++) {
    const bytes = generate(seed, { families: ["dynamodb", "sqs"], size: 60 }).file();
    for (const adapter of [dynamodb, sqs]) {
      for (const records of [false, true]) {
        const decode = async (kernel: "wasm" | "js") => {
          const options = { kernel, records, includeOrphans: true, preserveSqsVisibility: records };
          const { files, lines, warnings, problems } = await decodeWith(adapter, bytes, options);
          return { files, lines, warnings, problems };
        };
        const expected = await decode("js");
        deepStrictEqual(await decode("wasm"), expected, `SEED=${seed}`);
        files += expected.files.size;
      }
    }
  }
  ok(files > 10 * SNAPSHOTS, `only ${files} files`);
});
