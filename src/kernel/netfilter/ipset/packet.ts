import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import type { PacketView } from "../xtables/view.ts";
import { ListSet } from "./list.ts";
import { type Element, FOR_EVER, type IpSet } from "./set.ts";
import type { AnySet } from "./sets.ts";

/** What a set makes of a packet: `-m set` asks, `-j SET` enters. Models: ip_set_test, ip_set_add with kadt functions. */

type Side = "src" | "dst";

const keys: number[] = [0, 0, 0];

/** The packet's number for a port dimension; -1 when it has none. Models: ip_set_get_ip_port. */
function portNumber(v: PacketView, side: Side, bitmap: boolean): number {
  const { protocol } = v;
  if (v.sport >= 0) {
    const port = side === "src" ? v.sport : v.dport;
    if (bitmap) return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP ? port : -1;
    return protocol * 65536 + port;
  }
  if (bitmap || v.fragment) return -1;
  if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6)
    return v.l4 + 2 > v.end ? -1 : protocol * 65536 + (v.b[v.l4]! << 8) + v.b[v.l4 + 1]!;
  return protocol === IPPROTO_TCP || protocol === IPPROTO_UDP ? -1 : protocol * 65536;
}

function addressNumber(v: PacketView, side: Side): number {
  if (!v.v6) return side === "src" ? v.src : v.dst;
  return v.ns.kernel.addresses.number(v.b, v.net + (side === "src" ? 8 : 24));
}

/** Fills `keys`; false when the packet does not have what the set is about. */
function readKeys(set: IpSet, v: PacketView, dims: readonly Side[]): boolean {
  const { dimensions, spec } = set;
  if (dims.length < dimensions.length) return false;
  for (let d = 0; d < dimensions.length; d++) {
    if (dimensions[d] === "port") {
      const number = portNumber(v, dims[d]!, spec.type === "bitmap:port");
      if (number < 0) return false;
      keys[d] = number;
      continue;
    }
    if (v.v6 !== (set.bits === 128)) return false;
    const number = addressNumber(v, dims[d]!);
    keys[d] = dimensions[d] === "ip" && spec.netmask !== undefined ? set.cut(number, spec.netmask) : number;
  }
  return true;
}

/** Whether the set has the packet; its counters tell. */
export function setHas(set: AnySet, v: PacketView, dims: readonly Side[]): boolean {
  const { now } = v.ns.kernel.queue;
  if (set instanceof ListSet) {
    const members = set.alive(now, (gone) => v.ns.ipset.refer(gone, -1));
    for (const member of members) {
      const inner = v.ns.ipset.find(member.set);
      if (inner === undefined || !setHas(inner, v, dims)) continue;
      if (set.spec.counters === true) {
        member.packets++;
        member.bytes += v.length;
      }
      return true;
    }
    return false;
  }
  if (!readKeys(set, v, dims)) return false;
  const found = set.covering(keys, now);
  if (found === undefined || found.nomatch) return false;
  if (set.spec.counters === true) {
    found.packets++;
    found.bytes += v.length;
  }
  return true;
}

/** Enters the packet's addresses, or takes them out. `seconds` is the element's own timeout. */
export function setChange(
  set: AnySet,
  v: PacketView,
  change: {
    readonly op: "add" | "del";
    readonly dims: readonly Side[];
    readonly exist?: boolean;
    readonly timeout?: number;
  },
): void {
  const { now } = v.ns.kernel.queue;
  if (set instanceof ListSet) {
    for (const member of set.members) {
      const inner = v.ns.ipset.find(member.set);
      if (inner !== undefined) setChange(inner, v, change);
    }
    return;
  }
  if (!readKeys(set, v, change.dims)) return;
  // A network is entered as long as the longest that is there.
  const lengths = set.dimensions.map((dimension, d) =>
    dimension === "net" ? (set.longest(d) ?? set.bits) : 0,
  );
  const key = set.dimensions.map((dimension, d) =>
    dimension === "net" ? set.cut(keys[d]!, lengths[d]!) : keys[d]!,
  );
  const there = set.find(key, lengths, now);
  if (change.op === "del") {
    if (there === undefined) return;
    set.remove(there);
    v.ns.ipset.packetChanged(set, there, false);
    return;
  }
  if (there !== undefined) {
    if (change.exist === true && set.spec.timeout !== undefined)
      there.expires = set.deadline(now, change.timeout);
    return;
  }
  const { range, maxelem = 65536 } = set.spec;
  if (range !== undefined ? key[0]! < range.from || key[0]! > range.to : set.size >= maxelem) return;
  const element: Element = {
    key,
    lengths,
    expires: set.spec.timeout === undefined ? FOR_EVER : set.deadline(now, change.timeout),
    nomatch: false,
    packets: 0,
    bytes: 0,
    comment: undefined,
  };
  set.insert(element);
  v.ns.ipset.packetChanged(set, element, true);
}
