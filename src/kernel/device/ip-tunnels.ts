import type { Ipv4 } from "../../wire/address.ts";
import { ETH_P_IP, ETH_P_TEB } from "../../wire/ethernet.ts";
import { IPPROTO_GRE, IPPROTO_IPIP, ipv4Dest, ipv4Source } from "../../wire/ipv4.ts";
import { greFault, greHeaderLength, greKey, greType } from "../../wire/gre.ts";
import { icmpSend } from "../ipv4/icmp-send.ts";
import type { Skb } from "../skb.ts";
import type { TunnelOptions } from "../uapi/index.ts";
import type { NetDevice } from "./device.ts";
import type { IpTunnel } from "./ip-tunnel.ts";

/** The kinds of tunnel whose lookups are separate. Models: ipip_net_id, ipgre_net_id, gre_tap_net_id. */
type Family = "ipip" | "gre" | "gretap";

/** The IP tunnels whose outer packets live in one namespace. Models: struct ip_tunnel_net. */
export class IpTunnels {
  private readonly all: Record<Family, Set<IpTunnel>> = {
    ipip: new Set(),
    gre: new Set(),
    gretap: new Set(),
  };

  add(tunnel: IpTunnel): void {
    this.all[familyOf(tunnel.kind)].add(tunnel);
  }

  delete(tunnel: IpTunnel): void {
    this.all[familyOf(tunnel.kind)].delete(tunnel);
  }

  /** In the order in which they were made. */
  list(): readonly IpTunnel[] {
    return [...this.all.ipip, ...this.all.gre, ...this.all.gretap];
  }

  /** Another tunnel between the same two ends. Models: ip_tunnel_find. */
  rival(kind: IpTunnel["kind"], wanted: TunnelOptions): IpTunnel | undefined {
    for (const other of this.all[familyOf(kind)]) {
      const o = other.options;
      const same = o.local === wanted.local && o.remote === wanted.remote && o.dev === wanted.dev;
      if (same && o.inputKey === wanted.inputKey) return other;
    }
    return undefined;
  }

  /** The tunnel that a packet from `remote` to `local` belongs to. Models: ip_tunnel_lookup. */
  find(
    family: Family,
    link: number,
    remote: Ipv4,
    local: Ipv4,
    key: number | undefined,
  ): IpTunnel | undefined {
    let best: IpTunnel | undefined;
    let bestRank = 0;
    for (const tunnel of this.all[family]) {
      const rank = match(tunnel, link, remote, local, key);
      if (rank > bestRank) [best, bestRank] = [tunnel, rank];
    }
    return best;
  }

  /** A packet of protocol 4 or 47 for this host; `skb.data` is behind the IPv4 header. False: nobody here knows the protocol. */
  input(dev: NetDevice, skb: Skb, protocol: number): boolean {
    if (protocol === IPPROTO_IPIP) return this.all.ipip.size > 0 && this.ipip(dev, skb);
    return protocol === IPPROTO_GRE && this.all.gre.size + this.all.gretap.size > 0 && this.gre(dev, skb);
  }

  private ipip(dev: NetDevice, skb: Skb): boolean {
    const { buf, net } = skb;
    const tunnel = this.find("ipip", dev.index, ipv4Source(buf, net), ipv4Dest(buf, net), undefined);
    if (tunnel === undefined) refuse(dev, skb, "tunnel4_rcv");
    else tunnel.receive(skb, net, ETH_P_IP);
    return true;
  }

  /** Models: gre_rcv. */
  private gre(dev: NetDevice, skb: Skb): boolean {
    const { buf, net, data } = skb;
    if (greFault(buf, data, skb.end) !== undefined) {
      dev.ns.kernel.drop(dev.ns, dev, skb, "HDR_TRUNC", "gre_rcv");
      return true;
    }
    const type = greType(buf, data);
    const key = greKey(buf, data);
    const family = type === ETH_P_TEB ? "gretap" : "gre";
    const tunnel = this.find(family, dev.index, ipv4Source(buf, net), ipv4Dest(buf, net), key);
    if (tunnel === undefined) refuse(dev, skb, "gre_rcv");
    else {
      skb.data += greHeaderLength(buf, data);
      tunnel.receive(skb, net, type);
    }
    return true;
  }

  /** An ICMP error about a packet that this host sent; `quote` is at the quoted IPv4 header. True: it was a tunnel's. */
  outerError(skb: Skb, quote: number, protocol: number, type: number, code: number): boolean {
    const family = protocol === IPPROTO_IPIP ? "ipip" : protocol === IPPROTO_GRE ? "gre" : undefined;
    if (family === undefined) return false;
    const remote = ipv4Dest(skb.buf, quote);
    const local = ipv4Source(skb.buf, quote);
    const tunnel =
      this.find(family, 0, remote, local, undefined) ??
      (family === "gre" ? this.find("gretap", 0, remote, local, undefined) : undefined);
    if (tunnel === undefined) return false;
    tunnel.outerError(type, code);
    return true;
  }
}

function familyOf(kind: IpTunnel["kind"]): Family {
  return kind === "ipip" || kind === "gretap" ? kind : "gre";
}

/**
 * How well a tunnel fits: both ends, the far end, the near end, the key alone, the fallback; in each class better with
 * the device that it is bound to. 0: not at all.
 */
function match(tunnel: IpTunnel, link: number, remote: Ipv4, local: Ipv4, key: number | undefined): number {
  const o = tunnel.options;
  if (!tunnel.up) return 0;
  if (o.fallback) return 1;
  if (o.inputKey !== key) return 0;
  if ((o.remote !== 0 && o.remote !== remote) || (o.local !== 0 && o.local !== local)) return 0;
  const bound = o.dev === link ? 1 : 0;
  if (o.remote !== 0) return (o.local !== 0 ? 8 : 6) + bound;
  return (o.local !== 0 ? 4 : 2) + bound;
}

/** Tunnels are known here, but none that is meant: a port that nobody listens to. */
function refuse(dev: NetDevice, skb: Skb, where: string): void {
  skb.data = skb.net;
  icmpSend(dev.ns, skb, 3, 3, 0);
  dev.ns.kernel.drop(dev.ns, dev, skb, "IP_NOPROTO", where);
}
