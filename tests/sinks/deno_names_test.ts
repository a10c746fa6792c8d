import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { keepsNames } from "../../src/sinks/deno_names.ts";
import { inTempFolder } from "./support.ts";

/** Lets the file system make files under other names, or not at all. */
function asIf(spelling: (name: string) => string | undefined, action: () => void): void {
  const { openSync } = Deno;
  Deno.openSync = (path, options) => {
    const [, folder, name] = /^(.*\/)([^]*)$/.exec(String(path))!;
    const spelled = spelling(name);
    if (spelled === undefined) throw Object.assign(new Error("refused"), { code: "EINVAL" });
    return openSync(folder + spelled, options);
  };
  try {
    action();
  } finally {
    Deno.openSync = openSync;
  }
}

const FILE_SYSTEMS: Record<string, (name: string) => string | undefined> = {
  "takes letters of two cases for one": (name) => name.toLowerCase(),
  "takes letters of two cases for one, and only others than a-z": (name) =>
    name === "\u00c9" ? "\u00e9" : name,
  "decomposes": (name) => name.normalize("NFD"),
  "composes": (name) => name.normalize("NFC"),
  "cuts dots and spaces off": (name) => name.replace(/[. ]+$/, ""),
  "refuses characters": (name) => /[<>:"|?*\\]/.test(name) ? undefined : name,
  "replaces characters": (name) => name.replace(/[<>:"|?*\\]/g, "_"),
  // deno-lint-ignore no-control-regex
  "replaces control characters": (name) => name.replace(/[\x00-\x1f]/g, "_"),
  "refuses devices": (name) => /^(con|aux)(\.|$)/i.test(name) ? undefined : name,
  "has short names": (name) => new TextEncoder().encode(name).length > 143 ? undefined : name,
  "counts UTF-8": (name) => new TextEncoder().encode(name).length > 254 ? undefined : name,
  "has no characters beyond 16 bits": (name) => name.length > [...name].length ? undefined : name,
};

Deno.test("a file system that keeps names is known by its listing", () =>
  inTempFolder((folder) => {
    strictEqual(keepsNames(`${folder}/names`), true);
    for (const [what, spelling] of Object.entries(FILE_SYSTEMS)) {
      asIf(spelling, () => strictEqual(keepsNames(`${folder}/names`), false, what));
      deepStrictEqual([...Deno.readDirSync(folder)], [], what);
    }
  }));

Deno.test("what stands there already is left alone", () =>
  inTempFolder((folder) => {
    Deno.mkdirSync(`${folder}/names`);
    Deno.writeTextFileSync(`${folder}/names/mine`, "mine");
    throws(() => keepsNames(`${folder}/names`), { code: "output-failed" });
    strictEqual(Deno.readTextFileSync(`${folder}/names/mine`), "mine");
  }));
