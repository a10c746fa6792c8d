/** Bytes: as an image where they are one, as text where they are text, and always as hex digits. @module */

import { useEffect, useState } from "preact/hooks";
import { size as sizeText } from "../../src/cli/format.ts";
import { printable } from "../../src/text/printable.ts";
import { decodeUtf8 } from "../../src/text/utf8.ts";

interface BytesViewProps {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of all of it: more than there are bytes, where it is long. */
  size: number;
  /** What its owner says that it is. It is believed only where the bytes agree. */
  type: string;
}

/** Text that is shown, in bytes. */
const MAX_TEXT = 256 << 10;
const MAX_HEX = 4 << 10;

/** How images begin. None of these kinds can hold a script. */
const IMAGES: readonly [type: string, magic: string][] = [
  ["image/png", "89504e470d0a1a0a"],
  ["image/jpeg", "ffd8ff"],
  ["image/gif", "474946383"],
];

/** One of the ways, and a choice between them. */
export function BytesView({ bytes, size, type }: BytesViewProps) {
  const image = size === bytes.length ? imageType(bytes, type) : undefined;
  const text = textOf(bytes);
  const ways = [
    ...(image ? ["Image"] as const : []),
    ...(text === undefined ? [] : ["Text"] as const),
    "Hex" as const,
  ];
  const [way, setWay] = useState(ways[0]);
  if (size === 0) return <p class="quiet">It is empty.</p>;
  return (
    <figure class="bytes">
      <div class="ways" role="group" aria-label="Show as">
        {ways.map((one) => (
          <button
            type="button"
            key={one}
            aria-pressed={one === way}
            onClick={() => setWay(one)}
          >
            {one}
          </button>
        ))}
      </div>
      {way === "Image" && <Picture bytes={bytes} type={image!} />}
      {way === "Text" && <pre tabIndex={0} aria-label="Text">{text}</pre>}
      {way === "Hex" && <pre tabIndex={0} aria-label="Hex digits">{hexText(bytes)}</pre>}
      <figcaption class="quiet small">
        {shownBytes(way, bytes.length) < size &&
          `The first ${sizeText(shownBytes(way, bytes.length))} of ${sizeText(size)}.`}
      </figcaption>
    </figure>
  );
}

function shownBytes(way: "Image" | "Text" | "Hex", length: number): number {
  return Math.min(length, way === "Text" ? MAX_TEXT : way === "Hex" ? MAX_HEX : length);
}

function Picture({ bytes, type }: { bytes: Uint8Array<ArrayBuffer>; type: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return url ? <img src={url} alt="The object as an image" /> : null;
}

function imageType(bytes: Uint8Array, type: string): string | undefined {
  const start = bytes.subarray(0, 8).toHex();
  return IMAGES.find(([name, magic]) => type.startsWith(name) && start.startsWith(magic))?.[0];
}

/** The beginning as text, if it is: a character that was cut does not count. */
function textOf(bytes: Uint8Array): string | undefined {
  for (let cut = 0; cut < 4; cut++) {
    const text = decodeUtf8(bytes, 0, Math.max(0, Math.min(bytes.length, MAX_TEXT) - cut));
    if (text === undefined) continue;
    return text.includes("\0")
      ? undefined
      : text.split("\n").map((line) => printable(line, Infinity))
        .join("\n");
  }
  return undefined;
}

/** `00000010  68 65 6c 6c …  hell…`. */
function hexText(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, MAX_HEX); at += 16) {
    const line = bytes.subarray(at, at + 16);
    const digits = Array.from(line, (b) => b.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(line, (b) => b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : ".").join(
      "",
    );
    lines.push(`${at.toString(16).padStart(8, "0")}  ${digits.padEnd(47)}  ${text}`);
  }
  return lines.join("\n");
}
