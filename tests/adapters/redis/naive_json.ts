/** JSON as the dump writes it, made with the language's own means. @module */

import { fromLatin1 } from "./support.ts";

/** A JSON value: bytes as latin-1 text, literals, lists, objects. */
export type Json = { bytes: string } | { literal: string } | Json[] | { members: [string, Json][] };

/**
 * The text of a value.
 *
 * @param html Whether `<`, `>` and `&` are escaped.
 * @param line What a line begins with; "" for no lines at all.
 */
export function print(json: Json, html = false, line = ""): string {
  const inner = line && line + "  ";
  const wrap = (open: string, parts: string[], close: string) =>
    parts.length === 0 ? open + close : `${open}${inner}${parts.join("," + inner)}${line}${close}`;
  if (Array.isArray(json)) return wrap("[", json.map((j) => print(j, html, inner)), "]");
  if ("literal" in json) return json.literal;
  if ("members" in json) {
    const colon = line ? ": " : ":";
    const parts = json.members.map(([n, j]) => `"${n}"${colon}${print(j, html, inner)}`);
    return wrap("{", parts, "}");
  }
  const text = utf8(json.bytes);
  if (text === undefined) {
    const base64 = btoa(json.bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    return print({ members: [["base64", { literal: `"${base64}"` }]] }, html, line);
  }
  const escape = (c: string) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
  return JSON.stringify(text).replaceAll(html ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g, escape);
}

function utf8(bytes: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromLatin1(bytes));
  } catch {
    return undefined;
  }
}
