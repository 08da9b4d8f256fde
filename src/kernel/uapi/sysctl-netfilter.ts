import { TIMEOUT_DEFAULTS, type TimeoutName } from "../netfilter/conntrack/timeouts.ts";
import type { Netfilter } from "../netfilter/netfilter.ts";
import { VS_SYSCTLS, type VsSysctl } from "../netfilter/ipvs/table.ts";
import type { Netns } from "../netns.ts";

/** A number behind a path, and what it may be; without `set` it can only be read. */
export interface NumberKnob {
  readonly get: () => number;
  readonly set?: (value: number) => void;
  readonly most: number;
}

type SwitchName = "bridgeCallIptables" | "bridgeCallIp6tables" | "accounting" | "tcpLoose";

const SWITCHES: Readonly<Record<string, SwitchName>> = {
  "net/bridge/bridge-nf-call-iptables": "bridgeCallIptables",
  "net/bridge/bridge-nf-call-ip6tables": "bridgeCallIp6tables",
  "net/netfilter/nf_conntrack_acct": "accounting",
  "net/netfilter/nf_conntrack_tcp_loose": "tcpLoose",
};

const TIMEOUT = /^net\/netfilter\/nf_conntrack_([a-z0-9_]+)$/;
const MOST = 2147483647;

function isTimeout(name: string): name is TimeoutName {
  return name in TIMEOUT_DEFAULTS;
}

function isVs(name: string): name is VsSysctl {
  return name in VS_SYSCTLS;
}

function switched(netfilter: Netfilter, name: SwitchName): NumberKnob {
  const set = (value: number): void => {
    netfilter[name] = value !== 0;
  };
  // bridge-nf-call-* take any number and show it as 1; the others want 0 or 1.
  return { get: () => Number(netfilter[name]), set, most: name.startsWith("bridge") ? MOST : 1 };
}

/** net.netfilter.nf_conntrack_* and net.bridge.bridge-nf-call-*: Documentation/networking/nf_conntrack-sysctl.rst. */
export function netfilterKnob(ns: Netns, key: string): NumberKnob | undefined {
  const { netfilter } = ns;
  const name = SWITCHES[key];
  if (name !== undefined) return switched(netfilter, name);
  // Only the first namespace has it.
  if (key === "net/netfilter/nf_log_all_netns" && ns.id === 1) {
    const { kernel } = ns;
    return {
      get: () => Number(kernel.logAllNetns),
      set: (value) => (kernel.logAllNetns = value !== 0),
      most: 1,
    };
  }
  if (key === "net/netfilter/nf_conntrack_count")
    return { get: () => [...netfilter.conntrack].length, most: MOST };
  if (key === "net/netfilter/nf_conntrack_max" || key === "net/nf_conntrack_max") {
    return {
      get: () => netfilter.conntrackMax,
      set: (value) => {
        netfilter.conntrackMax = value;
      },
      most: MOST,
    };
  }
  const vs = /^net\/ipv4\/vs\/([a-z_]+)$/.exec(key)?.[1];
  if (vs !== undefined && isVs(vs)) {
    const { sysctls } = netfilter.ipvs;
    return { get: () => sysctls[vs], set: (value) => void (sysctls[vs] = value), most: MOST };
  }
  const timeout = TIMEOUT.exec(key)?.[1];
  if (timeout === undefined || !isTimeout(timeout)) return undefined;
  return {
    get: () => netfilter.timeouts[timeout],
    set: (value) => {
      netfilter.timeouts[timeout] = value;
    },
    most: MOST,
  };
}

export const NETFILTER_KEYS: readonly string[] = [
  ...Object.keys(SWITCHES),
  "net/netfilter/nf_conntrack_count",
  "net/netfilter/nf_conntrack_max",
  ...Object.keys(VS_SYSCTLS).map((name) => `net/ipv4/vs/${name}`),
  ...Object.keys(TIMEOUT_DEFAULTS).map((name) => `net/netfilter/nf_conntrack_${name}`),
];
