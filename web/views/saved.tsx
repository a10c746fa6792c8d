/** After saving: what became of every row, and whether it adds up. @module */

import { REASONS } from "../../src/adapters/ledger.ts";
import { count, counted, size } from "../../src/cli/format.ts";
import type { AdapterName } from "../../src/keyspace/families.ts";
import { printable } from "../../src/text/printable.ts";
import { Heading } from "../parts/heading.tsx";
import { Attention, Sound, Unsound } from "../parts/icons.tsx";
import type { Saved } from "../worker/protocol.ts";
import { WORDS } from "./sentence.ts";

interface SavedProps {
  saved: Saved;
  where: string;
  again: () => void;
  keepGoing: () => void;
}

const MAX_PROBLEMS = 20;

/** The balance. */
export function SavedView({ saved, where, again, keepGoing }: SavedProps) {
  const { exitCode, complete, files, bytes, problems } = saved;
  if (exitCode === 4) {
    return (
      <main>
        <div class="verdict unsound">
          <Unsound />
          <Heading>
            <strong>Nothing was saved.</strong> Something in it is not sound.
          </Heading>
        </div>
        <div class="note bad">
          <ul>
            {problems.slice(0, MAX_PROBLEMS).map(({ message }, i) => (
              <li key={i}>{printable(message, 500)}</li>
            ))}
          </ul>
          {problems.length > MAX_PROBLEMS && (
            <p class="quiet">… and {count(problems.length - MAX_PROBLEMS)} more.</p>
          )}
        </div>
        <div class="buttons">
          <button type="button" class="primary" onClick={keepGoing}>
            Save what is sound, with a list of what is not
          </button>
          <button type="button" onClick={again}>Back</button>
        </div>
      </main>
    );
  }
  const amount = files > 0 ? `${counted(files, "file")}, ${size(bytes)}` : size(bytes);
  const Icon = complete ? Sound : Attention;
  return (
    <main>
      <div class={`verdict ${complete ? "sound" : "open"}`}>
        <Icon />
        <Heading>
          <strong>Saved to {printable(where)}:</strong> {amount}. {complete
            ? "Everything that was asked for is in it."
            : "Not everything is in it: see below."}
        </Heading>
      </div>
      {saved.losses.length > 0 && (
        <div class="note">
          <h2>What is missing</h2>
          <ul>{saved.losses.map((loss) => <li key={loss.kind}>{lossText(loss)}</li>)}</ul>
        </div>
      )}
      <section class="panel" aria-labelledby="balance">
        <h2 id="balance">It adds up</h2>
        <Balance saved={saved} />
      </section>
      <div class="buttons">
        <button type="button" onClick={again}>Save something else</button>
      </div>
    </main>
  );
}

function Balance({ saved: { scopes, balance } }: { saved: Saved }) {
  const rows = scopes.filter(({ live, left_out }) => (left_out["not-selected"] ?? 0) < live);
  const { versions, live, superseded, tombstones, expired, later } = balance;
  return (
    <>
      <p>
        {counted(versions, "version")} read = {count(live)} live + {count(superseded)} superseded +
        {" "}
        {count(tombstones)} deleted + {count(expired)} expired
        {later > 0 && ` + ${count(later)} later`}.
      </p>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Live rows of</th>
              <th scope="col" class="number">all</th>
              <th scope="col" class="number">written</th>
              <th scope="col" class="number">derivable</th>
              <th scope="col" class="number">the server's own</th>
              <th scope="col">left out</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ adapter, scope, live, written, derivable, operational, left_out }) => (
              <tr key={`${adapter} ${scope}`}>
                <td class="name">
                  <span class={`badge ${adapter}`}>
                    {adapter === "system" ? "the store" : WORDS[adapter as AdapterName].name}
                  </span>{" "}
                  {printable(scope)}
                </td>
                <td class="number">{count(live)}</td>
                <td class="number">{count(written)}</td>
                <td class="number">{count(derivable)}</td>
                <td class="number">{count(operational)}</td>
                <td>
                  {Object.entries(left_out).map(([reason, n]) =>
                    `${count(n)} ${REASONS[reason as keyof typeof REASONS].text}`
                  ).join("; ") || "none"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function lossText({ kind, count: n }: Saved["losses"][number]): string {
  switch (kind) {
    case "groups":
      return n === undefined
        ? "Other groups of the cluster, if there are any: no file here says how many it has."
        : `${counted(n, "group")} of the cluster: drop a file of each, and save again.`;
    case "checksum":
      return `The checksum of ${counted(n ?? 0, "file")}: rows may have been cut off.`;
    case "unsound":
      return n === undefined
        ? "What the damage took with it."
        : `${counted(n, "row")} that are not sound: ERRORS.jsonl has a line for each.`;
    default: {
      const reason = Object.values(REASONS).find(({ loss }) => loss === kind);
      return `${counted(n ?? 0, "row")} ${reason?.text}.`;
    }
  }
}
