import { ETHERNET_HEADER } from "../../wire/ethernet.ts";
import { VLAN_HEADER } from "../../wire/vlan.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { NetDevice, type XmitResult } from "./device.ts";

/** One end of a virtual Ethernet cable, veth(4). Models: drivers/net/veth.c. */
export class Veth extends NetDevice {
  readonly kind = "veth";
  /** Null once the other end is gone. */
  peer: Veth | null = null;

  get carrier(): boolean {
    return this.peer !== null && this.up && this.peer.up;
  }

  override get lowerIndex(): number {
    return this.peer === null ? this.index : this.peer.index;
  }

  /** What was found when the carrier went, and holds until it comes, through moves. Models: linkwatch_do_dev. */
  private found: "DOWN" | "LOWERLAYERDOWN" = "DOWN";

  carrierLost(): void {
    this.found = super.withoutCarrier;
  }

  protected override get withoutCarrier(): "DOWN" | "LOWERLAYERDOWN" {
    return this.found;
  }

  override get linkNetns(): Netns {
    return this.peer?.ns ?? this.ns;
  }

  /** Not deeper into the call stack: the other end finds the frame in its backlog. Models: veth_xmit, netif_rx. */
  xmit(skb: Skb): XmitResult {
    const peer = this.peer;
    if (peer === null || !peer.up) {
      this.txDropped++;
      this.ns.kernel.drop(this.ns, this, skb, "DEV_READY", "veth_xmit");
      return 0;
    }
    if (skb.length > peer.mtu + ETHERNET_HEADER + VLAN_HEADER) {
      this.txDropped++;
      this.ns.kernel.drop(this.ns, this, skb, "PKT_TOO_BIG", "is_skb_forwardable");
      return "ENOBUFS";
    }
    this.txPackets++;
    this.txBytes += skb.length;
    skb.scrub(peer.ns !== this.ns);
    skb.dev = peer;
    this.ns.kernel.backlog.add(peer, skb);
    return 0;
  }
}
