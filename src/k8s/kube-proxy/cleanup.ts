import type { NetApi, XtOperation } from "../../kernel/uapi/index.ts";
import { DEVICE } from "./ipvs/device.ts";
import { SET_NAMES } from "./ipvs/sets.ts";
import { TABLE } from "./nftables/names.ts";

/** Chains that are the kubelet's too. */
const SHARED = new Set(["KUBE-FIREWALL", "KUBE-KUBELET-CANARY"]);

function ours(chain: string): boolean {
  return chain.startsWith("KUBE-") && !SHARED.has(chain);
}

/**
 * What another mode has left on the node goes when kube-proxy starts: rules of iptables and ipvs under nftables, the
 * table of nftables under the others. Models: platformCleanup of cmd/kube-proxy/app/server_linux.go.
 */
export function cleanUp(net: NetApi, mode: string): void {
  if (mode === "nftables") {
    cleanIptables(net);
    cleanIpvs(net);
  } else net.nft.commit([{ op: "delete-table", family: "ip", table: TABLE, missingOk: true }]);
}

/** The jumps first, then the rules, then the chains. */
function cleanIptables(net: NetApi): void {
  for (const table of ["mangle", "nat", "filter"] as const) {
    const chains = net.xtables.table("ip", table)?.chains ?? [];
    const gone = chains.filter(({ name }) => ours(name));
    const steps: XtOperation[] = [];
    for (const { name, policy, rules } of chains) {
      if (policy === null) continue;
      for (const [i, { rule }] of [...rules.entries()].reverse())
        if (rule.target?.kind === "jump" && ours(rule.target.chain))
          steps.push({ op: "delete", chain: name, number: i + 1 });
    }
    for (const { name } of gone) steps.push({ op: "flush", chain: name });
    for (const { name } of gone) steps.push({ op: "delete-chain", chain: name });
    if (steps.length > 0) net.xtables.commit("ip", table, steps);
  }
}

/** Nothing but kube-proxy makes virtual servers on a node. */
function cleanIpvs(net: NetApi): void {
  const device = net.link.byName(DEVICE);
  if (device === undefined) return;
  net.ipvs.flush();
  net.link.delete(device.index);
  for (const name of SET_NAMES) net.ipset.destroy(name);
}
