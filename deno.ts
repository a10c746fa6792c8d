/** Reads elastickv snapshots: what needs Deno. @module */

export * from "./src/errors.ts";
