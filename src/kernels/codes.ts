/**
 * The integers on which kernels and callers agree. Both the TypeScript and the AssemblyScript
 * compiler read this file, so it holds nothing but integer constants without a type.
 *
 * @module
 */

/** The text is the number in lowest terms: `[-]digits` or `[-]digits/digits`. */
export const NUMBER_CANONICAL = 0;
/** The literal is not a number: the text is the literal without white space around it. */
export const NUMBER_VERBATIM = 1;
/** A number that is too large to compute with: the text is as for {@link NUMBER_VERBATIM}. */
export const NUMBER_OUT_OF_BOUNDS = 2;

/** The item is written. */
export const ITEM_WRITTEN = 0;
/** The item is left to its adapter: it is not what servers write today, or too long. */
export const ITEM_LEFT = 1;

/** Values plain, without their types. */
export const ITEM_PLAIN = 1;
/** One member or element a line. */
export const ITEM_INDENTED = 2;
/** `<`, `>` and `&` are escaped. */
export const ITEM_HTML = 4;
/** The key attributes are written before the item. */
export const ITEM_KEYED = 8;
/** File names are wanted. */
export const ITEM_NAMED = 16;

/** A number in the name is written otherwise than in the item. */
export const ITEM_NAME_RESPELLED = 1;
/** A number in the name is too large to be brought to lowest terms. */
export const ITEM_NAME_OUT_OF_BOUNDS = 2;
/** Between kernels: the name is one for the twin. */
export const ITEM_NAME_LEFT = 4;

/** Columns of the table that `transcodeItems` returns. */
export const ITEM_COLUMNS = 12;
/** Bytes of a SHA-256. */
export const DIGEST_LENGTH = 32;
/** Texts that frame items: see asm/items.ts. */
export const ITEM_FRAME_TEXTS = 7;
/** Bytes of all of them; items with a longer frame are left to the adapter. */
export const ITEM_FRAME_LIMIT = 0x1_0000;
/** Values in values that a server reads. */
export const ITEM_LEVELS = 32;
/** The longest value of a row that is not left to the adapter. */
export const ITEM_INPUT_LIMIT = 0x10_0000;
/** No item's text takes more than this; one that could is left to the adapter. */
export const ITEM_TEXT_LIMIT = 0x40_0000;
/** `transcodeItems` stops behind the item that brings its output to this many bytes. */
export const ITEMS_OUTPUT_LIMIT = 0x10_0000;
/** `transcodeItems` stops behind the item that brings the names to this many bytes. */
export const ITEMS_NAMES_LIMIT = 0x4_0000;
/** Room that is kept behind every text of an item: more than what is written without asking. */
export const ITEM_SLACK = 64;

/** The message is written. */
export const MESSAGE_WRITTEN = 0;
/** The message is left to its adapter: it is not what servers write today, or too long. */
export const MESSAGE_LEFT = 1;

/** Columns of the table that `transcodeMessages` returns. */
export const MESSAGE_COLUMNS = 5;
/** The longest value of a row that is not left to the adapter. */
export const MESSAGE_INPUT_LIMIT = 0x1_0000;
/** The longest id of a message that is not left to the adapter. */
export const MESSAGE_ID_LIMIT = 64;
/** `transcodeMessages` stops behind the message that brings its output to this many bytes. */
export const MESSAGES_OUTPUT_LIMIT = 0x8_0000;

/** The id: text that the key has as well. */
export const MEMBER_ID = 0;
/** The body: base64 that becomes text, or `{"base64":…}`. */
export const MEMBER_BODY = 1;
/** A text. */
export const MEMBER_TEXT = 2;
/** Attributes: objects of texts by name. */
export const MEMBER_ATTRIBUTES = 3;
/** An integer. */
export const MEMBER_INTEGER = 4;
/** The integer that messages are sorted by first. */
export const MEMBER_SENT = 5;
/** The integer that messages are sorted by next. */
export const MEMBER_SEQUENCE = 6;
/** An integer that must be the generation. */
export const MEMBER_GENERATION = 7;
/** Bytes in base64. */
export const MEMBER_TOKEN = 8;

/** A member of documents unless it is absent, empty or 0. */
export const MEMBER_OPTIONAL = 0;
/** A member of all rows and documents. */
export const MEMBER_REQUIRED = 1;
/** No member of documents, whether rows have it or not. */
export const MEMBER_HIDDEN = 2;
/** A member of all rows, 0 in documents. */
export const MEMBER_ZERO = 3;

/** The longest row of texts that `writeTexts` takes: from the first byte to the last. */
export const TEXTS_ROW_LIMIT = 0x1_0000;
/** `writeTexts` stops behind the row that brings its output to this many bytes. */
export const TEXTS_OUTPUT_LIMIT = 0x8_0000;
/** Bytes of all that stands around the texts of one row, at most. */
export const TEXTS_FRAME_LIMIT = 0x1000;
