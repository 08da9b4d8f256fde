import type { EngineFailure } from "../client/index.ts";
import type { Deed } from "./model/deeds.ts";
import type { Break } from "./model/entries/entry.ts";
import { type Phrase, phrase } from "./model/explain/phrase.ts";
import type { Session } from "./session.ts";
import type { Board, BoardState } from "./store.ts";

/** What of the board a broken world needs. */
interface Shown {
  readonly redraw: () => void;
  readonly fail: (failure: EngineFailure) => void;
}

/** Entries that were changed: what the reader made of which entry, so that it can be done again. */
type Edited = WeakMap<Break, { readonly one: Break; readonly text: string }>;

/** Breaks, changes and mends by the commands that one would type, and keeps the list of what is broken. */
export class Breaker {
  private readonly set: (change: Partial<BoardState>) => void;
  private readonly get: () => Board;
  private readonly shown: Shown;
  private readonly edited: Edited = new WeakMap();

  constructor(set: (change: Partial<BoardState>) => void, get: () => Board, shown: Shown) {
    this.set = set;
    this.get = get;
    this.shown = shown;
  }

  async breakIt(one: Break): Promise<void> {
    const { label, values, undo, at, command } = one;
    const deed: Deed = { kind: "type", at, command, breaks: { label, values, undo } };
    const done = await this.type(deed);
    if (done?.status === 0) {
      const all = isFarReaching(one) ? await this.wayBack(one, done) : undefined;
      if (all !== undefined) done.session.amend(deed, { ...deed, breaks: { label, values, undo: all } });
      this.set({ broken: [...this.get().broken, { ...one, undo: all ?? undo }], mark: done.mark });
    } else if (done !== undefined) this.complain(done.session);
  }

  async mend(one: Break): Promise<void> {
    const { at, undo = "true" } = one;
    const done = await this.type({ kind: "type", at, command: undo, mends: true });
    if (done?.status === 0)
      this.set({ broken: this.get().broken.filter((other) => other !== one), mended: one });
    else if (done !== undefined) this.complain(done.session);
  }

  /** What was mended last is broken again, under the number or handle that it has now. */
  async again(): Promise<void> {
    const { mended, session, cast } = this.get();
    if (mended === undefined || session === undefined || cast === undefined) return;
    const { one, text } = this.edited.get(mended) ?? { one: mended, text: undefined };
    const { sameNow } = await import("./model/entries/again.ts");
    const now = sameNow(session.world, cast, one);
    if (text === undefined) await this.breakIt(now);
    else {
      const problem = await this.edit(now, text);
      if (problem !== undefined) this.set({ notice: problem });
    }
  }

  /** Makes an entry anew; a command that fails halfway is taken back. Answers why it could not be done. */
  async edit(one: Break, text: string): Promise<Phrase | undefined> {
    const { cast, session } = this.get();
    const place = cast?.byLabel(one.at);
    if (one.edit === undefined || cast === undefined || session === undefined || place === undefined)
      return undefined;
    const { editCommand } = await import("./model/entries/entry.ts");
    const { at } = one;
    const command = editCommand(one.edit, text);
    const deed: Deed = { kind: "type", at, command };
    const done = await this.type(deed);
    if (done === undefined) return undefined;
    const complaint = session.complaint.trim();
    const undo = await this.wayBack({ at, command }, done);
    if (done.status !== 0) {
      if (undo !== undefined) await this.type({ kind: "type", at, command: undo });
      return phrase("broken.failed", { message: complaint });
    }
    if (undo === undefined) return phrase("entry.nothing");
    const broken: Break = { label: "break.edit", values: { command }, at, command, undo };
    this.edited.set(broken, { one, text });
    session.amend(deed, { ...deed, breaks: { label: broken.label, values: broken.values, undo } });
    this.set({ broken: [...this.get().broken, broken], mark: done.mark });
    return undefined;
  }

  /** What takes back everything that a command has changed at its place. */
  private async wayBack(
    { at, command }: Pick<Break, "at" | "command">,
    { session, from, to }: { readonly session: Session; readonly from: number; readonly to: number },
  ): Promise<string | undefined> {
    const { undoOf } = await import("./model/entries/undo.ts");
    const { cast } = this.get();
    const place = cast?.byLabel(at);
    if (cast === undefined || place === undefined) return undefined;
    const undo = undoOf({ world: session.world, cast, place }, session.reader, command, from, to);
    session.world.moveToEnd();
    return undo;
  }

  /** A command of the reader's own, after which the board stands at the present; undefined when nothing came of it. */
  private async type(deed: Extract<Deed, { kind: "type" }>): Promise<
    | {
        readonly session: Session;
        readonly status: number;
        readonly from: number;
        readonly to: number;
        readonly mark: number;
      }
    | undefined
  > {
    const { session, sending } = this.get();
    if (session === undefined || sending) return undefined;
    const mark = this.get().broken.length === 0 ? session.reader.length : this.get().mark;
    this.set({ sending: true, playing: false, notice: undefined, menu: undefined, mended: undefined });
    const { at, command } = deed;
    const done = await session.act({ kind: "shell", at, command }, deed);
    if (this.get().session !== session) return undefined;
    this.set({ sending: false, story: undefined, traffic: undefined, cursor: 0 });
    session.world.moveToEnd();
    this.shown.redraw();
    if (!done.ok) {
      this.shown.fail(done.error);
      return undefined;
    }
    return { session, mark, ...done.value };
  }

  private complain({ complaint }: Session): void {
    this.set({ notice: phrase("broken.failed", { message: complaint.trim() }) });
  }
}

/** Whether more may follow from it than its own undo brings back: what a setting switches off, it takes along. */
function isFarReaching({ entry = "" }: Break): boolean {
  return entry.startsWith("sysctl/");
}
