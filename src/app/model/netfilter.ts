import { saveRule } from "../../formats/iptables/save.ts";
import type { RuleRecord } from "../../trace/record.ts";
import type { RuleCounts } from "./rule-counts.ts";
import { author } from "./tables.ts";
import type { WorldState } from "./world.ts";

type XtRule = Parameters<typeof saveRule>[0];

/** A rule as it stands in its chain, ready to be shown. */
export interface RuleLine {
  readonly table: string;
  readonly chain: string;
  /** Place in the chain, from 1; 0 for the policy. */
  readonly number: number;
  /** As `iptables -S` prints it. */
  readonly text: string;
  readonly verdict: string;
  readonly actor: string;
  /** `default/frontend`, when kube-proxy wrote it for a Service. */
  readonly service: string | undefined;
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

/** What a rule record stands for, from the chains as they are at the cursor. */
export function ruleLine(world: WorldState, record: RuleRecord): RuleLine {
  const { table, chain, number, verdict, netns, rule } = record;
  const key = chainKey(record);
  if (rule === 0) {
    const text = `-P ${chain} ${verdict}`;
    return { table, chain, number, text, verdict, actor: "", service: undefined };
  }
  const row = world.row("xtables", netns, key)?.row.rules.find(({ id }) => id === rule);
  const maker = world.since("xtables", netns, key, ({ rules }) => rules.some(({ id }) => id === rule));
  return {
    table,
    chain,
    number,
    text: row === undefined ? `-A ${chain}` : `-A ${chain} ${ruleText(row.rule)}`,
    verdict,
    actor: maker === undefined ? "" : author(maker).actor,
    service: row === undefined ? undefined : serviceOf(row.rule),
  };
}

/** A chain with its rules and how often each has matched. */
export interface ChainView {
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
  const chains = world.rows("xtables", netns).map(({ key, row }): ChainView => {
    const [, table = "", chain = ""] = key.split("/");
    const rules = row.rules.map(({ id, rule }, i) => ({
      id,
      number: i + 1,
      text: ruleText(rule),
      packets: counts.packets(netns, id, until),
      visited: visited.has(id),
    }));
    const policy = row.policy ?? undefined;
    return { key, table, chain, policy, rules, visited: rules.some((rule) => rule.visited) };
  });
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
