/**
 * What clients read from rows, and how the files of a dump are called: told again from the rules, for
 * a handful of rows, without anything of the adapter.
 *
 * @module
 */

import { compare, hexOf, sha256, text } from "../../support/generator/encoding.ts";
import { bytesOf, type TestEntry } from "../../support/stream.ts";
import { lowestTerms, orderedNumber } from "./naive_numbers.ts";
import {
  type AttributeValue,
  counterRow,
  type Item,
  itemKey,
  itemValue,
  legacyPayload,
  orderedPayload,
  tableRow,
  type TableShape,
} from "./rows.ts";

/** A table and what was ever written to it. */
export interface World {
  name: string;
  shape: Required<TableShape>;
  /** Whether its schema is there. */
  exists: boolean;
  /** Whether its generation counter is there. */
  counted: boolean;
  writes: Write[];
}

/** One write, in the order of time; no item: a deletion. */
export interface Write {
  generation: number;
  id: AttributeValue;
  sort: AttributeValue;
  more?: Item;
  /** Whether the value is JSON. */
  json: boolean;
}

/** The item that a write leaves. */
function itemOf({ shape }: World, { id, sort, more }: Write): Item | undefined {
  if (!more) return undefined;
  return shape.range === ""
    ? { ...more, [shape.hash]: id }
    : { ...more, [shape.hash]: id, [shape.range]: sort };
}

function partsOf({ shape }: World, { id, sort }: Write): AttributeValue[] {
  return shape.range === "" ? [id] : [id, sort];
}

/** Whether the keys of a generation are base64. */
function isLegacy({ shape }: World, generation: number): boolean {
  return shape.version < 2 || generation !== shape.generation;
}

/** Whether the server can make a key of it. */
function isStorable(world: World, write: Write): boolean {
  if (isLegacy(world, write.generation)) return true;
  return partsOf(world, write).every((part) => !("N" in part) || orderedNumber(part.N));
}

function keyOf(world: World, write: Write): Uint8Array {
  const parts = partsOf(world, write);
  const payload = isLegacy(world, write.generation) ? legacyPayload(parts) : orderedPayload(parts);
  return itemKey(world.name, write.generation, payload);
}

/** All rows, with all their versions. */
export function rowsOf(worlds: World[]): TestEntry[] {
  return worlds.flatMap((world) => [
    ...(world.exists ? [tableRow(world.name, world.shape)] : []),
    ...(world.counted ? [counterRow(world.name)] : []),
    ...world.writes.flatMap((write, i): TestEntry[] => {
      if (!isStorable(world, write)) return [];
      const item = itemOf(world, write);
      const value = item && (write.json ? JSON.stringify(item) : itemValue(item));
      return [{ key: keyOf(world, write), ts: BigInt(i + 1), value }];
    }),
  ]);
}

/** The items of a table that clients read. */
export function readable(world: World): Item[] {
  if (!world.exists) return [];
  const newest = new Map<string, Write>();
  for (const write of world.writes) {
    if (isStorable(world, write)) newest.set(hexOf(bytesOf(keyOf(world, write))), write);
  }
  const live = [...newest].filter(([, write]) => write.more).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, write]) => write);
  const { generation, from } = world.shape;
  const active = live.filter((write) => write.generation === generation);
  const taken = new Set(active.map((write) => identity(world, write)));
  const old = live.filter((write) => {
    if (from === 0 || from === generation || write.generation !== from) return false;
    const name = identity(world, write);
    if (name === undefined) return true;
    return taken.size !== taken.add(name).size;
  });
  return [...old, ...active].map((write) => itemOf(world, write)!);
}

/** The key that the server has moved an item to, or would move it to. */
function identity(world: World, write: Write): string | undefined {
  const parts = partsOf(world, write);
  if (parts.some((part) => "N" in part && !orderedNumber(part.N))) return undefined;
  return hexOf(orderedPayload(parts));
}

/** The path of an item in the folder of its table when nothing is in the way. */
export function plainPath({ shape }: World, item: Item): string {
  const hash = segmentOf(item[shape.hash]);
  if (shape.range === "") return `${hash}.json`;
  const range = segmentOf(item[shape.range]);
  return hash === "" ? `${range}.json` : `${hash}/${range}.json`;
}

function segmentOf(value: AttributeValue): string {
  if ("B" in value) {
    const raw = Uint8Array.fromBase64(value.B);
    const name = "b64." + raw.toBase64({ alphabet: "base64url", omitPadding: true });
    return name.length <= 240 ? name : hashed(raw);
  }
  if ("N" in value) return segment(text(lowestTerms(value.N)));
  return segment(text((value as { S: string }).S));
}

/** A name as one part of a path. */
export function segment(raw: Uint8Array): string {
  const escaped = percent(raw);
  if (escaped === "." || escaped === "..") return escaped.replaceAll(".", "%2E");
  const odd = escaped.length > 240 || /^([0-9a-fA-F]{32}__|b64\.)/.test(escaped);
  return odd ? hashed(raw) : escaped;
}

function hashed(raw: Uint8Array): string {
  return `${hexOf(sha256(raw)).slice(0, 32)}__${percent(raw.subarray(0, 64))}`;
}

function percent(raw: Uint8Array): string {
  return Array.from(raw, (b) => {
    const c = String.fromCharCode(b);
    return /[A-Za-z0-9._-]/.test(c) ? c : "%" + b.toString(16).toUpperCase().padStart(2, "0");
  }).join("");
}

/** An item as text, its attributes in the order of their bytes. */
export function canonical(item: Item): string {
  return JSON.stringify(item, (_, value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const sorted = Object.entries(value).map(([name, v]) => [text(name), name, v] as const)
      .sort(([a], [b]) => compare(a, b));
    return sorted.map(([, name, v]) => [name, v]);
  });
}
