import type { Random } from "../../sim/random.ts";
import type { Groups, NodeInfo, PodDemand } from "./node-info.ts";
import { affinityPreference, untolerated } from "./predicates.ts";

const MAX_SCORE = 100;

/** The default profile's weights of what is modelled. Not modelled: inter-pod affinity, image locality. */
const WEIGHTS = { taints: 3, affinity: 2, spread: 2, leastAllocated: 1, balanced: 1 } as const;

function free(total: number, used: number): number {
  return total === 0 || used > total ? 0 : Math.floor(((total - used) * MAX_SCORE) / total);
}

function share(total: number, used: number): number {
  return total === 0 ? 0 : Math.min(1, used / total);
}

/** Free room after the pod, 0 to 100. Models: noderesources least_allocated.go. */
function leastAllocated(demand: PodDemand, info: NodeInfo): number {
  const cpu = free(info.cpuMilli, info.scoredCpuMilli + demand.scored.cpuMilli);
  const memory = free(info.memoryBytes, info.scoredMemoryBytes + demand.scored.memoryBytes);
  return Math.floor((cpu + memory) / 2);
}

/** How evenly processor and memory would be used. Models: noderesources balanced_allocation.go. */
function balanced(demand: PodDemand, info: NodeInfo): number {
  const cpu = share(info.cpuMilli, info.usedCpuMilli + demand.requests.cpuMilli);
  const memory = share(info.memoryBytes, info.usedMemoryBytes + demand.requests.memoryBytes);
  return Math.floor((1 - Math.abs(cpu - memory) / 2) * MAX_SCORE);
}

/** Fewest siblings is best. Models: podtopologyspread with the system's default constraints, for hostnames. */
function spread(siblings: number, least: number, most: number): number {
  return most === 0 ? MAX_SCORE : Math.floor((MAX_SCORE * (most + least - siblings)) / most);
}

/** What a node's taints and labels are worth to the pod. `mostLiked`: the highest preference among the nodes. */
function fondness(demand: PodDemand, info: NodeInfo, mostLiked: number): number {
  const { spec } = demand.pod;
  const { taints } = info.node.spec ?? {};
  const avoided = !info.open && untolerated(taints, spec.tolerations, ["PreferNoSchedule"]) !== undefined;
  const liked =
    mostLiked === 0 ? 0 : Math.floor((affinityPreference(spec, info.node) * MAX_SCORE) / mostLiked);
  return WEIGHTS.taints * (avoided ? 0 : MAX_SCORE) + WEIGHTS.affinity * liked;
}

/** What does not depend on the pod's controller, kept until the node changes. */
function roomScore(demand: PodDemand, info: NodeInfo): number {
  const known = info.roomScore;
  if (known?.size === demand.size) return known.score;
  const score =
    WEIGHTS.leastAllocated * leastAllocated(demand, info) + WEIGHTS.balanced * balanced(demand, info);
  info.roomScore = { size: demand.size, score };
  return score;
}

/** The best of the first `count` nodes, which all fit; chance decides between equals. `groups`: where the pod's siblings are. */
export function best(
  demand: PodDemand,
  nodes: readonly NodeInfo[],
  count: number,
  groups: Groups,
  random: Random,
): NodeInfo {
  const there = groups.of(demand.group) ?? new Map<NodeInfo, number>();
  for (const [info, siblings] of there) info.siblings = siblings;
  const winner = choose(demand, nodes, count, random);
  for (const info of there.keys()) info.siblings = 0;
  return winner;
}

function choose(demand: PodDemand, nodes: readonly NodeInfo[], count: number, random: Random): NodeInfo {
  let [least, most, mostLiked] = [Infinity, 0, 0];
  for (let i = 0; i < count; i++) {
    const { siblings, node } = nodes[i]!;
    if (siblings < least) least = siblings;
    if (siblings > most) most = siblings;
    if (demand.choosy) mostLiked = Math.max(mostLiked, affinityPreference(demand.pod.spec, node));
  }
  const plain = WEIGHTS.taints * MAX_SCORE;
  let winner = nodes[0]!;
  let top = -1;
  let equals = 0;
  for (let i = 0; i < count; i++) {
    const info = nodes[i]!;
    const score =
      (info.open && mostLiked === 0 ? plain : fondness(demand, info, mostLiked)) +
      WEIGHTS.spread * spread(info.siblings, least, most) +
      roomScore(demand, info);
    if (score > top) {
      winner = info;
      top = score;
      equals = 1;
    } else if (score === top && random.below(++equals) === 0) winner = info;
  }
  return winner;
}
