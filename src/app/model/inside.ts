import type { HookName } from "../../trace/record.ts";
import { HOOKS } from "../../trace/record.ts";
import type { Hop } from "./hops.ts";
import type { Story } from "./story.ts";
import type { Step } from "./steps.ts";
import type { WorldState } from "./world.ts";

/** A place in the netfilter diagram where a packet can stand. */
export type StationId = HookName | "in" | "route" | "local" | "reroute" | "out" | "bridge";

/** What is asked at a hook, in the order of the priorities. */
export interface HookTable {
  /** `nat`; of nftables `nft ip kube-proxy: nat-prerouting`. */
  readonly name: string;
  readonly priority: number;
  readonly rules: number;
  /** Rules of it that the packet has matched at the hop under the cursor. */
  readonly matched: number;
}

export interface Station {
  readonly id: StationId;
  readonly tables: readonly HookTable[];
  readonly state: "here" | "passed" | "ahead";
}

/** Priorities of iptables' tables. Models: enum nf_ip_hook_priorities. */
const TABLES: Readonly<Record<HookName, readonly (readonly [string, number])[]>> = {
  PREROUTING: [
    ["raw", -300],
    ["conntrack", -200],
    ["mangle", -150],
    ["nat", -100],
  ],
  INPUT: [
    ["mangle", -150],
    ["filter", 0],
    ["nat", 100],
    ["conntrack", 2147483647],
  ],
  FORWARD: [
    ["mangle", -150],
    ["filter", 0],
  ],
  OUTPUT: [
    ["raw", -300],
    ["conntrack", -200],
    ["mangle", -150],
    ["nat", -100],
    ["filter", 0],
  ],
  POSTROUTING: [
    ["mangle", -150],
    ["nat", 100],
    ["conntrack", 2147483647],
  ],
};

function nftBase(base: unknown): { readonly hook: string; readonly priority: number } | undefined {
  if (typeof base !== "object" || base === null || !("hook" in base) || !("priority" in base))
    return undefined;
  const { hook, priority } = base;
  return typeof hook === "string" && typeof priority === "number" ? { hook, priority } : undefined;
}

function tablesAt(
  world: WorldState,
  netns: number,
  hook: HookName,
  now: readonly Step[],
): readonly HookTable[] {
  const met = now
    .filter(({ anchor }) => anchor.kind === "hook" && anchor.hook === hook)
    .flatMap((step) => step.rules);
  const matchedIn = (table: string): number => met.filter((rule) => rule.table === table).length;
  const iptables = TABLES[hook].flatMap(([name, priority]): HookTable[] => {
    if (name === "conntrack") {
      const isOn = world.rows("conntrack", netns).length > 0;
      return isOn ? [{ name, priority, rules: 0, matched: 0 }] : [];
    }
    const row = world.row("xtables", netns, `ip/${name}/${hook}`)?.row;
    return row === undefined ? [] : [{ name, priority, rules: row.rules.length, matched: matchedIn(name) }];
  });
  const nft = world.rows("nft", netns).flatMap(({ key, row }): HookTable[] => {
    const base = nftBase(row.base);
    const [, table = "", chain = ""] = /^(\S+ \S+) chain (.+)$/.exec(key) ?? [];
    if (base === undefined || base.hook.toUpperCase() !== hook) return [];
    const rules = row.rules?.length ?? 0;
    return [
      { name: `nft ${table}: ${chain}`, priority: base.priority, rules, matched: matchedIn(`nft ${table}`) },
    ];
  });
  return [...iptables, ...nft].toSorted((a, b) => a.priority - b.priority);
}

/** Where a step stands in the diagram of its namespace. */
function stationOf({ anchor, pass, fate }: Step): StationId {
  switch (anchor.kind) {
    case "hook":
      return anchor.hook;
    case "route":
      return anchor.purpose === "output" ? "reroute" : "route";
    case "drop":
      return fate === undefined ? (pass === "forward" ? "route" : "local") : fate.hook.hook;
    case "frame":
      return anchor.direction === "in" ? "in" : "out";
    default:
      return "local";
  }
}

/** The hop at which the packet is, or was last, in a namespace. */
function lastHere(story: Story, at: number, netns: number): Hop | undefined {
  return story.hops.slice(0, at + 1).findLast((hop) => hop.netns === netns && hop.lane !== "arp");
}

const ALL: readonly StationId[] = ["in", ...HOOKS, "route", "local", "reroute", "out", "bridge"];

/** The stack of a namespace, opened up: which tables each hook asks, and how far the packet has come. */
export function stationsOf(
  story: Story | undefined,
  at: number,
  netns: number,
  world: WorldState,
): readonly Station[] {
  const hop = story === undefined ? undefined : lastHere(story, at, netns);
  const isNow = hop !== undefined && hop.number === at;
  const lane = hop?.lane;
  const past = (story?.hops ?? [])
    .slice(0, at + 1)
    .filter((one) => one.netns === netns && one.lane === lane)
    .flatMap(({ steps }) => steps);
  const now = isNow ? hop.steps : [];
  const here = isNow ? stationOf(hop.steps.at(-1) ?? hop.lead) : undefined;
  const isBridged = now.some(({ anchor }) => anchor.kind === "hook" && anchor.family === "bridge");
  const passed = new Set<StationId>(past.map(stationOf));
  if (past.some(({ anchor }) => anchor.kind === "hook" && anchor.family === "bridge")) passed.add("bridge");
  return ALL.map((id) => ({
    id,
    tables: HOOKS.some((name) => name === id) ? tablesAt(world, netns, id as HookName, now) : [],
    state: id === here || (id === "bridge" && isBridged) ? "here" : passed.has(id) ? "passed" : "ahead",
  }));
}

/** Rules of a namespace that the packet has matched on its way so far, in this direction. */
export function rulesSoFar(story: Story | undefined, at: number, netns: number): ReadonlySet<number> {
  const hop = story === undefined ? undefined : lastHere(story, at, netns);
  const steps = (story?.hops ?? [])
    .slice(0, at + 1)
    .filter((one) => one.netns === netns && one.lane === hop?.lane)
    .flatMap((one) => one.steps);
  return new Set(steps.flatMap(({ rules }) => rules.map(({ rule }) => rule)));
}
