// Random iptables rules. Every rule is a line of its own, so that the shrinker can leave out any of them.
import { addressText, subnetText, type Draft, type Interface, type Node } from "./draft.ts";

type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

const udpPorts = [53, 80, 5000, 5001, 5003];

/** Where rules make a difference: routers mostly. */
const ruled = (draft: Draft): Node =>
  draft.routers.length > 0 && draft.chance.happens(0.85)
    ? draft.chance.pick(draft.routers)
    : draft.chance.pick(draft.nodes);

const iptables = (node: Node, words: string): string => `ip netns exec ${node.name} iptables ${words}`;
const not = (draft: Draft): string => (draft.chance.happens(0.15) ? "! " : "");

const anAddress = (draft: Draft): string => {
  const end = draft.chance.pick(draft.interfaces);
  return draft.chance.pick([addressText(end.address), subnetText(end.segment)]);
};

function protocolMatch(draft: Draft): string {
  const { chance } = draft;
  return chance.pick([
    () => "-p icmp",
    () =>
      `-p icmp -m icmp --icmp-type ${chance.pick(["8", "0", "echo-request", "destination-unreachable", "11/0"])}`,
    () => "-p udp",
    () => `-p udp -m udp ${not(draft)}--dport ${String(chance.pick(udpPorts))}`,
    () => `-p udp -m udp --dport ${chance.pick(["5000:5003", "0:1023", "5001:"])}`,
    () => `-p udp -m udp --sport ${chance.pick(["4001", "4002", "4000:4009"])}`,
    () => `-p udp -m multiport --dports ${chance.pick(["53,80", "5000:5002,5003", "80"])}`,
    () => "! -p udp",
  ])();
}

function deviceMatch(draft: Draft, node: Node, hook: Hook): string {
  const device = draft.chance.pick(node.interfaces).device;
  const words = [];
  if (hook !== "OUTPUT" && hook !== "POSTROUTING") words.push(`${not(draft)}-i ${device}`);
  if (hook !== "INPUT" && hook !== "PREROUTING") words.push(`${not(draft)}-o ${device}`);
  return draft.chance.pick(words);
}

function extraMatch(draft: Draft): string {
  const { chance } = draft;
  return chance.pick([
    () =>
      `-m conntrack ${not(draft)}--ctstate ${chance.pick(["NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "NEW,RELATED"])}`,
    () => `-m state --state ${chance.pick(["NEW", "RELATED,ESTABLISHED"])}`,
    () => `-m conntrack --ctdir ${chance.pick(["ORIGINAL", "REPLY"])}`,
    () => `-m conntrack --ctstatus ${chance.pick(["SEEN_REPLY", "CONFIRMED", "EXPECTED"])}`,
    () => `-m mark ${not(draft)}--mark ${chance.pick(["0x1", "0x10/0xf0", "0x0/0xff"])}`,
    () => `-m addrtype ${not(draft)}--dst-type ${chance.pick(["LOCAL", "UNICAST", "BROADCAST"])}`,
    () => `-m addrtype --src-type ${chance.pick(["LOCAL", "UNICAST"])}`,
    () => `-m length --length ${chance.pick(["84", "0:100", "1000:65535"])}`,
    () => `-m ttl --ttl-${chance.pick(["eq 64", "lt 63", "gt 1"])}`,
    () => `-m comment --comment "${chance.pick(["web", "two words"])}"`,
    () =>
      `-m statistic --mode nth --every ${String(chance.between(2, 3))} --packet ${String(chance.below(2))}`,
  ])();
}

function matches(draft: Draft, node: Node, hook: Hook): string {
  const { chance } = draft;
  return [
    chance.happens(0.25) ? `${not(draft)}-s ${anAddress(draft)}` : "",
    chance.happens(0.3) ? `${not(draft)}-d ${anAddress(draft)}` : "",
    chance.happens(0.2) ? deviceMatch(draft, node, hook) : "",
    chance.happens(0.55) ? protocolMatch(draft) : "",
    chance.happens(0.35) ? extraMatch(draft) : "",
  ]
    .filter((word) => word !== "")
    .join(" ");
}

const rejections = [
  "icmp-port-unreachable",
  "icmp-host-unreachable",
  "icmp-net-unreachable",
  "icmp-proto-unreachable",
  "icmp-net-prohibited",
  "icmp-host-prohibited",
  "icmp-admin-prohibited",
];

/** Filter rules in the built-in chains and in up to two of the lab's own. */
export function filterRules(draft: Draft): void {
  const { chance, setup } = draft;
  const node = ruled(draft);
  const own = ["alpha", "beta"].slice(0, chance.below(3));
  for (const chain of own) setup.push(iptables(node, `-N ${chain}`));
  const builtIn: Hook[] = ["INPUT", "FORWARD", "FORWARD", "OUTPUT"];
  for (let i = chance.between(2, 6); i > 0; i--) {
    const inOwn = own.length > 0 && chance.happens(0.4);
    const hook = chance.pick(builtIn);
    const chain = inOwn ? chance.pick(own) : hook;
    // Chains of the lab's own call only the one after them: no loops.
    const callable = own.filter((name) => !inOwn || name > chain);
    const match = matches(draft, node, inOwn ? "FORWARD" : hook);
    setup.push(
      iptables(node, `-A ${chain}${match === "" ? "" : ` ${match}`}${filterTarget(draft, callable, inOwn)}`),
    );
  }
  if (chance.happens(0.3)) setup.push(iptables(node, `-P ${chance.pick(builtIn)} DROP`));
  draft.listings.push(() => `ip netns exec ${node.name} iptables-save -c | grep -v '^#'`);
  draft.listings.push(
    () =>
      `ip netns exec ${node.name} iptables ${chance.pick(["-nvL", "-S", "-nvxL --line-numbers", "-nL FORWARD"])}`,
  );
}

function filterTarget(draft: Draft, callable: readonly string[], inOwn: boolean): string {
  const { chance } = draft;
  const kind = chance.below(12);
  if (callable.length > 0 && kind < 4) return ` ${chance.pick(["-j", "-j", "-g"])} ${chance.pick(callable)}`;
  if (inOwn && kind < 6) return " -j RETURN";
  return chance.pick([
    " -j ACCEPT",
    " -j ACCEPT",
    " -j DROP",
    ` -j REJECT --reject-with ${chance.pick(rejections)}`,
    " -j REJECT",
    "",
  ]);
}

/** Marks set in mangle, and tables that they choose. */
export function markRules(draft: Draft): void {
  const { chance, setup } = draft;
  const node = ruled(draft);
  const mark = chance.pick(["0x1", "0x10/0xf0", "0xff"]);
  const hook = chance.pick(["PREROUTING", "PREROUTING", "OUTPUT"] as const);
  const match = matches(draft, node, hook);
  setup.push(
    iptables(node, `-t mangle -A ${hook} ${match} -j MARK --set-${chance.pick(["mark", "xmark"])} ${mark}`),
  );
  if (chance.happens(0.3))
    setup.push(iptables(node, `-t mangle -A ${hook} -j CONNMARK --${chance.pick(["save", "restore"])}-mark`));
  const out = chance.pick(node.interfaces);
  const next = chance.pick(out.segment.members);
  setup.push(`ip -n ${node.name} rule add fwmark ${mark} table 100`);
  setup.push(
    chance.pick([
      `ip -n ${node.name} route add default via ${addressText(next.address)} dev ${out.device} table 100`,
      `ip -n ${node.name} route add unreachable default table 100`,
    ]),
  );
  draft.listings.push(() => `ip netns exec ${node.name} iptables-save -c -t mangle | grep -v '^#'`);
  draft.listings.push(() => `ip -n ${node.name} rule`);
}

/** Translations of sources and destinations. */
export function natRules(draft: Draft): void {
  const { chance, setup } = draft;
  const node = ruled(draft);
  const end = chance.pick(node.interfaces);
  const target = chance.pick(draft.interfaces);
  const port = chance.pick(udpPorts);
  const service = `10.96.0.${String(chance.between(1, 9))}`;
  draft.extraTargets.push(service, service, addressText(end.address));
  const to = `${addressText(target.address)}${chance.maybe(0.5, () => "x").trim() === "" ? "" : `:${String(chance.pick(udpPorts))}`}`;
  const destination = chance.pick([service, addressText(end.address)]);
  const rules = [
    `-A PREROUTING -d ${destination} -p udp -m udp --dport ${String(port)} -j DNAT --to-destination ${to}`,
    `-A PREROUTING -d ${destination} -j DNAT --to-destination ${addressText(target.address)}`,
    `-A OUTPUT -d ${destination} -p udp -j DNAT --to-destination ${to}`,
    `-A PREROUTING -p udp -m udp --dport ${String(port)} -j REDIRECT --to-ports ${String(chance.pick(udpPorts))}`,
    `-A POSTROUTING ${matches(draft, node, "POSTROUTING")} -j MASQUERADE`,
    `-A POSTROUTING -s ${anAddress(draft)} -o ${end.device} -j MASQUERADE`,
    `-A POSTROUTING -s ${anAddress(draft)} ! -d ${anAddress(draft)} -j MASQUERADE`,
    `-A POSTROUTING -o ${end.device} -j SNAT --to-source ${addressText(end.address)}`,
    `-A POSTROUTING -p udp -j SNAT --to-source ${addressText(end.address)}:6000-6010`,
  ];
  for (const rule of chance.shuffled(rules).slice(0, chance.between(1, 3)))
    setup.push(iptables(node, `-t nat ${rule}`));
  draft.listings.push(() => `ip netns exec ${node.name} iptables-save -c -t nat | grep -v '^#'`);
}

/** A service as kube-proxy's iptables mode writes it, on every router; two endpoints take turns. */
export function serviceRules(draft: Draft): void {
  const { chance, setup } = draft;
  if (draft.routers.length === 0) return;
  const service = `10.96.1.${String(chance.between(1, 9))}`;
  const port = chance.pick(udpPorts);
  const pods = draft.interfaces.filter((end) => !end.node.forwards);
  const endpoints = chance.shuffled(pods.length > 0 ? pods : draft.interfaces).slice(0, chance.between(1, 2));
  draft.extraTargets.push(service, service, service);
  for (const node of draft.routers) setup.push(...serviceLines(node, service, port, endpoints));
  for (const router of draft.routers.slice(0, 1))
    draft.listings.push(() => `ip netns exec ${router.name} iptables-save -c -t nat | grep -v '^#'`);
}

function serviceLines(node: Node, service: string, port: number, endpoints: readonly Interface[]): string[] {
  const nat = (words: string): string => iptables(node, `-t nat ${words}`);
  const lines = [
    "KUBE-SERVICES",
    "KUBE-MARK-MASQ",
    "KUBE-POSTROUTING",
    "KUBE-SVC-A",
    ...endpoints.map((_, i) => `KUBE-SEP-${String(i)}`),
  ].map((chain) => nat(`-N ${chain}`));
  lines.push(
    nat(`-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`),
    nat(`-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`),
    nat(`-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING`),
    nat("-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000"),
    nat("-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN"),
    nat("-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0"),
    nat("-A KUBE-POSTROUTING -j MASQUERADE"),
    nat(`-A KUBE-SERVICES -d ${service}/32 -p udp -m udp --dport ${String(port)} -j KUBE-SVC-A`),
  );
  for (const [i, end] of endpoints.entries()) {
    const last = i === endpoints.length - 1;
    const turn = last ? "" : `-m statistic --mode nth --every ${String(endpoints.length - i)} --packet 0 `;
    lines.push(
      nat(`-A KUBE-SVC-A ${turn}-j KUBE-SEP-${String(i)}`),
      nat(`-A KUBE-SEP-${String(i)} -s ${addressText(end.address)}/32 -j KUBE-MARK-MASQ`),
      nat(`-A KUBE-SEP-${String(i)} -p udp -m udp -j DNAT --to-destination ${addressText(end.address)}:5000`),
    );
  }
  return lines;
}

/** Bridged frames that iptables does not see. */
export function bridgeNetfilterOff(draft: Draft): void {
  const bridge = draft.bridges.length > 0 ? draft.chance.pick(draft.bridges) : undefined;
  if (bridge && draft.chance.happens(0.5))
    draft.setup.push(`ip netns exec ${bridge.netns} sysctl -qw net.bridge.bridge-nf-call-iptables=0`);
}
