/** While a snapshot is read for the first time. @module */

import { Heading } from "../parts/heading.tsx";
import { pickedName } from "../parts/head.tsx";
import { ProgressBar } from "../parts/progress.tsx";
import type { Opening, Progress } from "../worker/protocol.ts";

interface OpeningProps {
  opening: Opening;
  progress?: Progress;
  cancel: () => void;
}

/** How far the reading is. */
export function OpeningView({ opening: { picked }, progress, cancel }: OpeningProps) {
  return (
    <main class="start">
      <Heading>Reading {pickedName(picked)}</Heading>
      <p class="lead">Once from end to end: the checksum is verified, and versions are counted.</p>
      <ProgressBar label="Reading" progress={progress} />
      <div class="buttons">
        <button type="button" onClick={cancel}>Cancel</button>
      </div>
    </main>
  );
}
