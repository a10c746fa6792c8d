import { strictEqual } from "node:assert/strict";
import { count, counted, duration, size, table } from "../../src/cli/format.ts";

Deno.test("numbers have a comma between thousands", () => {
  strictEqual(
    [0, 999, 1000, 1234567, 12345678901].map(count).join(" "),
    "0 999 1,000 1,234,567 12,345,678,901",
  );
});

Deno.test("one is singular, everything else is not", () => {
  strictEqual(counted(1, "row"), "1 row");
  strictEqual(counted(0, "row"), "0 rows");
  strictEqual(counted(1200, "entry", "entries"), "1,200 entries");
});

Deno.test("sizes have the largest unit of which there is one, and about three digits", () => {
  const sizes = [0, 1023, 1024, 1536, 10 * 1024, 102_400, 1 << 20, 1.5 * 2 ** 30, 2 ** 60];
  strictEqual(
    sizes.map(size).join("|"),
    "0 B|1023 B|1.00 KiB|1.50 KiB|10.0 KiB|100 KiB|1.00 MiB|1.50 GiB|1024 PiB",
  );
});

Deno.test("durations have minutes, and hours when there are any", () => {
  strictEqual(
    [0, 5.4, 59.6, 61, 3600, 36_061].map(duration).join(" "),
    "0:00 0:05 1:00 1:01 1:00:00 10:01:01",
  );
});

Deno.test("columns are as wide as their widest cell, and lines have no space at their end", () => {
  strictEqual(
    table([["name", "n", ""], ["é", "10", "x"], ["long name", "1", ""]], [false, true, false]),
    "name        n\né          10  x\nlong name   1\n",
  );
});
