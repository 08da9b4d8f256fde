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

  private async exhibit(id: string, moment: Fragment["moment"]): Promise<Phrase | undefined> {
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
    const told = moment && (await (await import("./moment.ts")).encodeMoment(moment));
    return `${location.origin}${location.pathname}${writeFragment({ source, moment: told })}`;
  }

  /** Everything that was done up to where the reader stands. */
  moment(): Moment | undefined {
    const { session, cast, story, cursor, level } = this.board.getState();
    if (session === undefined || cast === undefined) return undefined;
    const seen = story?.hops[cursor]?.last ?? Infinity;
    const done = session.deeds.filter(({ from }) => from !== undefined && from <= seen);
    const deeds = done.map(({ deed }) => deed);
    if (story === undefined) return deeds.length === 0 ? undefined : { deeds, story: undefined, level };
    const { from, to, sender } = story.conversation;
    const [turn, hop] = [story.turn, cursor];
    const deed = done.findIndex((each) => each.from === from && /^(ask|prepared|type)$/.test(each.deed.kind));
    if (deed >= 0) return { deeds, story: { kind: "deed", deed, turn, hop }, level };
    const place = cast.place(sender.netns)?.label ?? "";
    const { program } = sender;
    return { deeds, story: { kind: "records", from, to, sender: place, program, turn, hop }, level };
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

  /** Does again in the fresh world what led to the moment, and goes to its hop. */
  private async relive(asked: string | Moment): Promise<void> {
    const moment = typeof asked === "string" ? await this.readMoment(asked) : asked;
    await this.worldTurn;
    if (moment === undefined || !(await this.opened())) return;
    const { relive } = await import("./relive.ts");
    const problem = await relive(moment, this.document.state.scenario, this.board);
    if (problem !== undefined) this.board.getState().set({ notice: problem });
  }

  private async readMoment(text: string): Promise<Moment | undefined> {
    const { decodeMoment } = await import("./moment.ts");
    const read = await decodeMoment(text);
    if (!read.ok) this.document.tell(phrase("share.problem.moment"));
    return read.ok ? read.value : undefined;
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
