import { type Phrase, phrase } from "../model/explain/phrase.ts";
import { findConversation, type Sender } from "../model/conversation.ts";
import type { Deed } from "../model/deeds.ts";
import { preparedAction, preparedFrom } from "../model/prepared.ts";
import { errandAction } from "../model/probe.ts";
import { type Cast, Cast as CastOf } from "../model/cast.ts";
import { survey } from "../model/topology.ts";
import type { Session, Stretch } from "../session.ts";
import type { Board, BoardStore, Errand } from "../store.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { Moment } from "./fragment.ts";

interface Told {
  readonly stretch: Stretch;
  readonly sender: Sender;
}

/** Does again what was done in a world, and goes where the reader stood; answers why not, if it cannot. */
export async function relive(
  moment: Moment,
  scenario: Scenario | undefined,
  board: BoardStore,
): Promise<Phrase | undefined> {
  const again = new Again(scenario, board);
  const { session } = again;
  if (session === undefined) return undefined;
  const told: (Told | undefined)[] = [];
  for (const [i, deed] of moment.deeds.entries()) {
    again.say(i + 1, moment.deeds.length);
    const done = await again.repeat(deed);
    if (board.getState().session !== session) return undefined;
    if (done.problem !== undefined) return done.problem;
    told.push(done.told);
  }
  again.finish();
  board.getState().setLevel(moment.level);
  return moment.story === undefined ? undefined : again.show(moment.story, told);
}

/** The world in which it happens again. */
class Again {
  readonly session: Session | undefined;
  private readonly scenario: Scenario | undefined;
  private readonly board: BoardStore;
  private broken: Board["broken"] = [];
  private mark: number | undefined;
  private errand: Errand | undefined;

  constructor(scenario: Scenario | undefined, board: BoardStore) {
    this.scenario = scenario;
    this.board = board;
    this.session = board.getState().session;
  }

  say(number: number, count: number): void {
    if (count > 1) this.board.getState().set({ notice: phrase("share.again", { number, count }) });
  }

  async repeat(deed: Deed): Promise<{ readonly told?: Told; readonly problem?: Phrase }> {
    const { session } = this;
    if (session === undefined) return {};
    switch (deed.kind) {
      case "wait":
        await session.advance(deed.nanos);
        return {};
      case "terminal":
        await this.atTerminal(deed);
        return {};
      case "type":
        return this.type(deed);
      case "prepared":
      case "ask":
        return this.ask(deed);
    }
  }

  /** What the board has to know at the end. */
  finish(): void {
    const { set, catchUp } = this.board.getState();
    const { broken, mark, errand } = this;
    set({ notice: undefined, broken, errand, ...(mark !== undefined && { mark }) });
    catchUp();
  }

  async show(
    story: NonNullable<Moment["story"]>,
    told: readonly (Told | undefined)[],
  ): Promise<Phrase | undefined> {
    const { session } = this;
    const lost = phrase("share.lost");
    const found = story.kind === "deed" ? told[story.deed] : this.between(story);
    if (session === undefined || found === undefined) return lost;
    const { stretch, sender } = found;
    const conversation = findConversation(session.reader, stretch.from, stretch.to, sender);
    if (conversation === undefined) return lost;
    await this.board.getState().tell(conversation, Math.min(story.turn, conversation.turns.length - 1));
    const { play, goTo } = this.board.getState();
    play(false);
    goTo(story.hop);
    return undefined;
  }

  private between({
    from,
    to,
    sender,
    program,
  }: Extract<Moment["story"], { kind: "records" }>): Told | undefined {
    const netns = this.netnsOf(sender);
    return netns === undefined ? undefined : { stretch: { from, to }, sender: { netns, program } };
  }

  private netnsOf(label: string): number | undefined {
    return this.session?.world.everywhere("netns").findLast(({ row }) => row.label === label)?.netns;
  }

  private async ask(
    deed: Extract<Deed, { kind: "ask" | "prepared" }>,
  ): Promise<{ told?: Told; problem?: Phrase }> {
    const { session } = this;
    if (session === undefined) return {};
    session.world.moveToEnd();
    const prepared = deed.kind === "prepared" ? this.scenario?.probes?.[deed.number] : undefined;
    const place = deed.kind === "ask" ? deed.from : (prepared?.from ?? "");
    const from = prepared === undefined ? this.netnsOf(place) : preparedFrom(session.world, prepared);
    if (from === undefined) return { problem: phrase("share.place", { place }) };
    const cast: Cast = new CastOf(survey(session.world));
    const asked =
      deed.kind === "ask"
        ? errandAction(cast, session.world, { ...deed, from })
        : prepared && preparedAction(session.world, prepared);
    if (asked === undefined) return { problem: phrase("share.place", { place }) };
    const done = await session.act(asked.action, deed);
    if (!done.ok) return { problem: phrase("failed.act", { message: done.error.message }) };
    this.errand =
      deed.kind === "ask"
        ? {
            from,
            probe: deed.probe,
            target: deed.target,
            ...(deed.repeat !== undefined && { repeat: deed.repeat }),
          }
        : {
            from,
            probe: "ping",
            target: prepared?.target ?? "",
            ...(prepared !== undefined && { prepared }),
          };
    return { told: { stretch: done.value, sender: { netns: from, program: asked.program } } };
  }

  private async type(deed: Extract<Deed, { kind: "type" }>): Promise<{ told?: Told; problem?: Phrase }> {
    const { session } = this;
    if (session === undefined) return {};
    const { at, command, breaks, mends } = deed;
    const first = session.reader.length;
    const done = await session.act({ kind: "shell", at, command }, deed);
    if (!done.ok) return { problem: phrase("failed.act", { message: done.error.message }) };
    if (breaks !== undefined && done.value.status === 0) {
      if (this.broken.length === 0) this.mark = first;
      this.broken = [...this.broken, { ...breaks, at, command }];
    }
    if (mends === true) {
      const mended = this.broken.findIndex((one) => one.at === at && (one.undo ?? "true") === command);
      this.broken = this.broken.filter((_, i) => i !== mended);
    }
    session.world.moveToEnd();
    const netns = this.netnsOf(at);
    return netns === undefined ? {} : { told: { stretch: done.value, sender: { netns } } };
  }

  private async atTerminal({ terminal, action }: Extract<Deed, { kind: "terminal" }>): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    const { hubOf } = await import("../terminal/hub.ts");
    const hub = hubOf(session, this.board);
    // Time passes only as it did then.
    hub.setClock({ playing: false });
    if (action.kind === "open") hub.adopt(terminal, action.at);
    await session.terminal(terminal, action);
  }
}
