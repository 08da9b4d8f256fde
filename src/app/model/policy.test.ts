import { describe, expect, it } from "vitest";
import type { RuleLine } from "./netfilter.ts";
import { policyOf } from "./policy.ts";

function line(chain: string, text: string, deed: RuleLine["deed"], table = "filter"): RuleLine {
  return {
    tool: table.startsWith("inet ") ? "nft" : "iptables",
    table,
    chain,
    number: 1,
    text,
    verdict: deed.toUpperCase(),
    actor: "",
    service: undefined,
    deed,
    commands: { show: "", remove: "", install: "" },
  };
}

describe("whose policy it was", () => {
  const marked = (comment: string): readonly RuleLine[] => [
    line("cali-tw-cali46a553c7aae", "-m mark --mark 0x0/0x20000 -j cali-pi-_QsGnfbzW2i2TgQMCBMy", "jump"),
    line(
      "cali-pi-_QsGnfbzW2i2TgQMCBMy",
      `-p icmp -m comment --comment "${comment}" -j MARK --set-xmark 0x40000/0x40000`,
      "mark",
    ),
    line("cali-pi-_QsGnfbzW2i2TgQMCBMy", "-m mark --mark 0x40000/0x40000 -j DROP", "drop"),
  ];

  it("an explicit Deny of Calico's ends in the policy's own chain, whose comment names it", () => {
    expect(policyOf(marked("Policy default/default.no-ping ingress"))).toEqual({
      plugin: "calico",
      pod: "cali46a553c7aae",
      direction: "ingress",
      why: "denied",
      policies: [{ name: "default/no-ping", show: "calicoctl get networkpolicy -n default no-ping -o yaml" }],
    });
    expect(policyOf(marked("Policy default.no-ping ingress"))?.policies).toEqual([
      { name: "no-ping", show: "calicoctl get globalnetworkpolicy no-ping -o yaml" },
    ]);
  });

  it("kindnetd decides itself: the rule that queued the packet tells for whose sake", () => {
    const queued = (field: string): readonly RuleLine[] => [
      line(
        "postrouting",
        `ip ${field} @podips-v4 queue flags bypass to 101`,
        "other",
        "inet kindnet-network-policies",
      ),
      line("101", "queue 101: DROP", "drop", "nfqueue"),
    ];
    expect(policyOf(queued("daddr"))).toMatchObject({
      plugin: "kindnet",
      direction: "ingress",
      why: "program",
    });
    expect(policyOf(queued("saddr"))).toMatchObject({ direction: "egress" });
    expect(policyOf([line("101", "queue 101: DROP", "drop", "nfqueue")])).toBeUndefined();
  });
});
