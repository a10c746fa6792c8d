/** Runs a test for many seeds. @module */

/** Seeds `[from, from + count)`. A failure names the seed: running with only that one repeats it. */
export async function forSeeds(
  from: number,
  count: number,
  run: (seed: number) => Promise<void> | void,
): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    try {
      await run(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}
