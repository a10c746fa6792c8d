/** Declarations of many files in one. */

import { deepStrictEqual, throws } from "node:assert/strict";
import { rollUp } from "../../scripts/dist/declarations.ts";

/** The lines behind what every such file begins with. */
function lines(files: Record<string, string>): string[] {
  return rollUp(new Map(Object.entries(files)), "mod.d.ts").split("\n")
    .filter((line) => line !== "" && !line.startsWith("/// "));
}

Deno.test("each file becomes a namespace, and what it imports an alias", () => {
  const files = {
    "mod.d.ts":
      'export { open, type Row as R } from "./src/a.js";\nexport * as keys from "./src/b.js";\n',
    "src/a.d.ts":
      'import { type Row as Line } from "./b.js";\nimport type { Size } from "./b.js";\n' +
      "export declare function open(): Line;\nexport type { Size };\nexport interface Row {}\n",
    "src/b.d.ts":
      'import { open } from "./a.js";\nexport declare class Row {}\nexport type Size = 1;\n',
    "src/unused.d.ts": "export type Unused = 1;\n",
  };
  deepStrictEqual(lines(files), [
    "export import open = src_a.open;",
    "import R = src_a.Row;",
    "export type { R };",
    "export import keys = src_b;",
    "declare namespace src_a {",
    "import Line = src_b.Row;",
    "export import Size = src_b.Size;",
    "export function open(): Line;",
    "export interface Row {}",
    "}",
    "declare namespace src_b {",
    "import open = src_a.open;",
    "export class Row {}",
    "export type Size = 1;",
    "}",
    "export {};",
  ]);
});

Deno.test("what is not understood, or is not there, is refused", () => {
  const b = "export type Row = 1;";
  for (
    const text of [
      'export * from "./b.js";',
      'export type Row = import("./b.js").Row;',
      'export { Row } from "./none.js";',
    ]
  ) throws(() => lines({ "mod.d.ts": text, "b.d.ts": b }), /is not understood|no declarations/);
});
