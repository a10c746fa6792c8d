/** The files with which encrypted values are opened. @module */

import { UnsupportedError, UsageError } from "../errors.ts";
import { type Keyring, loadKeyring } from "../mvcc/keyring.ts";
import { fileError } from "../sources/deno_error.ts";

/** Bytes of a key-encryption key. */
const KEK_LENGTH = 32;
/** A key file of a node has some kilobytes. */
const MAX_KEYS_LENGTH = 16 << 20;
/** Permission bits of the owner's group and of everybody else. */
const OTHERS = 0o077;

/**
 * Reads a node's key file and the key-encryption key that unwraps it.
 *
 * @throws {UsageError} when only one of them is given, or one does not exist.
 * @throws {UnsupportedError} `bad-key-file`: what is wrong, and what to do about it.
 */
export function readKeyFiles(keys?: string, kek?: string): Keyring | undefined {
  if (keys === undefined && kek === undefined) return undefined;
  if (keys === undefined || kek === undefined) {
    throw new UsageError("--encryption-keys and --kek must be given together", {
      hint: "the first is the node's key file (keys.json), the second unwraps its keys",
    });
  }
  const secret = statRegular(kek, "the key-encryption key");
  if (secret.size !== KEK_LENGTH) {
    refuse(kek, `the key-encryption key has ${secret.size} bytes, not ${KEK_LENGTH}`, {
      hint: "give the file that the node got with --kekFile: raw bytes, no text",
    });
  }
  if (((secret.mode ?? 0) & OTHERS) !== 0) {
    const mode = (secret.mode! & 0o777).toString(8).padStart(4, "0");
    refuse(kek, `the key-encryption key has mode ${mode}: others may use it`, {
      hint: `chmod 600 ${kek}`,
    });
  }
  if (statRegular(keys, "the key file").size > MAX_KEYS_LENGTH) {
    refuse(keys, "the key file is too large to be one", { hint: "give the node's keys.json" });
  }
  return loadKeyring(read(keys), read(kek), keys);
}

function statRegular(path: string, what: string): Deno.FileInfo {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    throw fileError(error, path, "read");
  }
  if (!info.isFile) refuse(path, `${what} is not a regular file`, { hint: "copy it into one" });
  return info;
}

function read(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw fileError(error, path, "read");
  }
}

function refuse(file: string, message: string, { hint }: { hint: string }): never {
  throw new UnsupportedError("bad-key-file", message, { file, hint });
}
