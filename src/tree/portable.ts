/**
 * Which names every common file system keeps, and which of them it would take for one.
 *
 * exFAT, NTFS, APFS and HFS+ do not tell letters of two cases apart; some do not tell the ways apart in
 * which Unicode spells one character, or change them; Windows refuses some characters and the names of
 * devices, and cuts dots and spaces off. A name that is {@link isPortable} is kept by all of them as it is,
 * as long as no other name in its folder has the same {@link folded} form.
 *
 * @module
 */

import { encodeUtf8 } from "../text/utf8.ts";

/** Bytes of the longest name. It has no more UTF-16 units than bytes, which are what others count. */
export const MAX_NAME = 255;

/** Control characters, and those that have a meaning in a path or a command. */
// deno-lint-ignore no-control-regex
const REFUSED = /[\x00-\x1f\x7f-\x9f<>:"/\\|?*]/;
/** Devices, whatever stands behind a dot. */
const DEVICE = /^(?:con|conin\$|conout\$|prn|aux|nul|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;
/** What is cut off at the end. */
const CUT_OFF = /[. ]$/;
/** Characters that some file systems pass over when they compare names. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** Whether a component of a path can be had everywhere, and under no other name. */
export function isPortable(component: string): boolean {
  if (component === "" || REFUSED.test(component) || CUT_OFF.test(component)) return false;
  if (DEVICE.test(component)) return false;
  if (ASCII.test(component)) return component.length <= MAX_NAME;
  return encodeUtf8(component).length <= MAX_NAME && component.normalize("NFC") === component;
}

/** Whether a component is the name of a device of Windows. */
export function isDevice(component: string): boolean {
  return DEVICE.test(component);
}

/**
 * What components that are one name to some file system have in common. It is coarser than any of them,
 * which only means that a name is changed that need not be.
 */
export function folded(component: string): string {
  if (ASCII.test(component)) return component.toUpperCase();
  return component.normalize("NFKD").replace(IGNORED, "")
    .toUpperCase().toLowerCase().toUpperCase().normalize("NFKC");
}
