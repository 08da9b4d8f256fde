import type { XtHook, XtTableName } from "../../../../kernel/uapi/index.ts";
import type {
  Active,
  ActiveHostEndpoint,
  ActiveWorkload,
  ParsedPolicy,
  ParsedProfile,
  TierPolicies,
} from "../calc/active.ts";
import type { RulesConfig } from "./config.ts";
import {
  ANY_INTERFACE,
  fromHostDispatch,
  type HostDevices,
  hostForwardDispatch,
  toHostDispatch,
  workloadDispatch,
} from "./dispatch.ts";
import {
  type EndpointRules,
  hostFilterChains,
  hostMangleEgress,
  hostMangleIngress,
  hostRawChains,
  type TierGroups,
  workloadChains,
} from "./endpoints.ts";
import { groupChains, groupPolicies } from "./groups.ts";
import {
  FORWARD_CHAIN,
  INPUT_CHAIN,
  OUTPUT_CHAIN,
  POSTROUTING_CHAIN,
  PREROUTING_CHAIN,
  RPF_SKIP,
} from "./names.ts";
import { blockedCidrs, natOutgoing, staticNat } from "./nat.ts";
import { endpointMarkChains, EndpointMarks } from "./ipvs.ts";
import { policyChains, profileChains } from "./policy.ts";
import { ACCEPT, type Chain, jump, type Rule } from "./rule.ts";
import { forwardAppends, staticFilter, staticMangle, staticRaw } from "./static.ts";

export type FelixTable = Exclude<XtTableName, "security">;
export const FELIX_TABLES: readonly FelixTable[] = ["raw", "mangle", "nat", "filter"];

/** One table as it should be. Chains to which nothing leads are left out. */
export interface WantedTable {
  readonly chains: ReadonlyMap<string, Chain>;
  /** Rules at the top of built-in chains (or after what others put there, with ChainInsertMode append), and at their end. */
  readonly inserts: ReadonlyMap<XtHook, readonly Rule[]>;
  readonly appends: ReadonlyMap<XtHook, readonly Rule[]>;
}

export type WantedTables = Readonly<Record<FelixTable, WantedTable>>;

/** What beside the calculation decides about the rules. */
export interface RenderInput {
  readonly active: Active;
  /** Which host endpoint holds for which interface; ANY_INTERFACE for all others. */
  readonly hostDevices: ReadonlyMap<string, ActiveHostEndpoint>;
  readonly masquerades: boolean;
  readonly serviceCidrs: readonly string[];
  /** Pods may send from the prefixes that their annotations name. */
  readonly spoofing: boolean;
}

const lead = (chain: string): readonly Rule[] => [{ action: jump(chain) }];

const HOOKS: Readonly<Record<FelixTable, readonly (readonly [XtHook, string])[]>> = {
  raw: [
    ["PREROUTING", PREROUTING_CHAIN],
    ["OUTPUT", OUTPUT_CHAIN],
  ],
  mangle: [
    ["PREROUTING", PREROUTING_CHAIN],
    ["POSTROUTING", POSTROUTING_CHAIN],
  ],
  nat: [
    ["PREROUTING", PREROUTING_CHAIN],
    ["OUTPUT", OUTPUT_CHAIN],
  ],
  filter: [
    ["FORWARD", FORWARD_CHAIN],
    ["INPUT", INPUT_CHAIN],
    ["OUTPUT", OUTPUT_CHAIN],
  ],
};

function tierGroups(tiers: readonly TierPolicies[]): readonly TierGroups[] {
  return tiers.map(({ name, defaultAction, ingress, egress }) => {
    const grouped = (policies: readonly ParsedPolicy[], direction: "ingress" | "egress") =>
      groupPolicies(
        name,
        direction,
        policies.map((policy) => ({
          name: policy.name,
          title: policy.title,
          selector: policy.selector?.text ?? "",
        })),
      );
    return { name, defaultAction, ingress: grouped(ingress, "ingress"), egress: grouped(egress, "egress") };
  });
}

/** Only what can be reached from the rules in the built-in chains. Models: the reference counts of iptables.Table. */
function referenced(chains: readonly Chain[], roots: readonly Rule[]): ReadonlyMap<string, Chain> {
  const all = new Map(chains.map((chain) => [chain.name, chain]));
  const found = new Map<string, Chain>();
  const visit = (rules: readonly Rule[]): void => {
    for (const { action } of rules) {
      const chain = action?.chain === undefined ? undefined : all.get(action.chain);
      if (chain === undefined || found.has(chain.name)) continue;
      found.set(chain.name, chain);
      visit(chain.rules);
    }
  };
  visit(roots);
  return found;
}

/** Makes the rules of a node. What did not change since the last time is the same object. */
export class Renderer {
  private readonly config: RulesConfig;
  private readonly policies = new WeakMap<ParsedPolicy, readonly Chain[]>();
  private readonly profiles = new WeakMap<ParsedProfile, readonly Chain[]>();
  private readonly fixed: Readonly<Record<FelixTable, readonly Chain[]>>;
  private readonly marks: EndpointMarks | undefined;
  private memo = new Map<string, readonly Chain[]>();
  private next = new Map<string, readonly Chain[]>();

  constructor(config: RulesConfig) {
    this.config = config;
    this.marks = config.ipvs === undefined ? undefined : new EndpointMarks(config.ipvs);
    this.fixed = {
      raw: staticRaw(config),
      mangle: staticMangle(config),
      nat: staticNat(config),
      filter: staticFilter(config),
    };
  }

  render(input: RenderInput): WantedTables {
    this.next = new Map();
    const { config } = this;
    const { active } = input;
    const policies = active.policies.flatMap((policy) => this.ofPolicy(policy));
    const profiles = active.profiles.flatMap((profile) => this.ofProfile(profile));
    const host = this.hostChains(input.hostDevices);
    const workloads = active.workloads.flatMap((workload) => this.ofWorkload(workload));
    const names = active.workloads.map(({ workload }) => workload.device);
    const dispatch = this.remember(`dispatch ${names.join()}`, () => workloadDispatch(config, names));
    const nat = this.remember(`nat ${input.masquerades}`, () => [natOutgoing(config, input.masquerades)]);
    const marks = this.endpointMarks(names, input.hostDevices);
    const blocked = this.remember(`blocked ${input.serviceCidrs.join()}`, () => [
      blockedCidrs(config, input.serviceCidrs),
    ]);
    const tables: WantedTables = {
      raw: this.table("raw", [...policies, ...host.raw, this.rpfSkip(input)]),
      mangle: this.table("mangle", [...policies, ...profiles, ...host.mangle]),
      nat: this.table("nat", nat),
      filter: this.table("filter", [
        ...policies,
        ...profiles,
        ...workloads,
        ...dispatch,
        ...marks,
        ...blocked,
        ...host.filter,
      ]),
    };
    this.memo = this.next;
    return tables;
  }

  private endpointMarks(
    workloads: readonly string[],
    devices: ReadonlyMap<string, ActiveHostEndpoint>,
  ): readonly Chain[] {
    const { marks } = this;
    if (marks === undefined) return [];
    const hosts = [...devices.keys()].filter((name) => name !== ANY_INTERFACE);
    const key = `marks ${workloads.join()} ${hosts.join()}`;
    return this.remember(key, () => endpointMarkChains(this.config, marks, workloads, hosts));
  }

  private table(name: FelixTable, chains: readonly Chain[]): WantedTable {
    const inserts = new Map(HOOKS[name].map(([hook, chain]) => [hook, lead(chain)] as const));
    const appends = new Map<XtHook, readonly Rule[]>();
    // Behind kube-proxy, which clears its mark: else what is encapsulated would be masqueraded once more.
    if (name === "nat") appends.set("POSTROUTING", lead(POSTROUTING_CHAIN));
    if (name === "filter") appends.set("FORWARD", forwardAppends(this.config));
    const roots = [...inserts.values(), ...appends.values()].flat();
    return { chains: referenced([...this.fixed[name], ...chains], roots), inserts, appends };
  }

  private remember(key: string, make: () => readonly Chain[]): readonly Chain[] {
    const chains = this.next.get(key) ?? this.memo.get(key) ?? make();
    this.next.set(key, chains);
    return chains;
  }

  private ofPolicy(policy: ParsedPolicy): readonly Chain[] {
    let chains = this.policies.get(policy);
    if (chains === undefined) this.policies.set(policy, (chains = policyChains(this.config, policy)));
    return chains;
  }

  private ofProfile(profile: ParsedProfile): readonly Chain[] {
    let chains = this.profiles.get(profile);
    if (chains === undefined) this.profiles.set(profile, (chains = profileChains(this.config, profile)));
    return chains;
  }

  private groups(of: EndpointRules): readonly Chain[] {
    return of.tiers
      .flatMap(({ ingress, egress }) => [...ingress, ...egress])
      .flatMap((group) =>
        this.remember(`group ${JSON.stringify(group)}`, () => groupChains(this.config, group)),
      );
  }

  private ofWorkload({ workload, tiers }: ActiveWorkload): readonly Chain[] {
    const { device, name, profiles } = workload;
    const of: EndpointRules = { device, title: `pod ${name}`, tiers: tierGroups(tiers.normal), profiles };
    const own = this.remember(`workload ${JSON.stringify(of)}`, () => workloadChains(this.config, of));
    return [...own, ...this.groups(of)];
  }

  private rpfSkip({ active, spoofing }: RenderInput): Chain {
    const rules = active.workloads.flatMap(({ workload: { device, spoofed, name } }) =>
      spoofed.map((prefix) => ({
        match: [`--in-interface ${device}`, `--source ${prefix}`],
        action: ACCEPT,
        owner: `pod ${name}`,
      })),
    );
    const [chain] = this.remember(`rpf-skip ${JSON.stringify(spoofing ? rules : [])}`, () => [
      { name: RPF_SKIP, rules: spoofing ? rules : [] },
    ]);
    return chain ?? { name: RPF_SKIP, rules: [] };
  }

  /** Chains of host endpoints by table. Models: endpointManager.updateHostEndpoints. */
  private hostChains(
    devices: ReadonlyMap<string, ActiveHostEndpoint>,
  ): Readonly<Record<"raw" | "mangle" | "filter", readonly Chain[]>> {
    const of = (device: string, tiers: readonly TierPolicies[], { endpoint }: ActiveHostEndpoint) => ({
      device,
      title: `host endpoint ${endpoint.name}`,
      tiers: tierGroups(tiers),
      profiles: endpoint.profiles,
    });
    const out = { raw: [] as Chain[], mangle: [] as Chain[], filter: [] as Chain[] };
    const all = [...devices];
    for (const [device, active] of all) {
      const { normal, forward, untracked, preDnat } = active.tiers;
      const [plain, forwarded] = [of(device, normal, active), of(device, forward, active)];
      const groups = [...this.groups(plain), ...this.groups(forwarded)];
      out.filter.push(...hostFilterChains(this.config, plain, forwarded), ...groups);
      out.mangle.push(hostMangleEgress(this.config, plain), ...groups);
      if (preDnat.length > 0) {
        const before = of(device, preDnat, active);
        out.mangle.push(hostMangleIngress(this.config, before), ...this.groups(before));
      }
      if (untracked.length > 0 && device !== ANY_INTERFACE) {
        const raw = of(device, untracked, active);
        out.raw.push(...hostRawChains(this.config, raw), ...this.groups(raw));
      }
    }
    const pick = (wanted: (active: ActiveHostEndpoint) => boolean): HostDevices => {
      const names = all.filter(([, active]) => wanted(active)).map(([device]) => device);
      return { devices: names.filter((name) => name !== ANY_INTERFACE), any: names.includes(ANY_INTERFACE) };
    };
    const every = pick(() => true);
    const rawDevices = { ...pick(({ tiers }) => tiers.untracked.length > 0), any: false };
    const beforeNat = pick(({ tiers }) => tiers.preDnat.length > 0);
    out.raw.push(...fromHostDispatch(rawDevices), ...toHostDispatch(this.config, rawDevices, false));
    out.mangle.push(...fromHostDispatch(beforeNat), ...toHostDispatch(this.config, every, true));
    out.filter.push(
      ...fromHostDispatch(every),
      ...toHostDispatch(this.config, every, false),
      ...hostForwardDispatch(every),
    );
    return out;
  }
}
