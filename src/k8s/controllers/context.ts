import type { ApiStore } from "../api/index.ts";

/** What a controller is started with. */
export interface ControllerContext {
  readonly store: ApiStore;
  /** The range that nodes get their pod CIDRs from. */
  readonly podSubnet: string;
  readonly nodeCidrMaskSize: number;
}

/** One control loop of kube-controller-manager. */
export interface Controller {
  /** As `kube-controller-manager --controllers` names it. */
  readonly name: string;
  start(context: ControllerContext): void;
}
