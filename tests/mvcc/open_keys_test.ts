import { strictEqual } from "node:assert/strict";
import { OpenKeys } from "../../src/mvcc/open_keys.ts";
import { Random } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { latin1 } from "../support/naive/parse.ts";
import { storedKey } from "../support/stream.ts";

class Note {
  value = 0;

  clear(): void {
    this.value = 0;
  }
}

Deno.test("what is noted of a key is there at each of its versions, between whatever keys they lie", async () => {
  await forSeeds(1, 300, (seed) => {
    const random = new Random(seed);
    const keys = [""];
    for (let i = 0; i < 12; i++) {
      keys.push(
        random.pick(keys) + random.pick(["a", "\xfe", "\xff", "\xff".repeat(8), "b".repeat(300)]),
      );
    }
    const entries = Array.from({ length: 60 }, () => {
      const key = random.pick(keys);
      const bytes = Uint8Array.from(key, (c) => c.charCodeAt(0));
      return { key, stored: storedKey(bytes, BigInt(random.below(4))) };
    });
    entries.sort((a, b) => latin1(a.stored) < latin1(b.stored) ? -1 : 1);
    const open = new OpenKeys(() => new Note());
    const notes = new Map<string, number>();
    for (const [i, { key, stored }] of entries.entries()) {
      const padded = new Uint8Array(stored.length + 5);
      padded.set(stored, 3);
      const note = open.seek(padded, 3, 3 + stored.length);
      strictEqual(note.value, notes.get(key) ?? 0, `entry ${i}`);
      if (random.chance(0.3)) continue;
      note.value = i + 1;
      notes.set(key, i + 1);
    }
  });
});
