import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { parseMoment } from "../../src/cli/moment_option.ts";
import { UsageError } from "../../src/errors.ts";
import { cli, fixture, withFolder } from "./run.ts";

Deno.test("a moment is a commit timestamp, a time, or so long before the last commit", () => {
  strictEqual(parseMoment("0"), 0n);
  strictEqual(parseMoment("117660106420584652"), 117660106420584652n);
  strictEqual(parseMoment("18446744073709551615"), 0xffff_ffff_ffff_ffffn);
  deepStrictEqual(parseMoment("2026-05-28T20:26:40Z"), { unixMs: 1_780_000_000_000n });
  deepStrictEqual(parseMoment("2026-05-28T22:26:40.123+02:00"), { unixMs: 1_780_000_000_123n });
  deepStrictEqual(parseMoment("-1h"), { beforeLastMs: 3_600_000n });
  deepStrictEqual(parseMoment("-1d2h3m4s5ms"), { beforeLastMs: 93_784_005n });
  deepStrictEqual(parseMoment("-0s"), { beforeLastMs: 0n });
  deepStrictEqual(parseMoment("-90m"), parseMoment("-1h30m"));
});

const REFUSED: [string, RegExp][] = [
  ["18446744073709551616", /^expected a commit timestamp/],
  ["yesterday", /RFC 3339 as in 2026-05-28T20:26:40Z, or -1h for an hour before the last commit/],
  ["", /^expected a commit timestamp/],
  ["-1", /^expected/],
  ["-h", /^expected/],
  ["-1 h", /^expected/],
  ["-1w", /^expected/],
  ["-1.5h", /^expected/],
  ["1h30m", /^before the last commit is -1h30m$/],
  ["1969-12-31T23:59:59Z", /^a time before 1970/],
  ["2026-05-28T20:26", /with seconds and a zone: 2026-05-28T20:26:00Z, if UTC is meant$/],
  ["2026-05-28T20:26Z", /: 2026-05-28T20:26:00Z, if UTC is meant$/],
  ["2026-05-28T20", /: 2026-05-28T20:00:00Z, if UTC is meant$/],
  ["2026-05-28", /: 2026-05-28T00:00:00Z, if UTC is meant$/],
  ["2026-05-28T20:26:40", /: 2026-05-28T20:26:40Z, if UTC is meant$/],
  ["2026-05-28 20:26:40.5", /: 2026-05-28T20:26:40.5Z, if UTC is meant$/],
  ["2026-05-28 20:26:40 UTC", /: 2026-05-28T20:26:40Z, if UTC is meant$/],
  ["2026-05-28t20:26:40z", /: 2026-05-28T20:26:40Z, if UTC is meant$/],
  ["2026-05-28T20:26+0900", /: 2026-05-28T20:26:00\+09:00, if this is meant$/],
  ["2026-05-28T20:26:40-05", /: 2026-05-28T20:26:40-05:00, if this is meant$/],
  ["2026-02-30", /^expected a commit timestamp/],
  ["2026-05-28T25:00", /^expected a commit timestamp/],
  ["28.05.2026", /^expected a commit timestamp/],
];

for (const [text, message] of REFUSED) {
  Deno.test(`the moment ${JSON.stringify(text)} is refused, with what was probably meant`, () => {
    throws(() => parseMoment(text), (error) => {
      match((error as Error).message, message);
      return error instanceof UsageError;
    });
  });
}

const SNAP = fixture("reports/at-unix-millis/input.fsm");

for (const [at, unit] of [["1779989200000", "milliseconds"], ["1779989200", "seconds"]]) {
  Deno.test(`Unix ${unit} are no commit timestamp: nothing is written, and their meaning is told`, () =>
    withFolder(async (folder) => {
      const out = `${folder}/out`;
      const args = ["decode", SNAP, "--at", at, "-o", out];
      const { code, stdout, stderr } = await cli(args, { read: [SNAP, out], write: [out] });
      match(
        stderr,
        new RegExp(`^decant: usage: ${at} cannot be a commit timestamp of this snapshot`),
      );
      match(stderr, new RegExp(`in Unix ${unit} it is 2026-05-28T17:26:40Z,`));
      match(stderr, /from \d+ \(2026-05-28T20:27:45.094Z\) to \d+ \(2026-05-28T20:35:00Z\), both/);
      strictEqual(code, 2);
      strictEqual(stdout, "");
      deepStrictEqual([...Deno.readDirSync(folder)], []);
    }));
}

Deno.test("so long before the last commit is read, and the moment is told, and kept in the dump", () =>
  withFolder(async (folder) => {
    const out = `${folder}/out`;
    const access = { read: [SNAP, out], write: [out] };
    const { code, stdout } = await cli(["decode", SNAP, "--at", "-1m", "-o", out], access);
    match(stdout, /: all that a client could read at 2026-05-28T20:34:00Z in what was given/);
    strictEqual(code, 0);
    match(Deno.readTextFileSync(`${out}/MANIFEST.json`), /"read_ts": 116654108835840007,/);
    strictEqual((await cli(["verify", out, "--against", SNAP], access)).code, 0);
    const before = await cli(["inspect", SNAP, "--at=-1h"], access);
    match(before.stderr, /there was nothing yet: the first version is of .*\n {2}hint: choose a/);
    strictEqual(before.code, 2);
  }));

Deno.test("of a moment behind the last commit it is told what is not known", async () => {
  const at = "2199-01-01T00:00:00Z";
  const { code, stdout, stderr } = await cli(["decode", SNAP, "--dry-run", "--at", at], {
    read: [SNAP],
  });
  match(
    stderr,
    /^decant: note: the last commit is of 2026-05-28T20:35:00Z: .* up to 2199-01-01T00/,
  );
  match(stdout, /no routes, no checksum and no commits up to then\)\.$/m);
  strictEqual(code, 0);
});
