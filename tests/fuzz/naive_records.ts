/**
 * Whether what record lines say stands in rows that a reader sees, which are read here a second time, in
 * the simplest way. Rows and names are strings of one character a byte.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { familyOf, scopeOf, segmentEnd } from "../support/naive/families.ts";
import { bytesOf, latin1 } from "../support/naive/parse.ts";
import type { NaiveRow } from "../support/naive/resolve.ts";

/** A line, as far as it is looked at. */
interface Line {
  adapter: string;
  scope: unknown;
  type: string;
  key?: unknown;
  // deno-lint-ignore no-explicit-any -- what JSON gives
  value?: any;
}

/** Says which line has no row behind it. */
export function unfounded(lines: readonly string[], rows: readonly NaiveRow[]): string | undefined {
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  const items = new Bag(rows.flatMap(({ key, value }) => {
    const family = familyOf(key);
    if (family !== "!ddb|item|") return [];
    return canonicalItems(value).map((item) => `${scopeOf(family, key)} ${item}`);
  }));
  const messages = new Bag(rows.flatMap(({ key, value }) => {
    const family = familyOf(key);
    return family === "!sqs|msg|data|" ? [`${scopeOf(family, key)} ${messageOf(value)}`] : [];
  }));
  return lines.find((text) => {
    if (text === "") return false;
    const line: Line = JSON.parse(text);
    const scope = bytesIn(line.scope);
    switch (`${line.adapter} ${line.type}`) {
      case "dynamodb item":
        return !items.take(`${scope} ${canonical(line.value)}`);
      case "s3 object":
        return !bodiesOf(scope, bytesIn(line.key), values)
          .some((digest) => digest === ANY || digest === line.value.sha256);
      case "sqs message":
        return !messages.take(`${scope} ${line.value.message_id} ${bytesIn(line.value.body)}`);
      case "redis string":
        return ![
          stringOf(values.get("!redis|str|" + bytesIn(line.key))),
          values.get(bytesIn(line.key)),
        ]
          .includes(bytesIn(line.value));
      case "redis hash":
        return !holdsAll(
          line,
          values,
          "!hs|fld|",
          "!redis|hash|",
          ({ name, value }) => [name, value],
        );
      case "redis set":
        return !holdsAll(line, values, "!st|mem|", "!redis|set|", (member) => [member]);
      default:
        return false;
    }
  });
}

/** Things that can be taken as often as they were put in. */
class Bag {
  readonly #counts = new Map<string, number>();

  constructor(things: readonly string[]) {
    for (const thing of things) this.#counts.set(thing, (this.#counts.get(thing) ?? 0) + 1);
  }

  take(thing: string): boolean {
    const count = this.#counts.get(thing) ?? 0;
    this.#counts.set(thing, count - 1);
    return count > 0;
  }
}

/** A string, or base64 of what is not text. */
function bytesIn(value: unknown): string {
  if (typeof value === "string") return latin1(new TextEncoder().encode(value));
  return latin1(
    Uint8Array.fromBase64((value as { base64: string }).base64, { alphabet: "base64url" }),
  );
}

/** Every element has a row, and there are no more rows than elements, unless a blob has them. */
function holdsAll(
  { key, value }: Line,
  values: Map<string, string>,
  family: string,
  blob: string,
  // deno-lint-ignore no-explicit-any -- what JSON gives
  parts: (element: any) => [name: unknown, value?: unknown],
): boolean {
  const name = bytesIn(key);
  if (values.has(blob + name)) return true;
  const prefix = family + sized(name);
  // deno-lint-ignore no-explicit-any -- what JSON gives
  return value.every((element: any) => {
    const [field, contents] = parts(element);
    const stored = values.get(prefix + bytesIn(field));
    return stored !== undefined && (contents === undefined || stored === bytesIn(contents));
  });
}

function sized(name: string): string {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, name.length);
  return latin1(length) + name;
}

/** FF 01, whether there is an expiry, the expiry, the body; or the body alone. */
function stringOf(value: string | undefined): string | undefined {
  if (!value?.startsWith("\xff\x01")) return value;
  return value.slice(value.charCodeAt(2) & 1 ? 11 : 3);
}

function messageOf(value: string): string {
  try {
    const { message_id, body } = JSON.parse(utf8(value.slice(4)));
    return `${message_id} ${body == null ? "" : latin1(Uint8Array.fromBase64(body))}`;
  } catch {
    return "none";
  }
}

function utf8(bytes: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(bytes));
}

/** Of a body that is not looked into. */
const ANY = "any";

/** The digests of the bodies that manifests of an object describe. */
function bodiesOf(bucket: string, object: string, values: Map<string, string>): string[] {
  const digests: string[] = [];
  for (const [key, value] of values) {
    if (!key.startsWith("!s3|obj|head|")) continue;
    const rest = key.slice("!s3|obj|head|".length);
    const bucketEnd = segmentEnd(rest, 0);
    if (bucketEnd < 0 || segment(rest.slice(0, bucketEnd)) !== bucket) continue;
    if (segment(rest.slice(bucketEnd + 8)) !== object) continue;
    const body = bodyOf(rest, value, values);
    digests.push(
      body === undefined ? ANY : createHash("sha256").update(bytesOf(body)).digest("hex"),
    );
  }
  return digests;
}

function segment(escaped: string): string {
  return escaped.slice(0, -2).replaceAll("\0\xff", "\0");
}

/** The pieces that are there, one after the other; what is missing makes another digest. */
function bodyOf(place: string, value: string, values: Map<string, string>): string | undefined {
  const manifest = JSON.parse(utf8(value), exactly);
  const upload = latin1(new TextEncoder().encode(manifest.upload_id ?? ""));
  if (upload === "") return undefined; // the pieces may be of any upload
  const piece = (
    family: string,
    part: bigint,
    chunk: bigint,
    version: bigint,
  ): string | undefined => {
    const escaped = upload.replaceAll("\0", "\0\xff") + "\0\x01";
    const key = family + place + escaped + u64(part) + u64(chunk);
    return values.get(key + u64(version)) ?? (version === 0n ? values.get(key) : undefined);
  };
  // Of two parts with one name the last one counts.
  const parts = new Map<string, Part>();
  for (
    const { part_no = 0n, chunk_count = 0n, offloaded = false, ...part } of manifest.parts ?? []
  ) {
    const version = (offloaded ? part.chunk_ref_version : part.part_version) ?? 0n;
    const name = `${part_no} ${version} ${offloaded}`;
    parts.set(name, { number: part_no, version, offloaded, count: chunk_count });
  }
  let body = "";
  for (const { number, version, offloaded, count } of [...parts.values()].sort(inOrder)) {
    for (let chunk = 0n; chunk < count; chunk++) {
      if (!offloaded) body += piece("!s3|blob|", number, chunk, version) ?? "?";
      else {
        const ref = piece("!s3|chunkref|", number, chunk, version);
        const digest = ref && bytesOf(ref.slice(1, 33)).toHex();
        body += values.get(`!s3|chunkblob|${digest}`) ?? "?";
      }
    }
  }
  return body;
}

interface Part {
  number: bigint;
  version: bigint;
  offloaded: boolean;
  count: bigint;
}

function inOrder(a: Part, b: Part): number {
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  return Number(a.offloaded) - Number(b.offloaded);
}

/** Integers of any size. */
function exactly(_: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && /^-?\d+$/.test(source!) ? BigInt(source!) : value;
}

function u64(n: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, n);
  return latin1(bytes);
}

/** An item in every form that its value could be meant in. */
function canonicalItems(value: string): string[] {
  try {
    if (!value.startsWith("\0DI\x01")) return [canonical(JSON.parse(utf8(value)))];
    return [canonical(mapOf(fieldsOf(value.slice(4)), 1))];
  } catch {
    return [];
  }
}

type Field = [number: number, contents: string | bigint];

/** The fields of a message, in their order. */
function fieldsOf(message: string): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let n = 0n;
    for (let shift = 0n;; shift += 7n) {
      if (at >= message.length || shift > 63n) throw new Error("cut");
      const byte = BigInt(message.charCodeAt(at++));
      n |= (byte & 127n) << shift;
      if (byte < 128n) return BigInt.asUintN(64, n);
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7n;
    if (type === 0n) fields.push([Number(tag >> 3n), varint()]);
    else if (type === 2n) {
      const length = Number(varint());
      if (length > message.length - at) throw new Error("cut");
      fields.push([Number(tag >> 3n), message.slice(at, at += length)]);
    } else if (type === 1n) at += 8;
    else if (type === 5n) at += 4;
    else throw new Error("unknown type");
    if (at > message.length) throw new Error("cut");
  }
  return fields;
}

/** A map's entries: of two with one name the last one counts. */
function mapOf(fields: Field[], number: number): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null);
  for (const [n, entry] of fields) {
    if (n !== number) continue;
    const parts = fieldsOf(entry as string);
    const name = parts.findLast(([n]) => n === 1)?.[1] ?? "";
    map[utf8(name as string)] = valueOf(parts.filter(([n]) => n === 2).map(([, v]) => v).join(""));
  }
  return map;
}

const KINDS = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

/** One member of a value: the last one counts, and what is a message goes on where it was. */
function valueOf(message: string): unknown {
  let last: Field | undefined;
  for (const [number, contents] of fieldsOf(message)) {
    if (number < 1 || number > 10) continue;
    last = number >= 6 && number === last?.[0]
      ? [number, last[1] as string + contents]
      : [number, contents];
  }
  if (!last) return { NULL: true };
  const [number, contents] = last;
  const kind = KINDS[number - 1];
  const texts = (): string[] =>
    fieldsOf(contents as string).filter(([n]) => n === 1).map(([, text]) => text as string);
  switch (kind) {
    case "S":
    case "N":
      return { [kind]: utf8(contents as string) };
    case "B":
      return { B: bytesOf(contents as string).toBase64() };
    case "BOOL":
    case "NULL":
      return { [kind]: contents !== 0n };
    case "SS":
    case "NS":
      return { [kind]: texts().map(utf8) };
    case "BS":
      return { BS: texts().map((text) => bytesOf(text).toBase64()) };
    case "L":
      return { L: texts().map(valueOf) };
    default:
      return { M: mapOf(fieldsOf(contents as string), 1) };
  }
}

/** JSON with sorted members. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, v) =>
      v && typeof v === "object" && !Array.isArray(v)
        ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => a < b ? -1 : 1))
        : v,
  );
}
