/** Snapshots with encrypted values, with and without keys. */

import { match, ok, strictEqual } from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { STANDARD, toBase64 } from "../../src/bytes/base64.ts";
import { compareBytes } from "../../src/bytes/compare.ts";
import { putU32be } from "../../src/bytes/integers.ts";
import { nodeFile, rawStream, ROUTE, storedKey, storedValue } from "../support/stream.ts";
import { cli, fixture, type Run, withFolder } from "./run.ts";
import { tableEntries, TIME } from "./snapshots.ts";

const CORPUS = new URL("../../../shared/corpus/real/encrypted/", import.meta.url);
const KEK = new Uint8Array(32).fill(1);
const KEYS = new Map([[7, new Uint8Array(32).fill(7)], [9, new Uint8Array(32).fill(9)]]);
const NONCE = new Uint8Array(12).fill(5);

function sealed(key: Uint8Array, clear: Uint8Array, aad: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, NONCE);
  cipher.setAAD(aad);
  return Uint8Array.from([
    ...NONCE,
    ...cipher.update(clear),
    ...cipher.final(),
    ...cipher.getAuthTag(),
  ]);
}

/** A table with ten items: one of them clear, four under key 7 and five under key 9. */
function encryptedSnapshot(change: (value: Uint8Array, i: number) => void = () => {}): Uint8Array {
  const pairs = tableEntries("t", 10).map((entry, i): [Uint8Array, Uint8Array] => {
    const key = storedKey(entry.key, TIME);
    const value = storedValue(entry);
    if (i < 2) return [key, value];
    const head = Uint8Array.of(1, 0, 0, 0, 0, 0);
    const id = i < 6 ? 7 : 9;
    putU32be(head, 2, id);
    const header = value.slice(0, 9);
    header[0] = 2;
    const aad = Uint8Array.from([...head, ...header, ...key]);
    const body = sealed(KEYS.get(id)!, value.subarray(9), aad);
    const stored = Uint8Array.from([...header, ...head, ...body]);
    change(stored, i);
    return [key, stored];
  });
  pairs.push([storedKey(ROUTE.key, 1n), storedValue(ROUTE)]);
  return nodeFile(rawStream(pairs.sort(([a], [b]) => compareBytes(a, b)), TIME));
}

function keysJson(kek: Uint8Array = KEK): string {
  const keys = [...KEYS].map(([id, key]) => [
    id,
    { purpose: "storage", wrapped: toBase64(STANDARD, sealed(kek, key, new Uint8Array(0))) },
  ]);
  return JSON.stringify({
    version: 2,
    active: { storage: 9, raft: 0 },
    keys: Object.fromEntries(keys),
  });
}

interface Files {
  folder: string;
  snap: string;
  keys: string;
  kek: string;
  /** Decodes with more options, into `out`. */
  decode: (...more: string[]) => Promise<Run>;
}

function withFiles(action: (files: Files) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const [snap, keys, kek] = ["a.fsm", "keys.json", "kek.bin"].map((name) => `${folder}/${name}`);
    Deno.writeFileSync(snap, encryptedSnapshot());
    Deno.writeTextFileSync(keys, keysJson());
    Deno.writeFileSync(kek, KEK, { mode: 0o600 });
    const decode = (...more: string[]): Promise<Run> =>
      cli(["decode", snap, "-o", `${folder}/out`, ...more], { read: [folder], write: [folder] });
    await action({ folder, snap, keys, kek, decode });
  });
}

Deno.test("encrypted values without keys are refused: how many there are, and which keys they need", () =>
  withFiles(async ({ folder, decode }) => {
    const { code, stdout, stderr } = await decode();
    match(stderr, /^decant: encrypted: 9 live rows are encrypted, with keys 7, 9 \(file /);
    match(stderr, /\n {2}hint: give the node's key file .* \(--encryption-keys, --kek\)\n$/);
    strictEqual(code, 3);
    strictEqual(stdout, "");
    strictEqual([...Deno.readDirSync(folder)].some(({ name }) => name === "out"), false);
  }));

Deno.test("encrypted values are decrypted with the key files", () =>
  withFiles(async ({ folder, keys, kek, decode }) => {
    const { code, stderr } = await decode("--encryption-keys", keys, "--kek", kek);
    strictEqual(stderr, "");
    strictEqual(code, 0);
    const item = Deno.readTextFileSync(`${folder}/out/dynamodb/t/items/item-00000009.json`);
    ok(item.includes('"item-00000009"'));
  }));

for (const [what, at] of [["a value", 40], ["the id of a value's key", 9 + 2]] as const) {
  Deno.test(`one flipped bit in ${what} costs that row, and is told once`, () =>
    withFiles(async ({ snap, keys, kek, decode }) => {
      const bytes = encryptedSnapshot((value, i) => {
        if (i === 5) value[at] ^= 1;
      });
      Deno.writeFileSync(snap, bytes);
      const given = ["--encryption-keys", keys, "--kek", kek];
      const { code, stderr } = await decode(...given);
      strictEqual(stderr.match(/^decant: decrypt-failed: /gm)?.length, 1);
      strictEqual(code, 4);
      const raw = await decode(...given, "--keep-going", "--raw");
      strictEqual(raw.stderr.match(/^decant: (decrypt-failed|unbalanced): /gm)?.length, 1);
      match(raw.stdout, /^ +12 live rows = 11 written .* 1 left out$/m);
      strictEqual(raw.code, 8);
    }));
}

Deno.test("inspect works without keys, and counts what is encrypted", () =>
  withFiles(async ({ snap }) => {
    const { code, stdout } = await cli(["inspect", snap], { read: [snap] });
    strictEqual(code, 0);
    match(stdout, /^encrypted +4 live rows with key 7, 5 live rows with key 9$/m);
    match(stdout, /^genuine +not known: 9 encrypted versions, and no keys$/m);
    match(stdout, /^dynamodb +t +10 items +11 +11 +11 +0 .* 2 +9$/m);
  }));

Deno.test("inspect with keys authenticates every encrypted version", () =>
  withFiles(async ({ folder, snap, keys, kek }) => {
    const args = ["inspect", snap, "--encryption-keys", keys, "--kek", kek];
    const { code, stdout } = await cli(args, { read: [folder] });
    match(stdout, /^genuine +9 encrypted versions authenticated, with key, time and expiry$/m);
    strictEqual(code, 0);
    Deno.writeFileSync(snap, encryptedSnapshot((value, i) => void (i === 5 && (value[1] ^= 1))));
    const forged = await cli(args, { read: [folder] });
    match(forged.stdout, /^decant: decrypt-failed: .* under key 7 \(file [^ ]+, offset \d+, /m);
    match(forged.stdout, /^genuine +NOT all: the problems name the versions that do not authent/m);
    strictEqual(forged.code, 4);
  }));

Deno.test("an expiry that was written into an encrypted row hides it neither with keys nor without", () =>
  withFolder(async (folder) => {
    for (const name of ["input.fsm", "original.fsm", "keys.json", "kek.bin"]) {
      const bytes = Deno.readFileSync(fixture(`attacks/encrypted-expiry/${name}`));
      Deno.writeFileSync(`${folder}/${name}`, bytes, { mode: 0o600 });
    }
    const keys = ["--encryption-keys", `${folder}/keys.json`, "--kek", `${folder}/kek.bin`];
    const decode = (name: string, ...more: string[]): Promise<Run> =>
      cli(["decode", `${folder}/${name}`, "-o", `${folder}/out`, ...more], {
        read: [folder],
        write: [folder],
      });
    const original = await decode("original.fsm", ...keys, "--dry-run", "--accept", "groups");
    match(original.stdout, /^ +1 live row = 1 written /m);
    strictEqual(original.code, 0);
    const forged = await decode("input.fsm", ...keys);
    match(forged.stderr, /^decant: decrypt-failed: the value does not authenticate under key 7 /m);
    strictEqual(forged.code, 4);
    const without = await decode("input.fsm");
    match(
      without.stderr,
      /^decant: encrypted: 1 live row is encrypted, with key 7; 1 of them says /,
    );
    strictEqual(without.code, 3);
    const { code, stdout } = await cli(["inspect", `${folder}/input.fsm`], { read: [folder] });
    match(stdout, /; 1 live row may have expired: only the keys can prove it$/m);
    strictEqual(code, 0);
    const kept = await decode("input.fsm", ...keys, "--keep-going");
    match(kept.stdout, /^ +1 live row = 0 written .* 1 left out$/m);
    match(Deno.readTextFileSync(`${folder}/out/ERRORS.jsonl`), /"adapter":"redis","scope":"0"/);
    strictEqual(kept.code, 8);
  }));

Deno.test("with --require-encrypted a clear value of a user makes the snapshot unsound", () =>
  withFiles(async ({ keys, kek, decode }) => {
    const given = ["--encryption-keys", keys, "--kek", kek];
    const { code, stderr } = await decode(...given, "--require-encrypted");
    match(stderr, /^decant: cleartext: the value is not encrypted \(file /m);
    strictEqual(code, 4);
  }));

Deno.test("a key-encryption key that others may read is refused, and it says what to do", () =>
  withFiles(async ({ keys, kek, decode }) => {
    for (const mode of [0o640, 0o604, 0o620, 0o777]) {
      Deno.chmodSync(kek, mode);
      const { code, stderr } = await decode("--encryption-keys", keys, "--kek", kek);
      const said = `decant: bad-key-file: the key-encryption key has mode 0${mode.toString(8)}: ` +
        `others may use it (file ${kek})\n  hint: chmod 600 ${kek}\n`;
      strictEqual(stderr, said);
      strictEqual(code, 3);
    }
  }));

Deno.test("key files that cannot be used are refused with their reason", () =>
  withFiles(async ({ folder, keys, kek, decode }) => {
    const other = `${folder}/other`;
    const cases: [string, string, RegExp][] = [
      [keys, keys, /the key-encryption key has \d+ bytes, not 32/],
      [keys, folder, /the key-encryption key is not a regular file/],
      [folder, kek, /the key file is not a regular file/],
      [kek, kek, /the key file is not JSON/],
      [other, kek, /key 7 cannot be unwrapped: this is not its key-encryption key/],
    ];
    Deno.writeTextFileSync(other, keysJson(new Uint8Array(32).fill(2)));
    for (const [a, b, message] of cases) {
      const { code, stderr } = await decode("--encryption-keys", a, "--kek", b);
      match(stderr, /^decant: bad-key-file: /);
      match(stderr, message);
      strictEqual(code, 3);
    }
  }));

Deno.test("a key file that does not exist is wrong usage", () =>
  withFiles(async ({ folder, keys, decode }) => {
    const { code, stderr } = await decode("--encryption-keys", keys, "--kek", `${folder}/none`);
    strictEqual(stderr, `decant: usage: no such file or folder (file ${folder}/none)\n`);
    strictEqual(code, 2);
  }));

Deno.test({
  name: "a snapshot of a real cluster whose keys were rotated is decrypted, whole",
  ignore: !hasCorpus(),
  fn: () =>
    withFolder(async (folder) => {
      const out = `${folder}/out`;
      for (const name of ["snapshot.fsm.gz", "keys.json", "kek.bin"]) {
        // A copy of its own: the file system of the corpus may not keep modes.
        Deno.writeFileSync(`${folder}/${name}`, Deno.readFileSync(new URL(name, CORPUS)), {
          mode: 0o600,
        });
      }
      const keys = ["--encryption-keys", `${folder}/keys.json`, "--kek", `${folder}/kek.bin`];
      const args = ["decode", `${folder}/snapshot.fsm.gz`, "-o", out, "--redis-bare-strings"];
      const without = await cli(args, { read: [folder], write: [out] });
      match(without.stderr, /^decant: encrypted: 534 live rows are encrypted, with keys 7, 9 /);
      strictEqual(without.code, 3);
      const { code, stdout } = await cli([...args, ...keys], { read: [folder], write: [out] });
      match(stdout, /: everything that a client could read\.$/m);
      strictEqual(code, 0);
    }),
});

function hasCorpus(): boolean {
  try {
    return Deno.statSync(CORPUS).isDirectory;
  } catch {
    return false;
  }
}
