/** Where things are in the kernel's table of items, and how files of items are written. @module */

/** The column of an item's text: start and end. */
export const ITEM_TEXT = 1;
/** The column of the hash attribute: kind, start and end. Kinds are numbers in `KINDS`. */
export const ITEM_HASH = 3;
/** The column of the range attribute. */
export const ITEM_RANGE = 6;
/** The column of the flags of the name, and of its start and end. */
export const ITEM_NAME = 9;

const NOTHING = new Uint8Array(0);

/** How an item stands in a file of its own. */
export const ITEM_FILE_FORM = {
  plain: false,
  indent: true,
  html: true,
  before: NOTHING,
  behind: NOTHING,
} as const;
