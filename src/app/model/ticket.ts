import type { Cast } from "./cast.ts";
import { natOf, flowOf } from "./explain/netfilter.ts";
import type { FlowView } from "./explain/phrase.ts";
import { isTranslated } from "./hops.ts";
import { newSince, type Story } from "./story.ts";
import type { WorldState } from "./world.ts";

/** One end of a flow, and whether NAT put it there. */
export interface TicketEnd {
  readonly text: string;
  readonly stamped: boolean;
}

/** What a node's conntrack knows about the packet on the board: a ticket of two lines. */
export interface Ticket {
  readonly flow: FlowView;
  readonly original: readonly [TicketEnd, TicketEnd];
  readonly reply: readonly [TicketEnd, TicketEnd];
  /** What is being rewritten at this very hop, by the ticket. */
  readonly nat: { readonly before: string; readonly after: string; readonly isBack: boolean } | undefined;
}

function endsOf(tuple: string): readonly [string, string] {
  const [from = "", to = ""] = tuple.replace(/ id \d+$/, "").split(" → ");
  return [from, to];
}

/** The ticket of a namespace as it stands at hop `at`, from the last hook there that asked conntrack about the inner packet. */
export function ticketOf(
  story: Story,
  at: number,
  netns: number,
  world: WorldState,
  cast: Cast,
): Ticket | undefined {
  const steps = story.hops.slice(0, at + 1).flatMap((hop) => (hop.lane === "arp" ? [] : hop.steps));
  const step = steps.findLast((one) => one.netns === netns && one.conntrack !== undefined && !one.wrapped);
  if (step === undefined) return undefined;
  const context = { step, world, cast, since: newSince(story, at) };
  const flow = flowOf(context);
  if (flow === undefined) return undefined;
  const [a, b] = endsOf(flow.original);
  const [c, d] = endsOf(flow.reply);
  const now = story.hops[at]?.steps.find((one) => one === step && isTranslated(one));
  return {
    flow,
    original: [
      { text: a, stamped: false },
      { text: b, stamped: false },
    ],
    reply: [
      { text: c, stamped: c !== b },
      { text: d, stamped: d !== a },
    ],
    nat: now === undefined ? undefined : { ...natOf(context), isBack: flow.isReply },
  };
}
