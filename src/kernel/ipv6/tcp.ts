import type { NetDevice } from "../device/device.ts";
import type { Skb } from "../skb.ts";

/** A TCP segment over IPv6. */
export function tcpReceive6(dev: NetDevice, skb: Skb): void {
  dev.ns.kernel.drop(dev.ns, dev, skb, "NOT_MODELLED", "tcp_v6_rcv");
}
