import { strictEqual } from "node:assert/strict";
import { errorText, problemsText } from "../../src/cli/show_error.ts";
import { UnsoundError, UsageError } from "../../src/errors.ts";

Deno.test("an error is its code, what is wrong, where, and what to do", () => {
  const error = new UnsoundError("checksum-mismatch", "CRC32C is 1, the file says 2", {
    file: "a.fsm",
    offset: 42,
    key: new TextEncoder().encode("!redis|str|k"),
    hint: "copy it again",
  });
  strictEqual(
    errorText(error),
    "decant: checksum-mismatch: CRC32C is 1, the file says 2 " +
      '(file a.fsm, offset 42, key "!redis|str|k")\n  hint: copy it again\n',
  );
  strictEqual(errorText(new UsageError("no")), "decant: usage: no\n");
});

Deno.test("names and messages cannot write to the terminal what it would obey", () => {
  const error = new UsageError("bad\x1b[31m\n", {
    file: "a\u202efsm",
    key: Uint8Array.of(0x9b, 0x07),
    hint: "\r",
  });
  strictEqual(
    errorText(error),
    'decant: usage: bad\\x1b[31m\\x0a (file a\\u{202e}fsm, key "\\x9b\\x07")\n  hint: \\x0d\n',
  );
});

Deno.test("an error that nobody raised on purpose asks to be reported", () => {
  const text = errorText(new TypeError("x is not a function\nand more"));
  strictEqual(
    text.replace(/at .*\)/, "at …)"),
    "decant: unexpected: TypeError: x is not a function (at …)\n" +
      "  hint: this is a defect of Decant: please report it, with what you did\n",
  );
});

Deno.test("problems repeat no hint, and after twenty they are only counted", () => {
  const problem = (i: number, hint: string): UnsoundError =>
    new UnsoundError("malformed-key", `problem ${i}`, { hint });
  strictEqual(
    problemsText([problem(1, "a"), problem(2, "a"), problem(3, "b")]),
    "decant: malformed-key: problem 1\ndecant: malformed-key: problem 2\n  hint: a\n" +
      "decant: malformed-key: problem 3\n  hint: b\n",
  );
  const many = Array.from({ length: 1021 }, (_, i) => problem(i, "a"));
  strictEqual(problemsText(many).split("\n").at(-2), "decant: … and 1,001 more problems");
  strictEqual(problemsText(many).split("\n").length, 20 + 1 + 1 + 1);
});
