import type { Bridge } from "./bridge.ts";
import type { NetDevice } from "./device.ts";

/** A device enslaved to a bridge, with its flags. Models: struct net_bridge_port (net/bridge/br_private.h). */
export class BridgePort {
  readonly bridge: Bridge;
  readonly dev: NetDevice;
  readonly number: number;
  hairpin = false;
  learning = true;
  flood = true;
  mcastFlood = true;
  bcastFlood = true;
  isolated = false;
  neighSuppress = false;
  cost: number;
  priority = 32;

  constructor(bridge: Bridge, dev: NetDevice, number: number) {
    this.bridge = bridge;
    this.dev = dev;
    this.number = number;
    this.cost = dev.pathCost;
  }

  /** Without STP a port forwards as soon as it and the bridge are up and it has a carrier. */
  get forwarding(): boolean {
    return this.bridge.up && this.dev.running;
  }
}
