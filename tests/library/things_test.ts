import { deepStrictEqual } from "node:assert/strict";
import { openSnapshot } from "../../mod.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { sealed, sealedStream } from "../support/sealed.ts";

const REAL = new URL("../fixtures/real/", import.meta.url);

Deno.test("things are counted as clients saw them, whatever rows are left over", async () => {
  using snap = await openSnapshot(new URL("sqs-all/snapshot.fsm.gz", REAL));
  const { scopes } = await snap.inspect();
  const truth = JSON.parse(Deno.readTextFileSync(new URL("sqs-all/truth.json", REAL)));
  const queues: Record<string, { messages: unknown[] }> = truth.sqs.queues;
  deepStrictEqual(
    scopes.filter(({ adapter, state }) => adapter === "sqs" && state === "live")
      .map(({ scope, things }) => [scope, things!.messages ?? 0]).sort(),
    Object.entries(queues).map(([name, { messages }]) => [name, messages.length]).sort(),
  );
});

Deno.test("things of all four adapters are counted", async () => {
  const groups = ["group-1.fsm", "group-2.fsm", "group-3.fsm"];
  using snap = await openSnapshot(groups.map((name) => new URL(`multi-group/${name}`, REAL)));
  const truth = JSON.parse(Deno.readTextFileSync(new URL("multi-group/truth.json", REAL)));
  const counts = (await snap.inspect()).scopes.flatMap(({ adapter, scope, things }) =>
    things ? `${adapter} ${scope} ${Object.values(things).reduce((sum, n) => sum + n, 0)}` : []
  );
  const expected = [
    ...members(truth.dynamodb.tables).map(([name, { items }]) =>
      `dynamodb ${name} ${items.length}`
    ),
    ...members(truth.s3.buckets).map(([name, { objects }]) =>
      `s3 ${name} ${members(objects).length}`
    ),
    `redis 0 ${truth.redis.keys.length}`,
    ...members(truth.sqs.queues).map(([name, { messages }]) => `sqs ${name} ${messages.length}`),
  ];
  deepStrictEqual(counts.sort(), expected.sort());
});

Deno.test("a data directory is opened like a file, with all of its groups", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    await new Deno.Command("tar", {
      args: ["xzf", new URL("multi-group/data-dir.tar.gz", REAL).pathname, "-C", folder],
    }).output();
    using snap = await openSnapshot(new DenoDirectory(folder));
    deepStrictEqual((await snap.inspect()).groups, {
      known: ["1", "2", "3"],
      missing: [],
      unknown: false,
    });
    deepStrictEqual((await snap.inspect()).inputs.map(({ group }) => group), ["0", "1", "2", "3"]);
    deepStrictEqual(
      new Set(snap.passedOver.map(({ event }) => event)),
      new Set(["entries-after-snapshot"]),
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("without keys nothing is counted that only an encrypted row tells", async () => {
  using snap = await openSnapshot(sealedStream([sealed("!s3|bucket|meta|a\0\x01", "b")]));
  const [{ things, live }] = (await snap.inspect()).scopes;
  deepStrictEqual([things, live], [undefined, 1]);
});

// deno-lint-ignore no-explicit-any -- what a captured file says
function members(object: any): [string, any][] {
  return Object.entries(object);
}
