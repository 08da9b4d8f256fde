import type { ApiClient, Node, NodeSelectorTerm, PersistentVolumeClaim, Pod } from "../api/index.ts";
import { claimsOf } from "../api/volumes.ts";
import { termMatches } from "./predicates.ts";

/** What a pod's claims ask of its node. */
export interface VolumeDemand {
  /** The claims cannot be had at all now: why. */
  readonly problem?: string;
  /** Each list is a volume's required node affinity. */
  readonly affinities: readonly (readonly NodeSelectorTerm[])[];
  /** Claims whose volume is made where the pod goes. */
  readonly unbound: readonly PersistentVolumeClaim[];
}

export const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** Models: the plugin VolumeBinding, PreFilter. */
export function volumeDemand(client: ApiClient, pod: Pod): VolumeDemand {
  const affinities: (readonly NodeSelectorTerm[])[] = [];
  const unbound: PersistentVolumeClaim[] = [];
  for (const name of claimsOf(pod)) {
    const claim = client.get("PersistentVolumeClaim", pod.metadata.namespace ?? "default", name);
    if (claim === undefined)
      return { problem: `persistentvolumeclaim "${name}" not found`, affinities, unbound };
    if (claim.metadata.deletionTimestamp !== undefined)
      return { problem: `persistentvolumeclaim "${name}" is being deleted`, affinities, unbound };
    if (claim.status?.phase === "Bound") {
      const volume = client.get("PersistentVolume", "", claim.spec.volumeName ?? "");
      const terms = volume?.spec.nodeAffinity?.required?.nodeSelectorTerms;
      if (terms !== undefined) affinities.push(terms);
      continue;
    }
    const storage = client.get("StorageClass", "", claim.spec.storageClassName ?? "");
    if (storage?.volumeBindingMode !== "WaitForFirstConsumer")
      return { problem: "pod has unbound immediate PersistentVolumeClaims", affinities, unbound };
    unbound.push(claim);
  }
  return { affinities, unbound };
}

/** Whether the volumes can be had on a node. */
export function volumesFit({ affinities }: VolumeDemand, node: Node): boolean {
  return affinities.every((terms) => terms.some((term) => termMatches(term, node)));
}
