import { type AnyObject, isA } from "../types.ts";

const DEFAULT_GRACE_SECONDS = 30;

/**
 * How long the deletion of an object waits for it to end by itself: only a pod that is bound and not yet ended has
 * anything to wait for. Models: pkg/registry/core/pod podStrategy.CheckGracefulDelete.
 */
export function gracePeriodOf(object: AnyObject): number {
  if (!isA("Pod", object)) return 0;
  const { nodeName = "", terminationGracePeriodSeconds = DEFAULT_GRACE_SECONDS } = object.spec;
  const ended = object.status?.phase === "Succeeded" || object.status?.phase === "Failed";
  return nodeName === "" || ended ? 0 : terminationGracePeriodSeconds;
}
