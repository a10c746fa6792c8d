import { strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { isRfc3339, rfc3339FromHlc, rfc3339FromMs } from "../../src/text/rfc3339.ts";

Deno.test("zeros at the end of the fraction are left out", () => {
  const at = (ms: number) => rfc3339FromMs(Date.UTC(2026, 3, 29, 15, 42, 10, ms));
  strictEqual(at(94), "2026-04-29T15:42:10.094Z");
  strictEqual(at(120), "2026-04-29T15:42:10.12Z");
  strictEqual(at(100), "2026-04-29T15:42:10.1Z");
  strictEqual(at(0), "2026-04-29T15:42:10Z");
  strictEqual(rfc3339FromMs(0), "1970-01-01T00:00:00Z");
  strictEqual(rfc3339FromMs(1_777_477_331_094n), "2026-04-29T15:42:11.094Z");
});

Deno.test("years from 10000 on have five digits and no sign", () => {
  strictEqual(rfc3339FromMs(253_402_300_799_999n), "9999-12-31T23:59:59.999Z");
  strictEqual(rfc3339FromMs(253_402_300_800_000n), "10000-01-01T00:00:00Z");
  strictEqual(rfc3339FromHlc(0xffff_ffff_ffff_ffffn), "10889-08-02T05:31:50.655Z");
});

Deno.test("a hybrid timestamp is read to the millisecond, whatever its counter", () => {
  strictEqual(rfc3339FromHlc(116488018119163909n), "2026-04-29T12:34:56.789Z");
  strictEqual(rfc3339FromHlc((1_777_477_331_094n << 16n) | 0xffffn), "2026-04-29T15:42:11.094Z");
});

Deno.test("what lies outside of the calendar is no moment", () => {
  throws(() => rfc3339FromMs(1n << 63n), RangeError);
});

Deno.test("every moment that is written is valid and means the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      const text = rfc3339FromMs(ms);
      strictEqual(isRfc3339(text), true);
      strictEqual(Date.parse(text), ms);
    }),
    { seed: 3339, numRuns: 1000 },
  );
});

Deno.test("moments by RFC 3339 are accepted with any fraction and offset", () => {
  for (
    const text of [
      "2026-04-29T15:42:11Z",
      "2026-11-22T12:45:28.707478604Z",
      "2026-04-29T15:42:11.123456789012345678Z",
      "2026-04-29T15:42:11+09:00",
      "2026-04-29T15:42:11.5-23:59",
      "2024-02-29T00:00:00Z",
      "2000-02-29T23:59:59Z",
      "0000-01-01T00:00:00Z",
    ]
  ) strictEqual(isRfc3339(text), true, text);
});

Deno.test("everything else is refused", () => {
  for (
    const text of [
      "",
      "2026-04-29",
      "2026-04-29t15:42:11Z",
      "2026-04-29T15:42:11z",
      "2026-04-29 15:42:11Z",
      "2026-04-29T15:42:11",
      "2026-04-29T15:42Z",
      "2026-04-29T15:42:11.Z",
      "2026-04-29T15:42:11,5Z",
      "2026-04-29T15:42:11+0900",
      "2026-04-29T15:42:11+24:00",
      "2026-04-29T15:42:11+09:60",
      "2026-04-29T24:00:00Z",
      "2026-04-29T15:60:11Z",
      "2026-04-29T15:42:60Z",
      "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-04-00T00:00:00Z",
      "2026-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "+10000-01-01T00:00:00Z",
      "10000-01-01T00:00:00Z",
      " 2026-04-29T15:42:11Z",
      "2026-04-29T15:42:11Z\n",
      "２026-04-29T15:42:11Z",
    ]
  ) strictEqual(isRfc3339(text), false, JSON.stringify(text));
});
