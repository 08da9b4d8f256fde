import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { type Language, loadLanguage } from "../i18n/text.ts";
import { phrase } from "../model/explain/phrase.ts";
import { remember } from "../remember.ts";
import type { Theme } from "../store.ts";

export function TopBar() {
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
    <header className="topbar">
      <span className="logo" aria-hidden="true" />
      <h1>{say("app.name")}</h1>
      <span className="scenario">{say("scenario.first")}</span>
      <span className="spacer" />
      <span className="checked">{say("app.checked")}</span>
      <button
        type="button"
        onClick={() => void store.getState().restart()}
        aria-label={say("app.reset")}
        title={say("app.reset.label")}
        aria-keyshortcuts="F9"
      >
        <span className="wide">{say("app.reset")}</span>
        <span className="narrow" aria-hidden="true">
          ↺
        </span>
      </button>
      <button
        type="button"
        onClick={() => store.getState().set({ legend: true })}
        aria-label={say("app.legend")}
        title={say("app.legend.label")}
        aria-keyshortcuts="F2"
      >
        <span className="wide">{say("app.legend")}</span>
        <span className="narrow" aria-hidden="true">
          ?
        </span>
      </button>
      <button
        type="button"
        onClick={speak}
        aria-label={say("app.language.label")}
        lang={language === "en" ? "zh-CN" : "en"}
      >
        {say("app.language")}
      </button>
      <button
        type="button"
        onClick={paint}
        aria-label={say(theme === "dark" ? "app.theme.light" : "app.theme.dark")}
      >
        <span className="moon" aria-hidden="true" />
      </button>
    </header>
  );
}
