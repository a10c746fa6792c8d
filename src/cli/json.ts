/** Reports as JSON. @module */

/** Characters that JSON lets stand and a terminal obeys or does not show. */
const HIDDEN = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A report, indented; 64-bit integers become decimal text, as most readers would round them. */
export function jsonText(report: unknown): string {
  const text = JSON.stringify(
    report,
    (_, value) => typeof value === "bigint" ? `${value}` : value,
    2,
  );
  return escapeHidden(text) + "\n";
}

/** The same JSON without characters that a terminal would obey. */
export function escapeHidden(json: string): string {
  return json.replace(HIDDEN, (character) => {
    let escaped = "";
    for (let i = 0; i < character.length; i++) {
      escaped += "\\u" + character.charCodeAt(i).toString(16).padStart(4, "0");
    }
    return escaped;
  });
}
