/**
 * A snapshot in which everything that is named has every name that some file system does not like.
 *
 * @module
 */

import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { fromLatin1, itemKey, sized } from "../adapters/redis/support.ts";
import { blobRow, bucketRows, objectRows, uploadRow } from "../adapters/s3/support.ts";
import { key, messageRow, queueRow } from "../adapters/sqs/support.ts";
import { bytesOf, stream, type TestEntry } from "./stream.ts";

const HASH = "0123456789abcdef0123456789abcdef__";

/** Names. Each differs from all others in its bytes, and from some of them in little else. */
export const NAMES: readonly string[] = [
  ...["a", "A", "aa", "Aa", "aA", "é", "É", "e\u0301", "ß", "ss", "SS", "\u212a", "k", "K"],
  ...["con", "CON", "Con.txt", "nul.tar.gz", "com1", "LPT9.x", "prn.", "aux "],
  ...["a.", "a ", " a", "..a", "...", "a..", "-rf", "~", "a~1234abcd"],
  ...['<>:"|?*', "a:b", "a\nb", "\x01\x1f\x7f", "%41", "%2e%2e", "a%00b"],
  ...["b64.", "b64.QUI", "B64.QUI", HASH, HASH.toUpperCase(), `${HASH}x`],
  ...["x".repeat(240), "X".repeat(240), "x".repeat(241), "x".repeat(255), "y".repeat(300)],
  ...["あ".repeat(85), "あ".repeat(86), `con.${"z".repeat(236)}`, "q".repeat(239) + "."],
  ...["_schema.json", "_queue.json", "_bucket.json", "KEYMAP.jsonl", "keymap.jsonl", "_ORPHANS"],
  ...["data-00001.jsonl", "items", "messages.jsonl", "a.json", "A.JSON", "cQ.orphan", "CQ.orphan"],
  ...[
    "a.elastickv-meta.json",
    "A.elastickv-META.json",
    "a.elastickv-leaf-data",
    "\ufeff",
    "\u202e",
  ],
];

/** Names that no folder may have. */
const NO_FOLDERS = ["", ".", "..", "/", "a/b", "../../x", "a\\b", "a\0b"];

/** S3 keys that are no more than names, and those of which some are folders of others. */
const KEYS = [
  ...NAMES,
  ...NO_FOLDERS,
  ...[
    "a/x",
    "A/x",
    "A/X",
    "aa/b/c",
    "aA/B/c",
    "é/1",
    "E\u0301/2",
    "con/x",
    "x/con",
    "d./x",
    "d/x ",
  ],
  ...["a.elastickv-leaf-data/x", "a.elastickv-meta.json/x", "_bucket.json/x", "_Orphans/x"],
  "n/".repeat(300) + "x",
];

/** Rows of all adapters, as a file. */
export function hostileSnapshot(): Uint8Array {
  const rows = new Map<string, TestEntry>();
  for (const row of [...dynamodb(), ...s3(), ...redis(), ...sqs()]) {
    rows.set(bytesOf(row.key).toHex(), row);
  }
  return stream([...rows.values()]);
}

function dynamodb(): TestEntry[] {
  const pairs = { hash: "h", range: "r", types: { h: "S", r: "S" } };
  const numbers = { types: { id: "N" }, version: 0 };
  const names = [...NAMES, ...NO_FOLDERS];
  const few = names.filter((name) => name.length < 20);
  return [
    // No table has an empty name.
    ...names.filter((name) => name !== "")
      .flatMap((name) => [tableRow(name), itemRow(name, { id: { S: "a" } })]),
    tableRow("one"),
    ...names.map((id) => itemRow("one", { id: { S: id } })),
    // Not of the type that the table declares.
    ...["5", "1e400"].map((id) => itemRow("one", { id: { N: id } })),
    itemRow("one", { id: { B: btoa("\xff".repeat(300)) } }),
    itemRow("one", { id: { B: btoa("\xff\x00A") } }),
    itemRow("one", { id: { B: btoa("\xff\x00") } }),
    tableRow("pairs", pairs),
    ...few.flatMap((h, i) => [
      itemRow("pairs", { h: { S: h }, r: { S: few[(i * 7 + 3) % few.length] } }, pairs),
      itemRow("pairs", { h: { S: few[i % 9] }, r: { S: h } }, pairs),
    ]),
    tableRow("binary", { ...pairs, types: { h: "B", r: "B" } }),
    ...["", btoa("a"), btoa("\xfb\xff")].map((b) =>
      itemRow("binary", { h: { B: b }, r: { B: b } }, pairs)
    ),
    tableRow("numbers", numbers),
    ...["1", "1.0", "10e-1", "0.5", "-2"].map((id) =>
      itemRow("numbers", { id: { N: id } }, numbers)
    ),
  ];
}

function s3(): TestEntry[] {
  const buckets = NAMES.filter((name) => name !== "...");
  return [
    ...buckets.flatMap((bucket) => [
      ...bucketRows(bucket),
      ...objectRows("a", `body in ${bucket}`, { bucket }),
    ]),
    ...bucketRows("keys"),
    ...KEYS.flatMap((object) => objectRows(object, `body of ${object}`, { bucket: "keys" })),
    ...objectRows(new Uint8Array([0xff, 0x41]), "not UTF-8", { bucket: "keys" }),
    ...bucketRows("loose"),
    ...KEYS.flatMap((object) => [
      blobRow(object, "orphan", { bucket: "loose" }),
      blobRow(object, "later", { bucket: "loose", version: 1n << 63n }),
      uploadRow(object, { bucket: "loose", upload: "going-on" }),
    ]),
    ...[...NAMES, ...NO_FOLDERS, "0123456789abcdef".repeat(2)].map((upload) =>
      blobRow("of many uploads", "orphan", { bucket: "loose", upload, chunk: 3n })
    ),
  ];
}

function redis(): TestEntry[] {
  const names = [...NAMES, ...NO_FOLDERS, fromLatin1("\xff\xfe"), fromLatin1("\xff\xff")];
  const forever = "\xff\x01\x00";
  return names.flatMap((name) => {
    const bytes = typeof name === "string" ? new TextEncoder().encode(name) : name;
    const after = (prefix: string): Uint8Array =>
      Uint8Array.of(...new TextEncoder().encode(prefix), ...bytes);
    return [
      { key: after("!redis|str|"), value: fromLatin1(`${forever}v`) },
      { key: after("!redis|hll|"), value: "" },
      { key: sized("!hs|fld|", bytes, "f"), value: "v" },
      { key: sized("!st|mem|", bytes, "m"), value: "" },
      { key: sized("!zs|mem|", bytes, "m"), value: new Uint8Array(8) },
      { key: itemKey(bytes, 0n), value: "i" },
    ];
  });
}

function sqs(): TestEntry[] {
  return [
    ...NAMES.flatMap((name) => [
      queueRow(name, { tags: { of: name } }),
      messageRow(name, `in ${name}`),
      { key: key("sqs-sequence", name), value: "7" },
    ]),
    ...[...NAMES.map((name) => `lost ${name}`), "q", "Q", "z".repeat(180)].flatMap((name) => [
      messageRow(name, `lost in ${name}`),
      { key: key("sqs-sequence", name), value: "7" },
    ]),
  ];
}
