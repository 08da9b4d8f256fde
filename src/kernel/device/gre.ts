import { type Mac, MAC_ZERO } from "../../wire/address.ts";
import { ETH_P_TEB, ethType } from "../../wire/ethernet.ts";
import { writeGre } from "../../wire/gre.ts";
import { IPPROTO_GRE } from "../../wire/ipv4.ts";
import type { Actor, LinkType, TunnelOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { UNKNOWN_SPEED_COST } from "./device.ts";
import { IpTunnel } from "./ip-tunnel.ts";

/** IPv4 inside Generic Routing Encapsulation, RFC 2784. Models: net/ipv4/ip_gre.c, ipgre. */
export class Gre extends IpTunnel {
  readonly kind = "gre";
  readonly protocol = IPPROTO_GRE;

  constructor(ns: Netns, name: string, mtu: number, by: Actor, options: TunnelOptions) {
    super(ns, name, MAC_ZERO, mtu, by, options);
    this.noArp = true;
  }

  override get linkType(): LinkType {
    return "gre";
  }

  override get headerLength(): number {
    return 0;
  }

  protected override get hasGroups(): boolean {
    return false;
  }

  get shim(): number {
    return this.options.outputKey === undefined ? 4 : 8;
  }

  protected writeShim(skb: Skb): void {
    writeGre(skb.buf, skb.data, skb.protocol, this.options.outputKey);
  }
}

/** Ethernet frames inside GRE. Models: net/ipv4/ip_gre.c, gre_tap. */
export class Gretap extends IpTunnel {
  readonly kind = "gretap";
  readonly protocol = IPPROTO_GRE;

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor, options: TunnelOptions) {
    super(ns, name, mac, mtu, by, options);
    this.minMtu = 68;
  }

  get shim(): number {
    return this.options.outputKey === undefined ? 4 : 8;
  }

  override get carriesTags(): boolean {
    return false;
  }

  override get pathCost(): number {
    return UNKNOWN_SPEED_COST;
  }

  protected override innerProtocol(skb: Skb): number {
    return ethType(skb.buf, skb.data);
  }

  protected writeShim(skb: Skb): void {
    writeGre(skb.buf, skb.data, ETH_P_TEB, this.options.outputKey);
  }
}
