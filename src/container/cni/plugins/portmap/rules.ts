import type { NetApi } from "../../../../kernel/uapi/index.ts";
import { formatIpv4, formatPrefix, type Ipv4Prefix, network } from "../../../../wire/address.ts";
import { GoIptables } from "../../../iptables.ts";
import { cniChain, cniComment } from "../../masquerade.ts";
import type { CniArgs } from "../../plugin.ts";
import type { PortMapping } from "./portmap.ts";

/** Ports that one multiport match can name. */
const MOST_PORTS = 15;
const DNAT = "CNI-HOSTPORT-DNAT";
const SETMARK = "CNI-HOSTPORT-SETMARK";
const MASQ = "CNI-HOSTPORT-MASQ";

function chainName(args: CniArgs): string {
  return cniChain(args, "CNI-DN-");
}

function said(args: CniArgs): string {
  return cniComment(args, "dnat ");
}

function protocols(mappings: readonly PortMapping[]): readonly string[] {
  return [...new Set(mappings.map(({ protocol }) => protocol.toLowerCase()))];
}

/** The chains that all pods share. */
function ensureShared(iptables: GoIptables): void {
  for (const chain of [DNAT, SETMARK, MASQ]) iptables.newChain("nat", chain);
  iptables.appendUnique(
    "nat",
    SETMARK,
    '-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
  );
  iptables.appendUnique("nat", MASQ, `-m mark --mark 0x2000/0x2000 -j MASQUERADE`);
  iptables.insertUnique(
    "nat",
    "POSTROUTING",
    `-m comment --comment "CNI portfwd requiring masquerade" -j ${MASQ}`,
  );
  for (const chain of ["PREROUTING", "OUTPUT"])
    iptables.appendUnique("nat", chain, `-m addrtype --dst-type LOCAL -j ${DNAT}`);
}

/** Models: portmap_iptables.go forwardPorts. */
export function forwardPorts(
  net: NetApi,
  args: CniArgs,
  mappings: readonly PortMapping[],
  pod: Ipv4Prefix,
): void {
  const iptables = new GoIptables(net);
  ensureShared(iptables);
  const chain = chainName(args);
  iptables.clearChain("nat", chain);
  for (const protocol of protocols(mappings)) {
    const ports = mappings.filter((m) => m.protocol.toLowerCase() === protocol).map((m) => m.hostPort);
    for (let i = 0; i < ports.length; i += MOST_PORTS) {
      const some = ports.slice(i, i + MOST_PORTS).join(",");
      iptables.appendUnique(
        "nat",
        DNAT,
        `${said(args)} -m multiport -p ${protocol} --destination-ports ${some} -j ${chain}`,
      );
    }
  }
  const subnet = formatPrefix({ address: network(pod.address, pod.length), length: pod.length });
  for (const mapping of mappings) {
    const host = mapping.hostIP === undefined || mapping.hostIP === "" ? "" : `-d ${mapping.hostIP} `;
    const match = `-p ${mapping.protocol.toLowerCase()} --dport ${mapping.hostPort} ${host}`;
    iptables.append(
      "nat",
      chain,
      `${match}-s ${subnet} -j ${SETMARK}`,
      `${match}-s 127.0.0.1 -j ${SETMARK}`,
      `${match}-j DNAT --to-destination ${formatIpv4(pod.address)}:${mapping.containerPort}`,
    );
  }
  const route = net.route.get({ dst: pod.address });
  const device =
    route.ok && route.value.dev !== undefined ? net.link.byIndex(route.value.dev)?.name : undefined;
  if (device !== undefined) net.sysctl.set(`net/ipv4/conf/${device}/route_localnet`, "1");
  forgetFlows(net, mappings);
}

/** Datagrams on their way to the host's port are looked at anew. */
function forgetFlows(net: NetApi, mappings: readonly PortMapping[]): void {
  const ports = new Set(mappings.filter((m) => m.protocol.toLowerCase() === "udp").map((m) => m.hostPort));
  if (ports.size === 0) return;
  for (const ct of net.conntrack.list())
    if (ct.protocol === 17 && ports.has(ct.original.dport)) net.conntrack.delete(ct.id);
}

export function forwards(net: NetApi, args: CniArgs): boolean {
  return new GoIptables(net).chainExists("nat", chainName(args));
}

export function unforwardPorts(net: NetApi, args: CniArgs): void {
  const iptables = new GoIptables(net);
  const chain = chainName(args);
  if (!iptables.chainExists("nat", chain)) return;
  iptables.deleteJumps("nat", DNAT, chain);
  iptables.deleteChain("nat", chain);
}
