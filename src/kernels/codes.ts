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

/** `canonicalNumbers` stops behind the number that brings its output to this many bytes. */
export const NUMBERS_OUTPUT_LIMIT = 0x40_0000;

/** A well-formed item key. */
export const ITEM_KEY_OK = 0;
/** The key does not begin with `!ddb|item|`. */
export const ITEM_KEY_PREFIX = 1;
/** The table segment is empty or has no `|` behind it. */
export const ITEM_KEY_NO_TABLE = 2;
/** The table segment is not what base64url (without padding) would have written. */
export const ITEM_KEY_BAD_TABLE = 3;
/** The generation is empty or has no `|` behind it. */
export const ITEM_KEY_NO_GENERATION = 4;
/** The generation is not decimal digits, or above 2^64 − 1. */
export const ITEM_KEY_BAD_GENERATION = 5;
/** Nothing follows the generation. */
export const ITEM_KEY_NO_PAYLOAD = 6;

/** Columns of the table that `parseItemKeys` returns. */
export const ITEM_KEY_COLUMNS = 6;
