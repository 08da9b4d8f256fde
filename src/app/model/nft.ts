import { elementText, ruleText } from "../../formats/nft/print-statement.ts";
import type { Style } from "../../formats/nft/print.ts";
import type { RuleRecord } from "../../trace/record.ts";
import type { NftRow } from "../../trace/rows.ts";
import type { Deed, RuleLine } from "./netfilter.ts";
import { author } from "./tables.ts";
import type { WorldState } from "./world.ts";

type RuleSpec = Parameters<typeof ruleText>[1];
type Family = Parameters<typeof ruleText>[0];
type Element = Parameters<typeof elementText>[0];

/** How rule records name an nft table: `nft ip kube-proxy`. */
const LABEL = /^nft (ip|ip6|inet|arp|bridge|netdev) (\S+)$/;

function isFamily(word: string): word is Family {
  return word === "ip" || word === "ip6" || word === "inet";
}

/** The kernel's own form, as the journal has it: everything that printing needs is there. */
function isSpec(value: unknown): value is RuleSpec {
  return (
    typeof value === "object" && value !== null && "statements" in value && Array.isArray(value.statements)
  );
}

function isElement(value: unknown): value is Element {
  return typeof value === "object" && value !== null && "key" in value && Array.isArray(value.key);
}

function styleOf(world: WorldState, netns: number): Style {
  return styleWith(world.rows("link", netns).map(({ row }) => row));
}

function styleWith(links: readonly { readonly name: string; readonly index: number }[]): Style {
  return {
    names: {
      index: (name) => links.find((link) => link.name === name)?.index,
      interfaceName: (index) => links.find((link) => link.index === index)?.name,
      service: () => undefined,
    },
    handles: false,
    stateless: true,
    terse: false,
  };
}

/** kube-proxy names its chains after Service and port: `service-DTOG5KOK-default/frontend/tcp/`. */
function serviceOf(chain: string): string | undefined {
  return /^(?:service|external|endpoint|firewall|nodeport)-[A-Z0-9]{8}-([^/]+\/[^/]+)\//.exec(chain)?.[1];
}

/** The one statement that matters of a rule that matched; a verdict map's answer is in the record. */
function deedOf(spec: RuleSpec | undefined, verdict: string): Deed {
  for (const statement of spec?.statements ?? []) {
    if (statement.kind === "nat") return statement.type === "redirect" ? "dnat" : statement.type;
    if (statement.kind === "reject") return "reject";
    if (statement.kind === "set-meta" && statement.key === "mark") return "mark";
  }
  if (/^(JUMP|GOTO):/.test(verdict)) return "jump";
  if (verdict === "ACCEPT") return "accept";
  if (verdict === "DROP") return "drop";
  return verdict === "RETURN" ? "return" : "other";
}

/** A rule record of nftables as a line, when it is one. */
export function nftLine(world: WorldState, record: RuleRecord): RuleLine | undefined {
  const [, family = "", table = ""] = LABEL.exec(record.table) ?? [];
  if (!isFamily(family)) return undefined;
  const { chain, number, verdict, netns, rule } = record;
  const where = `${family} ${table} ${chain}`;
  const common = { tool: "nft" as const, table: `${family} ${table}`, chain, number, verdict };
  const show = `nft -a list chain ${where}`;
  if (rule === 0)
    return {
      ...common,
      text: `policy ${verdict.toLowerCase()}`,
      actor: "",
      service: undefined,
      deed: verdict === "DROP" ? "drop" : "accept",
      commands: { show, remove: `nft add chain ${where} '{ policy accept; }'`, install: "" },
    };
  const key = `${family} ${table} chain ${chain}`;
  const row = world.row("nft", netns, key)?.row.rules?.find(({ id }) => id === rule);
  const maker = world.since("nft", netns, key, ({ rules }) => rules?.some(({ id }) => id === rule) === true);
  const spec = isSpec(row) ? row : undefined;
  const text = spec === undefined ? "" : ruleText(family, spec, styleOf(world, netns));
  return {
    ...common,
    text,
    actor: maker === undefined ? "" : author(maker).actor,
    service: serviceOf(chain),
    deed: deedOf(spec, verdict),
    commands: {
      show,
      remove: `nft delete rule ${where} handle ${row?.handle ?? "?"}`,
      install: `nft add rule ${where} ${text}`,
    },
  };
}

/** What a row of the journal says, a line for each rule or element; devices are numbers. */
export function nftLines(key: string, { rules = [], elements = [] }: NftRow): readonly string[] {
  const [, family = "", table = "", kind = "", name = ""] = /^(\S+) (\S+) (chain|set) (.+)$/.exec(key) ?? [];
  if (!isFamily(family)) return [key];
  const style = styleWith([]);
  const where = `nft ${family} ${table} ${name}`;
  const lines =
    kind === "chain"
      ? rules.flatMap((rule) => (isSpec(rule) ? [ruleText(family, rule, style)] : []))
      : elements.flatMap((element) => (isElement(element) ? [`{ ${elementText(element, style)} }`] : []));
  return [`${kind} ${where}`, ...lines.map((line) => `${where}: ${line}`)];
}

/** A chain's rules as `nft list` prints them. */
export function nftRules(
  world: WorldState,
  netns: number,
  key: string,
): readonly { readonly id: number; readonly text: string }[] {
  const [family = ""] = key.split(" ");
  if (!isFamily(family)) return [];
  const style = styleOf(world, netns);
  return (world.row("nft", netns, key)?.row.rules ?? []).map((row) => ({
    id: row.id,
    text: isSpec(row) ? ruleText(family, row, style) : "",
  }));
}

/** The elements of a named set or map by its key in the journal: what they are found by, and the whole text. */
export function nftElements(
  world: WorldState,
  netns: number,
  key: string,
): readonly { readonly member: string; readonly text: string }[] {
  const style = styleOf(world, netns);
  const elements = world.row("nft", netns, key)?.row.elements ?? [];
  return elements.flatMap((element) => {
    if (!isElement(element)) return [];
    const text = elementText(element, style);
    const [found = ""] = text.split(" : ");
    return [{ member: found.replace(/ (comment|counter|timeout|expires) .*$/, ""), text }];
  });
}

/** The members of a named set or map, each with the parts of its key as they are printed. */
export function nftMembers(
  world: WorldState,
  netns: number,
  table: string,
  set: string,
): readonly { readonly parts: readonly string[]; readonly text: string }[] {
  return nftElements(world, netns, `${table} set ${set}`).map(({ member, text }) => ({
    parts: member.split(" . "),
    text,
  }));
}
