/**
 * Decodes a captured snapshot of a real cluster (three groups and their clock) into a new folder, with the
 * permissions that a user would give, and shows what it wrote.
 *
 *     deno task demo
 *
 * @module
 */

const FOLDER = "tests/fixtures/real/multi-group";
/** Files that are shown of each adapter. */
const SHOWN = 3;

const files = ["group-0.fsm", "group-1.fsm", "group-2.fsm", "group-3.fsm"]
  .map((name) => `${FOLDER}/${name}`);
const parent = await Deno.makeTempDir({ prefix: "decant-demo-" });
const out = `${parent}/dump`;

await run(["inspect", ...files], [`--allow-read=${FOLDER}`]);
await run(["decode", ...files, "--raw", "-o", out], [
  `--allow-read=${FOLDER},${out}`,
  `--allow-write=${out}`,
]);
await run(["verify", out], [`--allow-read=${out}`]);

const written = [...walk(out)].sort();
console.log(`\nSome of the ${written.length} files in ${out}:\n`);
for (const folder of new Set(written.map((path) => path.split("/")[0]))) {
  const inside = written.filter((path) => path.split("/")[0] === folder);
  for (const path of inside.slice(-SHOWN)) console.log(`  ${path}`);
}
const item = "dynamodb/alpha/items/i0.json";
console.log(`\n${item}:\n\n${Deno.readTextFileSync(`${out}/${item}`)}`);

async function run(args: string[], permissions: string[]): Promise<void> {
  const command = ["run", "--no-prompt", ...permissions, "cli.ts", ...args];
  console.log(`\n$ deno ${command.join(" ")}\n`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: command,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) Deno.exit(1);
}

function* walk(folder: string, path = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${path}`)) {
    if (isDirectory) yield* walk(folder, `${path}${name}/`);
    else yield path + name;
  }
}
