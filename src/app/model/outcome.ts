import { viewFrame } from "./frame.ts";
import { explainHop } from "./explain/explain.ts";
import { phrase, type Phrase } from "./explain/phrase.ts";
import { type RuleLine, ruleLine } from "./netfilter.ts";
import { newSince, type Story } from "./story.ts";
import type { Cast } from "./cast.ts";
import { endText } from "./packet-ends.ts";
import type { Step } from "./steps.ts";
import type { WorldState } from "./world.ts";

/** What became of a packet in one place: in words, with the rules that it met and the commands that confirm it there. */
export interface Outcome {
  readonly verdict: "passed" | "taken" | "dropped" | "absent";
  readonly said: readonly Phrase[];
  readonly rules: readonly RuleLine[];
  readonly commands: readonly string[];
}

function endsOf(step: Step | undefined): { readonly src: string; readonly dst: string } {
  const layers = step === undefined ? [] : (viewFrame(step)?.layers ?? []);
  const field = (name: string): string =>
    layers.flatMap(({ layer }) => (layer.depth === 0 ? layer.fields : [])).find((f) => f.name === name)
      ?.value ?? "";
  const end = (side: "src" | "dst"): string => {
    const port = field(`tcp.${side}port`) || field(`udp.${side}port`);
    return endText(field(`ipv4.${side}`) || field(`ipv6.${side}`), port);
  };
  return { src: end("src"), dst: end("dst") };
}

/** On the node itself nobody types how to get there. */
function bare(command: string): string {
  return command.replace(/^ip netns exec \S+ /, "");
}

/** The way of a story's packet through one namespace. */
export function outcomeIn(story: Story, netns: number, world: WorldState, cast: Cast): Outcome {
  const hops = story.hops.filter((hop) => hop.netns === netns && hop.lane === "request");
  const steps = hops.flatMap((hop) => hop.steps);
  const last = steps.at(-1);
  const lastHop = hops.at(-1);
  const rules = steps
    .filter(({ anchor }) => anchor.kind !== "drop")
    .flatMap((step) => step.rules.map((record) => ruleLine(world, record)));
  const told = hops.map((hop) => explainHop(hop, world, cast, newSince(story, hop.number)));
  const commands = [
    ...new Set(
      told
        .flatMap(({ check, checks = [] }) => [...checks, ...(check === undefined ? [] : [check])])
        .map(bare),
    ),
  ].filter((command) => !command.startsWith("tcpdump"));
  if (last === undefined || lastHop === undefined)
    return { verdict: "absent", said: [phrase("outcome.absent")], rules, commands };
  const first = endsOf(steps.find(({ anchor }) => anchor.kind === "frame") ?? steps[0]);
  const now = endsOf(last);
  const values = { ...now, before: `${first.src} → ${first.dst}`, after: `${now.src} → ${now.dst}` };
  const changed = values.before === values.after ? [] : [phrase("outcome.changed", values)];
  const { anchor } = last;
  // What the node's programs listen to was not pasted: a packet that nobody here waits for has arrived all the same.
  const isNobody = anchor.kind === "drop" && /^(TCP_)?NO_SOCKET$/.test(anchor.reason);
  if (anchor.kind === "drop" && !isNobody) {
    const why = told.at(-1);
    const said = why === undefined ? [] : [why.headline, ...why.reason];
    return { verdict: "dropped", said, rules, commands };
  }
  if (anchor.kind === "frame" && anchor.direction === "out") {
    const port = cast.device(netns, anchor.dev);
    const dev = cast.deviceName(netns, port?.link.master ?? anchor.dev);
    return {
      verdict: "passed",
      said: [phrase("outcome.passed", { ...values, dev }), ...changed],
      rules,
      commands,
    };
  }
  return { verdict: "taken", said: [phrase("outcome.taken", values), ...changed], rules, commands };
}
