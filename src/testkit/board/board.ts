import { format } from "../../app/i18n/text.ts";
import { Cast } from "../../app/model/cast.ts";
import { explainHop } from "../../app/model/explain/explain.ts";
import type { Explanation } from "../../app/model/explain/phrase.ts";
import type { Hop } from "../../app/model/hops.ts";
import { errandAction, type Probe } from "../../app/model/probe.ts";
import { preparedAction, preparedFrom } from "../../app/model/prepared.ts";
import { newSince, openTurn, type Story, tellStory } from "../../app/model/story.ts";
import { survey } from "../../app/model/topology.ts";
import { WorldState } from "../../app/model/world.ts";
import { must } from "../../base/result.ts";
import { openLab } from "../../lab/index.ts";
import type { Action } from "../../protocol/messages.ts";
import { firstLight } from "../../scenario/first-light.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { PreparedProbe } from "../../scenario/story.ts";
import { TraceReader } from "../../trace/reader.ts";

/** A scenario in the real engine as the board sees it; the page's own one when none is given. */
export class Board {
  readonly reader = new TraceReader();
  readonly world = new WorldState(this.reader);
  private readonly lab;

  constructor(scenario: Scenario = firstLight) {
    const opened = openLab(scenario);
    if (!opened.ok) throw new Error(opened.error.message);
    this.lab = opened.value.lab;
    while (opened.value.start.step() === undefined) this.reader.append(this.lab.takeTrace());
    this.catchUp();
  }

  get cast(): Cast {
    return new Cast(survey(this.world));
  }

  catchUp(): void {
    this.reader.append(this.lab.takeTrace());
    this.world.moveToEnd();
  }

  act(action: Action): { readonly from: number; readonly to: number } {
    const from = this.reader.length;
    const run = this.lab.act(action, () => undefined);
    if (!run.ok) throw new Error(run.error.message);
    while (run.value.step() === undefined);
    this.catchUp();
    return { from, to: this.reader.length };
  }

  send(from: number, probe: Probe, target: string): Story {
    const { action, program } = must(errandAction(this.cast, this.world, { from, probe, target }), "errand");
    const stretch = this.act(action);
    return must(tellStory(this.reader, stretch, { netns: from, program }, "hooks", this.cast), "story");
  }

  /** A question that the scenario has prepared; undefined when no packet leaves for it. */
  ask(probe: PreparedProbe): Story | undefined {
    const from = must(preparedFrom(this.world, probe), probe.from);
    const { action, program } = must(preparedAction(this.world, probe), "action");
    const stretch = this.act(action);
    const command = action.kind === "shell" ? action.command : undefined;
    return tellStory(this.reader, stretch, { netns: from, program, command }, "hooks", this.cast);
  }

  netnsOf(label: string): number | undefined {
    return this.world.everywhere("netns").find(({ row }) => row.label === label)?.netns;
  }

  /** A command line at a place; the story of what the place sends for it. */
  sendFrom(label: string, command: string): Story | undefined {
    const stretch = this.act({ kind: "shell", at: label, command });
    const netns = must(this.netnsOf(label), label);
    return tellStory(this.reader, stretch, { netns }, "hooks", this.cast);
  }

  /** What a command prints. */
  print(at: string, command: string): string {
    return this.type(at, command).printed;
  }

  /** A command's exit status, and what it prints. */
  type(at: string, command: string): { readonly status: number; readonly printed: string } {
    let printed = "";
    const run = this.lab.act({ kind: "shell", at, command }, (stream, text) => {
      if (stream === "stdout") printed += text;
    });
    if (!run.ok) throw new Error(run.error.message);
    let status: number | undefined;
    while ((status = run.value.step()) === undefined);
    this.catchUp();
    return { status, printed };
  }

  /** What is said about every hop of a conversation, turn after turn. */
  explainAll({ conversation, level }: Story): readonly Explanation[] {
    const { cast } = this;
    const told = conversation.turns.flatMap(({ number }) => {
      const story = must(openTurn(conversation, number, level, cast), "turn");
      return story.hops.map((hop) => this.explain(story, hop));
    });
    this.world.moveToEnd();
    return told;
  }

  explain(story: Story, hop: Hop): Explanation {
    this.world.moveTo(hop.last + 1);
    return explainHop(hop, this.world, this.cast, newSince(story, hop.number));
  }

  headlines(story: Story): string[] {
    return story.hops.map((hop) => {
      const { headline } = this.explain(story, hop);
      return `${this.cast.name(hop.netns)}: ${format("en", headline.key, headline.values)}`;
    });
  }
}
