import type { ComponentProps } from "react";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { useDesk, useWork } from "../desk-context.ts";
import { type Language, loadLanguage } from "../i18n/text.ts";
import { IS_EMBEDDED, IS_READ_ONLY } from "../mode.ts";
import { phrase } from "../model/explain/phrase.ts";
import { remember } from "../remember.ts";
import type { Theme } from "../store.ts";
import { More } from "./More.tsx";
import { Icon } from "./Icon.tsx";
import { Title } from "./Title.tsx";

export function TopBar() {
  const say = useSay();
  const store = useBoardStore();
  const { set, restart } = store.getState();
  return (
    <header className="topbar">
      <span className="logo" aria-hidden="true" />
      <h1>{say("app.name")}</h1>
      <Title />
      {!IS_READ_ONLY && <History />}
      <span className="spacer" />
      {IS_EMBEDDED && <WayOut />}
      <span className="checked">{say("app.checked")}</span>
      <Labelled icon="grid" text={say("gallery.open")} onClick={() => set({ dialog: "gallery" })} />
      <More label={say("app.more")}>
        <Labelled
          icon="reset"
          text={say("app.reset")}
          title={say("app.reset.label")}
          aria-keyshortcuts="F9"
          onClick={() => void restart()}
        />
        <button
          type="button"
          onClick={() => set({ legend: true })}
          aria-label={say("app.legend")}
          title={say("app.legend.label")}
          aria-keyshortcuts="F1"
        >
          <span className="wide">{say("app.legend")}</span>
          <span className="narrow" aria-hidden="true">
            ?
          </span>
        </button>
        <LookButtons />
      </More>
      <Labelled
        icon="present"
        text={say("present.start")}
        title={say("present.label")}
        onClick={() => set({ presenting: true })}
      />
      <Labelled
        icon="share"
        text={say("share.open")}
        className="primary"
        onClick={() => set({ dialog: "share" })}
      />
    </header>
  );
}

/** From a frame in another page to the page itself, with what is open here. */
function WayOut() {
  const say = useSay();
  return (
    <a href={`${location.pathname}${location.hash}`} target="_blank" rel="noopener">
      {say("present.out")}
    </a>
  );
}

/** A button with a word, or on a narrow screen a sign. */
function Labelled({
  icon,
  text,
  ...props
}: { readonly icon: ComponentProps<typeof Icon>["name"]; readonly text: string } & ComponentProps<"button">) {
  return (
    <button type="button" aria-label={text} {...props}>
      <span className="wide">{text}</span>
      <span className="narrow" aria-hidden="true">
        <Icon name={icon} />
      </span>
    </button>
  );
}

/** Steps of editing, back and forth. */
function History() {
  const say = useSay();
  const desk = useDesk();
  const canUndo = useWork(({ past }) => past.length > 0);
  const canRedo = useWork(({ future }) => future.length > 0);
  return (
    <span className="history" role="group" aria-label={say("edit.history")}>
      <button
        type="button"
        aria-label={say("edit.undo")}
        title={say("edit.undo.label")}
        disabled={!canUndo}
        onClick={() => desk.document.undo()}
      >
        <Icon name="undo" />
      </button>
      <button
        type="button"
        aria-label={say("edit.redo")}
        title={say("edit.redo.label")}
        disabled={!canRedo}
        onClick={() => desk.document.redo()}
      >
        <Icon name="redo" />
      </button>
    </span>
  );
}

/** Language and colours. */
function LookButtons() {
  const say = useSay();
  const store = useBoardStore();
  const language = useBoard((board) => board.language);
  const theme = useBoard((board) => board.theme);
  const speak = (): void => {
    const next: Language = language === "en" ? "zh-CN" : "en";
    remember("language", next);
    const { set } = store.getState();
    loadLanguage(next).then(
      () => set({ language: next }),
      () => set({ notice: phrase("failed.fetch") }),
    );
  };
  const paint = (): void => {
    const next: Theme = theme === "dark" ? "light" : "dark";
    remember("theme", next);
    store.getState().set({ theme: next });
  };
  return (
    <>
      <button
        type="button"
        onClick={speak}
        aria-label={say("app.language.label")}
        lang={language === "en" ? "zh-CN" : "en"}
      >
        <span className="wide">{say("app.language")}</span>
        <span className="narrow" aria-hidden="true">
          {language === "en" ? "中" : "En"}
        </span>
      </button>
      <button
        type="button"
        onClick={paint}
        aria-label={say(theme === "dark" ? "app.theme.light" : "app.theme.dark")}
      >
        <span className="moon" aria-hidden="true" />
      </button>
    </>
  );
}
