import { allMarks, type RulesConfig } from "./config.ts";
import { forwardCheckRules, markedOutput, markedPostrouting, staticIpvs } from "./ipvs.ts";
import {
  CIDR_BLOCK,
  EGRESS_DSCP,
  FAILSAFE_IN,
  FAILSAFE_OUT,
  FORWARD_CHAIN,
  FROM_HEP_FORWARD,
  FROM_HOST_ENDPOINT,
  FROM_WORKLOADS,
  INPUT_CHAIN,
  OUTPUT_CHAIN,
  POSTROUTING_CHAIN,
  PREROUTING_CHAIN,
  RPF_SKIP,
  setName,
  SETS,
  TO_HEP_FORWARD,
  TO_HOST_ENDPOINT,
  TO_WORKLOADS,
  WORKLOAD_TO_HOST,
} from "./names.ts";
import {
  ACCEPT,
  actionName,
  type Action,
  type Chain,
  clearMark,
  DROP,
  goTo,
  jump,
  markClear,
  markSet,
  NOTRACK,
  RETURN,
  type Rule,
  setMark,
} from "./rule.ts";

/** The chains that are there whatever the policies say. Models: felix/rules/static.go, IPv4, without WireGuard, OpenStack and eBPF. */

const ESTABLISHED = "-m conntrack --ctstate RELATED,ESTABLISHED";
const HOST_ACCEPTED = "Host endpoint policy accepted packet.";

const accepted = (config: RulesConfig, action: Action, comment?: string): Rule => ({
  match: [markSet(config.marks.accept)],
  action,
  ...(comment === undefined ? {} : { comments: [comment] }),
});

/** UDP to the port of VXLAN. */
const vxlanPort = ({ vxlanPort: port }: RulesConfig): string =>
  `-p 17 -m multiport --destination-ports ${port}`;
const fromSet = (id: string): string => `-m set --match-set ${setName(id)} src`;
const toSet = (id: string): string => `-m set --match-set ${setName(id)} dst`;
const TO_LOCAL = "-m addrtype --dst-type LOCAL";
const FROM_LOCAL = "-m addrtype --src-type LOCAL";

function tunnelsIn(config: RulesConfig): readonly Rule[] {
  const { filterAllow, deny } = config;
  const ipip: readonly Rule[] = [
    {
      match: ["-p 4", fromSet(SETS.allHosts), TO_LOCAL],
      action: filterAllow,
      comments: ["Allow IPIP packets from Calico hosts"],
    },
    { match: ["-p 4"], action: deny, comments: [`${actionName(deny)} IPIP packets from non-Calico hosts`] },
  ];
  const vxlan: readonly Rule[] = [
    {
      match: [vxlanPort(config), fromSet(SETS.vxlanHosts), TO_LOCAL],
      action: filterAllow,
      comments: ["Allow IPv4 VXLAN packets from allowed hosts"],
    },
    {
      match: [vxlanPort(config), TO_LOCAL],
      action: DROP,
      comments: ["Drop IPv4 VXLAN packets from non-allowed hosts"],
    },
  ];
  return [...(config.ipip ? ipip : []), ...(config.vxlan ? vxlan : [])];
}

function tunnelsOut(config: RulesConfig): readonly Rule[] {
  const ipip: Rule = {
    match: ["-p 4", toSet(SETS.allHosts), FROM_LOCAL],
    action: config.filterAllow,
    comments: ["Allow IPIP packets to other Calico hosts"],
  };
  const vxlan: Rule = {
    match: [vxlanPort(config), FROM_LOCAL, toSet(SETS.vxlanHosts)],
    action: config.filterAllow,
    comments: ["Allow IPv4 VXLAN packets to other allowed hosts"],
  };
  return [...(config.ipip ? [ipip] : []), ...(config.vxlan ? [vxlan] : [])];
}

const inInterface = (prefix: string): string => `--in-interface ${prefix}+`;
const outInterface = (prefix: string): string => `--out-interface ${prefix}+`;

function input(config: RulesConfig): Chain {
  const rules: readonly Rule[] = [
    ...tunnelsIn(config),
    ...forwardCheckRules(config),
    ...config.prefixes.map((prefix) => ({ match: [inInterface(prefix)], action: goTo(WORKLOAD_TO_HOST) })),
    accepted(config, config.filterAllow),
    { action: clearMark(allMarks(config)) },
    { action: jump(FROM_HOST_ENDPOINT) },
    accepted(config, config.filterAllow, HOST_ACCEPTED),
  ];
  return { name: INPUT_CHAIN, rules };
}

/** Where packets from pods to the node itself go. */
function workloadToHost({ endpointToHost }: RulesConfig): Chain {
  const rules: readonly Rule[] = [
    { action: jump(FROM_WORKLOADS) },
    { action: endpointToHost, comments: ["Configured DefaultEndpointToHostAction"] },
  ];
  return { name: WORKLOAD_TO_HOST, rules };
}

function forward(config: RulesConfig): Chain {
  const { accept } = config.marks;
  const rules: readonly Rule[] = [
    { action: clearMark(allMarks(config) & ~accept) },
    { match: [markClear(accept)], action: jump(FROM_HEP_FORWARD) },
    ...config.prefixes.flatMap((prefix) => [
      { match: [inInterface(prefix)], action: jump(FROM_WORKLOADS) },
      { match: [outInterface(prefix)], action: jump(TO_WORKLOADS) },
    ]),
    { action: jump(TO_HEP_FORWARD) },
    { action: jump(CIDR_BLOCK) },
  ];
  return { name: FORWARD_CHAIN, rules };
}

function output(config: RulesConfig): Chain {
  const rules: readonly Rule[] = [
    accepted(config, config.filterAllow),
    ...markedOutput(config),
    ...config.prefixes.map((prefix) => ({ match: [outInterface(prefix)], action: RETURN })),
    ...tunnelsOut(config),
    { action: clearMark(allMarks(config)) },
    { match: ["-m conntrack ! --ctstate DNAT"], action: jump(TO_HOST_ENDPOINT) },
    accepted(config, config.filterAllow, HOST_ACCEPTED),
  ];
  return { name: OUTPUT_CHAIN, rules };
}

/** What no host policy may cut off; in the raw table the answers too. Models: failsafeInChain, failsafeOutChain. */
function failsafe(config: RulesConfig, raw: boolean): readonly Chain[] {
  const ports = (list: RulesConfig["failsafeIn"], side: "source" | "destination"): readonly Rule[] =>
    list.map(({ protocol, port }) => ({
      match: [`-p ${protocol}`, `-m multiport --${side}-ports ${port}`],
      action: ACCEPT,
    }));
  const { failsafeIn, failsafeOut } = config;
  const answers = raw ? [ports(failsafeOut, "source"), ports(failsafeIn, "source")] : [[], []];
  return [
    { name: FAILSAFE_IN, rules: [...ports(failsafeIn, "destination"), ...(answers[0] ?? [])] },
    { name: FAILSAFE_OUT, rules: [...ports(failsafeOut, "destination"), ...(answers[1] ?? [])] },
  ];
}

export function staticFilter(config: RulesConfig): readonly Chain[] {
  return [
    forward(config),
    input(config),
    workloadToHost(config),
    output(config),
    ...failsafe(config, false),
    ...staticIpvs(config),
  ];
}

/** Rules at the end of FORWARD. */
export function forwardAppends(config: RulesConfig): readonly Rule[] {
  return [
    accepted(config, config.filterAllow, "Policy explicitly accepted packet."),
    { action: setMark(config.marks.accept) },
  ];
}

export function staticMangle(config: RulesConfig): readonly Chain[] {
  const { mangleAllow } = config;
  const prerouting: readonly Rule[] = [
    { match: [ESTABLISHED], action: mangleAllow },
    accepted(config, mangleAllow),
    { action: jump(FROM_HOST_ENDPOINT) },
    accepted(config, mangleAllow, HOST_ACCEPTED),
  ];
  const not = (id: string): string => `-m set ! --match-set ${setName(id)} dst`;
  const postrouting: readonly Rule[] = [
    {
      match: [fromSet(SETS.dscp), not(SETS.allPools), not(SETS.thisHost)],
      action: jump(EGRESS_DSCP),
      comments: ["set dscp for traffic leaving cluster."],
    },
    accepted(config, RETURN),
    ...markedPostrouting(config),
    { action: clearMark(allMarks(config)) },
    { match: ["-m conntrack --ctstate DNAT"], action: jump(TO_HOST_ENDPOINT) },
    accepted(config, RETURN, HOST_ACCEPTED),
  ];
  return [
    ...failsafe(config, false),
    { name: PREROUTING_CHAIN, rules: prerouting },
    { name: POSTROUTING_CHAIN, rules: postrouting },
    { name: EGRESS_DSCP, rules: [] },
  ];
}

/** VXLAN's ports differ by direction: tracked, every flow would look unanswered. */
function vxlanNotTracked(config: RulesConfig): readonly Rule[] {
  return config.vxlan ? [{ match: ["-p udp", `--dport ${config.vxlanPort}`], action: NOTRACK }] : [];
}

export function staticRaw(config: RulesConfig): readonly Chain[] {
  const { scratch0: fromWorkload } = config.marks;
  const prerouting: readonly Rule[] = [
    { action: clearMark(allMarks(config)) },
    ...vxlanNotTracked(config),
    ...config.prefixes.map((prefix) => ({ match: [inInterface(prefix)], action: setMark(fromWorkload) })),
    { match: [markSet(fromWorkload)], action: jump(RPF_SKIP) },
    { match: [markSet(fromWorkload), "-m rpfilter --invert --validmark"], action: config.deny },
    { match: [markClear(fromWorkload)], action: jump(FROM_HOST_ENDPOINT) },
    accepted(config, ACCEPT),
  ];
  const out: readonly Rule[] = [
    { action: clearMark(allMarks(config)) },
    { action: jump(TO_HOST_ENDPOINT) },
    ...vxlanNotTracked(config),
    accepted(config, ACCEPT),
  ];
  return [
    ...failsafe(config, true),
    { name: PREROUTING_CHAIN, rules: prerouting },
    { name: OUTPUT_CHAIN, rules: out },
  ];
}
