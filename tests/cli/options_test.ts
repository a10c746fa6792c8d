import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { COMMANDS } from "../../src/cli/app.ts";
import {
  parseAccepted,
  parseAdapters,
  parseBundleMode,
  parseBundleSize,
  parseScope,
  parseWallTime,
} from "../../src/cli/options.ts";
import { UsageError } from "../../src/errors.ts";

function refuses(parse: (text: string) => unknown, texts: string[]): void {
  for (const text of texts) throws(() => parse(text), UsageError, JSON.stringify(text));
}

Deno.test("adapters are a list; nothing and all mean the four of them", () => {
  const all = ["dynamodb", "s3", "redis", "sqs"];
  deepStrictEqual(parseAdapters(""), all);
  deepStrictEqual(parseAdapters("all"), all);
  deepStrictEqual(parseAdapters("redis"), ["redis"]);
  deepStrictEqual(parseAdapters(" s3 ,,redis,s3"), ["s3", "redis"]);
  refuses(parseAdapters, ["Redis", "all,redis", ",", "redis,foo", " "]);
});

Deno.test("a scope is an adapter and a name, which may have an equals sign", () => {
  deepStrictEqual(parseScope("dynamodb=orders"), { adapter: "dynamodb", name: "orders" });
  deepStrictEqual(parseScope("s3=a=b,c"), { adapter: "s3", name: "a=b,c" });
  deepStrictEqual(parseScope("redis=0"), { adapter: "redis", name: "0" });
  refuses(parseScope, ["", "orders", "dynamodb", "dynamodb=", "=x", "mysql=x"]);
});

Deno.test("the name of a scope may be in base64, and one that begins like base64 must be", () => {
  deepStrictEqual(parseScope("s3=b64:Yv8"), { adapter: "s3", name: "b64:Yv8" });
  deepStrictEqual(parseScope("s3=b64:b2s"), { adapter: "s3", name: "ok" });
  throws(() => parseScope("s3=b64:hello!"), /begins like that is s3=b64:YjY0OmhlbGxvIQ$/);
  deepStrictEqual(parseScope("s3=b64:YjY0OmhlbGxvIQ"), {
    adapter: "s3",
    name: "b64:YjY0OmhlbGxvIQ",
  });
});

Deno.test("an empty value is refused by every option but those that mean their default by it", () => {
  const taken: string[] = [];
  for (const { groups } of Object.values(COMMANDS)) {
    for (const [name, flag] of groups.flatMap(({ flags }) => Object.entries(flags))) {
      if (!("parse" in flag)) continue;
      try {
        (flag as { parse(text: string): unknown }).parse("");
        taken.push(name);
      } catch (error) {
        ok(error instanceof UsageError, `${name}: ${error}`);
      }
    }
  }
  deepStrictEqual([...new Set(taken)], ["adapter", "dynamodbBundleMode", "clusterId"]);
});

Deno.test("losses are a list of known kinds", () => {
  deepStrictEqual(parseAccepted("unknown,bare"), ["unknown", "bare"]);
  deepStrictEqual(parseAccepted("checksum"), ["checksum"]);
  deepStrictEqual(parseAccepted("orphans, transactions ,groups"), [
    "orphans",
    "transactions",
    "groups",
  ]);
  refuses(parseAccepted, ["", "all", "unsound", "unknown,x"]);
});

Deno.test("a wall time is RFC 3339 and is kept as it is written", () => {
  strictEqual(parseWallTime("2026-05-28T22:26:40.10+02:00"), "2026-05-28T22:26:40.10+02:00");
  refuses(parseWallTime, ["", "now", "1780000000", "2026-05-28 20:26:40Z"]);
});

Deno.test("a bundle has at least 1 MiB, in bytes or binary units", () => {
  strictEqual(parseBundleSize("64MiB"), 64 << 20);
  strictEqual(parseBundleSize("1048576"), 1 << 20);
  strictEqual(parseBundleSize("1024KiB"), 1 << 20);
  strictEqual(parseBundleSize("2GiB"), 2 ** 31);
  refuses(parseBundleSize, [
    "",
    "0",
    "1048575",
    "1023KiB",
    "64MB",
    "64 MiB",
    "1.5MiB",
    "-1MiB",
    "0x100000",
    "9007199254740993",
  ]);
});

Deno.test("a bundle mode that is empty is the default, as for the reference tool", () => {
  strictEqual(parseBundleMode(""), "per-item");
  strictEqual(parseBundleMode("per-item"), "per-item");
  strictEqual(parseBundleMode("jsonl"), "jsonl");
  refuses(parseBundleMode, ["zip", "JSONL"]);
});
