import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { FileBatches } from "../../src/jobs/file_batches.ts";
import { InlineJobs } from "../../src/jobs/jobs.ts";
import { loadKernels } from "../../src/kernels/kernels.ts";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { TreeOutput } from "../../src/tree/output.ts";
import { text } from "../support/generator/encoding.ts";

const kernels = await loadKernels();

async function inFolder(action: (root: string) => Promise<void>): Promise<void> {
  const root = Deno.makeTempDirSync();
  try {
    await action(root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

const FILES: [path: string, contents: string][] = [
  ["a/b/one", "1"],
  ["a/b/two", ""],
  ["a/c/ünïcödé", "3".repeat(100)],
  ["top", "x".repeat(2_000_000)],
];

async function addAll(output: TreeOutput): Promise<void> {
  const batches = new FileBatches(new InlineJobs(kernels), output);
  for (const [path, contents] of FILES) await batches.add(path, text(contents));
  await batches.close();
}

Deno.test("files of batches are in the folder, and are counted and summed as others", async () => {
  const memory = new MemorySink();
  const expected = new TreeOutput(memory, new MemoryScratch());
  await addAll(expected);
  await inFolder(async (root) => {
    const output = new TreeOutput(new DenoDirectorySink(root), new MemoryScratch());
    await addAll(output);
    strictEqual(output.files, FILES.length);
    deepStrictEqual([output.files, output.bytes], [expected.files, expected.bytes]);
    for (const [path, contents] of FILES) {
      strictEqual(Deno.readTextFileSync(`${root}/${path}`), contents);
      strictEqual(Deno.statSync(`${root}/${path}`).mode! & 0o777, 0o600);
    }
  });
});

Deno.test("a file that cannot be written ends it with the reason, and nothing is overwritten", async () => {
  await inFolder(async (root) => {
    const output = new TreeOutput(new DenoDirectorySink(root), new MemoryScratch());
    const batches = new FileBatches(new InlineJobs(kernels), output);
    await output.directory("a/b");
    Deno.writeTextFileSync(`${root}/a/b/one`, "somebody else's");
    await batches.add("a/b/zero", text("0"));
    await batches.add("a/b/one", text("1"));
    await rejects(batches.close(), { code: "output-failed", file: "a/b/one" });
    strictEqual(Deno.readTextFileSync(`${root}/a/b/one`), "somebody else's");
  });
});
