import { normalizeReference } from "../../container/runtime/images.ts";
import type { Condition, ContainerStatus, Pod, PodStatus } from "../api/index.ts";

/** The conditions of a pod that runs, in the kubelet's order. */
const OWN = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/** The status that the kubelet will have written of a pod whose containers all run. Models: kubelet generateAPIPodStatus. */
export function runningStatus(
  pod: Pod,
  hostIp: string,
  podIp: string,
  times: { readonly arrived: string; readonly now: string },
  containerId: () => string,
): PodStatus {
  const before = pod.status?.conditions ?? [];
  const conditions = OWN.map((type): Condition => {
    const old = before.find((condition) => condition.type === type);
    const since = old?.status === "True" ? old.lastTransitionTime : undefined;
    return { type, status: "True", lastTransitionTime: since ?? times.now };
  });
  return {
    ...pod.status,
    phase: "Running",
    conditions: [...conditions, ...before.filter(({ type }) => !OWN.includes(type))],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime: times.arrived,
    containerStatuses: pod.spec.containers.map(({ name, image = "" }): ContainerStatus => ({
      name,
      ready: true,
      started: true,
      restartCount: 0,
      image: normalizeReference(image),
      imageID: normalizeReference(image),
      containerID: `containerd://${containerId()}`,
      state: { running: { startedAt: times.now } },
      lastState: {},
    })),
  };
}
