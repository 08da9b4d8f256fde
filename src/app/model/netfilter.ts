import { saveRule } from "../../formats/iptables/save.ts";
import type { RuleRecord } from "../../trace/record.ts";
import type { RuleCounts } from "./rule-counts.ts";
import { nftLine, nftRules } from "./nft.ts";
import type { Member } from "./set-member.ts";
import { author } from "./tables.ts";
import type { WorldState } from "./world.ts";

type XtRule = Parameters<typeof saveRule>[0];

/** What a rule that matched did to the packet. */
export type Deed =
  "accept" | "drop" | "reject" | "return" | "jump" | "mark" | "dnat" | "snat" | "masquerade" | "other";

/** A rule as it stands in its chain, ready to be shown. */
export interface RuleLine {
  readonly tool: "iptables" | "nft";
  /** `nat`; of nftables with its family: `ip kube-proxy`. */
  readonly table: string;
  readonly chain: string;
  /** Place in the chain, from 1; 0 for the policy. */
  readonly number: number;
  /** As `iptables -S` or `nft list` prints it. */
  readonly text: string;
  readonly verdict: string;
  readonly actor: string;
  /** `default/frontend`, when kube-proxy wrote it for a Service. */
  readonly service: string | undefined;
  readonly deed: Deed;
  /** What shows the chain, takes the rule away, and would have made it. */
  readonly commands: { readonly show: string; readonly remove: string; readonly install: string };
  /** The entry of its set that the packet matched. */
  readonly member?: Member | undefined;
}

/** Somebody has typed the rule, no component wrote it. */
export function isTyped({ actor }: Pick<RuleLine, "actor">): boolean {
  return /^(iptables|ip6tables|iptables-restore|nft|bash|sh)$/.test(actor);
}

/** The kernel's own form, as the journal has it: everything that printing needs is there. */
function isRule(value: unknown): value is XtRule {
  return typeof value === "object" && value !== null && "matches" in value && Array.isArray(value.matches);
}

/** A rule's specification; "" when the journal says something else. */
export function ruleText(value: unknown): string {
  return isRule(value) ? saveRule(value) : "";
}

/** kube-proxy tells in a comment for which Service a rule is: `default/frontend cluster IP`, `default/web:http -> 10.1.2.3:80`. */
function serviceOf(value: unknown): string | undefined {
  if (!isRule(value)) return undefined;
  for (const match of value.matches) {
    const text = match.kind === "comment" ? match.text : "";
    const found =
      /^([a-z0-9.-]+\/[a-z0-9.-]+)(?::\S+)?(?:$| ->| cluster IP| external| loadbalancer| has )/.exec(text);
    if (found !== null) return found[1];
  }
  return undefined;
}

function chainKey({ family, table, chain }: RuleRecord): string {
  return `${family}/${table}/${chain}`;
}

const DEEDS: Readonly<Record<string, Deed>> = {
  ACCEPT: "accept",
  DROP: "drop",
  REJECT: "reject",
  RETURN: "return",
  MARK: "mark",
  CONNMARK: "mark",
  DNAT: "dnat",
  REDIRECT: "dnat",
  NETMAP: "dnat",
  SNAT: "snat",
  MASQUERADE: "masquerade",
};

function deedOf(verdict: string): Deed {
  return DEEDS[verdict] ?? (/^(JUMP|GOTO):/.test(verdict) ? "jump" : "other");
}

/** What a rule record stands for, from the chains as they are at the cursor. */
export function ruleLine(world: WorldState, record: RuleRecord): RuleLine {
  const nft = nftLine(world, record);
  if (nft !== undefined) return nft;
  const { table, chain, number, verdict, netns, rule } = record;
  const key = chainKey(record);
  const command = `${record.family === "ip6" ? "ip6tables" : "iptables"} -t ${table}`;
  const show = `${command} -vnL ${chain} --line-numbers`;
  const common = { tool: "iptables" as const, table, chain, number, verdict, deed: deedOf(verdict) };
  if (table === "nfqueue") {
    // No rule but the answer of the program that reads this queue.
    const said = { text: `queue ${chain}: ${verdict}`, actor: "", service: undefined };
    return { ...common, ...said, commands: { show: "", remove: "", install: "" } };
  }
  if (rule === 0) {
    const text = `-P ${chain} ${verdict}`;
    const remove = `${command} -P ${chain} ACCEPT`;
    return { ...common, text, actor: "", service: undefined, commands: { show, remove, install: "" } };
  }
  const row = world.row("xtables", netns, key)?.row.rules.find(({ id }) => id === rule);
  const maker = world.since("xtables", netns, key, ({ rules }) => rules.some(({ id }) => id === rule));
  const text = row === undefined ? `-A ${chain}` : `-A ${chain} ${ruleText(row.rule)}`;
  return {
    ...common,
    text,
    actor: maker === undefined ? "" : author(maker).actor,
    service: row === undefined ? undefined : serviceOf(row.rule),
    commands: { show, remove: `${command} -D ${chain} ${number}`, install: `${command} ${text}` },
  };
}

/** A chain with its rules and how often each has matched. */
export interface ChainView {
  readonly tool: RuleLine["tool"];
  readonly key: string;
  readonly table: string;
  readonly chain: string;
  readonly policy: string | undefined;
  readonly rules: readonly {
    readonly id: number;
    readonly number: number;
    readonly text: string;
    readonly packets: number;
    readonly visited: boolean;
  }[];
  readonly visited: boolean;
}

const TABLE_ORDER = ["raw", "mangle", "nat", "filter", "security"];
const HOOK_ORDER = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];

/** The chains of a namespace that hold rules: those just visited as the packet met them, then the others by table and hook. */
export function chainsOf(
  world: WorldState,
  counts: RuleCounts,
  netns: number,
  until: number,
  visited: ReadonlySet<number>,
): readonly ChainView[] {
  const order = [...visited];
  /** When the packet came to a chain; never is last. */
  const met = ({ rules }: ChainView): number => {
    const at = order.findIndex((id) => rules.some((rule) => rule.id === id));
    return at < 0 ? order.length : at;
  };
  const rank = (list: readonly string[], name: string): number => (list.indexOf(name) + 100) % 100;
  const view = (tool: RuleLine["tool"], key: string, rules: readonly { id: number; text: string }[]) => ({
    tool,
    key: `${tool}/${key}`,
    rules: rules.map(({ id, text }, i) => ({
      id,
      number: i + 1,
      text,
      packets: counts.packets(netns, id, until),
      visited: visited.has(id),
    })),
    visited: rules.some(({ id }) => visited.has(id)),
  });
  const iptables = world.rows("xtables", netns).map(({ key, row }): ChainView => {
    const [, table = "", chain = ""] = key.split("/");
    const rules = row.rules.map(({ id, rule }) => ({ id, text: ruleText(rule) }));
    return { ...view("iptables", key, rules), table, chain, policy: row.policy ?? undefined };
  });
  const nft = world.rows("nft", netns).flatMap(({ key, row }): ChainView[] => {
    const [, family, table, chain = ""] = /^(\S+) (\S+) chain (.+)$/.exec(key) ?? [];
    if (row.rules === undefined || family === undefined) return [];
    const name = `${family} ${table ?? ""}`;
    return [{ ...view("nft", key, nftRules(world, netns, key)), table: name, chain, policy: undefined }];
  });
  const chains = [...iptables, ...nft];
  return chains
    .filter(({ rules, policy }) => rules.length > 0 || policy === "DROP")
    .sort(
      (a, b) =>
        met(a) - met(b) ||
        rank(TABLE_ORDER, a.table) - rank(TABLE_ORDER, b.table) ||
        rank(HOOK_ORDER, a.chain) - rank(HOOK_ORDER, b.chain) ||
        (a.chain < b.chain ? -1 : 1),
    );
}
