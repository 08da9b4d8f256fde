import type { Cast } from "../cast.ts";
import { type Hop, isTunnelDelivery } from "../hops.ts";
import type { Step } from "../steps.ts";
import type { WorldState } from "../world.ts";
import type { Context } from "./context.ts";
import { explainConsume, explainDeliver, explainDrop, explainOrigin } from "./ends.ts";
import { explainFrame } from "./frame.ts";
import type { Explanation, Phrase } from "./phrase.ts";
import { explainHook, explainRoute, explainTunnel } from "./stack.ts";

/** Why a step happened, from the world as it stands right after it. */
export function explainStep(step: Step, world: WorldState, cast: Cast, since: number): Explanation {
  const told = explainAnchor({ step, world, cast, since });
  const place = cast.place(step.netns);
  // A switch of the underlay is a box that nobody logs in to.
  const isSealed = place?.kind === "switch" && place.label !== "";
  return isSealed ? { ...told, check: undefined, checks: [] } : told;
}

function explainAnchor(c: Context): Explanation {
  const { step, cast } = c;
  const { anchor } = step;
  switch (anchor.kind) {
    case "frame":
      return explainFrame(c, anchor);
    case "hook":
      return explainHook(c, anchor);
    case "route":
      return explainRoute(c, anchor);
    case "encap":
    case "decap":
      return explainTunnel(c, anchor);
    case "origin":
      return explainOrigin(c, anchor);
    case "deliver":
      return explainDeliver(c, anchor, isTunnelDelivery(step, cast));
    case "consume":
      return explainConsume(c, anchor);
    case "drop":
      return explainDrop(c, anchor);
  }
}

/** Why a hop happened: its leading step's reason; the badge of any of its steps. */
export function explainHop(hop: Hop, world: WorldState, cast: Cast, since: number): Explanation {
  const lead = explainStep(hop.lead, world, cast, since);
  if (hop.steps.length === 1 || lead.badge !== undefined) return lead;
  const ttl = hop.steps.find((step) => step.ttl !== undefined);
  const badge = ttl === undefined ? undefined : explainStep(ttl, world, cast, since).badge;
  return { ...lead, badge };
}

/** One line for each step of a hop that stands for several. */
export function outline(hop: Hop, world: WorldState, cast: Cast): readonly Phrase[] {
  return hop.steps.map((step) => explainStep(step, world, cast, Infinity).headline);
}
