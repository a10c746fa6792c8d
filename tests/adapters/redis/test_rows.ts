/**
 * Rows of all kinds as what they are, and the bytes that a node would store for them. Names and
 * contents are latin-1 text: one character a byte.
 *
 * @module
 */

import { cat, double, fromLatin1, itemKey, sized } from "./support.ts";

/** A type with elements. */
export type Collection = "list" | "hash" | "set" | "zset" | "stream";

/** Without a preamble, with one, and with one that has an expiry. */
type Form = "legacy" | "plain" | bigint;

/** One row. */
export type Row =
  | { is: "string"; name: string; form: Form; body: string }
  | { is: "hll"; name: string; form: Form; body: string }
  | { is: "index"; name: string; ms: bigint; ts: bigint }
  | {
    is: "meta";
    type: Collection;
    name: string;
    length: bigint;
    head: bigint;
    last: [bigint, bigint];
    expire?: bigint;
    trimmed?: [bigint, bigint];
  }
  | {
    is: "delta";
    type: Exclude<Collection, "stream">;
    name: string;
    length: bigint;
    head: bigint;
    ts: bigint;
  }
  | { is: "item"; name: string; place: bigint; value: string }
  | { is: "field"; name: string; field: string; value: string }
  | { is: "member"; name: string; member: string }
  | { is: "scored"; name: string; member: string; score: number }
  | { is: "entry"; name: string; id: [bigint, bigint]; fields: string[] }
  | { is: "hash-blob"; name: string; fields: [string, string][] }
  | { is: "set-blob"; name: string; members: string[] }
  | { is: "zset-blob"; name: string; members: [string, number][] }
  | { is: "stream-blob"; name: string; entries: number }
  | { is: "bare"; name: string; body: string }
  /** Rows that nobody needs: fences, claims, scores in order. */
  | { is: "noise"; key: string }
  /** Malformed: the key or the value. */
  | { is: "broken"; key: string; value: string; code: "malformed-key" | "malformed-value" };

const PREFIX = { list: "!lst|", hash: "!hs|", set: "!st|", zset: "!zs|", stream: "!stream|" };

/** The key of a row. */
export function keyOf(row: Row): Uint8Array {
  const name = "name" in row ? fromLatin1(row.name) : new Uint8Array(0);
  switch (row.is) {
    case "string":
      return cat("!redis|str|", name);
    case "hll":
      return cat("!redis|hll|", name);
    case "index":
      return cat("!redis|ttl|", name);
    case "meta":
      if (row.type === "list") return cat("!lst|meta|", name);
      return sized(PREFIX[row.type] + "meta|", name);
    case "delta":
      return sized(PREFIX[row.type] + "meta|d|", name, row.ts, 7);
    case "item":
      return itemKey(name, row.place);
    case "field":
      return sized("!hs|fld|", name, fromLatin1(row.field));
    case "member":
      return sized("!st|mem|", name, fromLatin1(row.member));
    case "scored":
      return sized("!zs|mem|", name, fromLatin1(row.member));
    case "entry":
      return sized("!stream|entry|", name, ...row.id);
    case "hash-blob":
    case "set-blob":
    case "zset-blob":
    case "stream-blob":
      return cat(`!redis|${row.is.split("-")[0]}|`, name);
    case "bare":
      return name;
    default:
      return fromLatin1(row.key);
  }
}

/** The value of a row. */
export function valueOf(row: Row): Uint8Array {
  switch (row.is) {
    case "string":
    case "hll": {
      const body = row.is === "hll" ? hllPayload(row.body) : fromLatin1(row.body);
      if (row.form === "legacy") return body;
      const magic = Uint8Array.of(0xff, row.is === "hll" ? 2 : 1, row.form === "plain" ? 0 : 1);
      return row.form === "plain" ? cat(magic, body) : cat(magic, row.form, body);
    }
    case "index":
      return cat(row.ms);
    case "meta": {
      const expire = row.expire === undefined ? [] : [row.expire];
      if (row.type === "list") {
        return cat(row.head, row.head + row.length, row.length, ...expire);
      }
      if (row.type !== "stream") return cat(row.length, ...expire);
      return cat(row.length, ...row.last, ...expire, ...(expire.length ? row.trimmed ?? [] : []));
    }
    case "delta":
      return row.type === "list" ? cat(row.head, row.length) : cat(row.length);
    case "item":
    case "field":
      return fromLatin1(row.value);
    case "scored":
      return double(row.score);
    case "entry":
      return cat(Uint8Array.of(0, 0x52, 0x58, 0x45, 1), ...row.fields.map((f) => field(2, f)));
    case "hash-blob":
      return cat(
        Uint8Array.of(0, 0x52, 0x48, 1),
        ...row.fields.map(([k, v]) => field(1, cat(field(1, k), field(2, v)))),
      );
    case "set-blob":
      return hllPayload(row.members.join("\n"), row.members.length === 0);
    case "zset-blob":
      return cat(
        Uint8Array.of(0, 0x52, 0x5a, 1),
        ...row.members.map(([member, score]) =>
          field(1, cat(field(1, member), Uint8Array.of(0x11), double(score).reverse()))
        ),
      );
    case "stream-blob":
      return cat(
        Uint8Array.of(0, 0x52, 0x58, 1),
        ...Array.from({ length: row.entries }, () => field(1, "")),
      );
    case "bare":
      return fromLatin1(row.body);
    case "broken":
      return fromLatin1(row.value);
    default:
      return new Uint8Array(0);
  }
}

/** The payload of a HyperLogLog; members are separated by line feeds. */
export function hllPayload(members: string, none = members === ""): Uint8Array {
  const all = none ? [] : members.split("\n");
  return cat(Uint8Array.of(0, 0x52, 0x53, 1), ...all.map((member) => field(1, member)));
}

/** A field of a message: text is latin-1. */
function field(number: number, contents: string | Uint8Array): Uint8Array {
  const bytes = typeof contents === "string" ? fromLatin1(contents) : contents;
  if (bytes.length > 127) throw new Error("too long for this test");
  return cat(Uint8Array.of((number << 3) | 2, bytes.length), bytes);
}
