import { BRIDGE } from "./bridge.ts";
import { BRIDGE_SLAVE } from "./bridge-slave.ts";
import { DUMMY } from "./dummy.ts";
import { IPVLAN } from "./ipvlan.ts";
import type { LinkKindParser } from "./kind.ts";
import { MACVLAN } from "./macvlan.ts";
import { GRE, GRETAP, IPIP } from "./tunnel.ts";
import { VETH } from "./veth.ts";
import { VLAN } from "./vlan.ts";
import { VXLAN } from "./vxlan.ts";
import { WIREGUARD } from "./wireguard.ts";

export const LINK_KINDS: ReadonlyMap<string, LinkKindParser> = new Map(
  [BRIDGE, BRIDGE_SLAVE, DUMMY, GRE, GRETAP, IPIP, IPVLAN, MACVLAN, VETH, VLAN, VXLAN, WIREGUARD].map(
    (parser) => [parser.kind, parser],
  ),
);

/** Kinds that Linux has and this kernel does not, as `ip link help` lists them. */
export const FOREIGN_KINDS: readonly string[] = (
  "amt bareudp bond bond_slave dsa erspan geneve gtp ifb ip6erspan ip6gre ip6gretap ip6tnl " +
  "ipoib ipvtap macsec macvtap netdevsim nlmon rmnet sit team team_slave vcan vrf vti vxcan wwan " +
  "xfrm virt_wifi"
).split(" ");
