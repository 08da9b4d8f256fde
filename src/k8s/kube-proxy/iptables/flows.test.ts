import { describe, test } from "vitest";
import { firstRules, type FlowMode, flowCases, rewritten, walkCase } from "../../../testkit/proxy-flows.ts";
import { IptablesProxier } from "./proxier.ts";

const MODE: FlowMode = {
  proxier: (config, net) => new IptablesProxier(config, net),
  outcome(records) {
    const own = firstRules(records);
    const masq = own.some((r) => r.chain === "KUBE-MARK-MASQ");
    const kube = own.filter((r) => r.chain.startsWith("KUBE-"));
    if (kube.some((r) => r.verdict === "REJECT")) return { result: "REJECT", masq };
    if (kube.some((r) => r.verdict === "DROP" && r.chain !== "KUBE-FORWARD")) return { result: "DROP", masq };
    if (own.some((r) => r.verdict === "DNAT"))
      return { result: "ENDPOINTS", masq, endpoint: rewritten(records, own[0]?.skb) };
    if (kube.some((r) => r.verdict === "ACCEPT" && r.chain === "KUBE-NODEPORTS"))
      return { result: "ACCEPT", masq };
    return { result: "NO_MATCH", masq };
  },
};

describe("upstream's flows", () => {
  test.each(flowCases("IPv4"))("%s", (_, of) => walkCase(MODE, of));
  test.each(flowCases("IPv6"))("%s", (_, of) => walkCase(MODE, of));
});
