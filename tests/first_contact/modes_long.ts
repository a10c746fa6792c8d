/** Files that their mode keeps from the user: another user runs a program and a Deno of its own. */

import { match, ok, strictEqual } from "node:assert/strict";
import { bundle } from "../../scripts/dist/bundle.ts";
import { withFolder } from "../cli/run.ts";

Deno.test("a file that its mode keeps from the user is no missing permission of Deno", () =>
  withFolder(async (folder) => {
    // Root reads everything: another user tries.
    const uid = Deno.uid() === 0 ? 65534 : undefined;
    Deno.writeTextFileSync(`${folder}/decant.js`, await bundle("cli.ts", "deno"));
    Deno.writeTextFileSync(`${folder}/secret.fsm`, "");
    Deno.mkdirSync(`${folder}/closed`);
    Deno.chmodSync(folder, 0o755);
    Deno.chmodSync(`${folder}/secret.fsm`, 0);
    Deno.chmodSync(`${folder}/closed`, 0o500);
    const program = `${folder}/deno`;
    Deno.copyFileSync(await realPath(Deno.execPath()), program);
    for (
      const [args, access] of [
        [["inspect", "secret.fsm"], "read"],
        [["decode", "decant.js", "-o", "closed/out"], "write"],
      ] as const
    ) {
      const { code, stderr } = await new Deno.Command(program, {
        args: ["run", "-A", "--no-config", "decant.js", ...args],
        cwd: folder,
        uid,
        env: { NO_COLOR: "1", DENO_DIR: `/tmp/decant-test-${crypto.randomUUID()}` },
      }).output();
      const text = new TextDecoder().decode(stderr);
      const message = `decant: denied: the operating system does not let this user ${access} it`;
      ok(text.startsWith(message), text);
      match(text, /hint: look at its owner and mode/);
      strictEqual(code, 5);
    }
  }));

/** The program itself, where a script stands for it. */
async function realPath(path: string): Promise<string> {
  const { stdout } = await new Deno.Command(path, {
    args: ["eval", "console.log(await Deno.realPath(`/proc/self/exe`))"],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}
