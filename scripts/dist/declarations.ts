/**
 * Makes one file of all the declarations that a module's types are made of.
 *
 * Each file becomes a namespace, and what it imports an alias, so that two files may call two things by
 * one name:
 *
 * ```text
 * import { type Row as R } from "./row.js"       import R = src_row.Row;
 * export { orderedNumber } from "./number.js"    export import orderedNumber = src_number.orderedNumber;
 * export { type Row } from "./row.js"            import Row = src_row.Row; export type { Row };
 * export type { Row };                           export import Row = …, where it was imported
 * export * as keys from "./builders.js"          export import keys = src_builders;
 * ```
 *
 * @module
 */

const NAMED = /\b(import|export)\s+(type\s+)?\{([^}]*)\}\s+from\s+"(\.[^"]+)";/g;
const WHOLE = /\b(import|export)\s+(?:type\s+)?\*\s+as\s+(\w+)\s+from\s+"(\.[^"]+)";/g;
const LIST = /\bexport\s+(?:type\s+)?\{([^}]*)\};/g;
/** In a namespace everything is declared. */
const DECLARE =
  /\bdeclare (?=(?:abstract |const )?(?:class|const|let|var|function|enum|namespace)\b)/g;
const LEFT = /^(?!\s*\*).*\b(?:from\s+"\.|import\()/m;

/**
 * The declarations of a module and of all that it needs.
 *
 * @param files Path → declarations, with the paths that imports name.
 * @param root Path of the module.
 */
export function rollUp(files: ReadonlyMap<string, string>, root: string): string {
  const namespaces = new Map<string, string>();
  const [head] = /^\/\*\*[^]*?\*\//.exec(files.get(root)!) ?? [""];
  const exported = moduleOf(root);
  return [
    '/// <reference lib="esnext.disposable" />',
    '/// <reference lib="esnext.asynciterable" />',
    head,
    exported.slice(head.length).trim(),
    ...[...namespaces].sort(([a], [b]) => a < b ? -1 : 1).map(([name, text]) =>
      `declare namespace ${name} {\n${text.trim()}\n}`
    ),
    "export {};",
  ].join("\n") + "\n";

  /** A module's text with aliases; what it needs becomes namespaces. */
  function moduleOf(path: string): string {
    const source = files.get(path);
    if (source === undefined) throw new Error(`${path} has no declarations`);
    const text = source
      .replaceAll(NAMED, (_, kind: string, allTypes: string, names: string, from: string) => {
        const module = namespaceOf(resolved(path, from));
        return names.split(",").map((name) => name.trim()).filter((name) => name !== "")
          .map((name) => {
            const [own, as = own] = name.replace(/^type\s+/, "").split(/\s+as\s+/);
            const alias = `import ${as} = ${module}.${own};`;
            if (kind === "import") return alias;
            const isType = allTypes !== undefined || name.startsWith("type ");
            // A class of which only the type is given is no value; namespaces do not say so.
            return path === root && isType ? `${alias}\nexport type { ${as} };` : `export ${alias}`;
          }).join("\n");
      })
      .replaceAll(WHOLE, (_, kind: string, as: string, from: string) => {
        const module = namespaceOf(resolved(path, from));
        return `${kind === "export" ? "export " : ""}import ${as} = ${module};`;
      });
    const left = LEFT.exec(text);
    if (left) throw new Error(`${path}: ${left[0]} is not understood`);
    return text;
  }

  function namespaceOf(path: string): string {
    const name = path.replace(/\.d\.ts$|\.js$/, "").replaceAll(/\W/g, "_");
    if (!namespaces.has(name)) {
      namespaces.set(name, ""); // files import each other
      const text = moduleOf(path.replace(/\.js$/, ".d.ts")).replaceAll(DECLARE, "");
      namespaces.set(name, withOwnExports(text, path));
    }
    return name;
  }
}

/** A namespace has no lists of what it exports: what it declares is seen, and an alias that is exported. */
function withOwnExports(text: string, path: string): string {
  const names: string[] = [];
  let exported = text.replaceAll(LIST, (_, list: string) => {
    names.push(...list.split(",").map((name) => name.trim().replace(/^type\s+/, "")));
    return "";
  });
  for (const name of names.filter((name) => name !== "")) {
    if (!/^\w+$/.test(name)) throw new Error(`${path}: ${name} is not understood`);
    exported = exported.replace(new RegExp(`(?<!export )\\bimport ${name} =`), "export $&");
  }
  return exported;
}

function resolved(path: string, from: string): string {
  return new URL(from, `file:///${path}`).pathname.slice(1);
}
