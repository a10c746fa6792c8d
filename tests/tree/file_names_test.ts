import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { equalBytes } from "../../src/bytes/compare.ts";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { encodeUtf8 } from "../../src/text/utf8.ts";
import { FileNames } from "../../src/tree/file_names.ts";
import { folded, isPortable, MAX_NAME } from "../../src/tree/portable.ts";
import { ScopeFolders } from "../../src/tree/scope_folders.ts";
import { decodeSegment, isHashedSegment } from "../../src/tree/segment.ts";

const SEED = 8;
const PLAIN = new FileNames(false);
const PORTABLE = new FileNames(true);
const SUFFIXES = ["", ".bin", ".json", ".jsonl", ".orphan"];

const hash = (name: string): string => sha256Hex(encodeUtf8(name)).slice(0, 32) + "__";

Deno.test("names of devices and dots at the end are escaped by the portable rule, and only by it", () => {
  for (
    const [name, plain, portable] of [
      ["con", "con", "%63on"],
      ["Con", "Con", "%43on"],
      ["con.x", "con.x", "%63on.x"],
      ["console", "console", "console"],
      ["a.", "a.", "a%2E"],
      ["a..", "a..", "a.%2E"],
      ["aux.", "aux.", "%61ux%2E"],
      [".", "%2E", "%2E"],
      ["..", "%2E%2E", "%2E%2E"],
      ["", hash(""), hash("")],
      ["a:b", "a%3Ab", "a%3Ab"],
      ["b64.", hash("b64.") + "b64.", hash("b64.") + "b64%2E"],
      [
        "con." + "x".repeat(236),
        "con." + "x".repeat(236),
        hash("con." + "x".repeat(236)) + "con." + "x".repeat(60),
      ],
    ]
  ) {
    const raw = encodeUtf8(name);
    strictEqual(PLAIN.component(raw), plain);
    strictEqual(PORTABLE.component(raw), portable);
  }
});

const names = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: fc.constantFrom("a", "B", ".", " ", "é", "\0", "/", "_"), maxLength: 12 }).map(
    encodeUtf8,
  ),
  fc.tuple(fc.constantFrom("con", "AUX", "b64.", "com1"), fc.string({ maxLength: 250 })).map((
    [a, b],
  ) => encodeUtf8(a + b)),
);

Deno.test("every component is one, and a portable one is portable with every suffix", () => {
  fc.assert(
    fc.property(names, (raw) => {
      for (const rule of [PLAIN, PORTABLE]) {
        const components = [
          rule.component(raw),
          rule.binarySegment(raw),
          rule.lone(raw),
          rule.hashed(raw),
        ];
        for (const component of components) {
          ok(/^[A-Za-z0-9._%-]{1,245}$/.test(component) && !/^\.\.?$/.test(component));
          if (rule.portable) ok(isPortable(component), component);
        }
      }
      for (const suffix of SUFFIXES.slice(1)) {
        ok(isPortable(PORTABLE.segment(raw) + suffix));
        ok((PLAIN.segment(raw) + suffix).length <= MAX_NAME);
      }
      const segment = PORTABLE.segment(raw);
      if (!isHashedSegment(segment)) ok(equalBytes(decodeSegment(segment), raw));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

Deno.test("names that nobody compares differ in more than letter case", () => {
  strictEqual(PLAIN.lone(encodeUtf8("Abc")), "Abc");
  strictEqual(PORTABLE.lone(encodeUtf8("Abc")), hash("Abc") + "Abc");
  strictEqual(PORTABLE.lone(encodeUtf8("abc/1")), "abc%2F1");
  fc.assert(
    fc.property(names, names, (a, b) => {
      if (!equalBytes(a, b)) ok(folded(PORTABLE.lone(a)) !== folded(PORTABLE.lone(b)));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

Deno.test("of scopes that differ only in letter case, one keeps its name and the others are hashed", () => {
  const scopes = ["b", "Orders", "orders", "ORDERS", "con", "Con", "%"].map(encodeUtf8);
  const folders = (rule: FileNames, known = scopes): string[] => {
    const folders = new ScopeFolders("dynamodb/", rule, known);
    return scopes.map((scope) => folders.of(scope).slice("dynamodb/".length));
  };
  const plain = ["b", "Orders", "orders", "ORDERS", "con", "Con", "%25"];
  deepStrictEqual(folders(PLAIN), plain);
  const portable = [
    "b",
    hash("Orders") + "Orders",
    hash("orders") + "orders",
    "ORDERS",
    "%63on",
    "%43on",
    "%25",
  ];
  deepStrictEqual(folders(PORTABLE), portable);
  deepStrictEqual(folders(PORTABLE, scopes.toReversed()), portable);
});
