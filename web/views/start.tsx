/** Before there is a snapshot. @module */

import { Decanter } from "../parts/icons.tsx";
import { PickButtons } from "../parts/pick_buttons.tsx";
import type { Picked } from "../worker/protocol.ts";

interface StartProps {
  onPick: (picked: Picked) => void;
  /** Whether something is held over the page. */
  isOver: boolean;
  sample: () => Picked;
}

/** Asks for a file. */
export function StartView({ onPick, isOver, sample }: StartProps) {
  return (
    <main class="start">
      <h1>See what is in your backup. Take out what you need.</h1>
      <section class={isOver ? "drop over" : "drop"} aria-label="Open a snapshot">
        <Decanter />
        <p class="lead">
          Drop an elastickv snapshot here: a <code>.fsm</code>{" "}
          file, one of each group, or a node's data directory. Packed ones as they are.
        </p>
        <div class="buttons">
          <PickButtons onPick={onPick} />
        </div>
        <p class="quiet">
          None at hand?{" "}
          <button
            type="button"
            class="link"
            onClick={() => onPick(sample())}
          >
            Try a sample
          </button>
        </p>
      </section>
      <div class="promises">
        <p>
          <strong>Nothing is uploaded</strong>Turn your network off now, then drop the file.
        </p>
        <p>
          <strong>What clients would read</strong>Newest versions, nothing deleted, as of any moment
          that the node kept.
        </p>
        <p>
          <strong>It adds up</strong>Checksums are verified, and every row is accounted for.
        </p>
      </div>
    </main>
  );
}
