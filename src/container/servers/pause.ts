import { Signal } from "../../sim/task.ts";
import type { Program } from "../../userland/os/process.ts";

/** registry.k8s.io/pause: holds the pod's namespaces and does nothing until it is killed. */
export const pause: Program = function* () {
  yield* new Signal().wait();
  return 0;
};
