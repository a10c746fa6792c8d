/** Reports that can be given to others: without names, keys, or messages that may have them. @module */

import { digestOf, sha256 } from "../bytes/digest.ts";
import { toHex } from "../bytes/hex.ts";
import { type DecantError, UnsoundError } from "../errors.ts";
import { encodeUtf8 } from "../text/utf8.ts";
import type { InspectedScope, InspectReport } from "./inspect.ts";

/** Stands for what is wrong: texts of errors name files, tables and keys. */
const NO_MESSAGE = "(the message is left out)";
/** Hex digits of what stands for a name. */
const DIGITS = 12;

/** What stands for names: within one run, one name has one. From another run, nothing can be told. */
export class Redaction {
  readonly #salt = crypto.getRandomValues(new Uint8Array(32));

  /** What stands for a name. */
  name(name: string, kind: string): string {
    const text = encodeUtf8(name);
    const bytes = new Uint8Array(this.#salt.length + text.length);
    bytes.set(this.#salt);
    bytes.set(text, this.#salt.length);
    return `${kind}-${toHex(digestOf(sha256, bytes)).slice(0, DIGITS)}`;
  }

  /** A report in which names stand for themselves no longer. The one Redis database has no name. */
  report(report: InspectReport): InspectReport {
    return {
      ...report,
      inputs: report.inputs.map((input) => ({
        ...input,
        name: this.name(input.name, "file"),
        newer: input.newer === undefined ? undefined : this.name(input.newer, "file"),
      })),
      scopes: report.scopes.map((scope) => this.#scope(scope)),
      problems: report.problems.map(({ code, file, offset }) => ({
        code,
        message: NO_MESSAGE,
        file: file === undefined ? undefined : this.name(file, "file"),
        offset,
      })),
    };
  }

  /** An error without what could be told by it. */
  error({ code, file, offset }: DecantError): DecantError {
    return new UnsoundError(code as UnsoundError["code"], NO_MESSAGE, {
      file: file === undefined ? undefined : this.name(file, "file"),
      offset,
    });
  }

  #scope({ example_keys_b64: _, ...scope }: InspectedScope): InspectedScope {
    if (scope.scope === undefined || scope.adapter === "redis") return scope;
    return { ...scope, scope: this.name(`${scope.adapter} ${scope.scope}`, "name") };
  }
}
