import type { Random } from "../../sim/random.ts";
import type { NodeInfo, PodDemand } from "./node-info.ts";
import { affinityPreference, untolerated } from "./predicates.ts";

const MAX_SCORE = 100;

/** The default profile's weights of what is modelled. Not modelled: inter-pod affinity, image locality. */
const WEIGHTS = { taints: 3, affinity: 2, spread: 2, leastAllocated: 1, balanced: 1 } as const;

/** Free room after the pod, 0 to 100. Models: noderesources least_allocated.go. */
function leastAllocated(demand: PodDemand, info: NodeInfo): number {
  const share = (total: number, used: number): number =>
    total === 0 || used > total ? 0 : Math.floor(((total - used) * MAX_SCORE) / total);
  const cpu = share(info.cpuMilli, info.scoredCpuMilli + demand.scored.cpuMilli);
  const memory = share(info.memoryBytes, info.scoredMemoryBytes + demand.scored.memoryBytes);
  return Math.floor((cpu + memory) / 2);
}

/** How evenly processor and memory would be used. Models: noderesources balanced_allocation.go. */
function balanced(demand: PodDemand, info: NodeInfo): number {
  const share = (total: number, used: number): number => (total === 0 ? 0 : Math.min(1, used / total));
  const cpu = share(info.cpuMilli, info.usedCpuMilli + demand.requests.cpuMilli);
  const memory = share(info.memoryBytes, info.usedMemoryBytes + demand.requests.memoryBytes);
  return Math.floor((1 - Math.abs(cpu - memory) / 2) * MAX_SCORE);
}

/** Fewest siblings is best. Models: podtopologyspread with the system's default constraints, for hostnames. */
function spread(siblings: number, least: number, most: number): number {
  return most === 0 ? MAX_SCORE : Math.floor((MAX_SCORE * (most + least - siblings)) / most);
}

/** The best of the nodes that fit; chance decides between equals. */
export function best(demand: PodDemand, nodes: readonly NodeInfo[], random: Random): NodeInfo {
  const siblings = nodes.map((info) => info.groups.get(demand.group) ?? 0);
  const avoid = nodes.map((info) =>
    untolerated(info.node.spec?.taints, demand.pod.spec.tolerations, ["PreferNoSchedule"]) === undefined
      ? 0
      : 1,
  );
  const liked = nodes.map((info) => affinityPreference(demand.pod.spec, info.node));
  const [least, most] = [lowest(siblings), highest(siblings)];
  const mostLiked = highest(liked);
  let winner = nodes[0]!;
  let top = -1;
  let equals = 0;
  for (const [i, info] of nodes.entries()) {
    const score =
      WEIGHTS.taints * (avoid[i] === 0 ? MAX_SCORE : 0) +
      WEIGHTS.affinity * (mostLiked === 0 ? 0 : Math.floor((liked[i]! * MAX_SCORE) / mostLiked)) +
      WEIGHTS.spread * spread(siblings[i]!, least, most) +
      WEIGHTS.leastAllocated * leastAllocated(demand, info) +
      WEIGHTS.balanced * balanced(demand, info);
    if (score > top) {
      [winner, top, equals] = [info, score, 1];
    } else if (score === top && random.below(++equals) === 0) winner = info;
  }
  return winner;
}

function lowest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function highest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}
