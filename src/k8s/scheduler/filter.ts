import type { NodeInfo, PodDemand } from "./node-info.ts";
import { affinityAllows, BLOCKING_EFFECTS, tolerates, untolerated } from "./predicates.ts";

/** Why a pod does not fit a node. */
export interface Misfit {
  readonly reasons: readonly string[];
  /** Evicting other pods could help. */
  readonly resolvable: boolean;
}

const never = (reason: string): Misfit => ({ reasons: [reason], resolvable: false });

export const WRONG_VOLUME = never("node(s) didn't match PersistentVolume's node affinity");

const CORDON = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** The default filters in their order; the first that objects speaks. Models: the plugins of kube-scheduler's default profile. */
export function misfit(demand: PodDemand, info: NodeInfo): Misfit | undefined {
  const closed = info.open ? undefined : turnedAway(demand, info);
  if (closed !== undefined) return closed;
  if (demand.choosy && !affinityAllows(demand.pod.spec, info.node))
    return never("node(s) didn't match Pod's node affinity/selector");
  if (info.portsClash(demand.hostPorts)) {
    return { reasons: ["node(s) didn't have free ports for the requested pod ports"], resolvable: true };
  }
  return shortage(demand, info);
}

/** By a cordon or a taint. */
function turnedAway({ pod: { spec } }: PodDemand, { node }: NodeInfo): Misfit | undefined {
  const { unschedulable, taints } = node.spec ?? {};
  if (unschedulable === true && !(spec.tolerations ?? []).some((each) => tolerates(each, CORDON)))
    return never("node(s) were unschedulable");
  return untolerated(taints, spec.tolerations, BLOCKING_EFFECTS) === undefined
    ? undefined
    : never("node(s) had untolerated taint(s)");
}

function shortage({ requests }: PodDemand, info: NodeInfo): Misfit | undefined {
  const { cpuMilli, memoryBytes } = requests;
  const crowded = info.pods.size + 1 > info.maxPods;
  const noCpu = cpuMilli > 0 && cpuMilli > info.cpuMilli - info.usedCpuMilli;
  const noMemory = memoryBytes > 0 && memoryBytes > info.memoryBytes - info.usedMemoryBytes;
  if (!crowded && !noCpu && !noMemory) return undefined;
  const reasons = [
    ...(crowded ? ["Too many pods"] : []),
    ...(noCpu ? ["Insufficient cpu"] : []),
    ...(noMemory ? ["Insufficient memory"] : []),
  ];
  return { reasons, resolvable: cpuMilli <= info.cpuMilli && memoryBytes <= info.memoryBytes };
}

/** `2 Insufficient cpu, 1 node(s) were unschedulable`, sorted as text. */
function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, n]) => `${n} ${reason}`)
    .toSorted()
    .join(", ");
}

/**
 * What the event and the PodScheduled condition say. Models: framework.FitError, the PostFilter of DynamicResources
 * ("no new claims to deallocate") and of DefaultPreemption. Not modelled: evicting pods of lower priority; where that
 * could help, the text says that no victims were found.
 */
export function unschedulableMessage(misfits: readonly Misfit[]): string {
  const head = `0/${misfits.length} nodes are available:`;
  const why = histogram(misfits.flatMap(({ reasons }) => reasons));
  const preemption = histogram(
    misfits.map(({ resolvable }) =>
      resolvable
        ? "No preemption victims found for incoming pod"
        : "Preemption is not helpful for scheduling",
    ),
  );
  return `${head} ${why}. no new claims to deallocate, preemption: ${head} ${preemption}.`;
}

/** What is said when no node was even looked at. Models: a PreFilter plugin that refuses. */
export function hopelessMessage(nodes: number, problem: string): string {
  const head = `0/${nodes} nodes are available:`;
  const preemption = `${head} ${nodes} Preemption is not helpful for scheduling.`;
  return `${head} ${problem}. no new claims to deallocate, preemption: ${preemption}`;
}
