import { type Ipv4, isMulticast, readMac } from "../../../../wire/address.ts";
import type { NetDevice } from "../../../device/device.ts";
import { newFlow } from "../../../ipv4/fib.ts";
import { KERNEL_SOCKET, PACKET_BROADCAST, PACKET_MULTICAST } from "../../../skb.ts";
import type { AddrTypeName, XtInterface, XtMatch } from "../../../uapi/index.ts";
import { type Matcher, namedLike } from "../header.ts";
import { isLocal6, reverse6 } from "../ipv6.ts";
import type { PacketView } from "../view.ts";

/** Where a packet stands and whose it is: `addrtype`, `physdev`, `mac`, `owner`, `rpfilter`, `pkttype`. */

/** The kind of an address, as the local table has it; with a device, local and broadcast must be on it. Models: match_type. */
function typeOf(v: PacketView, source: boolean, dev: NetDevice | null): AddrTypeName {
  if (v.v6) return typeOf6(v, source, dev);
  const address = (source ? v.src : v.dst) as Ipv4;
  switch (v.ns.fib.addressType(address)) {
    case "local":
      return dev === null || onDevice(dev, address) ? "LOCAL" : "UNICAST";
    case "broadcast":
      return "BROADCAST";
    case "multicast":
      return "MULTICAST";
    case "unicast":
      return "UNICAST";
  }
}

function onDevice(dev: NetDevice, address: Ipv4): boolean {
  return dev.isLoopback ? address >>> 24 === 127 : dev.addresses.some((a) => a.local === address);
}

/** Models: match_type6, which asks the routes. */
function typeOf6(v: PacketView, source: boolean, dev: NetDevice | null): AddrTypeName {
  const first = source ? v.src0 : v.dst0;
  if (first >>> 24 === 0xff) return "MULTICAST";
  const local = isLocal6(v, source, dev);
  return local ? "LOCAL" : "UNICAST";
}

/** Models: addrtype_mt_v1. */
export function addrtypeMatcher(m: Extract<XtMatch, { kind: "addrtype" }>): Matcher {
  const { source, dest } = m;
  const sources = new Set(source?.types);
  const dests = new Set(dest?.types);
  return (v) => {
    const dev = m.limitIfaceIn === true ? v.state.in : m.limitIfaceOut === true ? v.state.out : null;
    if (source !== undefined && sources.has(typeOf(v, true, dev)) === (source.invert ?? false)) return false;
    return dest === undefined || dests.has(typeOf(v, false, dev)) !== (dest.invert ?? false);
  };
}

/** The ports of the bridge that a packet crosses. Models: physdev_mt. */
export function physdevMatcher(m: Extract<XtMatch, { kind: "physdev" }>): Matcher {
  const asks = (side: { readonly invert?: boolean } | undefined, there: boolean): boolean =>
    side === undefined || there !== (side.invert ?? false);
  const named = (spec: XtInterface | undefined): ((dev: NetDevice | null) => boolean) => {
    if (spec === undefined) return () => true;
    const like = namedLike(spec);
    return (dev) => like(dev) !== (spec.invert ?? false);
  };
  const inLike = named(m.in);
  const outLike = named(m.out);
  return (v) => {
    const { physIn, physOut } = v.skb;
    if (!asks(m.isBridged, physIn !== null && physOut !== null)) return false;
    if (!asks(m.isIn, physIn !== null) || !asks(m.isOut, physOut !== null)) return false;
    return inLike(physIn) && outLike(physOut);
  };
}

/** Models: mac_mt. */
export function macMatcher(m: Extract<XtMatch, { kind: "mac" }>): Matcher {
  const { source, invert = false } = m;
  return (v) => {
    const { skb } = v;
    if (skb.dev === null || skb.mac + 14 > v.net) return false;
    return (readMac(skb.buf, skb.mac + 6) === source) !== invert;
  };
}

/** All programs here are root's. Models: owner_mt. */
export function ownerMatcher(m: Extract<XtMatch, { kind: "owner" }>): Matcher {
  const { uid, gid, socketExists } = m;
  const given = [uid, gid, socketExists].filter((part) => part !== undefined);
  const allInverted = given.every((part) => part.invert === true);
  const root = (range: typeof uid): boolean =>
    range === undefined || (range.min === 0) !== (range.invert ?? false);
  const nobody = (range: typeof uid): boolean => range === undefined || range.invert === true;
  return (v) => {
    const { socket } = v.skb;
    if (socket === 0) return allInverted;
    if (socketExists?.invert === true) return false;
    // A socket of the kernel's own belongs to no file, and so to nobody.
    if (socket === KERNEL_SOCKET) return nobody(uid) && nobody(gid);
    return root(uid) && root(gid);
  };
}

export function pkttypeMatcher(m: Extract<XtMatch, { kind: "pkttype" }>): Matcher {
  const { type, invert = false } = m;
  return (v) => {
    const { packetType } = v.skb;
    const here =
      packetType === PACKET_BROADCAST
        ? "broadcast"
        : packetType === PACKET_MULTICAST || loopedGroup(v)
          ? "multicast"
          : "unicast";
    return (here === type) !== invert;
  };
}

/** A packet that lo hands back has no type of its own: its address decides. */
function loopedGroup(v: PacketView): boolean {
  if (v.state.in === null || !v.state.in.isLoopback) return false;
  return v.v6 ? v.dst0 >>> 24 === 0xff : isMulticast(v.dst as Ipv4);
}

/** Whether the way back to the source leads out where the packet came in. Models: rpfilter_mt of ipt_rpfilter. */
export function rpfilterMatcher(m: Extract<XtMatch, { kind: "rpfilter" }>): Matcher {
  const { invert = false } = m;
  const flow = newFlow();
  return (v) => {
    const dev = v.state.in;
    if (dev === null || dev.isLoopback) return !invert;
    if (v.v6) return reverse6(v, dev, m) !== invert;
    flow.dst = v.src as Ipv4;
    const group = isMulticast(v.dst as Ipv4) || v.dst === 0xffffffff || v.dst >>> 24 === 0;
    flow.src = (group ? 0 : v.dst) as Ipv4;
    flow.mark = m.validmark === true ? v.skb.mark : 0;
    flow.tos = v.b[v.net + 1]! & 0x1c;
    const back = v.ns.fib.lookup(flow, 0, true);
    if (typeof back === "string") return invert;
    const { type } = back.entry;
    if (type !== "unicast" && !(type === "local" && m.acceptLocal === true)) return invert;
    const here = back.entry.hops.some((hop) => hop.dev === dev);
    return (here || m.loose === true) !== invert;
  };
}
