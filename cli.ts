/** The command line. @module */

export * from "./src/errors.ts";
