import "../styles/print.css";
import { titleOf } from "../desk-context.ts";
import type { Desk } from "../document/desk.ts";
import { format } from "../i18n/text.ts";
import { tellAll, type ToldTrack } from "../model/telling.ts";
import type { Board, BoardStore } from "../store.ts";
import { partInView } from "../board/view.ts";
import { drawBoard } from "./picture.ts";
import { studioHere } from "./save.ts";

/** About what a sheet of paper shows of a picture, in points of the screen: smaller than that nobody reads. */
const PAPER = { width: 1400, height: 900 };

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text = "",
  className = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

/** The board's picture in light colours on white, whatever the theme. */
function figureOf(board: Board, title: string): HTMLElement | undefined {
  const { scene, story } = board;
  if (scene === undefined) return undefined;
  const root = document.documentElement;
  const theme = root.dataset["theme"];
  root.dataset["theme"] = "light";
  const { colours, measure } = studioHere();
  const onPaper = (name: string): string => (name === "--cloth" ? "#ffffff" : colours(name));
  const part = partInView(scene, story?.visited, PAPER.width, PAPER.height);
  const isWhole = part.width >= scene.width && part.height >= scene.height;
  const drawing = drawBoard(board, "", { colours: onPaper, measure }, isWhole ? undefined : part);
  if (theme === undefined) delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  if (drawing === undefined) return undefined;
  const parsed = new DOMParser().parseFromString(drawing.svg, "image/svg+xml").documentElement;
  parsed.setAttribute("role", "img");
  parsed.setAttribute("aria-label", title);
  const figure = element("figure");
  figure.append(document.importNode(parsed, true));
  return figure;
}

/** Sentence and reasons of the hop at which the board stands. */
function nowOf(board: Board, tracks: readonly ToldTrack[]): HTMLElement | undefined {
  const { story, cursor, language } = board;
  const hop = tracks
    .flatMap(({ visits }) =>
      visits.flatMap((visit) => visit.hops.map((one) => ({ ...one, place: visit.place }))),
    )
    .find(({ number }) => number === cursor + 1);
  if (hop === undefined || story === undefined) return undefined;
  const box = element("div", "", "print-now");
  const total = story.hops.length;
  const where = format(language, "print.now", { number: hop.number, total, place: hop.place });
  const head = element("p", `${where}: `);
  head.append(element("b", hop.text));
  box.append(head, ...hop.why.map((why) => element("p", why)));
  return box;
}

function tableOf(board: Board, { title, visits }: ToldTrack): readonly HTMLElement[] {
  const table = element("table");
  const head = table.createTHead().insertRow();
  for (const key of ["print.number", "print.place", "print.what"] as const)
    head.append(element("th", format(board.language, key)));
  const body = table.createTBody();
  for (const { place, hops } of visits)
    hops.forEach(({ number, text, isLost }, i) => {
      const row = body.insertRow();
      if (number === board.cursor + 1) row.className = "is-now";
      else if (isLost) row.className = "is-lost";
      row.append(element("td", String(number)), element("td", i === 0 ? place : ""), element("td", text));
    });
  return [element("h2", title), table];
}

/** Everything that goes on paper: the board, where the packet stands and why, and all its hops. */
function sheetOf(board: Board, desk: Desk): HTMLElement {
  const { story, cursor, session, cast, language } = board;
  const { scenario } = desk.document.state;
  const title = scenario === undefined ? "" : titleOf(scenario, language);
  const text = scenario?.story?.text[language === "en" ? "en" : "zh"];
  const sheet = element("article", "", "print-sheet");
  sheet.append(element("h1", title));
  if (text !== undefined) sheet.append(element("p", text));
  const figure = figureOf(board, title);
  if (figure !== undefined) sheet.append(figure);
  if (story === undefined || session === undefined || cast === undefined) return sheet;
  // What a class has yet to guess is not on the paper.
  const last = board.predict === undefined ? Infinity : cursor;
  const tracks = tellAll(story, last, session.world, cast, language);
  const now = nowOf(board, tracks);
  if (now !== undefined) sheet.append(now);
  sheet.append(...tracks.flatMap((track) => tableOf(board, track)));
  return sheet;
}

/** From now on whoever prints the page gets the sheet instead. */
export function preparePrinting(store: BoardStore, desk: Desk): () => void {
  const away = (): void => document.querySelectorAll(".print-sheet").forEach((sheet) => sheet.remove());
  const before = (): void => {
    away();
    document.body.append(sheetOf(store.getState(), desk));
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", away);
  return () => {
    away();
    window.removeEventListener("beforeprint", before);
    window.removeEventListener("afterprint", away);
  };
}
