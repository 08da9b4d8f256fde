import { createStore, type StoreApi } from "zustand/vanilla";
import type { EnginePort } from "../client/index.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { PreparedProbe } from "../scenario/story.ts";
import type { Language } from "./i18n/text.ts";
import type { Break } from "./model/breaks.ts";
import type { Cast } from "./model/cast.ts";
import type { Conversation } from "./model/conversation.ts";
import type { Phrase } from "./model/explain/phrase.ts";
import type { Level } from "./model/hops.ts";
import type { Places } from "./model/layout/free.ts";
import type { Scene } from "./model/layout/scene.ts";
import type { Score } from "./model/predict.ts";
import type { Probe, Repeat } from "./model/probe.ts";
import type { Story } from "./model/story.ts";
import type { LiveCommand } from "../scenario/edit/plan.ts";
import type { Subject } from "./build/subject.ts";
import type { Wiring } from "./builder.ts";
import { Director } from "./director.ts";
import type { Session, Stretch } from "./session.ts";

export type Theme = "light" | "dark";
export type Speed = "slow" | "normal" | "fast";

/** Milliseconds that a hop takes while playing. */
export const HOP_MS: Readonly<Record<Speed, number>> = { slow: 1600, normal: 800, fast: 350 };

export type Phase =
  | { readonly kind: "opening"; readonly records: number; readonly word: string }
  | { readonly kind: "ready" }
  | { readonly kind: "crashed" | "failed"; readonly message: string };

export type DialogName = "find" | "share" | "gallery" | "commands" | "yaml";

export interface Selection {
  readonly netns: number;
  /** 0 for the namespace itself. */
  readonly index: number;
  /** A Service instead, `default/frontend`: it is in no namespace of the kernel's. */
  readonly service?: string;
}

/** A packet to be sent: who, what, and to whom (a name or an address). */
export interface Errand {
  readonly from: number;
  readonly probe: Probe;
  readonly target: string;
  readonly repeat?: Repeat;
  /** A question of the scenario's own, which then counts instead of probe and target. */
  readonly prepared?: PreparedProbe;
}

export interface BoardState {
  readonly language: Language;
  readonly theme: Theme;
  readonly phase: Phase;
  readonly session: Session | undefined;
  readonly cast: Cast | undefined;
  readonly scene: Scene | undefined;
  readonly story: Story | undefined;
  /** What was done to follow the last edit, while it is looked at. */
  readonly wiring: Wiring | undefined;
  /** Where the board is to go: a namespace, and a number that is new each time. */
  readonly flight: { readonly netns: number; readonly number: number } | undefined;
  /** Number of the hop that the packet has reached. */
  readonly cursor: number;
  readonly level: Level;
  readonly playing: boolean;
  readonly speed: Speed;
  readonly probe: Probe;
  readonly repeat: Repeat;
  /** The next hop is hidden until somebody has guessed; `guess` is the choice that was made for it. */
  readonly predict: { readonly score: Score; readonly guess: number | undefined } | undefined;
  /** Records whose packets are all shown at once, instead of one packet. */
  readonly traffic: Stretch | undefined;
  /** Choosing who sends (no source yet) and who receives. */
  readonly choosing: { readonly source: number | undefined } | undefined;
  readonly sending: boolean;
  /** Places of the boxes while some of them are being moved. */
  readonly moving: Places | undefined;
  /** What a question of the scenario's own printed, when it is one for the shell. */
  readonly printed: { readonly command: string; readonly text: string; readonly status: number } | undefined;
  /** What was sent last. */
  readonly errand: Errand | undefined;
  readonly legend: boolean;
  /** The window that is open over the page. */
  readonly dialog: DialogName | undefined;
  /** Large type, and nothing but board and timeline. */
  readonly presenting: boolean;
  /** The panel in front at the foot of the page: an id of `dock/panels.ts`. */
  readonly panel: string;
  /** Where a terminal or a capture is asked for; the panel takes it away when it has opened one. */
  readonly wish: { readonly kind: "terminal" | "capture"; readonly at: Selection } | undefined;
  /** What was broken and not mended yet, in this order. */
  readonly broken: readonly Break[];
  /** What was mended last, until something else is done: it can be broken again. */
  readonly mended: Break | undefined;
  /** Records up to which the board has followed what happened without being asked for. */
  readonly seen: number;
  /** First record that counts as a change. */
  readonly mark: number;
  /** Namespace whose stack is opened up over the board. */
  readonly inside: number | undefined;
  /** Where a menu of what can be broken is open. */
  readonly menu: { readonly selection: Selection; readonly x: number; readonly y: number } | undefined;
  readonly selection: Selection | undefined;
  readonly tab: "hop" | "device" | "edit";
  /** Parts of the scenario that are chosen to be changed. */
  readonly subjects: readonly Subject[];
  /** A drag over the board draws a frame around what is to be chosen, and a click adds to the choice. */
  readonly selecting: boolean;
  /** One end of a cable whose other end is being chosen. */
  readonly connecting: Subject | undefined;
  readonly sheet: boolean;
  readonly notice: Phrase | undefined;
  /** Bytes of the field under the pointer. */
  readonly field: { readonly offset: number; readonly length: number } | undefined;
}

export interface BoardActions {
  readonly open: (scenario: Scenario) => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly send: (errand: Errand) => Promise<void>;
  readonly openTurn: (turn: number) => void;
  readonly goTo: (hop: number) => void;
  readonly step: (by: 1 | -1) => void;
  /** One hop on while playing, over the end of a turn into the next; false at the very end. */
  readonly advance: () => boolean;
  readonly stepPlace: (by: 1 | -1) => void;
  /** Types the command that breaks something, or the one that mends it. */
  readonly breakIt: (one: Break) => Promise<void>;
  readonly mend: (one: Break) => Promise<void>;
  /** Types the command that makes an entry anew, with `text` in it; answers why not, when it fails. */
  readonly editIt: (one: Break, text: string) => Promise<Phrase | undefined>;
  /** Breaks again what was mended last. */
  readonly breakAgain: () => Promise<void>;
  /** The choice that was made for the next hop, once for each. */
  readonly guess: (choice: number, isRight: boolean) => void;
  readonly play: (playing: boolean) => void;
  readonly setLevel: (level: Level) => void;
  readonly choosePod: (netns: number) => void;
  readonly select: (selection: Selection) => void;
  /** Plays a turn of a conversation that was found in the trace. */
  readonly tell: (conversation: Conversation, turn: number) => Promise<void>;
  /** Puts the cursor on a record of the trace. */
  readonly showRecord: (index: number) => Promise<void>;
  /** Follows the world to its present moment, unless a story is open. */
  readonly catchUp: () => void;
  /** Brings the running world after an edit; from then on a restart opens the scenario as it is now. False when it was refused. */
  readonly follow: (commands: readonly LiveCommand[], scenario: Scenario) => Promise<boolean>;
  /** Shows the world as it stood after a step of following. */
  readonly lookAt: (step: number) => void;
  readonly endWiring: () => void;
  /** On a large board: the rooms that are near enough to be drawn with what is in them. */
  readonly lookNear: (rooms: ReadonlySet<number>) => void;
  /** Goes to a node or a pod, wherever it is. */
  readonly flyTo: (netns: number, pod?: string) => Promise<void>;
  /** Plain settings that nothing else depends on. */
  readonly set: (change: Partial<Pick<BoardState, Plain>>) => void;
}

type Plain =
  | "broken"
  | "mark"
  | "errand"
  | "language"
  | "theme"
  | "speed"
  | "probe"
  | "repeat"
  | "menu"
  | "inside"
  | "predict"
  | "traffic"
  | "printed"
  | "moving"
  | "choosing"
  | "playing"
  | "wiring"
  | "subjects"
  | "selecting"
  | "connecting"
  | "tab"
  | "sheet"
  | "notice"
  | "field"
  | "legend"
  | "panel"
  | "wish"
  | "dialog"
  | "presenting";

export type Board = BoardState & BoardActions;

const NOTHING: Omit<BoardState, "language" | "theme"> = {
  phase: { kind: "opening", records: 0, word: "" },
  session: undefined,
  cast: undefined,
  scene: undefined,
  story: undefined,
  wiring: undefined,
  flight: undefined,
  cursor: 0,
  level: "hooks",
  playing: false,
  speed: "normal",
  probe: "ping",
  repeat: "once",
  predict: undefined,
  traffic: undefined,
  choosing: undefined,
  sending: false,
  moving: undefined,
  printed: undefined,
  errand: undefined,
  legend: false,
  dialog: undefined,
  presenting: false,
  panel: "hops",
  wish: undefined,
  broken: [],
  mended: undefined,
  seen: 0,
  mark: 0,
  menu: undefined,
  inside: undefined,
  selection: undefined,
  tab: "hop",
  subjects: [],
  selecting: false,
  connecting: undefined,
  sheet: false,
  notice: undefined,
  field: undefined,
};

export type BoardStore = StoreApi<Board>;

/** The page's state, empty, with the actions that change it. */
export function createBoard(
  startEngine: () => EnginePort,
  initial: Pick<BoardState, "language" | "theme">,
): BoardStore {
  return createStore<Board>()((set, get) => ({
    ...NOTHING,
    ...initial,
    ...new Director(startEngine, set, get).actions(),
  }));
}
