/** Tables, their items and index rows. @module */

import {
  indexKey,
  itemKey,
  legacyPayload,
  orderedPayload,
  tableKey,
} from "../../../src/keyspace/dynamodb_keys.ts";
import { orderedNumber } from "../../../src/keyspace/ordered_number.ts";
import {
  bytesField,
  concat,
  mapFields,
  numberField,
  text,
  textField,
  varintField,
} from "./encoding.ts";
import { type History, latin1 } from "./history.ts";
import { anyName, niceName } from "./names.ts";
import type { Random } from "./random.ts";

type KeyType = "S" | "N" | "B";
type Attribute = { name: string; type: KeyType };
interface Index {
  hash: Attribute;
  range?: Attribute;
}
interface Table {
  name: string;
  hash: Attribute;
  range?: Attribute;
  /** 0 and 1: legacy item keys; 2: ordered ones. */
  encoding: number;
  generation: number;
  migratingFrom: number;
  indexes: Map<string, Index>;
}
/** A key attribute as clients know it. */
type Scalar = Uint8Array | string;
type Item = Map<string, Uint8Array>;

const NUMBERS = [
  "0",
  "1",
  "-1",
  "10",
  "1.5",
  "-12",
  "-12.5",
  "1e3",
  "1E-3",
  "0.1",
  "12345678901234567890",
];
const ODD_NUMBERS = [
  ...NUMBERS,
  "1.0",
  "+7",
  "00",
  "-0",
  "9.9999999999999999999999999999999999999E+125",
];

/** About `size` items in one to four tables. */
export function dynamodb(history: History, size: number): void {
  const { random } = history;
  const tables = random.between(1, 4);
  const taken = new Set<string>();
  for (let i = 0; i < tables; i++) {
    const name = niceName(random, "table");
    if (!taken.has(name)) writeTable(history, name, Math.ceil(size / tables));
    taken.add(name);
  }
}

function writeTable(history: History, name: string, size: number): void {
  const { random } = history;
  let table = newTable(random, name, 1);
  putSchema(history, table);
  fill(history, table, size);
  while (random.chance(0.3)) {
    deleteTable(history, table);
    if (random.chance(0.4)) return;
    table = newTable(random, name, table.generation + 2);
    putSchema(history, table);
    fill(history, table, size);
  }
  if (table.encoding < 2 && random.chance(0.5)) migrate(history, table, size);
}

function newTable(random: Random, name: string, generation: number): Table {
  const type = (): KeyType => random.pick(["S", "S", "N", "B"]);
  const table: Table = {
    name,
    hash: { name: random.pick(["id", "pk", "å", ""]) || "id", type: type() },
    encoding: random.pick([0, 1, 2, 2, 2]),
    generation,
    migratingFrom: 0,
    indexes: new Map(),
  };
  if (random.chance(0.5)) table.range = { name: "sk", type: type() };
  for (let i = random.below(3); i > 0; i--) {
    const index: Index = { hash: { name: `h${i}`, type: type() } };
    if (random.chance(0.5)) index.range = { name: `r${i}`, type: type() };
    table.indexes.set(`by-${i}`, index);
  }
  return table;
}

function putSchema(history: History, table: Table): void {
  const { hash, range, indexes } = table;
  const schema = (key: Index): Uint8Array =>
    concat(textField(1, key.hash.name), textField(2, key.range?.name ?? ""));
  const attributes = [hash, range, ...[...indexes.values()].flatMap((i) => [i.hash, i.range])]
    .filter((attribute) => attribute !== undefined);
  history.tick();
  history.put(
    tableKey("ddb-table", text(table.name)),
    concat(
      Uint8Array.of(0, 0x44, 0x53, 1),
      bytesField(1, table.name),
      mapFields(2, attributes.map((a) => [a.name, text(a.type)])),
      bytesField(3, schema(table)),
      mapFields(
        4,
        [...indexes].map(([name, index]) => [
          name,
          concat(bytesField(1, schema(index)), bytesField(2, bytesField(1, "ALL"))),
        ]),
      ),
      numberField(5, table.encoding),
      numberField(6, table.migratingFrom),
      numberField(7, table.generation),
    ),
  );
  history.put(tableKey("ddb-generation", text(table.name)), text(String(table.generation)));
}

/** The schema goes at once, the items one after the other, and not all before the snapshot. */
function deleteTable(history: History, table: Table): void {
  history.tick();
  history.delete(tableKey("ddb-table", text(table.name)));
  history.put(tableKey("ddb-generation", text(table.name)), text(String(table.generation + 1)));
  const prefix = itemKey(text(table.name), BigInt(table.generation), new Uint8Array(0));
  const rows = new Map(history.writes.map(({ key }) => [latin1(key), key]));
  for (const key of rows.values()) {
    if (!prefix.every((b, i) => key[i] === b) || history.random.chance(0.5)) continue;
    history.tick();
    history.delete(key);
  }
}

function fill(history: History, table: Table, size: number): void {
  const { random } = history;
  const items = new Map<string, [hash: Scalar, range: Scalar, item: Item]>();
  for (let i = 0; i < size; i++) {
    history.tick();
    const old = random.chance(0.4) && items.size > 0 ? random.pick([...items.values()]) : undefined;
    const hash = old?.[0] ?? scalar(random, table.hash.type);
    const range = old?.[1] ?? (table.range ? scalar(random, table.range.type) : "");
    const key = keyOf(table, hash, range);
    const before = items.get(latin1(key));
    if (before) deleteIndexRows(history, table, before, key);
    if (before && random.chance(0.4)) {
      history.delete(key);
      items.delete(latin1(key));
      continue;
    }
    const item = newItem(random, table, hash, range);
    history.put(key, concat(Uint8Array.of(0, 0x44, 0x49, 1), mapFields(1, item)));
    putIndexRows(history, table, [hash, range, item], key);
    items.set(latin1(key), [hash, range, item]);
  }
}

/** Moves some items from legacy keys to ordered ones in a new generation, and leaves the others. */
function migrate(history: History, table: Table, size: number): void {
  const moved: Table = {
    ...table,
    encoding: 2,
    generation: table.generation + 1,
    migratingFrom: table.generation,
    indexes: new Map(),
  };
  putSchema(history, moved);
  const { random } = history;
  for (let i = 0; i < size; i++) {
    const hash = scalar(random, table.hash.type);
    const range = table.range ? scalar(random, table.range.type) : "";
    history.tick();
    const item = newItem(random, moved, hash, range);
    history.put(
      keyOf(moved, hash, range),
      concat(Uint8Array.of(0, 0x44, 0x49, 1), mapFields(1, item)),
    );
    // The server deletes the old row in the same moment; a row in both is told from the new one.
    if (random.chance(0.8)) history.delete(keyOf(table, hash, range));
  }
}

function putIndexRows(
  history: History,
  table: Table,
  [hash, range, item]: [Scalar, Scalar, Item],
  key: Uint8Array,
): void {
  for (const row of indexRows(table, hash, range, item)) history.put(row, key);
}

function deleteIndexRows(
  history: History,
  table: Table,
  [hash, range, item]: [Scalar, Scalar, Item],
  _key: Uint8Array,
): void {
  for (const row of indexRows(table, hash, range, item)) history.delete(row);
}

function indexRows(table: Table, hash: Scalar, range: Scalar, item: Item): Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (const [name, index] of table.indexes) {
    const value = item.get(index.hash.name);
    const second = index.range && item.get(index.range.name);
    if (!value || (index.range && !second)) continue;
    const parts: [Attribute | undefined, Scalar][] = [
      [index.hash, scalarOf(value, index.hash.type)],
      [index.range, second ? scalarOf(second, index.range!.type) : ""],
      [table.hash, hash],
      [table.range, range],
    ];
    rows.push(
      indexKey(text(table.name), BigInt(table.generation), text(name), payload(table, parts)),
    );
  }
  return rows;
}

function keyOf(table: Table, hash: Scalar, range: Scalar): Uint8Array {
  const parts: [Attribute | undefined, Scalar][] = [[table.hash, hash], [table.range, range]];
  return itemKey(text(table.name), BigInt(table.generation), payload(table, parts));
}

function payload(table: Table, parts: [Attribute | undefined, Scalar][]): Uint8Array {
  const raw = (value: Scalar): Uint8Array => typeof value === "string" ? text(value) : value;
  if (table.encoding < 2) return legacyPayload(parts.map(([, value]) => raw(value)));
  return orderedPayload(
    parts.filter(([attribute]) => attribute).map(([attribute, value]) =>
      attribute!.type === "N" ? orderedNumber(value as string)! : raw(value)
    ),
  );
}

function scalar(random: Random, type: KeyType): Scalar {
  if (type === "N") return random.chance(0.5) ? String(random.below(50)) : random.pick(NUMBERS);
  if (type === "B") return anyName(random);
  return random.chance(0.5) ? `item-${random.below(30)}` : niceName(random, "item");
}

function attributeOf(value: Scalar, type: KeyType): Uint8Array {
  return bytesField(type === "S" ? 1 : type === "N" ? 2 : 3, value);
}

/** The contents of an attribute that {@link attributeOf} has made, or that has the same form. */
function scalarOf(attribute: Uint8Array, type: KeyType): Scalar {
  let at = 1;
  while (attribute[at] >= 128) at++;
  const contents = attribute.subarray(at + 1);
  return type === "B" ? contents : new TextDecoder("utf-8", { ignoreBOM: true }).decode(contents);
}

function newItem(random: Random, table: Table, hash: Scalar, range: Scalar): Item {
  const item: Item = new Map();
  for (let i = random.below(5); i > 0; i--) {
    item.set(random.chance(0.2) ? niceName(random, "attribute") : `a${i}`, value(random, 0));
  }
  for (const index of table.indexes.values()) {
    for (const attribute of [index.hash, index.range]) {
      if (!attribute || random.chance(0.2)) continue;
      item.set(attribute.name, attributeOf(scalar(random, attribute.type), attribute.type));
    }
  }
  item.set(table.hash.name, attributeOf(hash, table.hash.type));
  if (table.range) item.set(table.range.name, attributeOf(range, table.range.type));
  return item;
}

/** An attribute value of any type. */
function value(random: Random, depth: number): Uint8Array {
  const some = (make: () => Uint8Array): Uint8Array[] =>
    Array.from({ length: random.below(4) }, make);
  switch (random.below(depth < 3 ? 10 : 5)) {
    case 0:
      return bytesField(1, random.chance(0.2) ? "" : niceName(random, "text"));
    case 1:
      return bytesField(2, random.pick(ODD_NUMBERS));
    case 2:
      return bytesField(3, random.bytes(random.below(20)));
    case 3:
      return varintField(4, random.below(2));
    case 4:
      return varintField(5, 1);
    case 5:
      return bytesField(6, concat(...some(() => bytesField(1, niceName(random, "member")))));
    case 6:
      return bytesField(7, concat(...some(() => bytesField(1, random.pick(ODD_NUMBERS)))));
    case 7:
      return bytesField(8, concat(...some(() => bytesField(1, random.bytes(random.below(5))))));
    case 8:
      return bytesField(9, concat(...some(() => bytesField(1, value(random, depth + 1)))));
    default:
      return bytesField(
        10,
        mapFields(1, some(() => value(random, depth + 1)).map((v, i) => [`m${i}`, v])),
      );
  }
}
