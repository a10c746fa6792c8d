/** A DynamoDB item, attribute by attribute. @module */

import type { AttributeValue, Item } from "../../mod.ts";
import { printable } from "../../src/text/printable.ts";

/** Longest text of one attribute that is shown. */
const MAX_TEXT = 20_000;

/** A table of names, types and values. */
export function ItemTable({ item }: { item: Item }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Attribute</th>
            <th scope="col">Type</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(item).map(([name, value]) => (
            <tr key={name}>
              <td class="name">{printable(name)}</td>
              <td class="quiet">{Object.keys(value)[0]}</td>
              <td class="name mono value">{shown(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shown(value: AttributeValue): string {
  const text = "S" in value ? value.S : plainText(value);
  return text.split("\n").map((line) => printable(line, MAX_TEXT)).join("\n");
}

/** A value as plain JSON. Numbers are their digits, however many: none goes through a double. */
export function plainText(value: AttributeValue, indent = ""): string {
  const inner = `${indent}  `;
  const list = (open: string, parts: string[], close: string): string =>
    parts.length === 0
      ? open + close
      : `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
  if ("S" in value) return JSON.stringify(value.S);
  if ("N" in value) return value.N;
  if ("B" in value) return JSON.stringify(value.B);
  if ("BOOL" in value) return String(value.BOOL);
  if ("SS" in value) return list("[", value.SS.map((text) => JSON.stringify(text)), "]");
  if ("NS" in value) return list("[", value.NS, "]");
  if ("BS" in value) return list("[", value.BS.map((text) => JSON.stringify(text)), "]");
  if ("L" in value) return list("[", value.L.map((one) => plainText(one, inner)), "]");
  if ("M" in value) {
    const members = Object.entries(value.M)
      .map(([name, one]) => `${JSON.stringify(name)}: ${plainText(one, inner)}`);
    return list("{", members, "}");
  }
  return "null";
}
