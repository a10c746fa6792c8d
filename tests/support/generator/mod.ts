/** Snapshots for tests, benches and demonstrations, made from seeds. @module */

export * from "./snapshot.ts";
export type { Clock, Write } from "./history.ts";
export { Random } from "./random.ts";
export { generateLarge, type LargeFile, type LargeKind } from "./large.ts";
export { forSeeds } from "./seeds.ts";
