/** Chooses an earlier moment, of those that the snapshot can be read at. @module */

import { useState } from "preact/hooks";
import type { InspectReport } from "../../src/commands/inspect.ts";
import { rfc3339FromMs } from "../../src/text/rfc3339.ts";

interface MomentSliderProps {
  readable: NonNullable<InspectReport["readable"]>;
  at: InspectReport["at"];
  /** @param at A commit timestamp in decimal digits; the newest state unless given. */
  onMoment: (at: string | undefined) => void;
}

/** A timestamp has 16 bits of counter behind its milliseconds. */
const msOf = (hlc: string): number => Number(BigInt(hlc) >> 16n);

/** The slider. Reading at another moment reads the file anew, so it is asked for by a button. */
export function MomentSlider({ readable, at, onMoment }: MomentSliderProps) {
  const [from, to] = [msOf(readable.from.hlc), msOf(readable.to.hlc)];
  const now = at ? Math.min(msOf(at.hlc), to) : to;
  const [ms, setMs] = useState(now);
  if (from >= to) return null;
  return (
    <form
      class="moment"
      onSubmit={(event) => {
        event.preventDefault();
        onMoment(ms >= to ? undefined : String(BigInt(ms) << 16n | 0xffffn));
      }}
    >
      <label>
        <span>As of {textOf(ms)}</span>
        <input
          type="range"
          min={from}
          max={to}
          value={ms}
          aria-valuetext={textOf(ms)}
          onInput={({ currentTarget: { value } }) => setMs(Number(value))}
        />
      </label>
      <span class="quiet small">
        The node kept versions from {textOf(from)} to {textOf(to)}.
      </span>
      <button type="submit" disabled={ms === now}>Read as of this moment</button>
    </form>
  );
}

function textOf(ms: number): string {
  return rfc3339FromMs(ms).replace("T", " ").replace("Z", " UTC");
}
