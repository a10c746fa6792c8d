import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { cli, cliUnread, fixture, withFolder } from "./run.ts";
import { nodeFile, ROUTE, stream } from "../support/stream.ts";

const SNAP = fixture("real/ddb-history/snapshot.fsm");
const read = [SNAP];

Deno.test("du lists scopes, beginnings of names and keys, the largest first", async () => {
  const { code, stdout, stderr } = await cli(["du", SNAP, "--top", "2"], { read });
  strictEqual(stderr, "");
  strictEqual(code, 0);
  const [scopes, prefixes, keys] = stdout.split("\n\n");
  const lines = scopes.split("\n");
  deepStrictEqual(lines.slice(0, 3), [
    "   bytes  versions   garbage  versions  scope",
    "87.1 KiB       946  75.4 KiB       828  (all)",
    "73.4 KiB       735  64.5 KiB       656  dynamodb/orders",
  ]);
  ok(lines.includes("1.69 KiB        33  1.65 KiB        32  dynamodb/dropped"));
  match(prefixes, /largest beginnings of names\n.*dynamodb\/orders\/cust%2F2\/\n.*cust%2F0\/$/);
  match(keys, /largest keys\n.*dynamodb\/orders\/cust%2F2\/2\n.*cust%2F4\/14\n$/);
});

Deno.test("programs get the same in JSON lines and in CSV", async () => {
  const json = (await cli(["du", SNAP, "--json", "--top", "1", "--by=garbage"], { read })).stdout;
  const lines = json.trimEnd().split("\n").map((line) => JSON.parse(line));
  const { bytes, garbage_bytes, ...rest } = lines[1];
  deepStrictEqual(rest, {
    kind: "scope",
    adapter: "dynamodb",
    scope: "orders",
    versions: 735,
    garbage_versions: 656,
  });
  const report = JSON.parse((await cli(["inspect", SNAP, "--json"], { read })).stdout);
  const [orders] = report.scopes.filter(({ scope }: { scope: string }) => scope === "orders");
  deepStrictEqual(
    [bytes, rest.versions, rest.garbage_versions],
    [orders.bytes, orders.versions, orders.superseded + orders.tombstones],
  );
  deepStrictEqual(lines.map(({ kind }) => kind).slice(-2), ["prefix", "key"]);
  const csv = (await cli(["du", SNAP, "--format=csv", "--top=1"], { read })).stdout.split("\n");
  strictEqual(
    csv[0],
    "kind,adapter,scope,family,name,bytes,versions,garbage_bytes,garbage_versions,missed",
  );
  strictEqual(csv[2], `scope,dynamodb,orders,,,${bytes},735,${garbage_bytes},656,`);
});

Deno.test("names that could harm a terminal, or a table, are escaped", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.fsm`;
    const key = '!redis|str|a\u001b[31m:"b",\n';
    Deno.writeFileSync(path, nodeFile(stream([ROUTE, { key, value: "v" }], 9n)));
    const run = (...args: string[]) => cli(["du", path, ...args], { read: [path] });
    ok((await run()).stdout.includes('redis/0/a\\x1b[31m:"b",\\x0a'));
    ok((await run("--format", "csv")).stdout.includes(',"a\\x1b[31m:""b"",\\x0a",'));
    const last = (await run("--json")).stdout.trimEnd().split("\n").at(-1)!;
    strictEqual(JSON.parse(last).name, key.slice(11));
    ok(!last.includes("\u001b"));
  }));

Deno.test("whoever has seen enough of du ends it quietly", async () => {
  deepStrictEqual(await cliUnread(["du", SNAP, "--json"], { read }), { code: 0, stderr: "" });
});

Deno.test("du of a damaged file says what is wrong", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.fsm`;
    const bytes = Deno.readFileSync(SNAP);
    bytes[bytes.length - 1] ^= 1;
    Deno.writeFileSync(path, bytes);
    const { code, stdout, stderr } = await cli(["du", path], { read: [path] });
    strictEqual(code, 4);
    match(stdout, /dynamodb\/orders/);
    match(stderr, /checksum/);
  }));
