/**
 * Patterns over paths, as shells have them:
 *
 * ```text
 * *      any characters of one name            ?      one character of a name
 * **     any characters, `/` among them        [a-z]  one of these characters; [!a-z] any other
 * \*     the character itself
 * ```
 *
 * A pattern is about whole paths. One that matches a folder means everything in it. Where `**` is all of a
 * name, it stands for any folders, or for none.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/** One pattern. */
export class PathPattern {
  /** As it was given. */
  readonly text: string;
  /** What all paths begin with that it matches. */
  readonly literal: string;
  readonly #whole: RegExp;
  readonly #parts: readonly (RegExp | "any")[];

  /** @throws {UsageError} when it is none. */
  constructor(text: string) {
    this.text = text;
    const pattern = text.replace(/^\.\//, "").replace(/\/+$/, "");
    if (pattern === "" || pattern.startsWith("/")) {
      throw new UsageError(`${JSON.stringify(text)} is no pattern of paths in a dump`, {
        hint: "paths begin with the adapter, as in dynamodb/orders; ls prints them",
      });
    }
    this.literal = literalOf(pattern);
    this.#whole = compiled(`${expressionOf(pattern)}(?:/.*)?`, text);
    this.#parts = pattern.split("/").map((part) =>
      part.includes("**") ? "any" : compiled(expressionOf(part), text)
    );
  }

  /** Whether it matches a path, or a folder that the path is in. */
  matches(path: string): boolean {
    return this.#whole.test(path);
  }

  /** Whether it may match something in a folder, or everything there. */
  mayMatchIn(folder: string): boolean {
    const names = folder.split("/");
    for (const [i, part] of this.#parts.entries()) {
      if (part === "any" || i >= names.length) return true;
      if (!part.test(names[i])) return false;
    }
    return true;
  }

  /** Whether it matches everything in a folder. */
  covers(folder: string): boolean {
    if (this.matches(folder)) return true;
    const last = /\/\*\*?$/.exec(this.text.replace(/\/+$/, ""));
    return last !== null && new PathPattern(this.text.slice(0, last.index)).matches(folder);
  }
}

/** Whether a text has characters that mean others. */
export function isPattern(text: string): boolean {
  return /[*?[\]\\]/.test(text);
}

/**
 * A regular expression, in which `.` is a character and not half of one.
 *
 * @throws {UsageError} when it is none.
 */
export function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw new UsageError(`${JSON.stringify(text)} is no regular expression`, {
      hint: (error as Error).message,
    });
  }
}

/** The characters before the first that means others. */
function literalOf(pattern: string): string {
  let literal = "";
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === "\\" && i + 1 < pattern.length) literal += pattern[++i];
    else if (/[*?[]/.test(pattern[i])) break;
    else literal += pattern[i];
  }
  return literal;
}

function expressionOf(pattern: string): string {
  let out = "";
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    const end = c === "[" ? pattern.indexOf("]", i + 2) : -1;
    if (c === "*" && pattern[i + 1] === "*") {
      const isFolders = i === 0 || pattern[i - 1] === "/";
      while (pattern[i + 1] === "*") i++;
      if (isFolders && pattern[i + 1] === "/") {
        out += "(?:.*/)?";
        i++;
      } else out += ".*";
    } else if (c === "*") out += "[^/]*";
    else if (c === "?") out += "[^/]";
    else if (end > 0) {
      const set = pattern.slice(i + 1, end).replace(/^[!^]/, "\0");
      out += `[${set.replace(/[\\\][^]/g, "\\$&").replace("\0", "^/")}]`;
      i = end;
    } else out += escaped(c === "\\" && i + 1 < pattern.length ? pattern[++i] : c);
  }
  return out;
}

function escaped(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

function compiled(expression: string, text: string): RegExp {
  try {
    return new RegExp(`^(?:${expression})$`, "su");
  } catch {
    throw new UsageError(`${JSON.stringify(text)} is no pattern`, {
      hint: "in [a-z] the lesser character comes first; \\ before a character means itself",
    });
  }
}
