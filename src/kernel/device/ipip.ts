import { type Ipv4, MAC_ZERO } from "../../wire/address.ts";
import { ETH_P_IP } from "../../wire/ethernet.ts";
import { IPPROTO_IPIP } from "../../wire/ipv4.ts";
import type { Actor, LinkType, TunnelOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { XmitResult } from "./device.ts";
import { IpTunnel } from "./ip-tunnel.ts";

/** IPv4 inside IPv4, RFC 2003: nothing stands between the two headers. Models: net/ipv4/ipip.c. */
export class Ipip extends IpTunnel {
  readonly kind = "ipip";
  readonly protocol = IPPROTO_IPIP;

  constructor(ns: Netns, name: string, mtu: number, by: Actor, options: TunnelOptions) {
    super(ns, name, MAC_ZERO, mtu, by, options);
    this.noArp = true;
  }

  override get linkType(): LinkType {
    return "ipip";
  }

  override get headerLength(): number {
    return 0;
  }

  protected override get hasGroups(): boolean {
    return false;
  }

  get shim(): number {
    return 0;
  }

  protected writeShim(): void {
    // RFC 2003 has no header of its own.
  }

  override xmit(skb: Skb): XmitResult {
    if (skb.protocol !== ETH_P_IP) return this.fail(skb, "IP_OUTNOROUTES");
    return super.xmit(skb);
  }
}

/** What every namespace has once the module is loaded (tunl0). */
export const FALLBACK_OPTIONS: TunnelOptions = {
  local: 0 as Ipv4,
  remote: 0 as Ipv4,
  ttl: 0,
  tos: 0,
  pathMtuDiscovery: false,
  anyProtocol: true,
  fallback: true,
};
