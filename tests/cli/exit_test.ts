import { strictEqual } from "node:assert/strict";
import { exitCodeOfError, exitCodeOfParser } from "../../src/cli/exit.ts";
import { AbortedError, CODES, DecantError, MismatchError, UsageError } from "../../src/errors.ts";

Deno.test("an error's exit code is that of its code", () => {
  strictEqual(exitCodeOfError(new UsageError("x")), 2);
  strictEqual(exitCodeOfError(new MismatchError("x")), 7);
  strictEqual(exitCodeOfError(new AbortedError()), 130);
  for (const [code, [exit]] of Object.entries(CODES)) {
    strictEqual(exitCodeOfError(new DecantError(code as keyof typeof CODES, "x")), exit);
  }
});

Deno.test("an error that nobody raised on purpose has exit code 1", () => {
  strictEqual(exitCodeOfError(new TypeError("x")), 1);
  strictEqual(exitCodeOfError("x"), 1);
});

Deno.test("a missing permission that nothing explained has exit code 6 all the same", () => {
  strictEqual(exitCodeOfError(new Deno.errors.NotCapable("x")), 6);
});

Deno.test("what the parser of the command line refuses is wrong usage", () => {
  strictEqual(exitCodeOfParser(-5), 2);
  strictEqual(exitCodeOfParser(-4), 2);
  strictEqual(exitCodeOfParser(-2), 1);
  strictEqual(exitCodeOfParser(8), 8);
  strictEqual(exitCodeOfParser(undefined), 1);
});
