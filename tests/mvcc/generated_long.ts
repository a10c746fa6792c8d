/** As in generated_test.ts and generated_groups_long.ts, with many more seeds. */

import { forSeeds } from "../support/generator/seeds.ts";
import { agreeOnFile, agreeOnGroups } from "./generated.ts";

Deno.test("generated snapshots have the rows, counts, keys and histories that the naive decoder finds", () =>
  forSeeds(0, 1000, agreeOnFile));

Deno.test("the files of several groups and replicas read as one snapshot, the naive decoder agreeing", () =>
  forSeeds(40_000, 400, agreeOnGroups));
