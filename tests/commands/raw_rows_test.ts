import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { stream } from "../support/stream.ts";

Deno.test("rows that nothing else has are written as they are stored, short and long ones", async () => {
  // 64 KiB is where a value is no longer kept, and 256 KiB where a line is written in pieces.
  const values = [0, 1, 2, 3, 65_535, 65_536, 65_537, 262_144, 1_000_000].map((length) =>
    Uint8Array.from({ length }, (_, i) => i * 7 + length)
  );
  const rows = values.map((value, i) => ({
    key: `!mystery|${"z".repeat(values.length - i)}`,
    value,
    ts: BigInt(i + 1),
    expireAt: BigInt(i) * 1000n,
  }));
  const source = new BytesSource(stream(rows), "a.fsm");
  const sink = new MemorySink();
  const report = await decode(await openSnapshotInputs([{ source }]), sink, { raw: true });
  strictEqual(report.exitCode, 0);
  const lines = new TextDecoder().decode(sink.files.get("_raw/records.jsonl")).split("\n");
  strictEqual(lines.pop(), "");
  deepStrictEqual(
    lines,
    rows.toReversed().map(({ key, value, ts, expireAt }) =>
      `{"key_b64":"${new TextEncoder().encode(key).toBase64()}",` +
      `"value_b64":"${value.toBase64()}","commit_ts":${ts},"expire_at":${expireAt}}`
    ),
  );
});
