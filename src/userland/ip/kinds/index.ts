import { BRIDGE } from "./bridge.ts";
import { BRIDGE_SLAVE } from "./bridge-slave.ts";
import type { LinkKindParser } from "./kind.ts";
import { VETH } from "./veth.ts";
import { VXLAN } from "./vxlan.ts";

export const LINK_KINDS: ReadonlyMap<string, LinkKindParser> = new Map(
  [BRIDGE, BRIDGE_SLAVE, VETH, VXLAN].map((parser) => [parser.kind, parser]),
);

/** Kinds that Linux has and this kernel does not, as `ip link help` lists them. */
export const FOREIGN_KINDS: readonly string[] = (
  "amt bareudp bond bond_slave dsa dummy erspan geneve gre gretap gtp ifb ip6erspan ip6gre ip6gretap ip6tnl ipip " +
  "ipoib ipvlan ipvtap macsec macvlan macvtap netdevsim nlmon rmnet sit team team_slave vcan vlan vrf vti vxcan wwan " +
  "xfrm virt_wifi"
).split(" ");
