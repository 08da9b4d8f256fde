import { MAC_ZERO } from "../../wire/address.ts";
import { ETHERNET_HEADER } from "../../wire/ethernet.ts";
import { micros } from "../../sim/time.ts";
import type { Actor, LinkType } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { NetDevice, type XmitResult } from "./device.ts";
import { netifReceive } from "./receive.ts";

/** From lo to lo. */
const LATENCY = micros(2);

/** Models: drivers/net/loopback.c. */
export class Loopback extends NetDevice {
  readonly kind = "loopback";

  constructor(ns: Netns, by: Actor) {
    super(ns, "lo", MAC_ZERO, 65536, by);
    this.minMtu = 0;
    this.maxMtu = 0;
  }

  override get linkType(): LinkType {
    return "loopback";
  }

  protected override get hasGroups(): boolean {
    return false;
  }

  override get isLoopback(): boolean {
    return true;
  }

  override get tracksCarrier(): boolean {
    return false;
  }

  /** The Ethernet header is off when it counts. */
  override get uncounted(): number {
    return ETHERNET_HEADER;
  }

  get carrier(): boolean {
    return true;
  }

  xmit(skb: Skb): XmitResult {
    this.txPackets++;
    this.txBytes += skb.length - this.uncounted;
    this.ns.kernel.queue.after(LATENCY, () => netifReceive(this, skb));
    return 0;
  }
}
