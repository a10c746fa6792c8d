/** Runs the commands that stand in docs/recipes/, as they stand there. @module */

import { ok } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const BLOCK = /^```(\w+) (\S.*)\n([^]*?)^```$/gm;

/** A code block of a page that carries a mark. */
export interface Block {
  language: string;
  /** What stands behind the language. */
  mark: string;
  text: string;
}

/** What a command did. */
export interface Done {
  code: number;
  stdout: string;
  stderr: string;
}

/** The blocks of a page whose marks have a form. */
export function blocksWith(page: string, form: RegExp): Block[] {
  return [...Deno.readTextFileSync(ROOT + page).matchAll(BLOCK)]
    .map(([, language, mark, text]) => ({ language, mark, text }))
    .filter(({ mark }) => form.test(mark));
}

/** Paths of the pages in a folder. */
export function markdownFiles(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].map(({ name }) => folder + name)
    .filter((path) => path.endsWith(".md")).sort();
}

/** A folder in which a recipe is followed, with `decant` and `deno` on the path. */
export class Kitchen implements Disposable {
  /** Where commands run. */
  readonly folder = Deno.makeTempDirSync({ prefix: "decant-recipe-" });
  readonly #blocks = new Map<string, string>();
  readonly #env: { [name: string]: string };

  /**
   * @param recipe Name of a page in `docs/recipes/`.
   * @param env What the page says to set, such as `SNAPSHOT`.
   */
  constructor(recipe?: string, env: { [name: string]: string } = {}) {
    const blocks = recipe === undefined
      ? []
      : blocksWith(`docs/recipes/${recipe}.md`, /^test=[a-z-]+$/);
    for (const { mark, text } of blocks) {
      const name = mark.slice("test=".length);
      ok(!this.#blocks.has(name), `${recipe}.md has two blocks called ${name}`);
      this.#blocks.set(name, text);
    }
    Deno.mkdirSync(`${this.folder}/bin`);
    const deno = `'${Deno.execPath()}' run --quiet --no-prompt --allow-read --allow-write`;
    const script = `#!/bin/sh\nexec ${deno} '${ROOT}cli.ts' "$@"\n`;
    Deno.writeTextFileSync(`${this.folder}/bin/decant`, script, { mode: 0o755 });
    Deno.symlinkSync(Deno.execPath(), `${this.folder}/bin/deno`);
    Deno.symlinkSync(`${ROOT}examples`, `${this.folder}/examples`);
    const PATH = `${this.folder}/bin:${Deno.env.get("PATH")}`;
    this.#env = { PATH, NO_COLOR: "1", ...env };
  }

  /** The text of a block. */
  block(name: string): string {
    const block = this.#blocks.get(name);
    if (block === undefined) throw new Error(`the recipe has no block called ${name}`);
    return block;
  }

  /** Runs a block in bash. */
  run(name: string): Promise<Done> {
    return this.command("bash", ["-euo", "pipefail", "-c", this.block(name)]);
  }

  /** Runs a program in the folder. */
  async command(program: string, args: string[], input = ""): Promise<Done> {
    const child = new Deno.Command(program, {
      args,
      cwd: this.folder,
      env: this.#env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  /** Removes the folder. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
