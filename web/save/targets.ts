/** Where this browser can save to, and the questions that it asks the user for it. @module */

import type { Saving, Target } from "../worker/protocol.ts";
import { BINARY } from "./output_file.ts";

/** What only some browsers have. */
interface Pickers {
  showDirectoryPicker?(options: { mode: "readwrite" }): Promise<FileSystemDirectoryHandle>;
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

const pickers = (): Pickers => globalThis as Pickers;

/** Whether files can be written into a folder. */
export function canPickFolder(): boolean {
  return pickers().showDirectoryPicker !== undefined;
}

/** How an archive gets to the user's disk here: the best of what there is. */
export async function fileTarget(): Promise<"file" | "storage" | "memory"> {
  if (pickers().showSaveFilePicker) return "file";
  try {
    await navigator.storage.getDirectory();
    return "storage";
  } catch {
    // The browser has none, or none for pages from a disk.
    return "memory";
  }
}

/** Asks for the target, while the click that wants it still counts; `undefined` if there is none. */
export async function askTarget(
  format: Saving["format"],
  to: "file" | "storage" | "memory",
  suggestedName: string,
): Promise<Target | undefined> {
  try {
    if (format === "folder") {
      return { to: "folder", folder: await pickers().showDirectoryPicker!({ mode: "readwrite" }) };
    }
    if (to !== "file") return { to };
    return { to, file: await pickers().showSaveFilePicker!({ suggestedName }) };
  } catch (error) {
    if ((error as DOMException).name === "AbortError") return undefined;
    throw error;
  }
}

/** Gives the user a file. Its address is never gone to: the browser only stores what is there. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file.type === BINARY ? file : new Blob([file], { type: BINARY }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the file by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
