import { match, ok, strictEqual } from "node:assert/strict";
import { COMMANDS } from "../../src/cli/app.ts";
import { commandHelp, programHelp } from "../../src/cli/help.ts";
import { VERSION } from "../../src/version.ts";
import { cli } from "./run.ts";

Deno.test("without arguments help is printed, and no permission is asked for", async () => {
  const { code, stdout, stderr } = await cli([]);
  strictEqual(stderr, "");
  strictEqual(code, 0);
  for (const name of Object.keys(COMMANDS)) match(stdout, new RegExp(`^  ${name} `, "m"));
  strictEqual((await cli(["--help"])).stdout, stdout);
});

for (const [name, { groups }] of Object.entries(COMMANDS)) {
  Deno.test(`${name} --help names every option of ${name}, in lines of at most 100 characters`, async () => {
    const { code, stdout, stderr } = await cli([name, "--help"]);
    strictEqual(code + stderr, "0");
    for (const { title, flags } of groups) {
      ok(stdout.includes(`\n${title}\n`), title);
      for (const flag of Object.keys(flags)) {
        const option = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        match(stdout, new RegExp(`--(\\[no-\\])?${option}[ \n]`), option);
      }
    }
    strictEqual(Math.max(...stdout.split("\n").map((line) => line.length)) <= 100, true);
    strictEqual((await cli([name, "-h"])).stdout, stdout);
  });
}

Deno.test("help fits into a terminal of eighty characters", () => {
  const commands = Object.values(COMMANDS).map((command) => commandHelp(command, 80));
  for (const text of [programHelp(COMMANDS, 80), programHelp(COMMANDS, 20), ...commands]) {
    for (const line of text.split("\n")) ok(line.length <= 80, line);
  }
  strictEqual(commandHelp(COMMANDS.decode, 200), commandHelp(COMMANDS.decode));
});

Deno.test("the options of the reference tool are in a group of their own", async () => {
  const { stdout } = await cli(["decode", "--help"]);
  const [, group] = /^Compatible with elastickv-snapshot-decode.*\n((?: .*\n)+)/m.exec(stdout)!;
  const options = [...group.matchAll(/^ {2}.{4}--(?:\[no-\])?([a-z-]+)/gm)].map(([, name]) => name);
  strictEqual(
    options.toSorted().join(" "),
    "adapter cluster-id dynamodb-bundle-mode include-incomplete-uploads include-orphans " +
      "include-sqs-side-records input output preserve-sqs-visibility rename-collisions",
  );
});

Deno.test("the version is that of the package", async () => {
  const { code, stdout } = await cli(["--version"]);
  strictEqual(code, 0);
  strictEqual(stdout, `decant ${VERSION}\n`);
});
