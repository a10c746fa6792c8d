/** What the page shows: before a snapshot, while it opens, and the views of one that is open. @module */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Head, pickedName } from "./parts/head.tsx";
import { usePlace } from "./parts/place.ts";
import { droppedFiles } from "./parts/picking.ts";
import { FailureView } from "./views/failure.tsx";
import { FindView } from "./views/find.tsx";
import { OpeningView } from "./views/opening.tsx";
import { OverviewView } from "./views/overview.tsx";
import { SaveView } from "./views/save.tsx";
import { StartView } from "./views/start.tsx";
import { type Things, thingsOf } from "./views/things.ts";
import { type Client, WorkerError } from "./worker/client.ts";
import type { KeyFiles, Opening, Overview, Picked, Progress, Told } from "./worker/protocol.ts";

type State =
  | { is: "start" }
  | { is: "opening"; opening: Opening; progress?: Progress; cancel: () => void }
  | { is: "failed"; opening?: Opening; error: Told }
  | { is: "open"; opening: Opening; overview: Overview; things: Things[] };

/** All of the page. */
export function App({ client, sample }: { client: Client; sample: () => Picked }) {
  const [state, setState] = useState<State>({ is: "start" });
  const [place, go] = usePlace();
  const [isOver, setOver] = useState(false);
  const running = useRef<AbortController | undefined>(undefined);

  const open = useCallback(async (opening: Opening) => {
    running.current?.abort();
    const { signal } = running.current = new AbortController();
    const cancel = (): void => running.current?.abort();
    setState({ is: "opening", opening, cancel });
    try {
      const overview = await client.call("open", opening, {
        signal,
        onProgress: (progress) => setState({ is: "opening", opening, progress, cancel }),
      });
      go({ view: "overview" });
      setState({ is: "open", opening, overview, things: thingsOf(overview.report) });
    } catch (error) {
      if (running.current?.signal !== signal) return;
      const told = error instanceof WorkerError ? error.told : undefined;
      if (!told) throw error;
      setState(told.code === "aborted" ? { is: "start" } : { is: "failed", opening, error: told });
    }
  }, []);

  const openFiles = (picked: Picked): void => void open({ picked });
  const openKeys = (keys: KeyFiles): void => {
    if ("opening" in state && state.opening) void open({ ...state.opening, keys });
  };

  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = async (event: DragEvent): Promise<void> => {
      event.preventDefault();
      setOver(false);
      const picked = await droppedFiles(event.dataTransfer!);
      if (picked.files.length > 0) openFiles(picked);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);

  return (
    <>
      <Head
        place={state.is === "open" ? place : undefined}
        go={go}
        picked={"opening" in state ? state.opening?.picked : undefined}
        close={() => {
          running.current?.abort();
          setState({ is: "start" });
        }}
      />
      {state.is === "start" && <StartView onPick={openFiles} isOver={isOver} sample={sample} />}
      {state.is === "opening" && <OpeningView {...state} />}
      {state.is === "failed" && (
        <FailureView
          error={state.error}
          picked={state.opening?.picked}
          onPick={openFiles}
          onKeys={openKeys}
        />
      )}
      {state.is === "open" && place.view === "overview" && (
        <OverviewView
          overview={state.overview}
          things={state.things}
          onKeys={openKeys}
          onMoment={(at) => void open({ ...state.opening, at })}
          go={go}
        />
      )}
      {state.is === "open" && place.view === "find" && (
        <FindView client={client} things={state.things} place={place} go={go} />
      )}
      {state.is === "open" && place.view === "save" && (
        <SaveView
          client={client}
          things={state.things}
          name={baseName(pickedName(state.opening.picked))}
        />
      )}
      <footer class="foot">
        <span>Nothing leaves this machine: the page may not connect to anything.</span>
        <span>Decant reads snapshots of elastickv.</span>
      </footer>
    </>
  );
}

/** A snapshot's name without its endings, for what is saved from it. */
function baseName(name: string): string {
  return name.replace(/\/$/, "").replace(/(\.fsm)?(\.gz|\.zst)?$/, "").replace(/[^\w.-]+/g, "-");
}
