/** Asks for the two files with which encrypted values are opened. @module */

import { useState } from "preact/hooks";
import type { KeyFiles } from "../worker/protocol.ts";

/** A form of two files. */
export function KeyFilesForm({ onKeys }: { onKeys: (keys: KeyFiles) => void }) {
  const [keys, setKeys] = useState<File>();
  const [kek, setKek] = useState<File>();
  return (
    <form
      class="keys"
      onSubmit={(event) => {
        event.preventDefault();
        if (keys && kek) onKeys({ keys, kek });
      }}
    >
      <FileField label="Key file (keys.json)" file={keys} onFile={setKeys} />
      <FileField label="Key-encryption key (kek.bin)" file={kek} onFile={setKek} />
      <button type="submit" class="primary" disabled={!keys || !kek}>Open with these keys</button>
      <p class="quiet small">
        They stay in this page's memory, and are gone when you close it.
      </p>
    </form>
  );
}

interface FileFieldProps {
  label: string;
  file?: File;
  onFile: (file: File) => void;
}

function FileField({ label, file, onFile }: FileFieldProps) {
  return (
    <label class="button">
      <span>{file ? `${label}: ${file.name}` : label}</span>
      <input
        type="file"
        class="unseen"
        onChange={({ currentTarget: { files } }) => files?.[0] && onFile(files[0])}
      />
    </label>
  );
}
