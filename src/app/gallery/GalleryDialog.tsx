import "../styles/gallery.css";
import { useEffect, useRef, useState } from "react";
import { SCENARIO_VERSION, type Scenario } from "../../scenario/schema.ts";
import { GALLERY, type GalleryEntry } from "../../scenario/gallery/index.ts";
import { addCluster } from "../../scenario/edit/plugin.ts";
import { useBoard, useBoardStore, useSay } from "../board-context.ts";
import { Dialog } from "../chrome/Dialog.tsx";
import { titleOf, useDesk, useWork } from "../desk-context.ts";
import { openFile } from "../document/drop.ts";
import { pluginTexts } from "../document/plugin-texts.ts";
import type { Work } from "../document/shelf.ts";
import { Picture } from "./Picture.tsx";

/** What there is to open: the reader's own scenarios, those of the gallery, a file, an empty board. */
export default function GalleryDialog() {
  const say = useSay();
  const store = useBoardStore();
  const desk = useDesk();
  const [search, setSearch] = useState("");
  const close = (): void => store.getState().set({ dialog: undefined });
  const openExhibit = (id: string): void => {
    close();
    void desk.openGallery(id);
  };
  return (
    <Dialog title={say("gallery.title")} className="gallery" onClose={close}>
      <div className="gallery-tools">
        <input
          type="search"
          aria-label={say("gallery.search")}
          placeholder={say("gallery.search")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <FileButton onDone={close} />
        <NewButtons onDone={close} />
      </div>
      <OwnWorks search={search} onOpen={close} />
      <Exhibits search={search} onOpen={openExhibit} />
    </Dialog>
  );
}

function FileButton({ onDone }: { readonly onDone: () => void }) {
  const say = useSay();
  const desk = useDesk();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {say("gallery.file")}
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        className="sr-only"
        tabIndex={-1}
        aria-label={say("gallery.file")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file === undefined) return;
          onDone();
          void openFile(desk, file);
        }}
      />
    </>
  );
}

function NewButtons({ onDone }: { readonly onDone: () => void }) {
  const say = useSay();
  const board = useBoardStore();
  const desk = useDesk();
  const begin = (scenario: Scenario): void => {
    onDone();
    desk.openFile(scenario);
  };
  const base = { version: SCENARIO_VERSION, seed: 1, manifests: [] } satisfies Partial<Scenario>;
  return (
    <>
      <button
        type="button"
        onClick={() =>
          void pluginTexts().then((texts) =>
            begin(addCluster({ ...base, name: say("gallery.new.cluster") }, texts)),
          )
        }
      >
        {say("gallery.new.cluster")}
      </button>
      <button
        type="button"
        onClick={() => {
          onDone();
          board.getState().set({ panel: "paste" });
        }}
      >
        {say("dock.paste")}
      </button>
      <button type="button" onClick={() => begin({ ...base, name: say("gallery.new.board") })}>
        {say("gallery.new.board")}
      </button>
    </>
  );
}

const found = (search: string, text: string): boolean =>
  text.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase());

/** What the reader has changed, the last one first. Removing one can be taken back as long as the window is open. */
function OwnWorks({ search, onOpen }: { readonly search: string; readonly onOpen: () => void }) {
  const say = useSay();
  const desk = useDesk();
  const language = useBoard((board) => board.language);
  const current = useWork(({ work }) => work);
  const [works, setWorks] = useState<readonly Work[]>([]);
  const [removed, setRemoved] = useState<Work>();
  useEffect(() => {
    let isCurrent = true;
    void desk.document
      .settled()
      .then(() => desk.shelf())
      .then((shelf) => shelf.list())
      .then((list) => {
        if (isCurrent) setWorks(list);
      });
    return () => {
      isCurrent = false;
    };
  }, [desk]);
  const remove = async (work: Work): Promise<void> => {
    await (await desk.shelf()).remove(work.id);
    setWorks(works.filter(({ id }) => id !== work.id));
    setRemoved(work);
  };
  const restore = async (work: Work): Promise<void> => {
    await (await desk.shelf()).put({ ...work, revision: 1 });
    setWorks([work, ...works]);
    setRemoved(undefined);
  };
  const shown = works.filter(({ scenario }) => found(search, titleOf(scenario, language)));
  if (shown.length === 0 && removed === undefined) return null;
  return (
    <section>
      <h3>{say("gallery.own")}</h3>
      {removed !== undefined && (
        <p role="status" className="hint-line">
          {say("gallery.removed", { name: titleOf(removed.scenario, language) })}{" "}
          <button type="button" onClick={() => void restore(removed)}>
            {say("edit.undo")}
          </button>
        </p>
      )}
      <ul className="cards" onKeyDown={moveAmongCards}>
        {shown.map((work) => (
          <li key={work.id} className="card-holder">
            <button
              type="button"
              className="card"
              aria-current={work.id === current}
              onClick={() => {
                onOpen();
                void desk.openWork(work.id);
              }}
            >
              <Picture scenario={work.scenario} />
              <strong>{titleOf(work.scenario, language)}</strong>
              <span>
                {say("gallery.saved", {
                  when: new Date(work.saved).toLocaleString(language),
                  states: work.past.length,
                })}
              </span>
            </button>
            <button
              type="button"
              className="card-remove"
              disabled={work.id === current}
              aria-label={say("gallery.remove", { name: titleOf(work.scenario, language) })}
              onClick={() => void remove(work)}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Exhibits({ search, onOpen }: { readonly search: string; readonly onOpen: (id: string) => void }) {
  const say = useSay();
  const language = useBoard((board) => board.language);
  const shown = GALLERY.filter(({ title }) => found(search, `${title.en} ${title.zh}`));
  return (
    <section>
      <h3>{say("gallery.ready")}</h3>
      {shown.length === 0 && <p className="hint-line">{say("gallery.nothing")}</p>}
      <ul className="cards" onKeyDown={moveAmongCards}>
        {shown.map((each) => (
          <li key={each.id}>
            <Card
              exhibit={each}
              number={GALLERY.indexOf(each) + 1}
              language={language}
              onOpen={() => onOpen(each.id)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Its document is fetched when the card comes into view. */
function Card({
  exhibit,
  number,
  language,
  onOpen,
}: {
  readonly exhibit: GalleryEntry;
  readonly number: number;
  readonly language: "en" | "zh-CN";
  readonly onOpen: () => void;
}) {
  const card = useRef<HTMLButtonElement>(null);
  const [scenario, setScenario] = useState<Scenario>();
  const words = language === "en" ? "en" : "zh";
  useEffect(() => {
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        seen.disconnect();
        // A card that cannot be fetched stays without a picture; opening it says so.
        exhibit.load().then(setScenario, () => undefined);
      },
      { rootMargin: "300px" },
    );
    if (card.current !== null) seen.observe(card.current);
    return () => seen.disconnect();
  }, [exhibit]);
  return (
    <button ref={card} type="button" className="card" onClick={onOpen}>
      {scenario === undefined ? <span className="sketch" /> : <Picture scenario={scenario} />}
      <strong>
        {number}. {exhibit.title[words]}
      </strong>
      <span>{scenario?.story?.text[words] ?? ""}</span>
    </button>
  );
}

/** Arrow keys go from card to card, by where they stand. */
function moveAmongCards(event: React.KeyboardEvent<HTMLUListElement>): void {
  const by: Readonly<Record<string, readonly [number, number]>> = {
    ArrowRight: [1, 0],
    ArrowLeft: [-1, 0],
    ArrowDown: [0, 1],
    ArrowUp: [0, -1],
  };
  const way = by[event.key];
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>(".card")];
  const from = cards.find((card) => card === document.activeElement)?.getBoundingClientRect();
  if (way === undefined || from === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const [dx, dy] = way;
  const cost = (card: HTMLElement): number => {
    const { x, y } = card.getBoundingClientRect();
    const [along, across] = dx === 0 ? [(y - from.y) * dy, x - from.x] : [(x - from.x) * dx, y - from.y];
    return along < 8 ? Infinity : along + 3 * Math.abs(across);
  };
  const next = cards.reduce<HTMLElement | undefined>(
    (best, card) => (cost(card) < (best === undefined ? Infinity : cost(best)) ? card : best),
    undefined,
  );
  next?.focus();
}
