import { prefixMask } from "../../../formats/iptables/address.ts";
import type { XtHook, XtMatch, XtRule, XtTableName } from "../../../kernel/uapi/index.ts";
import { type Ipv4, IPV4_LOOPBACK } from "../../../wire/address.ts";
import { IPV6_LOOPBACK } from "../../../wire/address6.ts";
import type { ProxyConfig } from "../proxier.ts";
import { comment, host, jump, MASQUERADE_MARK } from "./build.ts";
import type { StaticJump } from "./chain-writer.ts";

const NEW: XtMatch = { kind: "conntrack", state: { states: ["NEW"] } };

/** In the order in which they are ensured, each at the top. Models: iptablesJumpChains, iptablesKubeletJumpChains. */
export function staticJumps(config: ProxyConfig): readonly StaticJump[] {
  const to = (table: XtTableName, from: XtHook, chain: string, text: string, fresh: boolean): StaticJump => ({
    table,
    from,
    rule: { matches: [...(fresh ? [NEW] : []), comment(text)], ...jump(chain) },
  });
  const external = "kubernetes externally-visible service portals";
  const portals = "kubernetes service portals";
  const firewall = "kubernetes load balancer firewall";
  const jumps = [
    to("filter", "INPUT", "KUBE-EXTERNAL-SERVICES", external, true),
    to("filter", "FORWARD", "KUBE-EXTERNAL-SERVICES", external, true),
    to("filter", "INPUT", "KUBE-NODEPORTS", "kubernetes health check service ports", false),
    to("filter", "FORWARD", "KUBE-SERVICES", portals, true),
    to("filter", "OUTPUT", "KUBE-SERVICES", portals, true),
    to("filter", "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules", false),
    to("filter", "INPUT", "KUBE-PROXY-FIREWALL", firewall, true),
    to("filter", "OUTPUT", "KUBE-PROXY-FIREWALL", firewall, true),
    to("filter", "FORWARD", "KUBE-PROXY-FIREWALL", firewall, true),
    to("nat", "OUTPUT", "KUBE-SERVICES", portals, false),
    to("nat", "PREROUTING", "KUBE-SERVICES", portals, false),
    to("nat", "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules", false),
  ];
  if (config.family !== "ip" || !config.localhostNodePorts) return jumps;
  const guard = (from: XtHook): StaticJump => ({
    table: "filter",
    from,
    rule: { matches: [], ...jump("KUBE-FIREWALL") },
  });
  return [...jumps, guard("INPUT"), guard("OUTPUT")];
}

const MARKED = { kind: "mark", mark: MASQUERADE_MARK, mask: MASQUERADE_MARK } as const;

/** Chains whose rules are always the same. */
export function fixedFilter(config: ProxyConfig): ReadonlyMap<string, readonly XtRule[]> {
  const chains = new Map<string, readonly XtRule[]>([
    [
      "KUBE-FORWARD",
      [
        { matches: [{ kind: "conntrack", state: { states: ["INVALID"] } }], target: { kind: "DROP" } },
        { matches: [comment("kubernetes forwarding rules"), MARKED], target: { kind: "ACCEPT" } },
        {
          matches: [
            comment("kubernetes forwarding conntrack rule"),
            { kind: "conntrack", state: { states: ["RELATED", "ESTABLISHED"] } },
          ],
          target: { kind: "ACCEPT" },
        },
      ],
    ],
  ]);
  if (config.family === "ip" && config.localhostNodePorts) chains.set("KUBE-FIREWALL", [martians()]);
  return chains;
}

/** Nobody outside may use route_localnet to reach what listens on 127.0.0.1 only (CVE-2020-8558). */
function martians(): XtRule {
  const localnet = { address: 0x7f000000 as Ipv4, mask: prefixMask("ip", 8) };
  return {
    source: { ...localnet, invert: true },
    dest: localnet,
    matches: [
      comment("block incoming localnet connections"),
      { kind: "conntrack", state: { states: ["RELATED", "ESTABLISHED", "DNAT"], invert: true } },
    ],
    target: { kind: "DROP" },
  };
}

export function fixedNat(): ReadonlyMap<string, readonly XtRule[]> {
  return new Map<string, readonly XtRule[]>([
    [
      "KUBE-POSTROUTING",
      [
        { matches: [{ ...MARKED, invert: true }], target: { kind: "RETURN" } },
        { matches: [], target: { kind: "MARK", value: MASQUERADE_MARK, mask: 0 } },
        {
          matches: [comment("kubernetes service traffic requiring SNAT")],
          target: { kind: "MASQUERADE", range: { randomFully: true } },
        },
      ],
    ],
    [
      "KUBE-MARK-MASQ",
      [{ matches: [], target: { kind: "MARK", value: MASQUERADE_MARK, mask: MASQUERADE_MARK } }],
    ],
  ]);
}

/** The last rules of nat's KUBE-SERVICES: what goes to this node may be for a node port. */
export function nodePortJumps(
  config: ProxyConfig,
  nodeAddresses: readonly (typeof config.nodeIp)[],
): readonly XtRule[] {
  const text = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";
  if (config.nodePortAddresses.length === 0) {
    const local: XtMatch = { kind: "addrtype", dest: { types: ["LOCAL"] } };
    const rule: XtRule = { matches: [comment(text), local], ...jump("KUBE-NODEPORTS") };
    if (config.family === "ip6") return [{ dest: { ...host("ip6", IPV6_LOOPBACK), invert: true }, ...rule }];
    if (config.localhostNodePorts) return [rule];
    return [{ dest: { address: 0x7f000000 as Ipv4, mask: prefixMask("ip", 8), invert: true }, ...rule }];
  }
  return nodeAddresses.flatMap((address): XtRule[] =>
    address === undefined || address === IPV4_LOOPBACK
      ? []
      : [{ dest: host(config.family, address), matches: [comment(text)], ...jump("KUBE-NODEPORTS") }],
  );
}
