/** The first view of a snapshot. @module */

import { size } from "../../src/cli/format.ts";
import type { InspectedInput } from "../../src/commands/inspect.ts";
import type { FooterState } from "../../src/container/file_sums.ts";
import { printable } from "../../src/text/printable.ts";
import { Heading } from "../parts/heading.tsx";
import { Attention, Sound, Unsound } from "../parts/icons.tsx";
import { KeyFilesForm } from "../parts/key_files.tsx";
import type { Place } from "../parts/place.ts";
import { MomentSlider } from "../parts/moment_slider.tsx";
import { ScopeTable } from "../parts/scope_table.tsx";
import { Treemap } from "../parts/treemap.tsx";
import type { KeyFiles, Overview } from "../worker/protocol.ts";
import type { Things } from "./things.ts";
import { momentText, sentenceOf } from "./sentence.ts";

interface OverviewProps {
  overview: Overview;
  things: readonly Things[];
  onKeys: (keys: KeyFiles) => void;
  /** Reads anew, as of a commit timestamp in decimal digits; the newest state unless given. */
  onMoment: (at: string | undefined) => void;
  go: (to: Place) => void;
}

const ICONS = { sound: Sound, open: Attention, unsound: Unsound };
const CHECKSUMS: { readonly [state in FooterState]: string } = {
  verified: "verified",
  absent: "there is none",
  mismatch: "does not match",
  unknown: "cannot be told",
};
const MAX_PROBLEMS = 20;

/** What there is, in one sentence and one table. */
export function OverviewView({ overview, things, onKeys, onMoment, go }: OverviewProps) {
  const { report, passedOver } = overview;
  const { verdict, first, rest } = sentenceOf(overview, things);
  const Icon = ICONS[verdict];
  const isLocked = report.encrypted.versions > 0 && !report.encrypted.authenticated;
  return (
    <main>
      <div class={`verdict ${verdict}`}>
        <Icon />
        <Heading>
          <strong>{first}</strong> {rest}
        </Heading>
      </div>
      {isLocked && (
        <section class="panel" aria-labelledby="locked">
          <h2 id="locked">It is encrypted</h2>
          <p>
            {report.encrypted.versions.toLocaleString("en")}{" "}
            values are. Names and counts can be seen as they are; for the values, give the cluster's
            keys.
          </p>
          <KeyFilesForm onKeys={onKeys} />
        </section>
      )}
      <Problems report={report} />
      {passedOver.length > 0 && (
        <div class="note">
          <h2>In the data directory</h2>
          <ul>
            {passedOver.map(({ event, fields }, i) => (
              <li key={i}>
                {event.replaceAll("-", " ")}: {Object.values(fields).map((v) => printable(v)).join(
                  ", ",
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      {!isLocked && (
        <div class="buttons">
          <button type="button" class="primary" onClick={() => go({ view: "find" })}>
            Find a record
          </button>
          <button type="button" onClick={() => go({ view: "save" })}>
            Save everything
          </button>
        </div>
      )}
      <section class="panel" aria-labelledby="contents">
        <h2 id="contents">What is in it</h2>
        {things.length > 0 && (
          <Treemap
            things={things}
            onOpen={({ adapter, scope }) => go({ view: "find", scope: { adapter, scope } })}
          />
        )}
        <ScopeTable things={things} />
      </section>
      <section class="panel" aria-labelledby="facts">
        <h2 id="facts">The {report.inputs.length === 1 ? "file" : "files"}</h2>
        <FileTable inputs={report.inputs} />
        {report.readable && (
          <MomentSlider readable={report.readable} at={report.at} onMoment={onMoment} />
        )}
      </section>
    </main>
  );
}

function FileTable({ inputs }: { inputs: readonly InspectedInput[] }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Group</th>
            <th scope="col" class="number">Size</th>
            <th scope="col">Checksum</th>
            <th scope="col">Last commit</th>
          </tr>
        </thead>
        <tbody>
          {inputs.map(({ name, group, size: bytes, checksum, crc32c, commit_time }, i) => (
            <tr key={i}>
              <td class="name">{printable(name)}</td>
              <td>{group ?? "not said"}</td>
              <td class="number">{size(bytes)}</td>
              <td>{checksum === "verified" ? `${crc32c}, verified` : CHECKSUMS[checksum]}</td>
              <td class="moment">{commit_time ? momentText(commit_time) : "never"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Problems({ report: { problems } }: { report: Overview["report"] }) {
  if (problems.length === 0) return null;
  const more = problems.length - MAX_PROBLEMS;
  return (
    <div class="note bad">
      <h2>What is wrong</h2>
      <ul>
        {problems.slice(0, MAX_PROBLEMS).map(({ message, file, offset, hint }, i) => (
          <li key={i}>
            {printable(message, 1000)}
            {offset !== undefined && `, at byte ${offset}`}
            {file !== undefined && ` of ${printable(file)}`}
            {hint !== undefined && <span class="quiet">: {printable(hint, 1000)}</span>}
          </li>
        ))}
      </ul>
      {more > 0 && <p class="quiet">… and {more} more.</p>}
    </div>
  );
}
