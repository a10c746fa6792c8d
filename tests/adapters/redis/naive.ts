/**
 * A second reading of the rules, as plain as possible: everything in maps, one key after the other.
 * It knows what each row is from the test that made it, and shares no code with the adapter but the
 * hash of long names.
 *
 * @module
 */

import { sha256Hex } from "../../../src/bytes/digest.ts";
import { type Json, print } from "./naive_json.ts";
import { cat, fromLatin1, latin1 } from "./support.ts";
import { type Collection, hllPayload, type Row } from "./test_rows.ts";

/** What must come out. */
export interface Model {
  tree: Record<string, string>;
  records: string[];
  noted: unknown[][];
  fates: Record<string, number>;
  wrong: string[];
  /** What a Redis server must hold: name → type, contents and expiry, as text. */
  loaded: Map<string, unknown>;
  /** Name of a stream → the greatest id that it has or had. */
  last: Map<string, string>;
}

const LAST = (1n << 63n) - 1n;
const TYPES: Collection[] = ["list", "hash", "set", "zset", "stream"];

interface Shape {
  type: "string" | "hll" | Collection;
  /** For files. */
  hex?: string;
  json?: Json[];
  state?: [string, Json][];
  /** For Redis. */
  load: unknown;
  expire?: bigint;
  live: boolean;
}

/** Reads all rows; keys must differ. */
export function model(rows: Row[], bare: boolean): Model {
  const out: Model = {
    tree: {},
    records: [],
    noted: [],
    fates: {},
    wrong: [],
    loaded: new Map(),
    last: new Map(),
  };
  const fate = (name: string, n = 1) => {
    if (n > 0) out.fates[name] = (out.fates[name] ?? 0) + n;
  };
  const names = new Set<string>();
  for (const row of rows) {
    if ("name" in row && (row.is !== "bare" || bare)) names.add(row.name);
    if (row.is === "broken") {
      fate("redis unsound");
      out.wrong.push(row.code);
    }
  }
  const lists: Record<string, [string, string][]> = { strings_ttl: [], hll_ttl: [], KEYMAP: [] };
  let orphans = 0;
  for (const name of names) {
    orphans += oneKey(
      name,
      rows.filter((row) => "name" in row && row.name === name && (row.is !== "bare" || bare)),
      out,
      fate,
      lists,
    );
  }
  if (orphans > 0) out.noted.push(["redis_orphan_ttl", orphans]);
  for (const [file, lines] of Object.entries(lists)) {
    const sorted = [...new Map(lines.map(([name, line]) => [line, name]))];
    sorted.sort(([, a], [, b]) => a < b ? -1 : 1);
    if (sorted.length > 0) out.tree[`${file}.jsonl`] = sorted.map(([line]) => line + "\n").join("");
  }
  return out;
}

function oneKey(
  name: string,
  rows: Row[],
  out: Model,
  fate: (name: string, n?: number) => void,
  lists: Record<string, [string, string][]>,
): number {
  const note = (event: string, ...values: unknown[]) =>
    out.noted.push([event, name.length, ...values]);
  const all = <Is extends Row["is"]>(is: Is) =>
    rows.filter((row): row is Extract<Row, { is: Is }> => row.is === is);
  const find = <Is extends Row["is"]>(is: Is) => all(is).at(0);

  const index = find("index");
  const string = find("string");
  const hll = find("hll");
  const bareRow = find("bare");
  const streamBlob = find("stream-blob");
  const meta = (type: Collection) => all("meta").find((row) => row.type === type);
  const deltas = (type: Collection) => all("delta").filter((row) => row.type === type);
  fate("redis operational", all("delta").length);
  if (streamBlob) {
    fate("redis hidden");
    out.noted.push(["redis_legacy_stream_blob_dropped", name.length, streamBlob.entries]);
  }

  // Elements by type, as [bytes to sort by, JSON, for Redis].
  const elements: Record<Collection, [string, Json, unknown][]> = {
    list: all("item").map((r) => [placeText(r.place), { bytes: r.value }, r.value]),
    hash: all("field").map((r) => fieldElement(r.field, r.value)),
    set: all("member").map((r) => [r.member, { bytes: r.member }, r.member]),
    zset: all("scored").map((r) => memberElement(r.member, r.score)),
    stream: all("entry").map((r) => [
      latin1(cat(...r.id)),
      {
        members: [["id", { literal: `"${r.id[0]}-${r.id[1]}"` }], ["fields", pairs(r.fields)]],
      },
      r.fields.length === 0 || (r.id[0] === 0n && r.id[1] === 0n)
        ? undefined
        : [`${r.id[0]}-${r.id[1]}`, ...r.fields],
    ]),
  };
  const streamMeta = meta("stream");
  const trimmed = streamMeta?.expire === undefined ? undefined : streamMeta.trimmed;
  const before = elements.stream.length;
  if (!streamMeta) elements.stream = [];
  else if (trimmed && (trimmed[0] > 0n || trimmed[1] > 0n)) {
    const cursor = latin1(cat(...trimmed));
    elements.stream = elements.stream.filter(([id]) => id > cursor);
  }
  const lost = before - elements.stream.length;
  fate("redis unreachable", lost);
  if (lost > 0) {
    note(
      streamMeta
        ? "redis_stream_entries_below_trim_cursor"
        : "redis_stream_orphan_entries_without_meta",
      lost,
    );
  }

  const blobs: Partial<Record<Collection, [string, Json, unknown][]>> = {
    hash: find("hash-blob")?.fields.map(([k, v]) => fieldElement(k, v)),
    set: find("set-blob")?.members.map((m) => [m, { bytes: m }, m]),
    zset: find("zset-blob")?.members.map(([m, s]) => memberElement(m, s)),
  };

  // What there is, in the order in which the server looks.
  const types: [type: Shape["type"], from: string][] = [];
  if (string) types.push(["string", "row"]);
  if (hll) types.push(["hll", "row"]);
  if (bareRow && !string && !hll) types.push(["string", "bare"]);
  if (bareRow && (string || hll)) fate("system hidden");
  const hasRows = (type: Collection) =>
    elements[type].length > 0 || meta(type) !== undefined || deltas(type).length > 0;
  const fromOf = (type: Collection) => elements[type].length === 0 && blobs[type] ? "blob" : "rows";
  for (const type of TYPES) {
    if (type !== "stream" && hasRows(type)) types.push([type, fromOf(type)]);
  }
  for (const type of TYPES) {
    if (type !== "stream" && !hasRows(type) && blobs[type]) types.push([type, "blob"]);
  }
  if (streamMeta) types.push(["stream", "rows"]);
  else if (streamBlob) types.push(["stream", "nothing"]);
  if (types.length > 1) {
    note("redis_type_conflict", types[0][0], types.slice(1).map(([type]) => type).join(","));
  }

  // When the live type expires.
  const own = (type: Shape["type"]): bigint | undefined => {
    const row = type === "string" ? string : type === "hll" ? hll : undefined;
    if (row) return row.form === "legacy" ? undefined : clamp(row.form === "plain" ? 0n : row.form);
    return type === "string" || type === "hll" ? undefined : meta(type)?.expire;
  };
  for (const row of [string, hll]) if (row?.form === 0n) note("redis_zero_ttl");
  const [live, liveFrom] = types[0] ?? [];
  let expire: bigint | undefined;
  let indexFate = index && !live ? "unreachable" : "derivable";
  if (live) {
    const inline = live === "string" || live === "hll"
      ? own(live)
      : TYPES.map((type) => meta(type)?.expire).find((ms) => ms !== undefined);
    const isShown = liveFrom !== "nothing" &&
      !(TYPES.includes(live as Collection) && liveFrom === "rows" &&
        elements[live as Collection].length === 0 && !meta(live as Collection));
    const type = live as Collection;
    const oldest = TYPES.includes(type)
      ? deltas(type).map(({ ts }) => ts).toSorted((a, b) => a < b ? -1 : 1)[0]
      : undefined;
    if (inline !== undefined) expire = inline || undefined;
    else if (index && oldest !== undefined && !meta(type) && index.ts < oldest) {
      indexFate = "hidden";
      if (isShown) note("redis_stale_ttl_index");
    } else if (index) {
      expire = clamp(index.ms);
      indexFate = isShown ? "written" : streamBlob ? "hidden" : "operational";
      if (isShown && index.ms === 0n) note("redis_zero_ttl");
    }
  }
  if (index) fate(`redis ${indexFate}`);

  for (const [i, [type, from]] of types.entries()) {
    const shape: Shape = { type, live: i === 0, load: undefined };
    shape.expire = i === 0 ? expire : own(type) || undefined;
    if (type === "string") {
      const body = from === "bare" ? bareRow!.body : string!.body;
      shape.hex = hexOf(body);
      shape.json = [{ bytes: body }];
      shape.load = body;
      fate(from === "bare" ? "system written" : "redis written");
    } else if (type === "hll") {
      const members = hll!.body === "" ? [] : hll!.body.split("\n");
      shape.hex = hexOf(latin1(hllPayload(hll!.body)));
      shape.json = members.map((bytes) => ({ bytes }));
      shape.load = members;
      fate("redis written");
    } else {
      const list = from === "blob"
        ? lastOfEach(blobs[type]!)
        : from === "rows"
        ? elements[type]
        : [];
      const length = meta(type) || deltas(type).length > 0
        ? [meta(type)?.length ?? 0n, ...deltas(type).map((d) => d.length)].reduce((a, b) => a + b)
        : undefined;
      if (length !== undefined && BigInt(list.length) !== (length < 0n ? 0n : length)) {
        note(`redis_${type}_length_mismatch`, length < 0n ? 0n : length, list.length);
      }
      if (from === "nothing" || (from === "rows" && list.length === 0 && !meta(type))) continue;
      fate("redis written", (meta(type) ? 1 : 0) + (from === "blob" ? 1 : list.length));
      list.sort(([a], [b]) => a < b ? -1 : 1);
      if (type === "list" && length !== undefined) {
        const head = [meta(type)?.head ?? 0n, ...deltas(type).map((d) => d.head)]
          .reduce((a, b) => a + b);
        const tail = head + (length < 0n ? 0n : length);
        const outside = all("item").filter(({ place }) => place < head || place >= tail).length;
        if (outside > 0) note("redis_list_items_outside_window", head, tail, outside);
      }
      if (type === "zset") {
        const nan = list.filter(([, , load]) => load === undefined).length;
        if (nan > 0) note("redis_zset_nan_score", nan);
      }
      shape.json = list.map(([, json]) => json);
      shape.load = list.map(([, , load]) => load).filter((load) => load !== undefined);
      if (type === "stream") {
        const { length, last } = streamMeta!;
        shape.state = [
          ["length", { literal: `${length}` }],
          ["last_ms", { literal: `${last[0]}` }],
          ["last_seq", { literal: `${last[1]}` }],
        ];
      }
    }
    write(name, shape, out, lists);
    const empty = Array.isArray(shape.load) && shape.load.length === 0;
    if (shape.live && !(empty && ["list", "hash", "set", "zset"].includes(type))) {
      const expire = shape.expire === undefined ? undefined : clamp(shape.expire);
      out.loaded.set(name, { type, value: shape.load, expire });
      if (type === "stream") {
        const top = (shape.load as string[][]).at(-1)?.[0].split("-").map(BigInt) ?? [0n, 0n];
        const { last } = streamMeta!;
        const further = last[0] > top[0] || (last[0] === top[0] && last[1] > top[1]);
        out.last.set(name, (further ? last : top).join("-"));
      }
    }
  }
  // A legacy row beside newer rows of its type.
  for (const type of TYPES) if (blobs[type] && fromOf(type) !== "blob") fate("redis hidden");
  return index && indexFate === "unreachable" ? 1 : 0;
}

function clamp(ms: bigint): bigint {
  return ms > LAST ? LAST : ms;
}

function placeText(place: bigint): string {
  return latin1(cat(place ^ (1n << 63n)));
}

function fieldElement(name: string, value: string): [string, Json, unknown] {
  return [
    name,
    { members: [["name", { bytes: name }], ["value", { bytes: value }]] },
    [name, value],
  ];
}

function memberElement(member: string, score: number): [string, Json, unknown] {
  const literal = Number.isNaN(score)
    ? '"nan"'
    : score === Infinity
    ? '"+inf"'
    : score === -Infinity
    ? '"-inf"'
    : Object.is(score, -0)
    ? "-0"
    : `${score}`;
  return [
    member,
    { members: [["member", { bytes: member }], ["score", { literal }]] },
    Number.isNaN(score) ? undefined : [member, score],
  ];
}

function pairs(fields: string[]): Json[] {
  const found: Json[] = [];
  for (let i = 0; i < fields.length; i += 2) found.push(fieldElement(fields[i], fields[i + 1])[1]);
  return found;
}

function lastOfEach(list: [string, Json, unknown][]): [string, Json, unknown][] {
  return [...new Map(list.map((element) => [element[0], element])).values()];
}

const FOLDER = {
  string: "strings",
  hll: "hll",
  hash: "hashes",
  list: "lists",
  set: "sets",
  zset: "zsets",
  stream: "streams",
};
const ARRAY = { hash: "fields", list: "items", set: "members", zset: "members" };

function write(
  name: string,
  { type, hex, json, state = [], expire, live }: Shape,
  out: Model,
  lists: Record<string, [string, string][]>,
): void {
  const segment = segmentOf(name);
  const expiry: [string, Json] = ["expire_at_ms", { literal: expire?.toString() ?? "null" }];
  const value: Json = type === "string" ? json![0] : json!;
  out.records.push(print({
    members: [
      ["adapter", { literal: '"redis"' }],
      ["scope", { literal: '"0"' }],
      ["type", { literal: `"${type}"` }],
      ["key", { bytes: name }],
      ["value", value],
      ...state,
      expiry,
      ...(live ? [] : [["live", { literal: "false" }] as [string, Json]]),
    ],
  }));
  if (segment !== percent(name)) {
    const original = btoa(name).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    lists.KEYMAP.push([
      name,
      `{"encoded":"${segment}","original":"${original}","kind":"sha-fallback"}`,
    ]);
  }
  const path = `${FOLDER[type]}/${segment}`;
  if (hex !== undefined) {
    out.tree[path + ".bin"] = hex;
    if (expire !== undefined) {
      lists[`${FOLDER[type]}_ttl`].push([name, `{"key":"${segment}","expire_at_ms":${expire}}`]);
    }
  } else if (type === "stream") {
    const end: Json = { members: [["_meta", { literal: "true" }], ...state, expiry] };
    out.tree[path + ".jsonl"] = [...json!, end].map((line) => print(line, true) + "\n").join("");
  } else {
    const members: [string, Json][] = [
      ["format_version", { literal: "1" }],
      [ARRAY[type as keyof typeof ARRAY], json!],
      expiry,
    ];
    out.tree[path + ".json"] = print({ members }, true, "\n");
  }
}

function segmentOf(name: string): string {
  const plain = percent(name);
  if (name.length <= 240 && plain.length <= 240 && !/^([0-9a-fA-F]{32}__|b64\.)/.test(plain)) {
    return plain;
  }
  return `${sha256Hex(fromLatin1(name)).slice(0, 32)}__${percent(name.slice(0, 64))}`;
}

function percent(name: string): string {
  return name.replaceAll(
    /[^A-Za-z0-9._-]/gs,
    (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"),
  );
}

function hexOf(text: string): string {
  return Array.from(text, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
