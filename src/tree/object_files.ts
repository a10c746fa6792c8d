/** What the names of files end with that belong to objects in `s3/`. @module */

/** The file with an object's headers is called like its body, and this. */
export const SIDECAR_SUFFIX = ".elastickv-meta.json";

/** What is appended to the keys of renamed objects, by the kind of their lines in KEYMAP. */
export const RENAME_SUFFIXES = {
  "s3-leaf-data": ".elastickv-leaf-data",
  "meta-suffix-rename": ".user-data",
} as const;
