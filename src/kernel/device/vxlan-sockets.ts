import { ETHERNET_HEADER, ethSource } from "../../wire/ethernet.ts";
import { ipv4Dest, ipv4Source } from "../../wire/ipv4.ts";
import { IPPROTO_UDP } from "../../wire/ipv4.ts";
import { UDP_HEADER } from "../../wire/udp.ts";
import { VXLAN_HEADER, vxlanFault, vxlanVni } from "../../wire/vxlan.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice } from "./device.ts";
import { netifReceive } from "./receive.ts";
import type { Vxlan } from "./vxlan.ts";

/** The kernel's own UDP sockets, one a destination port, shared by the vxlan devices that are up. Models: struct vxlan_sock. */
export class VxlanSockets {
  private readonly ns: Netns;
  private readonly byPort = new Map<number, Set<Vxlan>>();
  /** Devices that were made here, up or not, wherever they are now. Models: struct vxlan_net. */
  readonly devices = new Set<Vxlan>();

  constructor(ns: Netns) {
    this.ns = ns;
  }

  /** Models: vxlan_open. */
  open(vxlan: Vxlan): void {
    const { dstPort, group } = vxlan.options;
    if (group !== undefined) vxlan.underlay?.joinGroup(group);
    const set = this.byPort.get(dstPort);
    if (set === undefined) this.byPort.set(dstPort, new Set([vxlan]));
    else set.add(vxlan);
  }

  /** Models: vxlan_stop. */
  close(vxlan: Vxlan): void {
    const { group } = vxlan.options;
    if (group !== undefined) vxlan.underlay?.leaveGroup(group);
    const set = this.byPort.get(vxlan.options.dstPort);
    set?.delete(vxlan);
    if (set?.size === 0) this.byPort.delete(vxlan.options.dstPort);
  }

  /** Models: vxlan_find_vni. */
  find(port: number, vni: number): Vxlan | undefined {
    for (const vxlan of this.byPort.get(port) ?? []) if (vxlan.options.id === vni) return vxlan;
    return undefined;
  }

  ports(): Iterable<number> {
    return this.byPort.keys();
  }

  owns(port: number): boolean {
    return this.byPort.has(port);
  }

  /** Takes a datagram that came to one of our ports; false when the port is not ours. Models: vxlan_rcv. */
  receive(dev: NetDevice, skb: Skb, port: number): boolean {
    const set = this.byPort.get(port);
    if (set === undefined) return false;
    const { ns } = this;
    const { kernel } = ns;
    const at = skb.data + UDP_HEADER;
    kernel.trace?.deliver(ns.id, skb.id, IPPROTO_UDP, port, "vxlan");
    if (vxlanFault(skb.buf, at, skb.end) !== undefined || skb.end - at < VXLAN_HEADER + ETHERNET_HEADER) {
      kernel.drop(ns, dev, skb, "VXLAN_INVALID_HDR", "vxlan_rcv");
      return true;
    }
    const vni = vxlanVni(skb.buf, at);
    const vxlan = this.find(port, vni);
    if (vxlan === undefined) {
      kernel.drop(ns, dev, skb, "VXLAN_VNI_NOT_FOUND", "vxlan_rcv");
      return true;
    }
    const remote = ipv4Source(skb.buf, skb.net);
    const taken = at + VXLAN_HEADER - skb.net;
    kernel.trace?.tunnel(
      false,
      vxlan.ns.id,
      vxlan.index,
      skb.id,
      taken + ETHERNET_HEADER,
      vni,
      ipv4Dest(skb.buf, skb.net),
      remote,
    );
    skb.data = at + VXLAN_HEADER;
    const source = ethSource(skb.buf, skb.data);
    if (source === vxlan.mac) {
      kernel.drop(vxlan.ns, vxlan, skb, "LOCAL_MAC", "vxlan_set_mac");
      return true;
    }
    if (vxlan.options.learning && !vxlan.learn(source, remote)) {
      kernel.drop(vxlan.ns, vxlan, skb, "VXLAN_ENTRY_EXISTS", "vxlan_snoop");
      return true;
    }
    skb.scrub(vxlan.ns !== ns);
    skb.nexthop = 0;
    netifReceive(vxlan, skb);
    return true;
  }
}
