import { type Answer, EngineClient, type EngineFailure, type EnginePort } from "../client/index.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { Action, TerminalAction, TerminalEvent } from "../protocol/messages.ts";
import type { Scenario } from "../scenario/schema.ts";
import { TraceReader } from "../trace/reader.ts";
import type { Deed, Done } from "./model/deeds.ts";
import { RuleCounts } from "./model/rule-counts.ts";
import { WorldState } from "./model/world.ts";

/** Records of an action, from the first to the one behind the last. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Characters of a command's output that are kept. */
const MOST_PRINTED = 20_000;

/** The engine and everything it has told so far. A new session begins from nothing. */
export class Session {
  private static made = 0;
  /** Tells one session from the next. */
  readonly number = ++Session.made;
  readonly reader = new TraceReader();
  readonly world = new WorldState(this.reader);
  readonly counts = new RuleCounts(this.reader);
  /** Called whenever more of the trace has come. */
  readonly growth = new Set<() => void>();
  /** Hears what the terminals tell, by their numbers. */
  readonly hearers = new Set<(terminal: number, event: TerminalEvent) => void>();
  /** Virtual nanoseconds, as of the last answer. */
  now = 0;
  private readonly client: EngineClient;
  /** The engine does one thing at a time: what is asked meanwhile waits for its turn. */
  private turn: Promise<unknown> = Promise.resolve();
  /** What the reader has done here, in its order; what follows an edit is part of the scenario and not told again. */
  readonly deeds: Done[] = [];
  /** The highest number that a terminal has had. */
  private terminals = 0;
  /** What the last action wrote to its standard error. */
  complaint = "";
  /** What it wrote to its standard output, as far as one would read it. */
  printed = "";

  /** `told` is called whenever more of the trace has come. */
  constructor(port: EnginePort, told: () => void) {
    this.client = new EngineClient(port, {
      trace: (chunk) => {
        this.reader.append(chunk);
        told();
        for (const grown of this.growth) grown();
      },
      terminal: (terminal, event) => {
        for (const hear of this.hearers) hear(terminal, event);
      },
      output: (stream, text) => {
        if (stream === "stderr") this.complaint += text;
        else if (this.printed.length < MOST_PRINTED) this.printed += text;
      },
    });
  }

  async open(scenario: Scenario): Promise<Result<void, EngineFailure>> {
    const answer = await this.ask(() => this.client.open(scenario));
    return answer.ok ? ok() : err(answer.error);
  }

  /** `deed` is what the reader did by it: nothing, when the world follows an edit. */
  async act(
    action: Action,
    deed: Deed | undefined,
  ): Promise<Result<Stretch & { readonly status: number }, EngineFailure>> {
    const done = this.note(deed);
    const answer = await this.ask(() => {
      this.complaint = "";
      this.printed = "";
      return this.client.act(action);
    });
    if (done !== undefined && answer.ok) done.from = answer.value.from;
    if (!answer.ok) return err(answer.error);
    const { from, to, status } = answer.value;
    return ok({ from, to, status });
  }

  /** Tells of a deed more than was known when it was done. */
  amend(deed: Deed, more: Deed): void {
    const at = this.deeds.findIndex((done) => done.deed === deed);
    const done = this.deeds[at];
    if (done !== undefined) this.deeds[at] = { deed: more, from: done.from };
  }

  /** A number that no terminal of this world has had. */
  nextTerminal(): number {
    return ++this.terminals;
  }

  async terminal(terminal: number, action: TerminalAction): Promise<Answer> {
    this.terminals = Math.max(this.terminals, terminal);
    const done = this.note({ kind: "terminal", terminal, action });
    const answer = await this.ask(() => this.client.terminal(terminal, action));
    if (answer.ok && done !== undefined) done.from = answer.value.from;
    return answer;
  }

  /** Lets virtual time pass; for the reader, or for an edit to take effect. */
  async advance(nanos: number, whose: "reader" | "edit" = "reader"): Promise<Answer> {
    const done = whose === "edit" ? undefined : this.noteWait(nanos);
    const answer = await this.ask(() => this.client.advance(nanos));
    if (answer.ok && done !== undefined) done.from ??= answer.value.from;
    return answer;
  }

  private note(deed: Deed | undefined): Done | undefined {
    if (deed === undefined) return undefined;
    const done: Done = { deed, from: undefined };
    this.deeds.push(done);
    return done;
  }

  /** Time that passes in small steps is one deed. */
  private noteWait(nanos: number): Done | undefined {
    const last = this.deeds.at(-1);
    if (last?.deed.kind !== "wait") return this.note({ kind: "wait", nanos });
    const longer: Done = { deed: { kind: "wait", nanos: last.deed.nanos + nanos }, from: last.from };
    this.deeds[this.deeds.length - 1] = longer;
    return longer;
  }

  close(): void {
    this.client.close();
  }

  private ask(request: () => Promise<Answer>): Promise<Answer> {
    const answer = this.turn.then(request);
    this.turn = answer;
    return answer.then((given) => {
      if (given.ok) this.now = given.value.now;
      return given;
    });
  }

  /** The last thing that a component of the control plane said. */
  lastWord(): string {
    for (let i = this.reader.length - 1; i >= Math.max(0, this.reader.length - 400); i--) {
      if (this.reader.kind(i) !== "control") continue;
      const record = this.reader.record(i);
      if (record.kind === "control") return `${record.component}: ${record.text}`;
    }
    return "";
  }
}
