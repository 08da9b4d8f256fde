import type { ApiClient, ApiResult, Draft, Pod, PodTemplate } from "../api/index.ts";
import { isReady } from "../api/pods.ts";

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined; readonly uid: string };
}

/** The reference by which an object is known to be controlled by `owner`. */
export function controllerReference(
  owner: Owner,
): NonNullable<Draft<"Pod">["metadata"]["ownerReferences"]>[number] {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A pod stamped from a template, named after its owner. Models: controller.GetPodFromTemplate. */
export function podFromTemplate(owner: Owner, template: PodTemplate): Draft<"Pod"> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? "default",
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}

export function createPod(client: ApiClient, owner: Owner, template: PodTemplate): ApiResult<Pod> {
  return client.create("Pod", podFromTemplate(owner, template));
}

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Which pods go first when there are too many: unbound before bound, pending before running, unready before ready,
 * those on crowded nodes before others, young before old. Models: controller.ActivePodsWithRanks.
 */
export function deletionOrder(pods: readonly Pod[]): readonly Pod[] {
  const perNode = new Map<string, number>();
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? "";
    perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Pod): readonly number[] => [
    (pod.spec.nodeName ?? "") === "" ? 0 : 1,
    PHASE_ORDER[pod.status?.phase ?? "Pending"] ?? 2,
    isReady(pod) ? 1 : 0,
    -(perNode.get(pod.spec.nodeName ?? "") ?? 0),
    -Number(pod.metadata.resourceVersion),
  ];
  return pods
    .map((pod) => ({ pod, key: rank(pod) }))
    .toSorted((a, b) => firstDifference(a.key, b.key))
    .map(({ pod }) => pod);
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
