import { describe, test } from "vitest";
import {
  firstRules,
  type Flow,
  type FlowCase,
  flowCases,
  type FlowMode,
  rewritten,
  walkCase,
} from "../../../testkit/proxy-flows.ts";
import type { RewriteRecord, TraceRecord } from "../../../trace/record.ts";
import { NftablesProxier } from "./proxier.ts";

const MARK = 0x4000;

/** Marked for it, or a hairpin. */
function masqueraded(records: readonly TraceRecord[], skb: number | undefined): boolean {
  const rewrites = records.filter((r): r is RewriteRecord => r.kind === "rewrite" && r.skb === skb);
  return rewrites.some((r) => (r.field === "mark" && (r.after & MARK) !== 0) || r.field === "src");
}

const MODE: FlowMode = {
  proxier: (config, net) => new NftablesProxier(config, net),
  outcome(records) {
    const own = firstRules(records);
    const skb = own[0]?.skb;
    const masq = masqueraded(records, skb);
    const endpoint = rewritten(records, skb);
    const last = own.findLast((r) => r.number > 0);
    if (last?.chain === "reject-chain" || (last?.chain === "cluster-ips-check" && last.number === 1))
      return { result: "REJECT", masq };
    if (own.some((r) => r.verdict === "DROP")) return { result: "DROP", masq };
    if (endpoint !== ":") return { result: "ENDPOINTS", masq, endpoint };
    return { result: "NO_MATCH", masq };
  },
};

/** What this mode does otherwise. */
function differs(of: FlowCase, flow: Flow): Partial<Flow["expect"]> | undefined {
  const nothing = { endpoints: [], masq: false };
  // Node ports never answer on loopback, and no rule accepts a health check: there is nothing that would drop it.
  if (flow.dstIP.startsWith("127.") || flow.expect.result === "ACCEPT")
    return { result: "NO_MATCH", ...nothing };
  if (flow.expect.result === "NO_MATCH" && of.services.some(({ clusterIP }) => clusterIP === flow.dstIP))
    return { result: "REJECT", ...nothing };
  return undefined;
}

describe("upstream's flows", () => {
  test.each(flowCases("IPv4"))("%s", (_, of) => walkCase(MODE, of, differs));
  test.each(flowCases("IPv6"))("%s", (_, of) => walkCase(MODE, of, differs));
});

test("what goes to a ClusterIP that nobody has is dropped", () => {
  const general = flowCases("IPv4").find(([name]) => name.startsWith("TestClusterIPGeneral"))?.[1];
  const flow = { name: "unallocated", srcIP: "10.0.0.2", dstIP: "172.30.9.9", dstPort: 80, protocol: "TCP" };
  walkCase(MODE, {
    ...general!,
    flows: [{ ...flow, expect: { result: "DROP", endpoints: [], masq: false } }],
  });
});
