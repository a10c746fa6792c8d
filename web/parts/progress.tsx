/** How far something is: share, rate, and the time that is left. @module */

import { useEffect, useRef, useState } from "preact/hooks";
import { count, duration, size } from "../../src/cli/format.ts";
import type { Progress } from "../worker/protocol.ts";

/** A screen reader is told no more often. */
const ANNOUNCED_EVERY = 5_000;

/** A bar with what is known in words. */
export function ProgressBar({ label, progress }: { label: string; progress?: Progress }) {
  const began = useRef(performance.now());
  const unit = useRef(progress?.unit);
  if (progress && progress.unit !== unit.current) {
    // Something else is counted from here on.
    unit.current = progress.unit;
    began.current = performance.now();
  }
  const text = progress ? progressText(progress, performance.now() - began.current) : "";
  return (
    <div role="group" aria-label={label}>
      <progress
        aria-label={label}
        max={progress?.total || 1}
        value={progress ? progress.done : undefined}
      />
      <p class="quiet">{text || "Starting …"}</p>
      <Announced text={text} />
    </div>
  );
}

/** `1.20 GiB of 4.00 GiB · 820 MiB/s · 0:03 left`. @param elapsed In milliseconds. */
function progressText({ done, total, unit }: Progress, elapsed: number): string {
  const amount = unit === "bytes" ? size : count;
  const parts = [`${amount(done)} of ${amount(total)}${unit === "rows" ? " rows" : ""}`];
  if (elapsed > 500 && done > 0) {
    const rate = done / (elapsed / 1000);
    parts.push(`${amount(Math.round(rate))}${unit === "rows" ? " rows" : ""}/s`);
    parts.push(`${duration(Math.max(0, total - done) / rate)} left`);
  }
  return parts.join(" · ");
}

function Announced({ text }: { text: string }) {
  const latest = useRef(text);
  const [told, setTold] = useState("");
  latest.current = text;
  useEffect(() => {
    const timer = setInterval(() => setTold(latest.current), ANNOUNCED_EVERY);
    return () => clearInterval(timer);
  }, []);
  return <p class="unseen" role="status">{told}</p>;
}
