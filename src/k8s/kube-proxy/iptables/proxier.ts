import type { NetApi, XtRule } from "../../../kernel/uapi/index.ts";
import { ok, type Result } from "../../../base/result.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Backed, Proxier, ProxyConfig, Wanted } from "../proxier.ts";
import type { ServicePort } from "../service-port.ts";
import { type Chains, ChainWriter } from "./chain-writer.ts";
import { fixedFilter, fixedNat, nodePortJumps, staticJumps } from "./fixed-rules.ts";
import { serviceRules, type ServiceRules } from "./service-rules.ts";

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
  private readonly writer: ChainWriter;
  private readonly cache = new Map<
    ServicePort,
    { readonly endpoints: readonly Endpoint[]; readonly rules: ServiceRules }
  >();
  private begun = false;

  constructor(config: ProxyConfig, net: NetApi) {
    this.config = config;
    this.net = net;
    this.writer = new ChainWriter(net, config.family);
  }

  /** Writes what the services need. The error is the kernel's. */
  sync({ backed, nodeAddresses }: Wanted): Result<void, string> {
    if (!this.intact()) this.forget();
    const filter = new Map<string, readonly XtRule[]>();
    const nat = new Map<string, readonly XtRule[]>();
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
    const written = this.writer.write("filter", filter);
    return written.ok ? this.writer.write("nat", nat) : written;
  }

  /** Somebody may have flushed the tables: then the canary is gone. */
  private intact(): boolean {
    const table = this.net.xtables.table(this.config.family, "mangle");
    return !this.begun || table?.chains.some(({ name }) => name === CANARY) === true;
  }

  private forget(): void {
    this.begun = false;
    this.writer.forget();
  }

  private collect(backed: readonly Backed[], nat: Map<string, readonly XtRule[]>) {
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
    const jumps = staticJumps(this.config);
    const chains: Readonly<Record<"mangle" | "nat" | "filter", readonly string[]>> = {
      mangle: [CANARY],
      nat: [CANARY, ...SHARED_NAT, ...nat.keys()],
      filter: [CANARY, ...SHARED_FILTER, ...filter.keys()],
    };
    for (const table of ["mangle", "nat", "filter"] as const) {
      const done = this.writer.ensure(table, chains[table], jumps);
      if (!done.ok) return done;
    }
    this.begun = true;
    return ok();
  }
}
