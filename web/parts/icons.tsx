/** Drawings, each of one colour: that of the text around it. @module */

const line = {
  fill: "none",
  stroke: "currentColor",
  "stroke-width": "2.2",
  "stroke-linejoin": "round",
  "stroke-linecap": "round",
} as const;

/** The mark: a decanter. */
export function Decanter() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path
        {...line}
        d="M12.5 4h7M14 4v7.5L5.600 22.600C4 25 5.400 28 8.300 28h15.400c2.900 0 4.300-3 2.700-5.400L18 11.500V4"
      />
      <path
        fill="currentColor"
        d="M9.300 21h13.400l2 2.800c.8 1.100 0 2.700-1.400 2.700H8.700c-1.400 0-2.200-1.600-1.400-2.700z"
      />
    </svg>
  );
}

/** All is well. */
export function Sound() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <circle {...line} cx="16" cy="16" r="13" />
      <path {...line} d="M10 16.500l4 4 8-9" />
    </svg>
  );
}

/** Something is to be known. */
export function Attention() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path {...line} d="M16 4L29 27H3z" />
      <path {...line} d="M16 13v6M16 23v.1" />
    </svg>
  );
}

/** Something is wrong. */
export function Unsound() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <circle {...line} cx="16" cy="16" r="13" />
      <path {...line} d="M11 11l10 10M21 11L11 21" />
    </svg>
  );
}
