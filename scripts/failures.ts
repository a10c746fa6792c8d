/** What of a failed step's output says why it failed. @module */

/** Lines that are shown of one failed test, and of the end of any other output. */
const LINES = { test: 16, other: 40 };

const TITLES = [" ERRORS ", " FAILURES "];
/** The line above the error of a test, or of a file that could not be loaded. */
const NAME = /^.+ => \S+:\d+:\d+$|^\S+ \(uncaught error\)$/;
/** Frames of what runs tests. */
const RUNNER = /^ {4}at .*\(ext:/;

/** The names of failed tests, and the beginnings of their errors; of any other output its end. */
export function failuresIn(output: string): string {
  const lines = output.trimEnd().split("\n");
  const [from, to] = TITLES.map((title) => lines.lastIndexOf(title));
  if (from < 0) return lines.slice(-LINES.other).join("\n");
  const shown: string[] = [];
  let left = 0;
  for (const line of lines.slice(from + 1, to < from ? undefined : to)) {
    if (NAME.test(line)) left = LINES.test;
    if (left > 0 && line !== "" && !RUNNER.test(line)) {
      shown.push(line);
      left--;
    }
  }
  return shown.join("\n");
}
