import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { COMMANDS } from "../../src/cli/app.ts";
import { completions } from "../../src/cli/completions.ts";
import { hasProgram, isMissing } from "../support/programs.ts";

/** What bash offers for a command line whose last word is being written. */
async function offered(...words: string[]): Promise<string[]> {
  const script = completions("bash", COMMANDS) +
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}\n` +
    `_decant; printf '%s\\n' "\${COMPREPLY[@]}"\n`;
  const { stdout, stderr, success } = await new Deno.Command("bash", { args: ["-c", script] })
    .output();
  ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

Deno.test({
  name: "bash completes commands, their options, and values of options",
  ignore: isMissing(hasProgram("bash")),
  async fn() {
    ok((await offered("decant", "dec")).includes("decode"));
    deepStrictEqual(await offered("decant", "decode", "--key-p"), ["--key-prefix"]);
    deepStrictEqual(await offered("decant", "decode", "--format", "r"), ["records", "resp"]);
    deepStrictEqual(await offered("decant", "ls", "--restor"), []);
  },
});

Deno.test({
  name: "zsh reads the script",
  ignore: isMissing(hasProgram("zsh")),
  async fn() {
    const script = completions("zsh", COMMANDS);
    const { success } = await new Deno.Command("zsh", { args: ["-n", "-c", script] }).output();
    ok(success);
  },
});

Deno.test("every option of every command is in the script of each shell", () => {
  for (const shell of ["bash", "zsh"] as const) {
    const script = completions(shell, COMMANDS);
    for (const [name, { groups }] of Object.entries(COMMANDS)) {
      ok(script.includes(`    ${name})\n`), name);
      for (const flag of groups.flatMap(({ flags }) => Object.keys(flags))) {
        const option = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        ok(
          script.includes(`--${option}`) || script.includes(`--no-${option}`),
          `${name} ${option}`,
        );
      }
    }
    // Apostrophes of descriptions end no quoted word.
    if (shell === "zsh") strictEqual(script.replaceAll(`'\\''`, "").split("'").length % 2, 1);
  }
});
