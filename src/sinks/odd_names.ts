/** Names that show whether a file system keeps every name. @module */

/**
 * Names that some file systems refuse, change, or take for one. A listing tells: there, a name is as the
 * file system keeps it, while opening a file or asking for its inode does not show what it is called.
 */
export const ODD_NAMES: readonly string[] = [
  "a",
  "A",
  "\u00e9",
  "e\u0301",
  "\u00c9",
  "control\x01\x1b\x7f",
  '<>:"|?*\\',
  "dot.",
  "space ",
  "con",
  "AUX.txt",
  "\u{10400}",
  "x".repeat(255),
  "\u3042".repeat(85),
];
