/** Seeds of tests that do something else in each run. @module */

/** A seed that `SEED=n` gives, or a random one. It is printed, so that the run can be repeated. */
export function randomSeed(): number {
  const given = Deno.env.get("SEED");
  const seed = given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(given);
  console.log(`SEED=${seed}`);
  return seed;
}
