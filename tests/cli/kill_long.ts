/** As in interrupt_long.ts, at random moments. */

import { ok } from "node:assert/strict";
import { Random } from "../support/generator/random.ts";
import { randomSeed } from "../support/random_seed.ts";
import { decodeAndKill, inParallel, killAndLook, withSnapshot } from "./kill.ts";
import { tableSnapshot } from "./snapshots.ts";

const KILLS = 50;

Deno.test(`what is left of a program that was killed is refused, ${KILLS} times`, () =>
  withSnapshot(tableSnapshot(1_000, 50), async (folder, snap) => {
    const random = new Random(randomSeed());
    const whole = await decodeAndKill(`${folder}/whole`, snap, Infinity);
    const moments = Array.from({ length: KILLS }, () => random.below(whole));
    const cut = await inParallel(KILLS, 4, (i) => killAndLook(`${folder}/${i}`, snap, moments[i]));
    const times = cut.filter((isCut) => isCut).length;
    ok(times >= KILLS / 3, `only ${times} of ${KILLS} were cut short`);
  }));
