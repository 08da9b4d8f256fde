import { describe, test } from "vitest";
import {
  type Difference,
  firstRules,
  type Flow,
  type FlowCase,
  flowCases,
  type FlowMode,
  walkCase,
} from "../../../testkit/proxy-flows.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import { IpvsProxier } from "./proxier.ts";

const SETTINGS = { scheduler: "rr", strictArp: false, tcpTimeout: 0, tcpFinTimeout: 0, udpTimeout: 0 };

const MODE: FlowMode = {
  proxier: (config, net) => new IpvsProxier(config, SETTINGS, net),
  outcome(records, net) {
    const own = firstRules(records);
    const [newest] = net.ipvs.connections().toSorted((a, b) => b.client.port - a.client.port);
    const kube = own.filter((r) => r.chain.startsWith("KUBE-"));
    const refused = records.some((r) => r.kind === "origin" && r.origin === "icmp-error");
    if (refused) return { result: "REJECT", masq: false };
    if (kube.some((r) => r.verdict === "DROP")) return { result: "DROP", masq: false };
    if (newest !== undefined) {
      const masq = own.some((r) => r.chain === "KUBE-MARK-MASQ" || r.verdict === "MASQUERADE");
      const { address, port } = newest.destination;
      return { result: "ENDPOINTS", masq, endpoint: `${formatIpv4(address)}:${port}` };
    }
    const accepted = kube.some((r) => r.verdict === "ACCEPT" && r.chain === "KUBE-NODE-PORT");
    return { result: accepted ? "ACCEPT" : "NO_MATCH", masq: false };
  },
};

type Service = FlowCase["services"][number];

/** Local servers that can be used; without any, everybody's. */
function nearest({ endpoints = [] }: Service): readonly string[] {
  const usable = (list: typeof endpoints) => {
    const ready = list.filter((e) => e.ready ?? true);
    return ready.length > 0 ? ready : list.filter((e) => e.serving === true && e.terminating === true);
  };
  const local = usable(endpoints.filter((e) => e.local));
  return (local.length > 0 ? local : usable(endpoints)).map(({ address }) => address);
}

/** What this mode does otherwise. */
function differs(of: FlowCase, flow: Flow): Difference {
  const nothing = { endpoints: [], masq: false };
  const service = of.services.find(
    (s) =>
      s.clusterIP === flow.dstIP ||
      s.nodePort === flow.dstPort ||
      [...(s.externalIPs ?? []), ...(s.loadBalancerIPs ?? [])].includes(flow.dstIP),
  );
  // Our kernel's IPVS schedules TCP and UDP.
  if (flow.protocol === "SCTP") return "not here";
  // The node has the virtual address: what comes from outside with it as its source is a martian.
  if (flow.srcIP === flow.dstIP && !of.nodeLocalIPs.includes(flow.srcIP) && !flow.srcIP.startsWith("127."))
    return "not here";
  if (flow.dstIP.startsWith("127.")) return { result: "NO_MATCH", ...nothing };
  if (service === undefined) return undefined;
  const inside = flow.dstIP === service.clusterIP;
  // A port that the address does not serve, and a service without servers, are refused.
  if (inside && flow.expect.result !== "ENDPOINTS") return { result: "REJECT", ...nothing };
  if (!inside && service.externalTrafficPolicy === "Local" && flow.expect.result !== "ACCEPT") {
    const endpoints = nearest(service);
    return { result: endpoints.length > 0 ? "ENDPOINTS" : "REJECT", endpoints, masq: false };
  }
  return undefined;
}

describe("upstream's flows", () => {
  test.each(flowCases("IPv4"))("%s", (_, of) => walkCase(MODE, of, differs));
});
