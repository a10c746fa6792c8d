import { deepStrictEqual } from "node:assert/strict";
import { repositoryFiles } from "./files.ts";
import { importViolations } from "./imports.ts";

Deno.test("every import goes to the same room or to one before it", () => {
  deepStrictEqual(importViolations(repositoryFiles()), []);
});

/** [path, source, what the checker must say] */
const PLANTED: [string, string, string[]][] = [
  ["src/tree/a.ts", `import { x } from "../bytes/x.ts";`, []],
  ["src/tree/a.ts", `import { x } from "../errors.ts";`, []],
  ["src/cli/a.ts", `import { x } from "node:path"; Deno.exit(1);`, []],
  ["src/sources/deno_file.ts", `import { x } from "./source.ts"; Deno.cwd();`, []],
  ["src/mvcc/a.ts", `/** \`Deno.cwd\` */\n * import x from "../cli/x.ts";\n// from "node:fs"`, []],
  ["src/adapters/s3/a.ts", `import { x } from "../ordered.ts";`, []],
  ["mod.ts", `export * from "./src/commands/inspect.ts";`, []],
  ["tests/a.ts", `import { x } from "../src/cli/x.ts"; Deno.cwd();`, []],

  [
    "src/bytes/a.ts",
    `import {\n  x,\n  y,\n} from "../text/x.ts";`,
    ["src/bytes/a.ts imports src/text/x.ts: its room comes later"],
  ],
  [
    "src/tree/a.ts",
    `export type { X } from '../sinks/x.ts';`,
    ["src/tree/a.ts imports src/sinks/x.ts: its room comes later"],
  ],
  [
    "src/mvcc/a.ts",
    `import "../tree/x.ts"; await import("../kernels/x.ts");`,
    [
      "src/mvcc/a.ts imports src/tree/x.ts: its room comes later",
      "src/mvcc/a.ts imports src/kernels/x.ts: its room comes later",
    ],
  ],
  [
    "src/errors.ts",
    `import { x } from "./bytes/x.ts";`,
    ["src/errors.ts imports src/bytes/x.ts: its room comes later"],
  ],
  [
    "src/adapters/s3/a.ts",
    `import { x } from "../redis/x.ts";`,
    ["src/adapters/s3/a.ts imports src/adapters/redis/x.ts: it belongs to another adapter"],
  ],
  [
    "src/commands/a.ts",
    `import { x } from "../../mod.ts";`,
    ["src/commands/a.ts imports mod.ts: it is not in src/"],
  ],
  [
    "src/sinks/a.ts",
    `import { x } from "./deno_folder.ts";`,
    ["src/sinks/a.ts imports src/sinks/deno_folder.ts: it runs in Deno only"],
  ],
  [
    "mod.ts",
    `export * from "./src/cli/main.ts";`,
    ["mod.ts imports src/cli/main.ts: it runs in Deno only"],
  ],
  [
    "src/sinks/a.ts",
    `import { x } from "node:fs";`,
    ["src/sinks/a.ts imports node:fs and is not named for Deno"],
  ],
  [
    "src/sinks/a.ts",
    `const x = Deno.cwd();`,
    ["src/sinks/a.ts uses Deno and is not named for it"],
  ],
  [
    "src/text/a.ts",
    `import { x } from "npm:hash-wasm@4.13.0";`,
    ["src/text/a.ts imports npm:hash-wasm@4.13.0 past the import map"],
  ],
  ["src/util/a.ts", ``, ["src/util/a.ts is in no room"]],
];

for (const [path, source, expected] of PLANTED) {
  const verdict = expected.length === 0 ? "lets pass" : "refuses";
  Deno.test(`the import checker ${verdict} ${path}: ${source.replaceAll("\n", " ")}`, () => {
    deepStrictEqual(importViolations(new Map([[path, source]])), expected);
  });
}
