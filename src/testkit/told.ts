import { format } from "../app/i18n/text.ts";
import { Cast } from "../app/model/cast.ts";
import { explainHop } from "../app/model/explain/explain.ts";
import type { Explanation } from "../app/model/explain/phrase.ts";
import { preparedAction, preparedFrom } from "../app/model/prepared.ts";
import { newSince, openTurn, type Story, tellStory } from "../app/model/story.ts";
import { survey } from "../app/model/topology.ts";
import { WorldState } from "../app/model/world.ts";
import { openLab } from "../lab/index.ts";
import { parts } from "../lab/more.ts";
import { provideUserland } from "../lab/programs.ts";
import { userland } from "../lab/userland.ts";
import type { Scenario } from "../scenario/schema.ts";
import { TraceReader } from "../trace/reader.ts";

/** A hop as the page tells it, in English. */
export interface ToldHop {
  readonly place: string;
  readonly headline: string;
  readonly why: string;
  readonly advice: string;
  readonly explanation: Explanation;
  /** What one would type to see the same. */
  readonly checks: readonly string[];
}

/** A scenario in the real engine, whose prepared questions are told as the page tells them. */
export class ToldScenario {
  readonly reader = new TraceReader();
  readonly world = new WorldState(this.reader);
  private readonly lab;
  private readonly scenario: Scenario;

  constructor(scenario: Scenario) {
    provideUserland(userland, parts);
    this.scenario = scenario;
    const opened = openLab(scenario);
    if (!opened.ok) throw new Error(opened.error.message);
    this.lab = opened.value.lab;
    while (opened.value.start.step() === undefined) this.reader.append(this.lab.takeTrace());
    this.catchUp();
  }

  get cast(): Cast {
    return new Cast(survey(this.world));
  }

  /** The conversation of prepared question `number`, from 1; undefined when it sent nothing. */
  ask(number: number): Story | undefined {
    const probe = this.scenario.probes?.[number - 1];
    const asked = probe && preparedAction(this.world, probe);
    const netns = probe && preparedFrom(this.world, probe);
    if (asked === undefined || netns === undefined) throw new Error(`there is no question ${number}`);
    const from = this.reader.length;
    if (asked.action.kind !== "shell") throw new Error("a question is a command");
    this.type(asked.action.command, asked.action.at);
    const sender = { netns, program: asked.program };
    return tellStory(this.reader, { from, to: this.reader.length }, sender, "hooks", this.cast);
  }

  /** Runs a command line; answers its exit status and what it wrote. */
  type(command: string, at = ""): { readonly status: number; readonly printed: string } {
    let printed = "";
    const run = this.lab.act({ kind: "shell", at, command }, (_, text) => (printed += text));
    if (!run.ok) throw new Error(run.error.message);
    let status: number | undefined;
    while ((status = run.value.step()) === undefined);
    this.catchUp();
    return { status, printed };
  }

  /** Every hop of a conversation, turn after turn; the world ends at the present. */
  hops({ conversation }: Story): readonly ToldHop[] {
    const told: ToldHop[] = [];
    const { cast } = this;
    for (const { number } of conversation.turns) {
      const story = openTurn(conversation, number, "hooks", cast);
      for (const hop of story?.hops ?? []) {
        this.world.moveTo(hop.last + 1);
        const e = explainHop(hop, this.world, cast, newSince(story!, hop.number));
        const say = (phrase: Explanation["headline"]): string => format("en", phrase.key, phrase.values);
        told.push({
          place: cast.name(hop.netns),
          headline: say(e.headline),
          why: e.reason.map(say).join(" "),
          advice: e.advice === undefined ? "" : say(e.advice),
          explanation: e,
          checks: [...(e.check === undefined ? [] : [e.check]), ...(e.checks ?? [])],
        });
      }
    }
    this.world.moveToEnd();
    return told;
  }

  private catchUp(): void {
    this.reader.append(this.lab.takeTrace());
    this.world.moveToEnd();
  }
}
