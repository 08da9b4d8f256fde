import { formatIpv6, type Ipv6, readIpv6 } from "../../../wire/address6.ts";
import type { Kinds } from "./kinds.ts";
import type { PacketView } from "./view.ts";

/** A compiled part of a filter. */
export interface Matcher {
  readonly test: (view: PacketView) => boolean;
  readonly kinds: Kinds;
}

export type Direction = "either" | "src" | "dst" | "both";

/** Holds for what the direction asks of source and destination. */
export function directed(direction: Direction, source: () => boolean, destination: () => boolean): boolean {
  switch (direction) {
    case "src":
      return source();
    case "dst":
      return destination();
    case "both":
      return source() && destination();
    default:
      return source() || destination();
  }
}

export const ETH_IP = 0x0800;
export const ETH_IP6 = 0x86dd;
export const ETH_ARP = 0x0806;
export const ETH_RARP = 0x8035;
export const ETH_VLAN = 0x8100;

/** IPv4 addresses within a mask, in the headers of IP, ARP or RARP. */
export function ipv4Match(
  tags: number,
  types: readonly number[],
  direction: Direction,
  address: number,
  mask: number,
): (view: PacketView) => boolean {
  return (view) => {
    const type = view.type(tags);
    if (!types.includes(type)) return false;
    const o = view.network(tags);
    const [source, destination] = type === ETH_IP ? [12, 16] : [14, 24];
    const at = (offset: number) => (): boolean => (view.read(o + offset, 4) & mask) >>> 0 === address;
    return directed(direction, at(source), at(destination));
  };
}

/** Whether the first `length` bits of the address at `o` are those of `wanted`. */
function sameBits(view: PacketView, o: number, wanted: Ipv6, length: number): boolean {
  for (let i = 0; i < length; i += 16) {
    const bits = Math.min(16, length - i);
    const mask = (0xffff << (16 - bits)) & 0xffff;
    if ((view.read(o + i / 8, 2) & mask) !== (wanted[i / 16]! & mask)) return false;
  }
  return true;
}

export function ipv6Match(
  tags: number,
  direction: Direction,
  address: Ipv6,
  length: number,
): (view: PacketView) => boolean {
  return (view) => {
    if (view.type(tags) !== ETH_IP6) return false;
    const o = view.network(tags);
    return directed(
      direction,
      () => sameBits(view, o + 8, address, length),
      () => sameBits(view, o + 24, address, length),
    );
  };
}

export function macMatch(direction: Direction, mac: number): (view: PacketView) => boolean {
  const high = Math.floor(mac / 0x1_0000_0000);
  const low = mac % 0x1_0000_0000;
  return (view) => {
    const at = (o: number) => (): boolean => view.read(o + 2, 4) === low && view.read(o, 2) === high;
    return directed(direction, at(6), at(0));
  };
}

/** An IP protocol; of IPv6 also behind a fragment header. */
export function protocolMatch(
  tags: number,
  version: 4 | 6 | "both",
  protocol: number,
): (view: PacketView) => boolean {
  return (view) => {
    const type = view.type(tags);
    const o = view.network(tags);
    if (type === ETH_IP && version !== 6) return view.read(o + 9, 1) === protocol;
    if (type !== ETH_IP6 || version === 4) return false;
    const next = view.read(o + 6, 1);
    return next === protocol || (next === 44 && view.read(o + 40, 1) === protocol);
  };
}

/** Ports of TCP, UDP and SCTP within a range. Fragments behind the first have none. */
export function portMatch(
  tags: number,
  protocols: readonly number[],
  direction: Direction,
  low: number,
  high: number,
): (view: PacketView) => boolean {
  return (view) => {
    const type = view.type(tags);
    const o = view.network(tags);
    let at: number;
    if (type === ETH_IP) {
      if (!protocols.includes(view.read(o + 9, 1)) || (view.read(o + 6, 2) & 0x1fff) !== 0) return false;
      at = o + (view.read(o, 1) & 15) * 4;
    } else if (type === ETH_IP6) {
      if (!protocols.includes(view.read(o + 6, 1))) return false;
      at = o + 40;
    } else return false;
    const within = (offset: number) => (): boolean => {
      const port = view.read(at + offset, 2);
      return port >= low && port <= high;
    };
    return directed(direction, within(0), within(2));
  };
}

/** The network that an IPv6 prefix must be to be taken as one. */
export function hasHostBits6(address: Ipv6, length: number): boolean {
  const bytes = new Uint8Array(16);
  address.forEach((word, i) => {
    const left = Math.max(0, Math.min(16, length - 16 * i));
    const kept = word & ((0xffff << (16 - left)) & 0xffff);
    bytes[2 * i] = kept >>> 8;
    bytes[2 * i + 1] = kept;
  });
  return formatIpv6(readIpv6(bytes, 0)) !== formatIpv6(address);
}
