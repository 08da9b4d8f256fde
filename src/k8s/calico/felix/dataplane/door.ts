import type { KernelApi, NetApi, NetnsId } from "../../../../kernel/uapi/index.ts";

export const ACTOR = "felix";

/** The kernel's door of a node, signed by Felix and with what it does there: for which policy, which pod. */
export class Door {
  private readonly kernel: KernelApi;
  private readonly netns: NetnsId;
  private readonly doors = new Map<string, NetApi>();

  constructor(kernel: KernelApi, netns: NetnsId) {
    this.kernel = kernel;
    this.netns = netns;
  }

  /** `detail`: a policy, a pod, or the command that would have done it. */
  as(detail: string): NetApi {
    let net = this.doors.get(detail);
    if (net === undefined) {
      net = this.kernel.open(this.netns, { name: ACTOR, detail });
      this.doors.set(detail, net);
    }
    return net;
  }

  /** To look, not to change. */
  get look(): NetApi {
    return this.as("calico-node -felix");
  }
}
