import { createStore } from "zustand/vanilla";
import type { EngineFailure, EnginePort } from "../client/index.ts";
import type { Action } from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { Language } from "./i18n/text.ts";
import { Cast } from "./model/cast.ts";
import type { Phrase } from "./model/explain/phrase.ts";
import { phrase } from "./model/explain/phrase.ts";
import type { Level } from "./model/hops.ts";
import { layout } from "./model/layout/layout.ts";
import type { Scene } from "./model/layout/scene.ts";
import { hopAt, nextPlace, retell, type Story, tellStory } from "./model/story.ts";
import { survey } from "./model/topology.ts";
import { Session } from "./session.ts";

export type Theme = "light" | "dark";
export type Speed = "slow" | "normal" | "fast";
export type Probe = "ping" | "udp";

/** Milliseconds that a hop takes while playing. */
export const HOP_MS: Readonly<Record<Speed, number>> = { slow: 1600, normal: 800, fast: 350 };

/** Port of the UDP probe: the one that traceroute made customary. */
const PROBE_PORT = 33434;

export type Phase =
  | { readonly kind: "opening"; readonly records: number; readonly word: string }
  | { readonly kind: "ready" }
  | { readonly kind: "crashed" | "failed"; readonly message: string };

export interface Selection {
  readonly netns: number;
  /** 0 for the namespace itself. */
  readonly index: number;
}

export interface BoardState {
  readonly language: Language;
  readonly theme: Theme;
  readonly phase: Phase;
  readonly session: Session | undefined;
  readonly cast: Cast | undefined;
  readonly scene: Scene | undefined;
  readonly story: Story | undefined;
  /** Number of the hop that the packet has reached. */
  readonly cursor: number;
  readonly level: Level;
  readonly playing: boolean;
  readonly speed: Speed;
  readonly probe: Probe;
  /** Choosing who sends (no source yet) and who receives. */
  readonly choosing: { readonly source: number | undefined } | undefined;
  readonly sending: boolean;
  readonly selection: Selection | undefined;
  readonly tab: "hop" | "device";
  readonly sheet: boolean;
  readonly notice: Phrase | undefined;
  /** Bytes of the field under the pointer. */
  readonly field: { readonly offset: number; readonly length: number } | undefined;
}

export interface BoardActions {
  open(scenario: Scenario): Promise<void>;
  restart(): Promise<void>;
  send(from: number, to: number): Promise<void>;
  goTo(hop: number): void;
  step(by: 1 | -1): void;
  stepPlace(by: 1 | -1): void;
  play(playing: boolean): void;
  setLevel(level: Level): void;
  choosePod(netns: number): void;
  select(selection: Selection): void;
  /** Plain settings that nothing else depends on. */
  set(change: Partial<Pick<BoardState, Plain>>): void;
}

type Plain = "language" | "theme" | "speed" | "probe" | "choosing" | "playing" | "tab" | "sheet" | "notice" | "field";

export type Board = BoardState & BoardActions;

export function createBoard(startEngine: () => EnginePort, initial: Pick<BoardState, "language" | "theme">) {
  let scenario: Scenario | undefined;
  return createStore<Board>()((set, get) => {
    /** Computes the drawing anew when devices have changed. */
    let drawn: number | undefined;
    const redraw = (force = false): void => {
      const { session, story } = get();
      if (session === undefined || (!force && drawn === session.world.drawing)) return;
      drawn = session.world.drawing;
      const topology = survey(session.world);
      const scene = layout(topology, session.world, story?.visited ?? new Set());
      set({ cast: new Cast(topology), scene });
    };
    const fail = ({ reason, message }: EngineFailure): void => {
      if (reason === "crash") set({ phase: { kind: "crashed", message }, sending: false, playing: false });
      else set({ sending: false, notice: phrase("failed.act", { message }) });
    };

    return {
      ...initial,
      phase: { kind: "opening", records: 0, word: "" },
      session: undefined,
      cast: undefined,
      scene: undefined,
      story: undefined,
      cursor: 0,
      level: "hooks",
      playing: false,
      speed: "normal",
      probe: "ping",
      choosing: undefined,
      sending: false,
      selection: undefined,
      tab: "hop",
      sheet: false,
      notice: undefined,
      field: undefined,

      async open(next) {
        scenario = next;
        get().session?.close();
        const told = (): void => {
          if (get().phase.kind === "opening")
            set({ phase: { kind: "opening", records: session.reader.length, word: session.lastWord() } });
        };
        const session = new Session(startEngine(), told);
        drawn = undefined;
        set({
          session, phase: { kind: "opening", records: 0, word: "" }, cast: undefined, scene: undefined,
          story: undefined, cursor: 0, playing: false, selection: undefined, choosing: undefined, sending: false,
        });
        const opened = await session.open(next);
        if (get().session !== session) return;
        if (!opened.ok) {
          const { reason, message } = opened.error;
          set({ phase: { kind: reason === "crash" ? "crashed" : "failed", message } });
          return;
        }
        session.world.moveToEnd();
        redraw();
        set({ phase: { kind: "ready" } });
      },

      async restart() {
        if (scenario !== undefined) await get().open(scenario);
      },

      async send(from, to) {
        const { session, cast, probe } = get();
        const [source, target] = [cast?.place(from), cast?.place(to)];
        if (session === undefined || source === undefined || target === undefined || get().sending) return;
        const address = target.kind === "pod" ? target.pod.ip : undefined;
        if (address === undefined) return;
        const action: Action =
          probe === "ping"
            ? { kind: "ping", from: source.label, to: address }
            : { kind: "udp", from: source.label, to: address, port: PROBE_PORT, text: "hello" };
        set({ sending: true, choosing: undefined, playing: false, notice: undefined });
        const done = await session.act(action);
        if (get().session !== session) return;
        if (!done.ok) {
          fail(done.error);
          return;
        }
        session.world.moveToEnd();
        redraw();
        const now = get().cast!;
        const story = tellStory(session.reader, done.value.from, done.value.to, from, get().level, now);
        if (story === undefined) {
          set({ sending: false, notice: phrase("send.nothing", { place: now.name(from) }) });
          return;
        }
        set({ story, sending: false, tab: "hop", sheet: false });
        redraw(true);
        get().goTo(0);
        get().play(true);
      },

      goTo(hop) {
        const { session, story } = get();
        if (session === undefined || story === undefined) return;
        const cursor = Math.max(0, Math.min(story.hops.length - 1, hop));
        session.world.moveTo((story.hops[cursor]?.last ?? 0) + 1);
        set({ cursor, field: undefined });
        redraw();
      },

      step(by) {
        set({ playing: false });
        get().goTo(get().cursor + by);
      },

      stepPlace(by) {
        const { story, cursor } = get();
        set({ playing: false });
        if (story !== undefined) get().goTo(nextPlace(story, cursor, by));
      },

      play(playing) {
        const { story, cursor } = get();
        if (story === undefined) return;
        if (playing && cursor >= story.hops.length - 1) get().goTo(0);
        set({ playing });
      },

      setLevel(level) {
        const { story, cursor, cast } = get();
        set({ level, playing: false });
        if (story === undefined || cast === undefined) return;
        const at = story.hops[cursor]?.lead.anchor.index ?? 0;
        const told = retell(story, level, cast);
        set({ story: told });
        get().goTo(hopAt(told, at));
      },

      choosePod(netns) {
        const { choosing } = get();
        if (choosing === undefined) return;
        if (choosing.source === undefined) set({ choosing: { source: netns } });
        else if (choosing.source === netns) set({ choosing: { source: undefined } });
        else void get().send(choosing.source, netns);
      },

      select(selection) {
        set({ selection, tab: "device", sheet: true });
      },

      set(change) {
        set(change);
      },
    };
  });
}

export type BoardStore = ReturnType<typeof createBoard>;
