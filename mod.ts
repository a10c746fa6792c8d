/** Reads elastickv snapshots: what runs in Deno and in browsers. @module */

export * from "./src/errors.ts";
