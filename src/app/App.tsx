import { lazy, Suspense, useEffect } from "react";
import { useBoard, useSay } from "./board-context.ts";
import { BoardView } from "./board/BoardView.tsx";
import { Opening, Stopped } from "./chrome/States.tsx";
import { useBoardKeys } from "./chrome/board-keys.ts";
import { late } from "./chrome/late.tsx";
import { usePrinting } from "./chrome/printing.ts";
import { SendBar } from "./chrome/SendBar.tsx";
import { TopBar } from "./chrome/TopBar.tsx";
import { useEditKeys } from "./build/edit-keys.ts";
import { IS_EMBEDDED, IS_READ_ONLY } from "./mode.ts";
import { Dialogs } from "./chrome/Dialogs.tsx";
import { useFileDrop } from "./document/drop.ts";
import { Dock } from "./dock/Dock.tsx";
import { Inspector } from "./inspector/Inspector.tsx";
import { storyParts } from "./story-parts.ts";
import { useTransportKeys } from "./timeline/transport-keys.ts";
import { usePlayback } from "./timeline/Transport.tsx";

/** Language and colours belong to the document as a whole. */
function useDocument(): void {
  const language = useBoard((board) => board.language);
  const theme = useBoard((board) => board.theme);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset["theme"] = theme;
  }, [language, theme]);
}

export function App() {
  useDocument();
  useTransportKeys();
  usePlayback();
  useBoardKeys();
  useFileDrop();
  useEditKeys();
  usePrinting();
  const say = useSay();
  const presenting = useBoard((board) => board.presenting);
  const legend = useBoard((board) => board.legend);
  return (
    <div className={`page ${presenting ? "is-presenting" : ""} ${IS_EMBEDDED ? "is-embedded" : ""}`}>
      <a className="skip" href="#timeline">
        {say("app.skip")}
      </a>
      <TopBar />
      <main className="middle">
        {!IS_READ_ONLY && (
          <Suspense>
            <Palette />
          </Suspense>
        )}
        <Stage />
        <Inspector />
      </main>
      <Dock />
      <Suspense>{presenting && <Presenter />}</Suspense>
      {legend && <Legend />}
      <Dialogs />
    </div>
  );
}

const Legend = late(() => import("./chrome/Legend.tsx"));
const Presenter = lazy(() => import("./chrome/Presenter.tsx"));
const Palette = lazy(() => import("./build/Palette.tsx"));
const Marks = lazy(() => import("./build/Marks.tsx"));
const WiringBar = lazy(() => import("./build/WiringBar.tsx"));

/** What is chosen, and what an edit has set off. */
function Building() {
  const isWiring = useBoard((board) => board.wiring !== undefined);
  const hasMarks = useBoard((board) => board.subjects.length > 0 || board.connecting !== undefined);
  return (
    <Suspense>
      {hasMarks && <Marks />}
      {isWiring && <WiringBar />}
    </Suspense>
  );
}

const LostBanner = lazy(storyParts.lost);
const BrokenBar = lazy(() => import("./watch/BrokenBar.tsx"));
const InsideNode = lazy(() => import("./watch/InsideNode.tsx"));
const BreakMenu = lazy(() => import("./watch/BreakMenu.tsx"));

function Stage() {
  const hasStory = useBoard((board) => board.story !== undefined);
  const isBroken = useBoard(({ broken, mended }) => broken.length > 0 || mended !== undefined);
  const isInside = useBoard((board) => board.inside !== undefined);
  const hasMenu = useBoard((board) => board.menu !== undefined);
  const phase = useBoard((board) => board.phase);
  const scene = useBoard((board) => board.scene);
  const say = useSay();
  return (
    <div className="stage" data-phase={phase.kind}>
      {phase.kind === "opening" && <Opening records={phase.records} word={phase.word} />}
      {(phase.kind === "crashed" || phase.kind === "failed") && (
        <Stopped kind={phase.kind} message={phase.message} />
      )}
      {phase.kind === "ready" && scene !== undefined && (
        <>
          <SendBar />
          <Building />
          {isBroken && (
            <Suspense>
              <BrokenBar />
            </Suspense>
          )}
          {isInside && (
            <Suspense>
              <InsideNode />
            </Suspense>
          )}
          {hasMenu && (
            <Suspense>
              <BreakMenu />
            </Suspense>
          )}
          {hasStory && (
            <Suspense>
              <LostBanner />
            </Suspense>
          )}
          {scene.boxes.length === 0 && scene.far === undefined ? (
            <p className="state">{say("board.empty")}</p>
          ) : (
            <BoardView scene={scene} />
          )}
        </>
      )}
    </div>
  );
}
