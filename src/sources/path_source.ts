/** A file by its path, wherever there is `node:fs`: in Node and in Deno. @module */

import { nativeModule } from "../bytes/native_module.ts";
import { OutputError, PermissionError, UsageError } from "../errors.ts";
import type { Source } from "./source.ts";

/** What is used of `node:fs`. */
interface FileSystem {
  openSync(path: string | URL): number;
  fstatSync(fd: number): { size: number; isFile(): boolean };
  statSync(path: string | URL): { isFile(): boolean; isDirectory(): boolean };
  readSync(fd: number, into: Uint8Array, at: number, length: number, position: number): number;
  closeSync(fd: number): void;
}

/**
 * Opens a regular file.
 *
 * @throws {UsageError} when there is none, or where paths mean nothing.
 * @throws {PermissionError} when Deno may not read it.
 * @throws {OutputError} `denied` when this user may not.
 */
export function openPath(path: string | URL): Source {
  const fs = nativeModule("node:fs") as FileSystem | undefined;
  const name = String(path);
  if (!fs) {
    throw new UsageError("there are no files by path here", {
      file: name,
      hint: "give a File, a Blob, bytes or a stream",
    });
  }
  let fd: number;
  try {
    // Opening a pipe would wait for whoever writes to it.
    const info = fs.statSync(path);
    if (!info.isFile()) {
      throw new UsageError(
        info.isDirectory() ? "this is a folder and no file" : "no regular file",
        {
          file: name,
          hint:
            "give an .fsm file; findSnapshots of the entry for Deno finds those of a data directory",
        },
      );
    }
    fd = fs.openSync(path);
  } catch (error) {
    throw error instanceof UsageError ? error : openError(error, name);
  }
  let isOpen = true;
  return {
    name,
    size: fs.fstatSync(fd).size,
    read(offset, into) {
      if (!isOpen) throw new UsageError("the file was closed", { file: name });
      let done = 0;
      while (done < into.length) {
        const n = fs.readSync(fd, into, done, into.length - done, offset + done);
        if (n === 0) break;
        done += n;
      }
      return done;
    },
    close() {
      if (isOpen) fs.closeSync(fd);
      isOpen = false;
    },
  };
}

function openError(error: unknown, file: string): Error {
  const { code, message } = error as { code?: string; message: string };
  if (code === "ENOENT") return new UsageError("no such file", { file });
  if (code === "ENAMETOOLONG") {
    return new UsageError("the path, or a name in it, is too long", { file });
  }
  if (code === "EACCES" || code === "EPERM") {
    const what = "the operating system does not let this user read it";
    const hint = "look at its owner and mode, and at those of the folders above it";
    return new OutputError("denied", what, { file, hint }, { cause: error });
  }
  if (code === "ENOTCAPABLE" || !code) {
    return new PermissionError(`the file may not be read: ${message}`, { file }, { cause: error });
  }
  return new OutputError("input-failed", message, { file }, { cause: error });
}
