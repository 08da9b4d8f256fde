import type { Mac } from "../../wire/address.ts";
import type { Actor } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { NetDevice, UNKNOWN_SPEED_COST, type XmitResult } from "./device.ts";

/** A device that swallows what it is given: a place to keep addresses (kube-ipvs0). Models: drivers/net/dummy.c. */
export class Dummy extends NetDevice {
  readonly kind = "dummy";

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor) {
    super(ns, name, mac, mtu, by);
    this.noArp = true;
    this.minMtu = 0;
    this.maxMtu = 0;
  }

  protected override get hasGroups(): boolean {
    return false;
  }

  override get pathCost(): number {
    return UNKNOWN_SPEED_COST;
  }

  override get tracksCarrier(): boolean {
    return false;
  }

  get carrier(): boolean {
    return true;
  }

  xmit(skb: Skb): XmitResult {
    this.txPackets++;
    this.txBytes += skb.length;
    this.ns.kernel.consume(this.ns, skb, "dummy_xmit");
    return 0;
  }
}
