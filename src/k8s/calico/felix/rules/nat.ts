import { compareText } from "../../../../formats/json.ts";
import type { RulesConfig } from "./config.ts";
import {
  CIDR_BLOCK,
  FIP_DNAT,
  FIP_SNAT,
  NAT_OUTGOING,
  OUTPUT_CHAIN,
  POSTROUTING_CHAIN,
  PREROUTING_CHAIN,
  setName,
  SETS,
} from "./names.ts";
import { type Action, type Chain, jump, masquerade, RETURN, type Rule, snat } from "./rule.ts";

export const IPIP_DEVICE = "tunl0";
export const VXLAN_DEVICE = "vxlan.calico";

/** A packet that this node sends into a tunnel with another of its addresses gets the tunnel's. */
function tunnelSource(device: string): Rule {
  const match = [
    `--out-interface ${device}`,
    "-m addrtype ! --src-type LOCAL --limit-iface-out",
    "-m addrtype --src-type LOCAL",
  ];
  return { match, action: masquerade() };
}

/** Models: StaticNATTableChains. */
export function staticNat(config: RulesConfig): readonly Chain[] {
  const tunnels = [
    ...(config.ipip && config.ipipAddress ? [IPIP_DEVICE] : []),
    ...(config.vxlan && config.vxlanAddress ? [VXLAN_DEVICE] : []),
  ];
  const postrouting: readonly Rule[] = [
    { action: jump(FIP_SNAT) },
    { action: jump(NAT_OUTGOING) },
    ...tunnels.map(tunnelSource),
  ];
  return [
    { name: PREROUTING_CHAIN, rules: [{ action: jump(FIP_DNAT) }] },
    { name: POSTROUTING_CHAIN, rules: postrouting },
    { name: OUTPUT_CHAIN, rules: [{ action: jump(FIP_DNAT) }] },
    { name: FIP_DNAT, rules: [] },
    { name: FIP_SNAT, rules: [] },
  ];
}

function outgoing(config: RulesConfig, protocol: string, action: Action): Rule {
  const { natExcludesHosts, natOutgoingInterface } = config;
  const match = [
    `-m set --match-set ${setName(SETS.masqueradePools)} src`,
    `-m set ! --match-set ${setName(SETS.allPools)} dst`,
    ...(natExcludesHosts ? [`-m set ! --match-set ${setName(SETS.allHosts)} dst`] : []),
    ...(protocol === "" ? [] : [`-p ${protocol}`]),
    ...(natOutgoingInterface === "" ? [] : [`--out-interface ${natOutgoingInterface}`]),
  ];
  return { match, action };
}

/** From pools with natOutgoing to anywhere outside the pools. Models: NATOutgoingChain. */
export function natOutgoing(config: RulesConfig, active: boolean): Chain {
  if (!active) return { name: NAT_OUTGOING, rules: [] };
  const { natOutgoingAddress: address, natPortRange: ports } = config;
  const plain = address === "" ? masquerade() : snat(address);
  const last = outgoing(config, "", plain);
  if (ports === "") return { name: NAT_OUTGOING, rules: [last] };
  const ranged = address === "" ? masquerade(ports) : snat(`${address}:${ports}`);
  const rules = ["tcp", "udp"].flatMap((protocol) => [
    outgoing(config, protocol, ranged),
    outgoing(config, protocol, RETURN),
  ]);
  return { name: NAT_OUTGOING, rules: [...rules, last] };
}

/** Addresses of Services that nobody has must not travel in circles. Models: BlockedCIDRsToIptablesChains. */
export function blockedCidrs({ serviceLoop }: RulesConfig, cidrs: readonly string[]): Chain {
  const rules =
    serviceLoop === undefined
      ? []
      : cidrs
          .filter((cidr) => !cidr.includes(":"))
          .sort(compareText)
          .map((cidr) => ({ match: [`--destination ${cidr}`], action: serviceLoop }));
  return { name: CIDR_BLOCK, rules };
}
