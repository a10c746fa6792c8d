/** What the codes of the item key kernel mean. @module */

import {
  ITEM_KEY_BAD_GENERATION,
  ITEM_KEY_BAD_TABLE,
  ITEM_KEY_NO_GENERATION,
  ITEM_KEY_NO_PAYLOAD,
  ITEM_KEY_NO_TABLE,
  ITEM_KEY_PREFIX,
} from "../../kernels/kernels.ts";

/** Code → what is wrong with the key. */
export const ITEM_KEY_REASONS: Readonly<Record<number, string>> = {
  [ITEM_KEY_PREFIX]: "the key is not that of an item",
  [ITEM_KEY_NO_TABLE]: "nothing follows the table name, or it is empty",
  [ITEM_KEY_BAD_TABLE]: "the table name is not canonical base64",
  [ITEM_KEY_NO_GENERATION]: "nothing follows the generation, or it is empty",
  [ITEM_KEY_BAD_GENERATION]: "the generation is not a 64-bit decimal number",
  [ITEM_KEY_NO_PAYLOAD]: "nothing follows the generation",
};
