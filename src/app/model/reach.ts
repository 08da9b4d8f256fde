import type { Action } from "../../protocol/messages.ts";
import type { TraceReader } from "../../trace/reader.ts";
import type { Cast } from "./cast.ts";
import { shortPodName } from "./cast.ts";
import { FlowLog, type Verdict } from "./flows.ts";
import { addressOf, errandAction, type Probe } from "./probe.ts";
import { serviceName, servicesOf } from "./services.ts";
import type { WorldState } from "./world.ts";

export interface ReachSource {
  readonly netns: number;
  readonly name: string;
}

export interface ReachTarget {
  readonly key: string;
  readonly name: string;
  readonly kind: "pod" | "node" | "service";
  /** What the probe is told. */
  readonly target: string;
  /** The namespace that has the address; asking oneself is left out. */
  readonly netns: number | undefined;
}

/** How one question went, and the record at which it failed or began. */
export interface ReachCell {
  readonly verdict: Verdict;
  readonly index: number;
  readonly reason: string;
  readonly place: string;
}

/** Questions that one matrix may ask. */
export const MOST_CELLS = 400;

/** Who asks: pods that people made, and nodes; of the machinery's own pods nobody asks. */
export function reachSources(cast: Cast): readonly ReachSource[] {
  const pods = cast.pods.filter(
    ({ label, ip }) => ip !== undefined && !/\.(kube-[^.]+|local-path-storage)\./.test(label),
  );
  const rooms = cast.topology.rooms.filter(({ netns }) => addressOf(cast, netns) !== undefined);
  return [
    ...pods.map(({ netns, name }) => ({ netns, name: shortPodName(name) })),
    ...rooms.map(({ netns, name }) => ({ netns, name })),
  ];
}

/** Who is asked: the same places by their addresses, and Services by name and port. */
export function reachTargets(cast: Cast, world: WorldState): readonly ReachTarget[] {
  const places = reachSources(cast).flatMap(({ netns, name }): ReachTarget[] => {
    const target = addressOf(cast, netns);
    const kind = cast.place(netns)?.kind === "pod" ? "pod" : "node";
    return target === undefined ? [] : [{ key: target, name, kind, target, netns }];
  });
  const services = servicesOf(world).flatMap((service) =>
    service.ports.slice(0, 1).map(({ port }): ReachTarget => {
      const name = `${serviceName(service)}:${port}`;
      return { key: name, name, kind: "service", target: `${service.address}:${port}`, netns: undefined };
    }),
  );
  return [...places, ...services];
}

/** The command that asks: a ping to places, a TCP connection to Services and when a port is given. */
export function reachAction(
  cast: Cast,
  world: WorldState,
  source: ReachSource,
  { kind, target }: ReachTarget,
  port: number | undefined,
): Action | undefined {
  const probe: Probe = kind === "service" || port !== undefined ? "tcp" : "ping";
  const to = kind !== "service" && port !== undefined ? `${target}:${port}` : target;
  return errandAction(cast, world, { from: source.netns, probe, target: to })?.action;
}

/** What became of a question: the flow that the source began between two records. */
export function reachCell(
  reader: TraceReader,
  from: number,
  source: ReachSource,
  { target }: ReachTarget,
  cast: Cast,
): ReachCell {
  const host = target.split(":")[0] ?? target;
  const flow = new FlowLog(reader, from)
    .list()
    .findLast(({ netns, dst }) => netns === source.netns && dst.split(":")[0] === host);
  if (flow === undefined) return { verdict: "silent", index: from, reason: "", place: source.name };
  const { verdict, drop, first } = flow;
  return {
    verdict,
    index: drop?.index ?? first,
    reason: drop?.reason ?? "",
    place: cast.name(drop?.netns ?? source.netns),
  };
}
