import type { EngineFailure, EnginePort } from "../client/index.ts";
import type { Action } from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import { Cast } from "./model/cast.ts";
import { phrase } from "./model/explain/phrase.ts";
import type { Level } from "./model/hops.ts";
import { layout } from "./model/layout/layout.ts";
import { hopAt, nextPlace, retell, tellStory } from "./model/story.ts";
import { survey } from "./model/topology.ts";
import { Session, type Stretch } from "./session.ts";
import type { Board, BoardActions, BoardState } from "./store.ts";

/** Port of the UDP probe: the one that traceroute made customary. Nobody listens there. */
const PROBE_PORT = 33434;

/** Carries out what the reader asks for: it alone moves the world's cursor and computes the drawing. */
export class Director {
  private readonly startEngine: () => EnginePort;
  private readonly set: (change: Partial<BoardState>) => void;
  private readonly get: () => Board;
  private scenario: Scenario | undefined;
  /** Drawing number of the world that is on the board. */
  private drawn: number | undefined;

  constructor(startEngine: () => EnginePort, set: (change: Partial<BoardState>) => void, get: () => Board) {
    this.startEngine = startEngine;
    this.set = set;
    this.get = get;
  }

  actions(): BoardActions {
    return {
      open: (scenario) => this.open(scenario),
      restart: () => (this.scenario === undefined ? Promise.resolve() : this.open(this.scenario)),
      send: (from, to) => this.send(from, to),
      goTo: (hop) => this.goTo(hop),
      step: (by) => {
        this.set({ playing: false });
        this.goTo(this.get().cursor + by);
      },
      stepPlace: (by) => {
        const { story, cursor } = this.get();
        this.set({ playing: false });
        if (story !== undefined) this.goTo(nextPlace(story, cursor, by));
      },
      play: (playing) => this.play(playing),
      setLevel: (level) => this.setLevel(level),
      choosePod: (netns) => this.choosePod(netns),
      select: (selection) => this.set({ selection, tab: "device", sheet: true }),
      set: (change) => this.set(change),
    };
  }

  private async open(scenario: Scenario): Promise<void> {
    this.scenario = scenario;
    this.get().session?.close();
    const session: Session = new Session(this.startEngine(), () => {
      if (this.get().phase.kind === "opening" && this.get().session === session)
        this.set({ phase: { kind: "opening", records: session.reader.length, word: session.lastWord() } });
    });
    this.drawn = undefined;
    this.set({
      session,
      phase: { kind: "opening", records: 0, word: "" },
      cast: undefined,
      scene: undefined,
      story: undefined,
      cursor: 0,
      playing: false,
      selection: undefined,
      choosing: undefined,
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
    this.set({ phase: { kind: "ready" } });
  }

  private async send(from: number, to: number): Promise<void> {
    const { session, sending } = this.get();
    const action = this.actionFor(from, to);
    if (session === undefined || action === undefined || sending) return;
    this.set({ sending: true, choosing: undefined, playing: false, notice: undefined });
    const done = await session.act(action);
    if (this.get().session !== session) return;
    this.set({ sending: false });
    if (done.ok) this.show(session, done.value, from);
    else this.fail(done.error);
  }

  private actionFor(from: number, to: number): Action | undefined {
    const { cast, probe } = this.get();
    const source = cast?.place(from);
    const target = cast?.place(to);
    const address = target?.kind === "pod" ? target.pod.ip : undefined;
    if (source === undefined || address === undefined) return undefined;
    if (probe === "ping") return { kind: "ping", from: source.label, to: address };
    return { kind: "udp", from: source.label, to: address, port: PROBE_PORT, text: "hello" };
  }

  /** Tells what an action set off, from its first hop on. */
  private show(session: Session, { from, to }: Stretch, source: number): void {
    session.world.moveToEnd();
    this.redraw();
    const { cast, level } = this.get();
    if (cast === undefined) return;
    const story = tellStory(session.reader, from, to, source, level, cast);
    if (story === undefined) {
      const said = session.complaint.trim();
      const nothing = phrase("send.nothing", { place: cast.name(source) });
      this.set({ notice: said === "" ? nothing : phrase("failed.act", { message: said }) });
      return;
    }
    this.set({ story, cursor: 0, tab: "hop", sheet: false });
    this.redraw(true);
    this.goTo(0);
    this.play(true);
  }

  private fail({ reason, message }: EngineFailure): void {
    if (reason === "crash") this.set({ phase: { kind: "crashed", message }, playing: false });
    else this.set({ notice: phrase("failed.act", { message }) });
  }

  private goTo(hop: number): void {
    const { session, story } = this.get();
    if (session === undefined || story === undefined) return;
    const cursor = Math.max(0, Math.min(story.hops.length - 1, hop));
    session.world.moveTo((story.hops[cursor]?.last ?? 0) + 1);
    this.set({ cursor, field: undefined });
    this.redraw();
  }

  private play(playing: boolean): void {
    const { story, cursor } = this.get();
    if (story === undefined) return;
    if (playing && cursor >= story.hops.length - 1) this.goTo(0);
    this.set({ playing });
  }

  private setLevel(level: Level): void {
    const { story, cursor, cast } = this.get();
    this.set({ level, playing: false });
    if (story === undefined || cast === undefined) return;
    const at = story.hops[cursor]?.lead.anchor.index ?? 0;
    const told = retell(story, level, cast);
    this.set({ story: told });
    this.goTo(hopAt(told, at));
  }

  private choosePod(netns: number): void {
    const { choosing } = this.get();
    if (choosing === undefined) return;
    if (choosing.source === undefined) this.set({ choosing: { source: netns } });
    else if (choosing.source === netns) this.set({ choosing: { source: undefined } });
    else void this.send(choosing.source, netns);
  }

  /** Computes the drawing anew when devices have changed. */
  private redraw(force = false): void {
    const { session, story } = this.get();
    if (session === undefined || (!force && this.drawn === session.world.drawing)) return;
    this.drawn = session.world.drawing;
    const topology = survey(session.world);
    const scene = layout(topology, session.world, story?.visited ?? new Set());
    this.set({ cast: new Cast(topology), scene });
  }
}
