import type { EngineFailure, EnginePort } from "../client/index.ts";
import type { Action } from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import { Cast } from "./model/cast.ts";
import type { Conversation, Sender } from "./model/conversation.ts";
import { phrase } from "./model/explain/phrase.ts";
import { Health } from "./model/health.ts";
import type { Level } from "./model/hops.ts";
import { deedOf } from "./model/deed-of.ts";
import { LARGE_LAYOUT, layout, MANY_ROOMS } from "./model/layout/layout.ts";
import { addressOf, errandAction } from "./model/probe.ts";
import { preparedAction } from "./model/prepared.ts";
import type { Story } from "./model/story.ts";
import { type Room, survey, type Topology } from "./model/topology.ts";
import { Breaker } from "./breaker.ts";
import { Builder } from "./builder.ts";
import { Session, type Stretch } from "./session.ts";
import { loadStory, type StoryModule } from "./story-parts.ts";
import type { Board, BoardActions, BoardState, Errand } from "./store.ts";

/** Rooms that still fit side by side. */
const MOST_STAGED = 10;

/** Milliseconds after which the board shows what nobody at it has asked for. */
const FOLLOW_MS = 300;

/** Carries out what the reader asks for: it alone moves the world's cursor and computes the drawing. */
export class Director {
  private readonly startEngine: () => EnginePort;
  private readonly set: (change: Partial<BoardState>) => void;
  private readonly get: () => Board;
  private readonly builder: Builder;
  private readonly breaker: Breaker;
  private scenario: Scenario | undefined;
  /** Here since the first packet. */
  private stories: StoryModule | undefined;
  /** Drawing number of the world that is on the board. */
  private drawn: number | undefined;
  private topology: Topology | undefined;
  /** What the session's places are called, also at other moments than the board's. */
  private names = new Map<number, string>();
  /** Rooms of a large board that are looked at from near, and those that were called beside a packet's. */
  private near: ReadonlySet<number> = new Set();
  private called: ReadonlySet<number> = new Set();
  /** It is on its way to the present. */
  private following = false;

  constructor(startEngine: () => EnginePort, set: (change: Partial<BoardState>) => void, get: () => Board) {
    this.startEngine = startEngine;
    this.set = set;
    this.get = get;
    this.builder = new Builder(set, get, () => this.redraw());
    this.breaker = new Breaker(set, get, {
      redraw: () => this.redraw(true),
      fail: (failure) => this.fail(failure),
    });
  }

  actions(): BoardActions {
    return {
      open: (scenario) => this.open(scenario),
      restart: () => (this.scenario === undefined ? Promise.resolve() : this.open(this.scenario)),
      send: (errand) => this.send(errand),
      openTurn: (turn) => {
        this.set({ playing: false });
        this.openTurn(turn, 0);
      },
      advance: () => this.move(1),
      goTo: (hop) => this.goTo(hop),
      step: (by) => {
        this.set({ playing: false });
        this.move(by);
      },
      stepPlace: (by) => {
        const { story, cursor } = this.get();
        this.set({ playing: false });
        if (story !== undefined) this.goTo(this.stories?.nextPlace(story, cursor, by) ?? cursor);
      },
      breakIt: (one) => this.breaker.breakIt(one),
      mend: (one) => this.breaker.mend(one),
      editIt: (one, text) => this.breaker.edit(one, text),
      breakAgain: () => this.breaker.again(),
      guess: (choice, isRight) => {
        const { predict } = this.get();
        if (predict === undefined || predict.guess !== undefined) return;
        const { right, asked } = predict.score;
        this.set({ predict: { guess: choice, score: { right: right + Number(isRight), asked: asked + 1 } } });
      },
      play: (playing) => this.play(playing),
      setLevel: (level) => this.setLevel(level),
      choosePod: (netns) => this.choosePod(netns),
      select: (selection) =>
        this.set({ selection, sheet: true, tab: this.get().tab === "edit" ? "edit" : "device" }),
      tell: (conversation, turn) => this.tell(conversation, turn),
      showRecord: (index) => this.showRecord(index),
      catchUp: () => this.catchUp(),
      follow: async (commands, scenario) => {
        const isTaken = await this.builder.follow(commands);
        if (isTaken) this.accept(scenario);
        return isTaken;
      },
      lookAt: (step) => this.builder.lookAt(step),
      endWiring: () => this.builder.end(),
      lookNear: (rooms) => {
        this.near = rooms;
        this.place();
      },
      flyTo: (netns, pod) => this.flyTo(netns, pod),
      set: (change) => {
        this.set(change);
        const isLarge = this.get().scene?.far !== undefined;
        if ("moving" in change || ("traffic" in change && isLarge)) this.place();
      },
    };
  }

  private async open(scenario: Scenario): Promise<void> {
    this.scenario = scenario;
    this.get().session?.close();
    const session: Session = new Session(this.startEngine(), () => {
      if (this.get().phase.kind === "opening" && this.get().session === session)
        this.set({ phase: { kind: "opening", records: session.reader.length, word: session.lastWord() } });
      else this.followSoon(session);
    });
    this.drawn = undefined;
    this.topology = undefined;
    this.names = new Map();
    this.near = new Set();
    this.set({
      session,
      phase: { kind: "opening", records: 0, word: "" },
      cast: undefined,
      scene: undefined,
      story: undefined,
      wiring: undefined,
      cursor: 0,
      playing: false,
      selection: undefined,
      broken: [],
      mended: undefined,
      mark: 0,
      traffic: undefined,
      menu: undefined,
      inside: undefined,
      choosing: undefined,
      printed: undefined,
      moving: undefined,
      sending: false,
    });
    const opened = await session.open(scenario);
    if (this.get().session !== session) return;
    if (!opened.ok) {
      const { reason, message } = opened.error;
      this.set({ phase: { kind: reason === "crash" ? "crashed" : "failed", message } });
      return;
    }
    session.world.moveToEnd();
    this.redraw();
    this.set({ phase: { kind: "ready" }, mark: session.reader.length });
  }

  private async send(errand: Errand): Promise<void> {
    const { session, sending, cast } = this.get();
    if (session === undefined || cast === undefined || sending) return;
    this.builder.end();
    const asked =
      errand.prepared === undefined
        ? errandAction(cast, session.world, errand)
        : preparedAction(session.world, errand.prepared);
    if (asked === undefined) {
      this.set({ notice: phrase("probe.bad", { target: errand.target }) });
      return;
    }
    this.set({
      sending: true,
      traffic: undefined,
      choosing: undefined,
      mended: undefined,
      playing: false,
      notice: undefined,
      printed: undefined,
      errand,
    });
    const parts = loadStory().catch(() => undefined);
    const [done, stories] = await Promise.all([
      session.act(asked.action, deedOf(errand, cast, this.scenario)),
      parts,
    ]);
    this.stories = stories;
    if (this.get().session !== session) return;
    this.set({ sending: false });
    if (stories === undefined) this.set({ notice: phrase("failed.fetch") });
    else if (done.ok) {
      this.showPrinted(session, asked.action, errand, done.value.status);
      const command = asked.action.kind === "shell" ? asked.action.command : undefined;
      this.show(session, done.value, { netns: errand.from, program: asked.program, command });
      if (errand.repeat === "load") this.get().set({ traffic: done.value, playing: false });
    } else this.fail(done.error);
  }

  /** A question for the shell is answered by what it prints. */
  private showPrinted(session: Session, action: Action, { prepared }: Errand, status: number): void {
    const text = [session.printed, session.complaint].join("").trimEnd();
    if (prepared?.kind !== "shell" || action.kind !== "shell" || text === "") return;
    this.set({ printed: { command: action.command, text, status } });
  }

  /** Tells what an action set off, from its first hop on. */
  private show(session: Session, stretch: Stretch, sender: Sender): void {
    session.world.moveToEnd();
    this.redraw();
    const { cast, level } = this.get();
    if (cast === undefined) return;
    const story = this.stories?.tellStory(session.reader, stretch, sender, level, cast);
    // Text that was printed is an answer; that no packet was sent for it is then no news.
    if (story === undefined) {
      this.set({ story: undefined, cursor: 0 });
      this.redraw(true);
      if (this.get().printed !== undefined) return;
      const said = session.complaint.trim();
      const nothing = phrase("send.nothing", { place: cast.name(sender.netns) });
      this.set({ notice: said === "" ? nothing : phrase("send.refused", { message: said }) });
      return;
    }
    this.set({ tab: "hop", sheet: false });
    this.begin(story, 0);
    this.play(true);
  }

  /** A turn of a conversation that somebody else has found, played from its start. */
  private async tell(conversation: Conversation, turn: number): Promise<void> {
    this.stories ??= await loadStory().catch(() => undefined);
    this.get().session?.world.moveToEnd();
    this.redraw();
    const { cast, level } = this.get();
    const story = cast === undefined ? undefined : this.stories?.openTurn(conversation, turn, level, cast);
    if (story === undefined) return;
    this.set({ tab: "hop", sheet: false, playing: false, notice: undefined });
    this.begin(story, 0);
    this.play(true);
  }

  /** The moment of a record: in the story that is open, else in the one that its packet belongs to, else without a story. */
  private async showRecord(index: number): Promise<void> {
    this.stories ??= await loadStory().catch(() => undefined);
    const { session, story, level, cast } = this.get();
    if (session === undefined || cast === undefined || this.stories === undefined) return;
    this.set({ playing: false, wiring: undefined });
    const here = story === undefined ? undefined : this.stories.hopWith(story, index);
    if (here !== undefined) {
      this.goTo(here);
      return;
    }
    const found = this.stories.conversationAround(session.reader, index);
    const told = found && this.stories.openTurn(found.conversation, found.turn, level, cast);
    if (told !== undefined) {
      this.set({ tab: "hop" });
      this.begin(told, this.stories.hopWith(told, index) ?? this.stories.hopAt(told, index));
      return;
    }
    session.world.moveTo(index + 1);
    this.set({ story: undefined, cursor: 0 });
    this.redraw();
  }

  /** Shows what has happened meanwhile, unless a story holds the board at its moment. */
  private catchUp(): void {
    const { session, story } = this.get();
    if (session === undefined || story !== undefined || this.get().wiring !== undefined) return;
    session.world.moveToEnd();
    this.redraw();
    this.set({ seen: session.reader.length });
  }

  /** What a terminal or the clock brings about is on the board, and in the tables beside it, a moment later. */
  private followSoon(session: Session): void {
    if (this.following) return;
    this.following = true;
    setTimeout(() => {
      this.following = false;
      if (this.get().session === session && !this.get().sending) this.catchUp();
    }, FOLLOW_MS);
  }

  private begin(story: Story, cursor: number): void {
    if (story.conversation !== this.get().story?.conversation) this.called = new Set();
    this.set({ story, cursor });
    this.redraw(true);
    this.goTo(cursor);
  }

  /** Another turn of the same conversation, at its hop `cursor` (or its last one). */
  private openTurn(turn: number, cursor: number): boolean {
    const { story, level, cast } = this.get();
    if (story === undefined || cast === undefined) return false;
    const opened = this.stories?.openTurn(story.conversation, turn, level, cast);
    if (opened === undefined) return false;
    this.begin(opened, Math.min(cursor, opened.hops.length - 1));
    return true;
  }

  /** One hop forth or back, over the ends of a turn into the next or the one before. */
  private move(by: 1 | -1): boolean {
    const { story, cursor } = this.get();
    if (story === undefined) return false;
    const next = cursor + by;
    if (this.isHidden(next)) return false;
    if (next < 0) return this.openTurn(story.turn - 1, Infinity);
    if (next >= story.hops.length) return this.openTurn(story.turn + 1, 0);
    this.goTo(next);
    return true;
  }

  private fail({ reason, message }: EngineFailure): void {
    if (reason === "crash") this.set({ phase: { kind: "crashed", message }, playing: false });
    else this.set({ notice: phrase("failed.act", { message }) });
  }

  /** While the class predicts, no hop is shown before it was guessed. */
  private isHidden(hop: number): boolean {
    const { predict, story, cursor } = this.get();
    if (predict === undefined || story === undefined || hop <= cursor) return false;
    return hop > cursor + 1 || (predict.guess === undefined && hop < story.hops.length);
  }

  private goTo(hop: number): void {
    const { session, story, predict } = this.get();
    if (session === undefined || story === undefined) return;
    const cursor = Math.max(0, Math.min(story.hops.length - 1, hop));
    if (this.isHidden(cursor)) return;
    if (predict !== undefined && cursor !== this.get().cursor)
      this.set({ predict: { ...predict, guess: undefined } });
    session.world.moveTo((story.hops[cursor]?.last ?? 0) + 1);
    this.set({ cursor, field: undefined });
    this.redraw();
  }

  private play(playing: boolean): void {
    const { story, cursor } = this.get();
    if (story === undefined) return;
    const isEnd = cursor >= story.hops.length - 1 && story.turn >= story.conversation.turns.length - 1;
    if (playing && isEnd) this.openTurn(story.turn, 0);
    this.set({ playing: playing && this.get().predict === undefined });
  }

  private setLevel(level: Level): void {
    const { story, cursor, cast } = this.get();
    this.set({ level, playing: false });
    if (story === undefined || cast === undefined) return;
    const at = story.hops[cursor]?.lead.anchor.index ?? 0;
    const told = this.stories?.retell(story, level, cast);
    if (told === undefined) return;
    this.set({ story: told });
    this.goTo(this.stories?.hopAt(told, at) ?? 0);
  }

  private choosePod(netns: number): void {
    const { choosing } = this.get();
    if (choosing === undefined) return;
    if (choosing.source === undefined) this.set({ choosing: { source: netns } });
    else if (choosing.source === netns) this.set({ choosing: { source: undefined } });
    else {
      const { cast, probe, repeat } = this.get();
      const target = cast === undefined ? undefined : addressOf(cast, netns);
      if (target !== undefined) void this.send({ from: choosing.source, probe, target, repeat });
    }
  }

  /** Computes the drawing anew when devices have changed. */
  private redraw(force = false): void {
    const { session } = this.get();
    if (session === undefined || (!force && this.drawn === session.world.drawing)) return;
    if (this.drawn !== session.world.drawing || this.topology === undefined) {
      this.drawn = session.world.drawing;
      this.topology = survey(session.world);
      this.set({ cast: new Cast(this.topology, this.names) });
    }
    this.place();
  }

  /** The document as it is now: a restart opens it, and its boxes stand where it says. */
  private accept(scenario: Scenario): void {
    const isMoved = this.scenario?.board !== scenario.board || this.get().moving !== undefined;
    this.scenario = scenario;
    if (!isMoved) return;
    this.set({ moving: undefined });
    this.place();
  }

  /** Places what is known to be there. */
  private place(): void {
    const { session, story } = this.get();
    if (session === undefined || this.topology === undefined) return;
    if (this.topology.rooms.length > MANY_ROOMS && !LARGE_LAYOUT.loaded) {
      void this.fetchLargeLayout();
      return;
    }
    const visited = this.involved() ?? story?.visited ?? [];
    const open = new Set([...visited, ...(story === undefined ? [] : this.called)]);
    const places = this.get().moving ?? this.scenario?.board?.places;
    this.set({ scene: layout(this.topology, session.world, open, this.near, places) });
  }

  private async fetchLargeLayout(): Promise<void> {
    const large = await import("./model/layout/large.ts").catch(() => undefined);
    if (large === undefined) this.set({ notice: phrase("failed.fetch") });
    else {
      LARGE_LAYOUT.provide(large.layoutLarge);
      this.place();
    }
  }

  /** Of a large board, while all packets are shown: the namespaces that they come through, unless these are in too many rooms. */
  private involved(): ReadonlySet<number> | undefined {
    const { session, cast, traffic } = this.get();
    const isLarge = this.topology !== undefined && this.topology.rooms.length > MANY_ROOMS;
    if (session === undefined || traffic === undefined || !isLarge) return undefined;
    const seen = new Set<number>();
    for (let i = traffic.from; i < traffic.to; i++)
      if (session.reader.skb(i) !== 0) seen.add(session.reader.netns(i));
    const rooms = new Set([...seen].flatMap((netns) => cast?.roomOf(netns)?.netns ?? []));
    return rooms.size > MOST_STAGED ? new Set() : seen;
  }

  /**
   * On a large board the room is drawn with what is in it, beside a packet's rooms when one is followed. A node that sleeps is
   * woken first, as anybody who asks there wakes it; `pod` is then looked for by its name.
   */
  private async flyTo(netns: number, pod?: string): Promise<void> {
    const room = this.get().cast?.roomOf(netns);
    const { session, scene, story, sending } = this.get();
    const isFar = scene?.far !== undefined && room !== undefined;
    if (isFar && session !== undefined && story === undefined && !sending && this.isAsleep(room)) {
      this.set({ sending: true });
      await this.wake(session, room);
      if (this.get().session !== session) return;
      this.set({ sending: false });
    }
    const now = this.get().cast?.roomOf(netns);
    const pods = now?.floors.flatMap((floor) => floor.pods) ?? [];
    const goal = (pod === undefined ? undefined : pods.find(({ name }) => name === pod)?.netns) ?? netns;
    if (isFar && this.get().scene?.far?.detailed.has(room.netns) === false) {
      if (story === undefined) this.near = new Set([room.netns]);
      else this.called = new Set([...this.called, room.netns]);
      this.place();
    }
    this.set({ flight: { netns: goal, number: (this.get().flight?.number ?? 0) + 1 } });
    this.get().select({ netns: goal, index: 0 });
  }

  private async wake(session: Session, { label }: Room): Promise<void> {
    const command = "true";
    await session.act({ kind: "shell", at: label, command }, { kind: "type", at: label, command });
    if (this.get().session !== session) return;
    session.world.moveToEnd();
    this.redraw(true);
  }

  private isAsleep(room: Room): boolean {
    const { session } = this.get();
    return session !== undefined && new Health(session.world).of(room).isHollow;
  }
}
