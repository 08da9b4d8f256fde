import type { ApiClient } from "./client.ts";
import { hasEnded } from "./pods.ts";
import type { PersistentVolumeClaim, Pod } from "./types.ts";

/** Names of the claims that a pod's volumes are. */
export function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim === undefined ? [] : [claim.claimName],
  );
}

/** The pods that use a claim. */
export function usersOf(client: ApiClient, claim: PersistentVolumeClaim): readonly Pod[] {
  const { name, namespace = "default" } = claim.metadata;
  return client.list("Pod", { namespace }).filter((pod) => !hasEnded(pod) && claimsOf(pod).includes(name));
}

export function isUsing(client: ApiClient, claim: PersistentVolumeClaim): boolean {
  return usersOf(client, claim).length > 0;
}
