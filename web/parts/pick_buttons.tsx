/** The buttons that ask for a snapshot. @module */

import type { Picked } from "../worker/protocol.ts";
import { type FolderHandle, inputFiles, pickFolder } from "./picking.ts";

type Show = (() => Promise<FolderHandle>) | undefined;

/** Files, or a data directory. */
export function PickButtons({ onPick }: { onPick: (picked: Picked) => void }) {
  const show = (globalThis as { showDirectoryPicker?: Show }).showDirectoryPicker;
  return (
    <>
      <FileButton label="Choose files …" isFolder={false} onPick={onPick} primary />
      {show
        ? (
          <button
            type="button"
            onClick={async () => {
              const picked = await pickFolder(() => show.call(globalThis));
              if (picked) onPick(picked);
            }}
          >
            Choose a data directory …
          </button>
        )
        : <FileButton label="Choose a data directory …" isFolder onPick={onPick} />}
    </>
  );
}

interface FileButtonProps {
  label: string;
  isFolder: boolean;
  onPick: (picked: Picked) => void;
  primary?: boolean;
}

function FileButton({ label, isFolder, onPick, primary }: FileButtonProps) {
  return (
    <label class={primary ? "button primary" : "button"}>
      {label}
      <input
        type="file"
        class="unseen"
        multiple
        ref={(input) => {
          if (input) input.webkitdirectory = isFolder;
        }}
        onChange={({ currentTarget }) => {
          const picked = inputFiles(currentTarget);
          if (picked.files.length > 0) onPick(picked);
          currentTarget.value = "";
        }}
      />
    </label>
  );
}
