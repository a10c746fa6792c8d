/** Whether everybody can use the page: axe-core on every view, light and dark, wide and narrow. @module */

/// <reference lib="dom" />

import { deepStrictEqual, ok } from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { fileOf, heading, open, pageTest, REAL } from "./page.ts";
import { noPicker } from "./trees.ts";

const GROUPS = [1, 2, 3].map((group) => `${REAL}/multi-group/group-${group}.fsm`);

async function noViolations(page: Page, view: string): Promise<void> {
  const violations = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  deepStrictEqual([view, ...violations], [view]);
}

async function noSidewaysScroll(page: Page, view: string): Promise<void> {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  ok(width[0] <= width[1], `${view}: ${width}`);
}

const SIZES = [
  ["wide", { width: 1200, height: 800 }],
  // Also what is left of 1280 × 1024 at 400 %.
  ["narrow", { width: 320, height: 256 }],
] as const;

for (const colorScheme of ["light", "dark"] as const) {
  for (const [size, viewport] of SIZES) {
    pageTest(`nothing keeps people out: ${colorScheme}, ${size}`, async (page) => {
      await page.evaluate(axe.source);
      const check = async (view: string): Promise<void> => {
        await noViolations(page, view);
        await noSidewaysScroll(page, view);
      };
      await check("start");
      await open(page, [fileOf("bad.fsm", new Uint8Array(5000))]);
      await check("failure");
      await open(page, GROUPS);
      await heading(page).getByText("Sound").waitFor();
      await check("overview");
      await page.getByRole("button", { name: "Find a record" }).click();
      await page.getByRole("treeitem", { name: /alpha/ }).click();
      await page.locator("[aria-level='3']").first().click();
      await page.locator("article h2").waitFor();
      await check("find: item");
      await page.getByRole("treeitem", { name: /alpha/ }).click();
      await page.getByRole("tree").press("s");
      await page.getByRole("button", { name: "Save", exact: true }).first().click();
      await check("save");
      await page.getByRole("button", { name: "Save", exact: true }).last().click();
      await page.getByText("Saved to").waitFor();
      await check("saved");
    }, { before: noPicker, colorScheme, viewport });
  }
}
