/** Which file each object gets. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hashedSegment } from "../../../src/tree/segment.ts";
import { PickySink } from "../../support/picky_sink.ts";
import { bytesOf } from "../../support/stream.ts";
import {
  bodiesOf,
  bucketRows,
  dump,
  dumpInto,
  type Name,
  objectRows,
  type Options,
} from "./support.ts";

const LEAF = ".elastickv-leaf-data";
const META = ".elastickv-meta.json";
const USER = ".user-data";

function escaped(key: Name): string {
  return hashedSegment(bytesOf(key));
}

/** The text of an original key in KEYMAP. */
function keyOf(original: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(original, { alphabet: "base64url" }));
}

/** The names that objects get: key → name. Each object's body is its key. */
async function namesOf(keys: string[], options: Options = {}): Promise<Record<string, string>> {
  const rows = keys.flatMap((key) => objectRows(key, `:${key}`));
  const { tree, wrong } = await dump([...bucketRows("b"), ...rows], options);
  deepStrictEqual(wrong, []);
  const bodies = Object.entries(bodiesOf(tree, "b"));
  const names = Object.fromEntries(bodies.map(([name, body]) => [body.slice(1), name]));
  deepStrictEqual(Object.keys(names).sort(), [...keys].sort(), "every object has one file");
  const renamed = Object.entries(names).filter(([key, name]) => key !== name)
    .map(([key, name]) => [name, key]);
  const lines = (tree["s3/b/KEYMAP.jsonl"] ?? "").split("\n").slice(0, -1)
    .map((line) => JSON.parse(line))
    .map(({ encoded, original }) => [encoded, keyOf(original)]);
  deepStrictEqual(lines.sort(), renamed.sort(), "KEYMAP has exactly the objects that are renamed");
  return names;
}

Deno.test("keys that can be paths are the paths", async () => {
  for (
    const key of [
      "a",
      "a/b/c",
      ".hidden",
      "...",
      "a b",
      "é",
      "%2F",
      "x".repeat(235),
      `${"y".repeat(255)}/z`,
      "KEYMAP.json",
      "deep/KEYMAP.jsonl",
      "deep/_bucket.json",
      "_orphansx/y",
      `x${META}x`,
      "elastickv-meta.json",
      "0123456789abcdef0123456789abcdef__x",
      `0123456789abcdef0123456789abcdef__${"x".repeat(65)}`,
    ]
  ) deepStrictEqual(await namesOf([key]), { [key]: key });
});

Deno.test("keys that cannot be paths are escaped", async () => {
  for (
    const key of [
      "",
      ".",
      "..",
      "../up",
      "a/./b",
      "a/..",
      "/lead",
      "trail/",
      "a//b",
      "a\\b",
      "_bucket.json",
      "_bucket.json/x",
      "KEYMAP.jsonl",
      "KEYMAP.jsonl/x",
      "_orphans/x",
      "_incomplete_uploads/records.jsonl",
      "x".repeat(236),
      `${"y".repeat(256)}/z`,
      "d/".repeat(1536) + "e",
    ]
  ) deepStrictEqual(await namesOf([key]), { [key]: escaped(key) });
});

Deno.test("a long path of short names is a path", async () => {
  const key = "d/".repeat(1535) + "e";
  deepStrictEqual(await namesOf([key]), { [key]: key });
});

Deno.test("the names of the dump's own folders are escaped only if the dump has them", async () => {
  deepStrictEqual(await namesOf(["_orphans", "_incomplete_uploads"]), {
    _orphans: "_orphans",
    _incomplete_uploads: "_incomplete_uploads",
  });
  deepStrictEqual(await namesOf(["_orphans"], { includeOrphans: true }), {
    _orphans: escaped("_orphans"),
  });
  const key = "_incomplete_uploads";
  deepStrictEqual(await namesOf([key], { includeIncompleteUploads: true }), {
    [key]: escaped(key),
  });
});

Deno.test("names that differ from the dump's own only by case are escaped on every file system", async () => {
  for (
    const key of [
      "keymap.JSONL",
      "_Bucket.json",
      "_bucKet.json/x".replace("K", "\u212a"),
      `x${META.toUpperCase()}`,
      `x.elaſtickv-meta.json/y`,
    ]
  ) deepStrictEqual(await namesOf([key]), { [key]: escaped(key) });
  deepStrictEqual(await namesOf(["_ORPHANS"], { includeOrphans: true }), {
    _ORPHANS: escaped("_ORPHANS"),
  });
});

Deno.test("nothing can take an escaped name before the object that needs it", async () => {
  const long = "d".repeat(80) + "/";
  const names = [escaped("dir/"), escaped(long)];
  for (const name of names) {
    deepStrictEqual(await namesOf([name]), { [name]: escaped(name) });
    deepStrictEqual(await namesOf(["dir/", long, name]), {
      "dir/": names[0],
      [long]: names[1],
      [name]: escaped(name),
    });
  }
  // The file with its headers, as a folder; and an object whose own headers would have the name.
  const below = `${escaped("dir/")}${META}/x`;
  deepStrictEqual(await namesOf([below]), { [below]: escaped(below) });
  const headers = escaped(`KEYMAP.jsonl/${META}`).slice(0, -META.length);
  deepStrictEqual(await namesOf([headers]), { [headers]: escaped(headers) });
  const suffixed = escaped(`KEYMAP.jsonl/${LEAF}`).slice(0, -LEAF.length);
  deepStrictEqual(await namesOf([suffixed, `${suffixed}/x`]), {
    [suffixed]: escaped(suffixed),
    [`${suffixed}/x`]: `${suffixed}/x`,
  });
});

Deno.test("an object that is also a folder is renamed, however far away the folder's first key is", async () => {
  deepStrictEqual(
    await namesOf(["a", "a-1", "a-2", "a.txt", "a.x/y", "a/b", "a/b/c", "a/b/c/d", "ab"]),
    {
      a: `a${LEAF}`,
      "a-1": "a-1",
      "a-2": "a-2",
      "a.txt": "a.txt",
      "a.x/y": "a.x/y",
      "a/b": `a/b${LEAF}`,
      "a/b/c": `a/b/c${LEAF}`,
      "a/b/c/d": "a/b/c/d",
      ab: "ab",
    },
  );
});

Deno.test("an escaped key makes no folder", async () => {
  deepStrictEqual(await namesOf(["a", "a/", "b", "b//c"]), {
    a: "a",
    "a/": escaped("a/"),
    b: "b",
    "b//c": escaped("b//c"),
  });
});

Deno.test("an object whose new name is in use is escaped", async () => {
  deepStrictEqual(await namesOf(["a", "a/b", `a${LEAF}`]), {
    a: escaped("a"),
    "a/b": "a/b",
    [`a${LEAF}`]: `a${LEAF}`,
  });
  deepStrictEqual(await namesOf(["a", "a/b", `a${LEAF}/c`]), {
    a: escaped("a"),
    "a/b": "a/b",
    [`a${LEAF}/c`]: `a${LEAF}/c`,
  });
  const x = `x${META}`;
  for (const other of [`${x}${USER}`, `${x}${USER}/y`]) {
    deepStrictEqual(await namesOf([x, other]), { [x]: escaped(x), [other]: other });
  }
  const long = "l".repeat(220);
  deepStrictEqual(await namesOf([long, `${long}/b`]), {
    [long]: escaped(long),
    [`${long}/b`]: `${long}/b`,
  });
});

Deno.test("a key that ends like a file with headers gets its suffix even if it is a folder", async () => {
  deepStrictEqual(await namesOf([`z${META}`, `z${META}/child`]), {
    [`z${META}`]: `z${META}${USER}`,
    [`z${META}/child`]: `z${META}/child`,
  });
});

Deno.test("a key below a file with headers is escaped, and only then", async () => {
  deepStrictEqual(await namesOf(["a", `a${META}/b`]), {
    a: "a",
    [`a${META}/b`]: escaped(`a${META}/b`),
  });
  // The headers of `a` are elsewhere, since `a` is renamed.
  deepStrictEqual(await namesOf(["a", `a${META}/b`, "a/c"]), {
    a: `a${LEAF}`,
    [`a${META}/b`]: `a${META}/b`,
    "a/c": "a/c",
  });
  deepStrictEqual(await namesOf(["a", `a${LEAF}${META}/b`, "a/c"]), {
    a: `a${LEAF}`,
    [`a${LEAF}${META}/b`]: escaped(`a${LEAF}${META}/b`),
    "a/c": "a/c",
  });
  deepStrictEqual(await namesOf(["a", `a${LEAF}${META}/b`]), {
    a: "a",
    [`a${LEAF}${META}/b`]: `a${LEAF}${META}/b`,
  });
});

Deno.test("other buckets and generations have no say in an object's name", async () => {
  const { tree } = await dump([
    ...bucketRows("b", 2),
    ...objectRows("a", "1", { generation: 2 }),
    ...objectRows("a/b", "2", { generation: 1 }),
    ...objectRows("a/b", "2", { generation: 3 }),
    ...bucketRows("c"),
    ...objectRows("a/b", "3", { bucket: "c" }),
  ]);
  deepStrictEqual(bodiesOf(tree, "b"), { a: "1" });
  deepStrictEqual(bodiesOf(tree, "c"), { "a/b": "3" });
});

Deno.test("KEYMAP is in the order of the keys' bytes", async () => {
  const keys = ["\u{1F600}/", "\uffee/", "b/", "a/", "\xe9/", "B/"];
  const { tree } = await dump(keys.flatMap((key) => objectRows(key, "")));
  const originals = tree["s3/b/KEYMAP.jsonl"].trimEnd().split("\n")
    .map((line) => keyOf(JSON.parse(line).original));
  deepStrictEqual(originals, ["B/", "a/", "b/", "\xe9/", "\uffee/", "\u{1F600}/"]);
});

/** The names that objects get where letters of two cases are one: key → name, and the lines of KEYMAP. */
async function portableNamesOf(
  keys: string[],
  options: Options = {},
): Promise<[names: Record<string, string>, renamed: string[]]> {
  const sink = new PickySink();
  const rows = keys.flatMap((key) => objectRows(key, `:${key}`));
  await dumpInto(sink, [...bucketRows("b"), ...rows], options);
  const text = (path: string) => new TextDecoder().decode(sink.files.get(path));
  const names = Object.fromEntries(
    [...sink.files.keys()].filter((path) => sink.files.has(path + META))
      .map((path) => [text(path).slice(1), path.slice(5)]),
  );
  deepStrictEqual(Object.keys(names).sort(), [...keys].sort(), "every object has one file");
  const lines = text("s3/b/KEYMAP.jsonl").split("\n").slice(0, -1).map((line) => JSON.parse(line));
  for (const { encoded, original } of lines) strictEqual(names[keyOf(original)], encoded);
  return [names, lines.map(({ original }) => keyOf(original))];
}

Deno.test("where letters of two cases are one, all but one of some objects are escaped", async () => {
  const twins = ["Foo", "foo", "Bar/x", "bar", "BAZ", "baz/x", "é/1", "e\u0301/1", "É/2"];
  const [names, renamed] = await portableNamesOf(twins);
  const stay = ["Foo", "Bar/x", "BAZ", "É/2"];
  for (const key of twins) strictEqual(names[key], stay.includes(key) ? key : escaped(key));
  deepStrictEqual(renamed, ["bar", "baz/x", "e\u0301/1", "foo", "é/1"]);
});

Deno.test("what Windows refuses, and long paths, are escaped by the portable rule", async () => {
  const keys = [
    "a:b",
    "con",
    "x/NUL.txt",
    "dot./a",
    "space ",
    "ok/a b",
    "t?",
    "p/".repeat(260) + "x",
  ];
  const [names] = await portableNamesOf(keys);
  for (const key of keys) strictEqual(names[key], key === "ok/a b" ? key : escaped(key));
  const [dots] = await portableNamesOf(["end."]);
  strictEqual(dots["end."], escaped("end.").slice(0, -1) + "%2E");
});

Deno.test("no object is taken for a file of the dump, whatever the case of its letters", async () => {
  const keys = [
    "_BUCKET.json/x",
    "keymap.JSONL",
    "_Orphans/x",
    "_INCOMPLETE_uploads/x",
    `a${META.toUpperCase()}`,
    `${META}${META.toUpperCase()}/x`,
    escaped("q").toUpperCase(),
    "\uff3fbucket.json",
    "a",
    "A.ELASTICKV-meta.json/b",
  ];
  const [names] = await portableNamesOf(keys, { includeOrphans: true });
  for (const key of keys) strictEqual(names[key], key === "a" ? key : escaped(key));
});

Deno.test("renamed objects and their sidecars take part", async () => {
  const keys = ["a", "a/b", `A${LEAF}`, "x", `X${META}`, `x${META}/y`];
  const [names] = await portableNamesOf(keys);
  deepStrictEqual(names, {
    a: escaped("a"), // a.elastickv-leaf-data is a twin
    "a/b": "a/b",
    [`A${LEAF}`]: `A${LEAF}`,
    // X.elastickv-meta.json.user-data, whose own sidecar is no twin
    [`X${META}`]: `X${META}${USER}`,
    x: "x",
    [`x${META}/y`]: escaped(`x${META}/y`),
  });
});

Deno.test("names by the portable rule do not depend on the rest of the snapshot's generations", async () => {
  const sink = new PickySink();
  await dumpInto(sink, [
    ...bucketRows("b", 2),
    ...objectRows("a", "1", { generation: 2 }),
    ...objectRows("A", "2", { generation: 1 }),
    ...bucketRows("B"),
    ...objectRows("A", "3", { bucket: "B" }),
  ]);
  const bodies = [...sink.files.keys()].filter((path) => sink.files.has(path + META));
  deepStrictEqual(bodies.sort(), [`s3/${escaped("b")}/a`, "s3/B/A"]);
});
