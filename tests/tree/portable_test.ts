import { ok, strictEqual } from "node:assert/strict";
import { folded, isPortable } from "../../src/tree/portable.ts";

Deno.test("what Windows, macOS and exFAT refuse or change is not portable", () => {
  const refused = [
    "",
    ".",
    "..",
    "a.",
    "a ",
    "a/b",
    ...'\0\x01\x1f\x7f\x85\n\t<>:"|?*\\'.split("").map((c) => `a${c}b`),
    ...["con", "Con", "PRN", "aux", "nul", "com0", "COM9", "lpt1", "LPT9", "com¹", "LPT³"],
    ...["CONIN$", "conout$"],
    ...["con.txt", "con.", "con .txt", "nul.tar.gz", "com1.json", "aux.elastickv-meta.json"],
    "x".repeat(256),
    "é".repeat(128),
    "e\u0301",
    "\u212b", // Å as a unit, which no form of Unicode keeps
  ];
  for (const name of refused) ok(!isPortable(name), JSON.stringify(name));
});

Deno.test("other names are portable", () => {
  const kept = [
    "a",
    "A",
    " a",
    ".a",
    "...a",
    "-rf",
    "a b",
    "a%2Fb~1",
    "$(id)'`",
    "cone",
    "con1",
    "com",
    "com10",
    "co.con",
    "_con",
    "con-fig.json",
    "é",
    "が",
    "한글",
    "\u{1f600}",
    "x".repeat(255),
    "\u3042".repeat(85),
  ];
  for (const name of kept) ok(isPortable(name), name);
});

Deno.test("names that some file system takes for one have one folded form", () => {
  const groups = [
    ["a", "A"],
    ["é", "É", "e\u0301", "E\u0301"],
    ["ß", "ẞ", "ss", "SS", "sS"],
    ["σ", "ς", "Σ"],
    ["k", "K", "\u212a"],
    ["s", "S", "\u017f"],
    ["ǆ", "ǅ", "Ǆ"],
    ["ﬀ", "ff", "FF"],
    ["\u1fb3", "\u1fbc", "\u03b1\u0345"],
    ["\u0345", "\u0399", "\u03b9"],
    ["a\u200db", "ab", "A\ufeffB"], // passed over by HFS+ and ext4
    ["ꭰ", "Ꭰ"],
    ["\u{10428}", "\u{10400}"],
    ["\u1100\u1161", "\uac00"],
    ["a\u0323\u0302", "a\u0302\u0323", "\u1ead"],
  ];
  for (const [first, ...others] of groups) {
    for (const other of others) strictEqual(folded(other), folded(first), other);
  }
  strictEqual(new Set(groups.map(([first]) => folded(first))).size, groups.length);
});

Deno.test("every character is folded like its other cases and forms, and never to a zero byte", () => {
  for (let code = 1; code < 0x20000; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const char = String.fromCodePoint(code);
    const form = folded(`x${char}y`);
    ok(!form.includes("\0"), code.toString(16));
    const others = [
      char.toLowerCase(),
      char.toUpperCase(),
      char.normalize("NFC"),
      char.normalize("NFD"),
      char.normalize("NFD").toUpperCase().normalize("NFD").toLowerCase(),
      char.toUpperCase().toLowerCase(),
    ];
    for (const other of new Set(others)) {
      if (other !== char) strictEqual(folded(`x${other}y`), form, code.toString(16));
    }
  }
});
