import type { NetApi, XtOperation, XtRule, XtTableName } from "../../../kernel/uapi/index.ts";
import { ok, type Result } from "../../../base/result.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Backed, Proxier, ProxyConfig, Wanted } from "../proxier.ts";
import type { ServicePort } from "../service-port.ts";
import { fixedFilter, fixedNat, nodePortJumps, staticJumps } from "./fixed-rules.ts";
import { serviceRules, type ServiceRules } from "./service-rules.ts";

type Chains = Map<string, readonly XtRule[]>;

const SHARED_FILTER = [
  "KUBE-SERVICES",
  "KUBE-EXTERNAL-SERVICES",
  "KUBE-FORWARD",
  "KUBE-NODEPORTS",
  "KUBE-PROXY-FIREWALL",
];
const SHARED_NAT = ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"];
/** Empty chains whose loss tells that somebody flushed everything. */
const CANARY = "KUBE-PROXY-CANARY";

/** Keeps a node's rules as the services want them. Models: (*Proxier).syncProxyRules of pkg/proxy/iptables. */
export class IptablesProxier implements Proxier {
  private readonly config: ProxyConfig;
  private readonly net: NetApi;
  /** What was written last, to write only what changed. */
  private readonly written: { filter: Chains; nat: Chains } = { filter: new Map(), nat: new Map() };
  private readonly cache = new Map<
    ServicePort,
    { readonly endpoints: readonly Endpoint[]; readonly rules: ServiceRules }
  >();
  private begun = false;

  constructor(config: ProxyConfig, net: NetApi) {
    this.config = config;
    this.net = net;
  }

  /** Writes what the services need. The error is the kernel's. */
  sync({ backed, nodeAddresses }: Wanted): Result<void, string> {
    if (!this.intact()) this.forget();
    const filter: Chains = new Map();
    const nat: Chains = new Map();
    const shared = this.collect(backed, nat);
    for (const name of SHARED_FILTER) filter.set(name, []);
    for (const [name, rules] of fixedFilter(this.config)) filter.set(name, rules);
    filter.set("KUBE-SERVICES", shared.filterServices);
    filter.set("KUBE-EXTERNAL-SERVICES", shared.externalServices);
    filter.set("KUBE-NODEPORTS", shared.filterNodePorts);
    filter.set("KUBE-PROXY-FIREWALL", shared.firewall);
    for (const [name, rules] of fixedNat()) nat.set(name, rules);
    nat.set("KUBE-NODEPORTS", shared.natNodePorts);
    nat.set("KUBE-SERVICES", [...shared.natServices, ...nodePortJumps(this.config, nodeAddresses)]);
    const first = this.begun ? ok() : this.begin(filter, nat);
    if (!first.ok) return first;
    const written = this.write("filter", filter);
    return written.ok ? this.write("nat", nat) : written;
  }

  /** Somebody may have flushed the tables: then the canary is gone. */
  private intact(): boolean {
    const table = this.net.xtables.table(this.config.family, "mangle");
    return !this.begun || table?.chains.some(({ name }) => name === CANARY) === true;
  }

  private forget(): void {
    this.begun = false;
    this.written.filter.clear();
    this.written.nat.clear();
  }

  private collect(backed: readonly Backed[], nat: Chains) {
    const out = {
      filterServices: [] as XtRule[],
      externalServices: [] as XtRule[],
      filterNodePorts: [] as XtRule[],
      firewall: [] as XtRule[],
      natServices: [] as XtRule[],
      natNodePorts: [] as XtRule[],
    };
    const seen = new Set<ServicePort>();
    for (const { port, endpoints } of backed) {
      seen.add(port);
      const rules = this.rulesOf(port, endpoints);
      out.filterServices.push(...rules.filter.services);
      out.externalServices.push(...rules.filter.externalServices);
      out.filterNodePorts.push(...rules.filter.nodePorts);
      out.firewall.push(...rules.filter.firewall);
      out.natServices.push(...rules.nat.services);
      out.natNodePorts.push(...rules.nat.nodePorts);
      for (const [name, chain] of rules.nat.chains) nat.set(name, chain);
    }
    for (const port of this.cache.keys()) if (!seen.has(port)) this.cache.delete(port);
    return out;
  }

  private rulesOf(port: ServicePort, endpoints: readonly Endpoint[]): ServiceRules {
    const known = this.cache.get(port);
    if (known?.endpoints === endpoints) return known.rules;
    const rules = serviceRules(this.config, port, endpoints);
    this.cache.set(port, { endpoints, rules });
    return rules;
  }

  /** Chains, canaries and the jumps to them; with them everything is written anew. */
  private begin(filter: Chains, nat: Chains): Result<void, string> {
    const { family } = this.config;
    for (const table of ["mangle", "nat", "filter"] as const) {
      const there = this.chainsOf(table);
      const wanted = new Set([CANARY]);
      if (table === "filter") for (const name of [...SHARED_FILTER, ...filter.keys()]) wanted.add(name);
      if (table === "nat") for (const name of [...SHARED_NAT, ...nat.keys()]) wanted.add(name);
      const steps: XtOperation[] = [...wanted]
        .filter((name) => !there.has(name))
        .map((chain) => ({ op: "new-chain", chain }));
      for (const { table: of, from, rule } of staticJumps(this.config)) {
        if (of === table && !this.holds(table, from, rule))
          steps.push({ op: "insert", chain: from, number: 1, rule });
      }
      const result = this.net.xtables.commit(family, table, steps);
      if (!result.ok) return { ok: false, error: `${table}: ${result.error.errno}` };
    }
    this.begun = true;
    return ok();
  }

  private chainsOf(table: XtTableName): ReadonlySet<string> {
    const info = this.net.xtables.table(this.config.family, table);
    return new Set(info?.chains.map(({ name }) => name));
  }

  /** iptables -C. */
  private holds(table: XtTableName, chain: string, rule: XtRule): boolean {
    const info = this.net.xtables.table(this.config.family, table);
    const text = JSON.stringify(rule);
    return (
      info?.chains.find(({ name }) => name === chain)?.rules.some((r) => JSON.stringify(r.rule) === text) ===
      true
    );
  }

  /** One iptables-restore: chains that changed are written anew, those that nobody needs any more go. */
  private write(table: "filter" | "nat", wanted: Chains): Result<void, string> {
    const written = this.written[table];
    const there = this.chainsOf(table);
    const steps: XtOperation[] = [];
    const fresh: [string, readonly XtRule[]][] = [];
    for (const [name, rules] of wanted) {
      if (!there.has(name)) steps.push({ op: "new-chain", chain: name });
      if (!sameRules(written.get(name), rules) || !there.has(name)) fresh.push([name, rules]);
    }
    for (const [chain] of fresh) if (there.has(chain)) steps.push({ op: "flush", chain });
    for (const [chain, rules] of fresh) for (const rule of rules) steps.push({ op: "append", chain, rule });
    const stale = [...written.keys()].filter((name) => !wanted.has(name) && there.has(name));
    for (const chain of stale) steps.push({ op: "flush", chain });
    for (const chain of stale) steps.push({ op: "delete-chain", chain });
    if (steps.length > 0) {
      const result = this.net.xtables.commit(this.config.family, table, steps);
      if (!result.ok)
        return { ok: false, error: `${table}: ${result.error.errno} in step ${result.error.step}` };
    }
    this.written[table] = wanted;
    return ok();
  }
}

/** Rules of services that did not change are the same objects. */
function sameRules(a: readonly XtRule[] | undefined, b: readonly XtRule[]): boolean {
  if (a === undefined || a.length !== b.length) return false;
  return a === b || a.every((rule, i) => rule === b[i] || JSON.stringify(rule) === JSON.stringify(b[i]));
}
