/** The commands of docs/looking.md print what stands below them; `--update` writes it there. */

import { strictEqual } from "node:assert/strict";
import { cli, fixture } from "../cli/run.ts";

const DOCUMENT = new URL("../../docs/looking.md", import.meta.url);
const FILES: { readonly [name: string]: string } = {
  "orders.fsm": fixture("real/ddb-history/snapshot.fsm"),
  "files.fsm": fixture("real/s3-hostile-keys/snapshot.fsm"),
};
const BLOCK = /(?<=^```console\n)\$ decant (.*)\n([^`]*)(?=^```$)/gm;

/** The words of a command line, of which some are in quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}

async function outputOf(line: string): Promise<string> {
  const args = wordsOf(line).map((word) => FILES[word] ?? word);
  const { stdout, stderr } = await cli(args, { read: Object.values(FILES) });
  const output = stdout + stderr;
  // Files of JSON do not end with a line break.
  return output.endsWith("\n") ? output : output + "\n";
}

const text = Deno.readTextFileSync(DOCUMENT);

if (Deno.args.includes("--update")) {
  let updated = text;
  for (const [block, line] of text.matchAll(BLOCK)) {
    updated = updated.replace(block, () => `$ decant ${line}\n`);
  }
  for (const [block, line] of updated.matchAll(BLOCK)) {
    const output = await outputOf(line);
    updated = updated.replace(block, () => `$ decant ${line}\n${output}`);
  }
  Deno.writeTextFileSync(DOCUMENT, updated);
} else {
  for (const [, line, output] of text.matchAll(BLOCK)) {
    Deno.test(`docs/looking.md: decant ${line}`, async () => {
      strictEqual(await outputOf(line), output);
    });
  }
}
