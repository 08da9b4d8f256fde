import type { Cast } from "./cast.ts";
import { spot } from "./layout/scene.ts";
import type { Step } from "./steps.ts";
import { programOf } from "./words.ts";

/** How fine the timeline is. */
export const LEVELS = ["places", "devices", "hooks"] as const;
export type Level = (typeof LEVELS)[number];

/** One colour each, everywhere on the page. */
export type Tone = "app" | "transport" | "l3" | "l2" | "tunnel" | "nat" | "wire" | "drop";

/** One step of the timeline: at the finest level one step of the trace, else several. */
export interface Hop {
  readonly number: number;
  readonly steps: readonly Step[];
  /** The step that tells most about the hop. */
  readonly lead: Step;
  readonly tone: Tone;
  readonly netns: number;
  /** Where the token stands at its end. */
  readonly spot: string;
  /** Spots it passes, the last one included. */
  readonly way: readonly string[];
  /** Hooks that the bridge lent the packet to: they were passed though the token did not go there. */
  readonly lent: readonly string[];
  /** A few letters under the dot. */
  readonly label: string;
  readonly lane: Step["lane"];
  readonly strand: number;
  /** Records that have happened when the hop is over: the world's cursor stands after the last of them. */
  readonly last: number;
}

/** Hops of a lane that happen in one place, one after the other. */
export interface Visit {
  readonly netns: number;
  readonly hops: readonly Hop[];
}

/** One row of the timeline. */
export interface Track {
  readonly lane: Step["lane"];
  /** What the packet is, in its protocol's words. */
  readonly title: string;
  readonly visits: readonly Visit[];
}

export function toneOf(step: Step, cast: Cast): Tone {
  const { anchor } = step;
  if (anchor.kind === "drop") return "drop";
  if (anchor.kind === "encap" || anchor.kind === "decap") return "tunnel";
  if (anchor.kind === "hook" && isTranslated(step)) return "nat";
  if (anchor.kind === "hook" || anchor.kind === "route") return "l3";
  if (step.lane === "arp") return "l2";
  if (anchor.kind === "deliver" && isTunnelDelivery(step, cast)) return "transport";
  if (anchor.kind !== "frame") return "app";
  switch (cast.role(anchor.netns, anchor.dev)) {
    case "tunnel":
      return "tunnel";
    case "nic":
    case "port":
    case "switch":
      return "wire";
    default:
      return "l2";
  }
}

/** NAT changed the packet here. */
export function isTranslated({ rewrites }: Step): boolean {
  return rewrites.some(({ field }) => field !== "mark");
}

/** The tunnel's own UDP socket took the datagram, no program. */
export function isTunnelDelivery({ anchor }: Step, cast: Cast): boolean {
  if (anchor.kind !== "deliver") return false;
  const place = cast.place(anchor.netns);
  return place?.kind === "room" && place.room.tunnels.some(({ link }) => link.vxlan?.dstPort === anchor.port);
}

/** Where a token stands at a step; `undefined` for "where it stood before". */
export function spotOf(step: Step, cast: Cast): string | undefined {
  const { anchor } = step;
  const place = cast.place(anchor.netns);
  switch (anchor.kind) {
    case "frame":
    case "encap":
    case "decap":
      return spot.device(anchor.netns, anchor.dev);
    case "hook":
      if (place?.kind !== "room") return place?.kind === "pod" ? spot.stack(anchor.netns) : undefined;
      // br_netfilter lends the packet to the IP hooks: it does not leave the bridge for that.
      if (anchor.family === "bridge") return bridgeSpot(step, cast);
      return spot.hook(anchor.netns, step.pass, anchor.hook);
    case "route":
      if (place?.kind !== "room") return place?.kind === "pod" ? spot.stack(anchor.netns) : undefined;
      if (step.pass === "local" && anchor.purpose === "output") return undefined;
      return spot.hook(anchor.netns, step.pass, "route");
    case "deliver":
      return isTunnelDelivery(step, cast) ? spot.socket(anchor.netns) : spot.app(anchor.netns);
    case "origin":
    case "consume":
      return step.lane === "arp" && place?.kind !== "pod" ? undefined : spot.app(anchor.netns);
    case "drop":
      return fateSpot(step, cast);
  }
}

/** A rule's victim lies at its hook, also when the hook had only been lent by the bridge. */
function fateSpot({ anchor, fate, pass }: Step, cast: Cast): string | undefined {
  if (fate === undefined || cast.place(anchor.netns)?.kind !== "room") return undefined;
  const isBridged = fate.hook.family === "bridge";
  return spot.hook(anchor.netns, isBridged ? "forward" : pass, fate.hook.hook);
}

function bridgeSpot({ anchor, before }: Step, cast: Cast): string | undefined {
  const port = before === undefined ? undefined : cast.device(anchor.netns, before.dev);
  const bridge = port?.link.master ?? (port?.link.kind === "bridge" ? port.link.index : undefined);
  return bridge === undefined ? undefined : spot.device(anchor.netns, bridge);
}

/** Steps with the same station are one hop at the level of devices. */
function stationOf(step: Step, cast: Cast): string {
  const { anchor } = step;
  const place = cast.place(anchor.netns);
  if (anchor.kind === "drop") return "drop";
  if (anchor.kind === "frame" || anchor.kind === "encap" || anchor.kind === "decap") {
    const master = cast.device(anchor.netns, anchor.dev)?.link.master;
    return `dev/${master ?? anchor.dev}`;
  }
  if (place?.kind === "pod") return "app";
  if (anchor.kind === "hook" && anchor.family === "bridge") {
    const port = step.before === undefined ? undefined : cast.device(anchor.netns, step.before.dev);
    return `dev/${port?.link.master ?? port?.link.index ?? 0}`;
  }
  if (anchor.kind === "deliver" && isTunnelDelivery(step, cast)) return `stack/${step.pass}/${step.wrapped}`;
  return anchor.kind === "hook" || anchor.kind === "route" ? `stack/${step.pass}/${step.wrapped}` : "app";
}

const WEIGHT: Readonly<Record<Step["anchor"]["kind"], number>> = {
  drop: 9,
  encap: 8,
  decap: 8,
  deliver: 7,
  consume: 7,
  origin: 6,
  route: 5,
  frame: 4,
  hook: 3,
};

/** A translated packet is the news of any hop but those of the tunnel and of a loss. */
function weightOf(step: Step): number {
  return isTranslated(step) ? 7.5 : WEIGHT[step.anchor.kind];
}

/** Groups the steps into hops of the given level. */
export function hopsOf(steps: readonly Step[], level: Level, cast: Cast): readonly Hop[] {
  const told = level === "places" ? steps.filter(({ lane }) => lane !== "arp") : steps;
  const groups: Step[][] = [];
  const key = (step: Step): string => {
    if (level === "hooks") return String(step.anchor.index);
    const station = level === "places" ? "" : stationOf(step, cast);
    return `${step.strand}/${step.netns}/${station}`;
  };
  for (const step of told) {
    const group = groups.at(-1);
    if (group !== undefined && key(group[0]!) === key(step)) group.push(step);
    else groups.push([step]);
  }
  const here = new Map<number, string>();
  let last = "";
  return groups.map((group, number) => {
    const way = group.map((step) => {
      last = spotOf(step, cast) ?? here.get(step.strand) ?? last;
      here.set(step.strand, last);
      return last;
    });
    return describeHop(group, number, way, cast, level);
  });
}

function describeHop(
  steps: readonly Step[],
  number: number,
  way: readonly string[],
  cast: Cast,
  level: Level,
): Hop {
  const lead = steps.reduce((best, step) => (weightOf(step) > weightOf(best) ? step : best));
  const { lane, strand, netns } = lead;
  return {
    number,
    steps,
    lead,
    lane,
    strand,
    netns,
    way,
    lent: steps.flatMap(({ anchor, netns: at }) =>
      anchor.kind === "hook" && anchor.family === "bridge" ? [spot.hook(at, "forward", anchor.hook)] : [],
    ),
    tone: toneOf(lead, cast),
    spot: way.at(-1) ?? "",
    label: level === "places" ? "" : labelOf(lead, cast),
    last: Math.max(...steps.map((step) => step.last)),
  };
}

/** Names of things as Linux writes them, so they are the same in every language. */
function labelOf({ anchor, lane }: Step, cast: Cast): string {
  switch (anchor.kind) {
    case "frame":
    case "encap":
    case "decap":
      return cast.deviceName(anchor.netns, anchor.dev);
    case "hook":
      return anchor.hook;
    case "route":
      return "route";
    case "origin":
      if (lane === "arp") return anchor.origin.startsWith("arp") ? "ARP" : "NDP";
      return programOf(anchor.owner) || anchor.origin;
    case "deliver":
      return programOf(anchor.owner) || `:${anchor.port}`;
    case "consume":
      return anchor.by;
    case "drop":
      return "drop";
  }
}

/** The rows of the timeline: the packet, questions on the way, the answer. */
export function tracksOf(
  hops: readonly Hop[],
  titles: Readonly<Record<string, string>> = {},
): readonly Track[] {
  return (["request", "arp", "reply"] as const).flatMap((lane) => {
    const own = hops.filter((hop) => hop.lane === lane);
    if (own.length === 0) return [];
    const visits: { netns: number; strand: number; hops: Hop[] }[] = [];
    for (const hop of own) {
      const visit = visits.at(-1);
      if (visit?.netns === hop.netns && visit.strand === hop.strand) visit.hops.push(hop);
      else visits.push({ netns: hop.netns, strand: hop.strand, hops: [hop] });
    }
    return [{ lane, title: titles[lane] ?? "", visits }];
  });
}
