import type { RebuildReason } from "../../scenario/edit/plan.ts";
import type { Scenario } from "../../scenario/schema.ts";
import { type Phrase, phrase } from "../model/explain/phrase.ts";
import { recall, remember } from "../remember.ts";
import type { BoardStore } from "../store.ts";
import { ScenarioDocument } from "./document.ts";
import { type Fragment, type Moment, readFragment, writeFragment } from "./fragment.ts";
import { problemPhrase } from "./problem.ts";
import { BrowserShelf, MemoryShelf, type Shelf } from "./shelf.ts";

/** Name under which a tab remembers what it has open; all tabs together remember the last one. */
const OPEN = "open";

/** The address asks for nothing in particular. */
const NOTHING_ASKED = phrase("board.empty");

/** Joins the document to the page: its address, the browser's store, and the board that shows its world. */
export class Desk {
  readonly document: ScenarioDocument;
  private readonly board: BoardStore;
  private readonly first: Scenario;
  /** The world follows one change after the other. */
  private worldTurn: Promise<void> = Promise.resolve();
  private shelfOpened: Promise<Shelf> | undefined;

  constructor(board: BoardStore, first: Scenario) {
    this.board = board;
    this.first = first;
    this.document = new ScenarioDocument({
      shelf: () => this.shelf(),
      now: () => Date.now(),
      newId: () => crypto.randomUUID(),
      becameWork: (id) => this.point(id),
      changed: (now, before, change) => {
        this.worldTurn = this.worldTurn.then(() => this.follow(now, change === "open" ? undefined : before));
      },
    });
  }

  /** Opens what the address asks for, else what was open last, else the first scenario. */
  async start(): Promise<void> {
    window.addEventListener("hashchange", () => void this.followAddress());
    const asked = readFragment(location.hash);
    const problem = await this.openFragment(asked);
    if (problem === undefined) return;
    const last = tabMemory() ?? recall(OPEN);
    if (last === null || !(await this.openWork(last))) this.document.open(this.first, { kind: "first" });
    if (problem !== NOTHING_ASKED) this.document.tell(problem);
    else if (asked.moment !== undefined) await this.relive(asked.moment);
  }

  /** All works, the last one first. */
  shelf(): Promise<Shelf> {
    this.shelfOpened ??= BrowserShelf.open().catch(() => new MemoryShelf());
    return this.shelfOpened;
  }

  /** Opens a work; false when it cannot be found. */
  async openWork(id: string): Promise<boolean> {
    try {
      if (!(await this.document.openWork(id))) return false;
    } catch {
      return false;
    }
    this.point(id);
    return true;
  }

  /** Opens a scenario that came as a file; what is open stays on the shelf. */
  openFile(scenario: Scenario): void {
    this.address("");
    this.document.open(scenario, { kind: "file" });
  }

  /** Opens a scenario of the gallery; the address then names it. */
  async openGallery(id: string): Promise<void> {
    const problem = await this.exhibit(id, undefined);
    if (problem === undefined)
      this.address(writeFragment({ source: { kind: "gallery", id }, moment: undefined }));
    else this.document.tell(problem);
  }

  private async exhibit(id: string, moment: Moment | undefined): Promise<Phrase | undefined> {
    const { galleryEntry } = await import("../../scenario/gallery/index.ts");
    const found = galleryEntry(id);
    if (found === undefined) return phrase("share.problem.gallery", { id });
    try {
      this.document.open(await found.load(), { kind: "gallery", id });
    } catch {
      return phrase("failed.fetch");
    }
    if (moment !== undefined) await this.relive(moment);
    return undefined;
  }

  /** The link to what is open, with its scenario in it unless everybody has that already. */
  async link(moment: Moment | undefined): Promise<string> {
    const { scenario, origin, work } = this.document.state;
    if (scenario === undefined) return location.href;
    const isGallery = origin.kind === "gallery" && work === undefined;
    const source: Fragment["source"] = isGallery
      ? { kind: "gallery", id: origin.id }
      : { kind: "share", payload: await (await import("./share.ts")).encodeScenario(scenario) };
    return `${location.origin}${location.pathname}${writeFragment({ source, moment })}`;
  }

  /** Where the reader stands in the packet's walk. */
  moment(): Moment | undefined {
    const { errand, cast, story, cursor, level } = this.board.getState();
    const from = errand === undefined ? undefined : cast?.place(errand.from)?.label;
    if (errand === undefined || story === undefined || from === undefined) return undefined;
    const { probe, target, prepared } = errand;
    const number = this.document.state.scenario?.probes?.findIndex((each) => each === prepared) ?? -1;
    const asked = { from, probe, target, ...(number >= 0 && { prepared: number }) };
    return { ...asked, turn: story.turn, hop: cursor, level };
  }

  /** The reader has changed the address by hand, or gone back. */
  private async followAddress(): Promise<void> {
    const problem = await this.openFragment(readFragment(location.hash));
    if (problem !== undefined && problem !== NOTHING_ASKED) this.document.tell(problem);
  }

  /** Why what the address holds is not open now: then everything is as it was before. */
  private async openFragment({ source, moment }: Fragment): Promise<Phrase | undefined> {
    if (source.kind === "none") return NOTHING_ASKED;
    if (source.kind === "gallery") return this.exhibit(source.id, moment);
    const { decodeScenario } = await import("./share.ts");
    const read = await decodeScenario(source.payload);
    if (!read.ok) return problemPhrase(read.error, "link");
    this.document.open(read.value, { kind: "link" });
    if (moment !== undefined) await this.relive(moment);
    return undefined;
  }

  /** Brings the world to a document: step by step from the one before, or from nothing. */
  private async follow(now: Scenario, before: Scenario | undefined): Promise<void> {
    const board = this.board.getState();
    const build = (reason: RebuildReason | undefined): void => {
      this.document.explain(reason);
      void board.open(now);
    };
    if (before === undefined || board.phase.kind !== "ready") {
      build(undefined);
      return;
    }
    const { planChange } = await import("../../scenario/edit/plan.ts");
    const plan = planChange(before, now);
    if (plan.kind === "rebuild") build(plan.reason);
    else if (!(await board.follow(plan.kind === "live" ? plan.commands : [], now)))
      this.document.retract(now, before);
  }

  /** Sends the moment's packet in the fresh world and goes to its hop. */
  private async relive(moment: Moment): Promise<void> {
    await this.worldTurn;
    if (!(await this.opened())) return;
    const board = this.board.getState();
    const place = board.cast?.byLabel(moment.from);
    if (place === undefined) {
      board.set({ notice: phrase("share.place", { place: moment.from }) });
      return;
    }
    board.setLevel(moment.level);
    const { probe, target } = moment;
    const prepared = this.document.state.scenario?.probes?.[moment.prepared ?? -1];
    await board.send({ from: place.netns, probe, target, ...(prepared !== undefined && { prepared }) });
    const { story, openTurn, goTo, play } = this.board.getState();
    if (story === undefined) return;
    play(false);
    openTurn(moment.turn);
    goTo(moment.hop);
  }

  /** Resolves when the world stands; false when it will not. */
  private opened(): Promise<boolean> {
    const ready = (): boolean | undefined => {
      const { kind } = this.board.getState().phase;
      return kind === "opening" ? undefined : kind === "ready";
    };
    return new Promise((resolve) => {
      const stop = this.board.subscribe(() => settle());
      const settle = (): void => {
        const now = ready();
        if (now === undefined) return;
        stop();
        resolve(now);
      };
      settle();
    });
  }

  /** From now on a reload of this tab opens the work. */
  private point(id: string): void {
    this.address("");
    remember(OPEN, id);
    try {
      sessionStorage.setItem(`flannelgraph.${OPEN}`, id);
    } catch {
      // Without storage nothing is remembered; the shelf is then in memory too.
    }
  }

  private address(hash: string): void {
    if (location.hash !== hash) history.pushState(null, "", location.pathname + location.search + hash);
  }
}

function tabMemory(): string | null {
  try {
    return sessionStorage.getItem(`flannelgraph.${OPEN}`);
  } catch {
    return null;
  }
}
