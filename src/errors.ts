/**
 * Every error that Decant raises on purpose, and every defect that it reports about a file.
 *
 * An error has a stable `code`. A code belongs to one class, the class decides the exit code, and
 * `docs/errors.md` has a row for each; a test keeps the three together.
 *
 * @module
 */

/** Code → exit code and meaning, in one line each. The exit codes are explained in `docs/errors.md`. */
export const CODES = {
  "worker-failed": [1, "a worker has ended by itself"],

  "usage": [2, "the command line or an option is wrong"],
  "too-many-files": [2, "the tree would have more files than was agreed to"],
  "too-compressed": [2, "the input unpacks to more than was agreed to"],
  "another-moment": [2, "two files are one group at two moments"],
  "another-history": [2, "nothing shows that the files are of one cluster's one history"],

  "not-a-snapshot": [3, "the bytes are not a snapshot of a kind that Decant knows"],
  "unsupported-format": [3, "a snapshot of a kind that is known by name and not read"],
  "unsupported-header": [3, "an EKVTHLC header of an unknown version or an impossible length"],
  "no-snapshot-found": [3, "a folder without a snapshot, or without one that verifies"],
  "encrypted": [3, "values are encrypted and no key was given for them"],
  "bad-key-file": [3, "the key files cannot be used"],

  "too-small": [4, "the file is shorter than the shortest snapshot"],
  "truncated": [4, "the file ends in the middle of something"],
  "checksum-mismatch": [4, "a checksum does not match the bytes that it covers"],
  "too-large": [4, "a length is above its limit"],
  "unordered": [4, "stored keys do not ascend"],
  "short-key": [4, "a stored key is shorter than its timestamp"],
  "short-value": [4, "a stored value is shorter than its header"],
  "reserved-bits": [4, "a value header has bits that no version defines"],
  "bad-table": [4, "a table file inside the bundle is malformed"],
  "decrypt-failed": [4, "an encrypted value does not authenticate"],
  "cleartext-envelope": [4, "a value is labelled clear and is a valid encrypted envelope"],
  "cleartext": [4, "a value is clear where all must be encrypted"],
  "malformed-key": [4, "a key does not follow its family's grammar"],
  "conflict": [4, "two files disagree about one version of a key"],
  "malformed-value": [4, "a value does not follow its family's format"],
  "invalid-schema": [4, "a table schema that cannot be used"],
  "invalid-item": [4, "an item without usable key attributes"],
  "incomplete-object": [4, "the chunks of an object do not add up"],
  "name-collision": [4, "two things need one name and may not be renamed"],
  "unbalanced": [4, "the rows read and the rows accounted for differ"],
  "invalid-tree": [4, "a file of a dump breaks the rules of the dump"],
  "source-changed": [4, "the input was changed while it was read"],

  "output-exists": [5, "the output exists and is not an empty folder"],
  "output-failed": [5, "the output could not be written"],
  "output-closed": [5, "the program that reads the output has ended before it"],
  "no-space": [5, "no space is left where something must be written"],
  "spool-needed": [5, "more scratch space is needed than memory may give"],
  "input-failed": [5, "the input could not be read"],
  "denied": [5, "the operating system does not let this user read or write it"],

  "permission": [6, "Deno was not given a permission that is needed"],

  "mismatch": [7, "the tree is not what its manifest says, or not what the snapshot holds"],

  "nothing-selected": [9, "what was asked for is not in the snapshot"],

  "aborted": [130, "interrupted"],
} as const satisfies Record<string, readonly [number, string]>;

/** A stable error code: a key of {@link CODES}. */
export type Code = keyof typeof CODES;

/** Where an error is. All members are optional; what is known is named in the message. */
export interface Place {
  /** Base name or path of the file, as the user gave it. */
  file?: string;
  /** Byte offset in that file. */
  offset?: number;
  /** The user key (without its timestamp) or the stored key. */
  key?: Uint8Array;
  /** The whole key, where `key` is only its beginning. */
  cut?: CutKey;
  /** What the reader can do about it: one sentence. */
  hint?: string;
  /** The option that the hint is about, if it is about one. */
  option?: HintedOption;
}

/** Options that hints are about, as the library calls them. */
export type HintedOption =
  | "allowRatio"
  | "at"
  | "dynamodbBundleMode"
  | "jobs"
  | "keys"
  | "newest"
  | "renameCollisions"
  | "requireEncrypted"
  | "scratch";

/** What a key that is too long to be kept is known by. */
export interface CutKey {
  /** Bytes of the whole key. */
  length: number;
  /** Of the whole key, as 64 hex digits. */
  sha256: string;
}

/** The base of all errors that Decant raises on purpose. */
export class DecantError extends Error {
  /** Stable; see {@link CODES}. */
  readonly code: Code;
  /** Base name or path of the file. */
  readonly file?: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  /** The key that was being read. */
  readonly key?: Uint8Array;
  /** The whole key, where `key` is only its beginning: as in a list of problems. */
  readonly cut?: CutKey;
  /** What to do, in one sentence. */
  readonly hint?: string;
  /** The option that the hint is about, if it is about one. */
  readonly option?: HintedOption;

  /** Completed by the message: what is wrong, in lower case, without a full stop and the place. */
  constructor(code: Code, message: string, place: Place = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.file = place.file;
    this.offset = place.offset;
    this.key = place.key;
    this.cut = place.cut;
    this.hint = place.hint;
    this.option = place.option;
  }

  /** The exit code that a command ends with when this error stops it. */
  get exitCode(): number {
    return CODES[this.code][0];
  }
}

/** The codes that end a command with this exit code. */
export type CodeOf<Exit extends number> = {
  [C in Code]: (typeof CODES)[C][0] extends Exit ? C : never;
}[Code];

/** Call again with other options (exit 2). */
export class UsageError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<2>;
  /** Completed by the message: What is wrong with the call. */
  constructor(message: string, place?: Place, code: CodeOf<2> = "usage") {
    super(code, message, place);
  }
}

/** This input cannot be read by this program, or not without keys (exit 3). */
export class UnsupportedError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<3>;
  /** Completed by the message: Why the input cannot be read. */
  constructor(code: CodeOf<3>, message: string, place?: Place, options?: ErrorOptions) {
    super(code, message, place, options);
  }
}

/** The input is damaged (exit 4). What is not damaged of it can still be used. */
export class UnsoundError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: Exclude<CodeOf<4>, "source-changed">;
  /** Completed by the message: What is damaged. */
  constructor(code: UnsoundError["code"], message: string, place?: Place, options?: ErrorOptions) {
    super(code, message, place, options);
  }
}

/**
 * The input was changed while it was read (exit 4). Nothing that came from it can be relied on, so
 * this is no {@link UnsoundError}, which a reader may pass over.
 */
export class SourceChangedError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: "source-changed";
  /** Completed by the message: How it has changed. */
  constructor(message: string, place?: Place) {
    super("source-changed", message, place);
  }
}

/** Reading the input or writing the output failed (exit 5). */
export class OutputError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<5>;
  /** Completed by the message: What failed. */
  constructor(code: CodeOf<5>, message: string, place?: Place, options?: ErrorOptions) {
    super(code, message, place, options);
  }
}

/** A Deno permission is missing (exit 6); `hint` has the flag to add. */
export class PermissionError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<6>;
  /** Completed by the message: What may not be done. */
  constructor(message: string, place?: Place, options?: ErrorOptions) {
    super("permission", message, place, options);
  }
}

/** A dump is not what it should be (exit 7). */
export class MismatchError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<7>;
  /** Completed by the message: What differs. */
  constructor(message: string, place?: Place) {
    super("mismatch", message, place);
  }
}

/** What was asked for is not there (exit 9); `hint` names what comes near. */
export class NothingSelectedError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<9>;
  /** Completed by the message: What was looked for. */
  constructor(message: string, place?: Place) {
    super("nothing-selected", message, place);
  }
}

/** A worker has ended by itself (exit 1): there was no memory left for it, or the program has a defect. */
export class WorkerError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<1>;
  /** @param reason Why, as the platform tells it. */
  constructor(reason: unknown) {
    super("worker-failed", `a worker has ended by itself: ${reason}`, {
      hint: "it can be done without workers",
      option: "jobs",
    });
  }
}

/** Interrupted by the caller's `AbortSignal` (exit 130). */
export class AbortedError extends DecantError {
  /** Stable; see {@link CODES}. */
  declare readonly code: CodeOf<130>;
  /** Always the same message. */
  constructor() {
    super("aborted", "interrupted");
  }
}

/**
 * Stops here if the caller wants it.
 *
 * @throws {AbortedError} when the signal has fired.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError();
}
