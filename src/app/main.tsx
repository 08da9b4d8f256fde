import "@xyflow/react/dist/base.css";
import "./styles/page.css";
import "./styles/board.css";
import "./styles/inspector.css";
import "./styles/timeline.css";
import "./styles/dock.css";
import "./styles/work.css";
import "./styles/build.css";
import "./styles/present.css";
import "./styles/netfilter.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { must } from "../base/result.ts";
import { startWorker } from "../client/index.ts";
import { firstLight } from "../scenario/first-light.ts";
import { App } from "./App.tsx";
import { Guarded } from "./chrome/late.tsx";
import { BoardContext } from "./board-context.ts";
import { DeskContext } from "./desk-context.ts";
import { Desk } from "./document/desk.ts";
import { loadLanguage, preferredLanguage } from "./i18n/text.ts";
import { recall } from "./remember.ts";
import { createBoard } from "./store.ts";

const spoken = recall("language");
const painted = recall("theme");
const isDark = window.matchMedia("(prefers-color-scheme: dark)").matches;

const language = spoken === "en" || spoken === "zh-CN" ? spoken : preferredLanguage(navigator.languages);
const board = createBoard(startWorker, {
  language,
  theme: painted === "light" || painted === "dark" ? painted : isDark ? "dark" : "light",
});

const desk = new Desk(board, firstLight);
void desk.start();
// Words that cannot be fetched are English.
await loadLanguage(language).catch(() => undefined);
createRoot(must(document.getElementById("root"), "element #root")).render(
  <StrictMode>
    <BoardContext value={board}>
      <DeskContext value={desk}>
        <Guarded>
          <App />
        </Guarded>
      </DeskContext>
    </BoardContext>
  </StrictMode>,
);
