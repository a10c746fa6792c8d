import { deepStrictEqual, throws } from "node:assert/strict";
import { normalArguments } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/errors.ts";

const VOCABULARY = {
  commands: ["inspect", "decode", "verify"],
  switches: new Set(["include-orphans", "rename-collisions", "no-x"]),
  exists: (path: string) => path === "data",
};

/** [as written, as parsed] */
const FORMS: [string[], string[]][] = [
  [[], ["--help"]],
  [["--help"], ["--help"]],
  [["-h"], ["-h"]],
  [["--version"], ["--version"]],
  [["0000000000000235.fsm"], ["inspect", "0000000000000235.fsm"]],
  [["./snapshot"], ["inspect", "./snapshot"]],
  [["-"], ["inspect", "-"]],
  [["data"], ["inspect", "data"]],
  [["--json", "a.fsm"], ["inspect", "--json", "a.fsm"]],
  [["-q", "a.fsm"], ["inspect", "-q", "a.fsm"]],
  [["inpsect", "a.fsm"], ["inpsect", "a.fsm"]],
  [["decode", "-o", "-"], ["decode", "-o", "-"]],
  [["decode", "-input", "a"], ["decode", "--input", "a"]],
  [["decode", "-input=a", "-output=b"], ["decode", "--input=a", "--output=b"]],
  [["decode", "--adapter="], ["decode", "--adapter", ""]],
  [["decode", "-adapter="], ["decode", "--adapter", ""]],
  [["decode", "-o=b"], ["decode", "-o=b"]],
  [["decode", "--scope", "s3=a=b"], ["decode", "--scope", "s3=a=b"]],
  [["decode", "--include-orphans=true"], ["decode", "--include-orphans=true"]],
  [["decode", "--at", "-1h", "a"], ["decode", "--at=-1h", "a"]],
  [["decode", "-at", "-1h30m"], ["decode", "--at=-1h30m"]],
  [["decode", "--at=-1h"], ["decode", "--at=-1h"]],
  [["decode", "--include-orphans", "-1h"], ["decode", "--include-orphans", "-1h"]],
  [["decode", "a", "-1h"], ["decode", "a", "-1h"]],
  [["decode", "--", "-input", "--x="], ["decode", "--", "-input", "--x="]],
];

for (const [written, parsed] of FORMS) {
  Deno.test(`the command line [${written.join(" ")}] means [${parsed.join(" ")}]`, () => {
    deepStrictEqual(normalArguments(written, VOCABULARY), parsed);
  });
}

for (
  const args of [
    ["decode", "a", "--include-orphans", "true"],
    ["decode", "a", "-include-orphans", "false", "--raw"],
    ["decode", "a", "--no-rename-collisions", "true"],
    ["decode", "a", "--no-x", "true"],
    ["decode", "a", "--include-orphans="],
    ["decode", "a", "-include-orphans="],
  ]
) {
  Deno.test(`the command line [${args.join(" ")}] is refused, as a switch takes no such value`, () => {
    throws(() => normalArguments(args, VOCABULARY), UsageError);
  });
}

Deno.test("true behind an option with a value, and in front of a switch, is let through", () => {
  for (
    const args of [["decode", "--cluster-id", "true"], ["decode", "true", "--include-orphans"]]
  ) {
    deepStrictEqual(normalArguments(args, VOCABULARY), args);
  }
});

Deno.test("a command behind an option is no name of a snapshot", () => {
  for (const args of [["-q", "decode", "a.fsm", "-o", "b"], ["--json", "verify"]]) {
    throws(() => normalArguments(args, VOCABULARY), {
      message: `the command stands before its options, and ${args[0]} is before ${args[1]}`,
      hint: `write decant ${args[1]} … ${args[0]}`,
    });
  }
  deepStrictEqual(normalArguments(["--", "decode"], VOCABULARY), ["inspect", "--", "decode"]);
  const exists = () => true;
  deepStrictEqual(normalArguments(["-q", "decode"], { ...VOCABULARY, exists }), [
    "inspect",
    "-q",
    "decode",
  ]);
});
