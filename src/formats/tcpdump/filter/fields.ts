import { among, ANY_KIND, type Kinds, kindOf } from "./kinds.ts";
import type { Value } from "./arithmetic.ts";
import { ETH_ARP, ETH_IP, ETH_IP6, ETH_RARP } from "./match.ts";
import { IP_PROTOCOLS } from "./names.ts";
import type { PacketView } from "./view.ts";

/** Bytes of a header by protocol and offset: `tcp[13]`. Of transport protocols only those in IPv4 are seen. */

interface Base {
  readonly offset: (view: PacketView) => number;
  readonly applies: (view: PacketView) => boolean;
  readonly kinds: Kinds;
}

const NETWORK: Readonly<Record<string, number>> = {
  ip: ETH_IP,
  ip6: ETH_IP6,
  arp: ETH_ARP,
  rarp: ETH_RARP,
};

function baseOf(protocol: string, tags: number): Base {
  if (protocol === "ether" || protocol === "link")
    return { offset: () => 0, applies: () => true, kinds: ANY_KIND };
  const type = NETWORK[protocol];
  if (type !== undefined)
    return {
      offset: (view) => view.network(tags),
      applies: (view) => view.type(tags) === type,
      kinds: among(kindOf(type)),
    };
  const number = IP_PROTOCOLS.get(protocol) ?? 0;
  if (protocol === "icmp6")
    return {
      offset: (view) => view.network(tags) + 40,
      applies: (view) => view.type(tags) === ETH_IP6 && view.read(view.network(tags) + 6, 1) === number,
      kinds: among(kindOf(ETH_IP6, number)),
    };
  return {
    offset: (view) => view.network(tags) + (view.read(view.network(tags), 1) & 15) * 4,
    applies: (view) => {
      if (view.type(tags) !== ETH_IP) return false;
      const o = view.network(tags);
      return view.read(o + 9, 1) === number && (view.read(o + 6, 2) & 0x1fff) === 0;
    },
    kinds: among(kindOf(ETH_IP, number)),
  };
}

export function accessor(
  protocol: string,
  tags: number,
  index: Value,
  size: number,
): { readonly value: Value; readonly kinds: Kinds } {
  const base = baseOf(protocol, tags);
  return {
    value: {
      evaluate: (view) => view.read(base.offset(view) + index.evaluate(view), size),
      applies: (view) => base.applies(view) && index.applies(view),
    },
    kinds: base.kinds,
  };
}
