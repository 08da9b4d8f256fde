import type { DaemonSet, Draft, Pod, PodSpec, Toleration } from "../api/index.ts";
import { podFromTemplate } from "./owned-pods.ts";

/** What every DaemonSet pod puts up with. Models: pkg/controller/daemon/util AddOrUpdateDaemonPodTolerations. */
export function withDaemonTolerations(spec: PodSpec): readonly Toleration[] {
  const own = spec.tolerations ?? [];
  const exists = (name: string, effect: string): Toleration => ({
    key: `node.kubernetes.io/${name}`,
    operator: "Exists",
    effect,
  });
  const added = [
    exists("not-ready", "NoExecute"),
    exists("unreachable", "NoExecute"),
    exists("disk-pressure", "NoSchedule"),
    exists("memory-pressure", "NoSchedule"),
    exists("pid-pressure", "NoSchedule"),
    exists("unschedulable", "NoSchedule"),
    ...(spec.hostNetwork === true ? [exists("network-unavailable", "NoSchedule")] : []),
  ].filter((t) => !own.some((o) => o.key === t.key && o.effect === t.effect && o.operator === t.operator));
  return [...own, ...added];
}

/** The pod of one node: bound to it by an affinity that only the scheduler reads. */
export function daemonPod(
  set: DaemonSet,
  node: string,
  labels: Readonly<Record<string, string>>,
): Draft<"Pod"> {
  const pod = podFromTemplate(set, set.spec.template);
  const { affinity, ...spec } = pod.spec;
  const field = { key: "metadata.name", operator: "In", values: [node] };
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const own =
    terms === undefined
      ? [{ matchFields: [field] }]
      : terms.map((term) => ({ ...term, matchFields: [field] }));
  const generation = String(set.metadata.generation ?? 1);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, ...labels, "pod-template-generation": generation },
    },
    spec: {
      ...spec,
      affinity: {
        ...affinity,
        nodeAffinity: {
          ...affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: own },
        },
      },
      tolerations: withDaemonTolerations(spec),
    },
  };
}

/** The node that a daemon pod runs on or is meant for. */
export function nodeOfDaemonPod(pod: Pod): string {
  const { nodeName = "", affinity } = pod.spec;
  if (nodeName !== "") return nodeName;
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const field = terms.flatMap((term) => term.matchFields ?? []).find((each) => each.key === "metadata.name");
  return field?.values?.[0] ?? "";
}
