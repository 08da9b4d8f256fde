import type { ParsedRule, ParsedSide } from "../calc/parsed.ts";
import type { IcmpMatch, Ports } from "../model/types.ts";
import type { RulesConfig } from "./config.ts";
import { type Direction, policyChain, profileChain, setName } from "./names.ts";
import { type Chain, clearMark, logPacket, markClear, markSet, RETURN, type Rule, setMark } from "./rule.ts";

type SideName = "source" | "destination";
const DIRECTIONS: Readonly<Record<SideName, string>> = { source: "src", destination: "dst" };

/** How many ports one `-m multiport` takes; a range counts twice. */
const MULTIPORT_SLOTS = 15;

/** Models: SplitPortList. */
export function splitPorts(ports: readonly Ports[]): readonly (readonly Ports[])[] {
  const out: Ports[][] = [];
  let free = 0;
  for (const port of ports) {
    const slots = port.first === port.last ? 1 : 2;
    if (free < slots) {
      out.push([]);
      free = MULTIPORT_SLOTS;
    }
    out.at(-1)?.push(port);
    free -= slots;
  }
  return out;
}

function multiport(side: SideName, ports: readonly Ports[], not = ""): string {
  const list = ports.map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`)).join(",");
  return `-m multiport ${not}--${side}-ports ${list}`;
}

const matchSet = (side: SideName, id: string, not = ""): string =>
  `-m set ${not}--match-set ${setName(id)} ${DIRECTIONS[side]}`;
const matchPortSet = (side: SideName, id: string, not = ""): string =>
  `-m set ${not}--match-set ${setName(id)} ${DIRECTIONS[side]},${DIRECTIONS[side]}`;
const matchIcmp = ({ type, code }: IcmpMatch, not = ""): string =>
  `-m icmp ${not}--icmp-type ${type}${code === undefined ? "" : `/${code}`}`;

/**
 * Lists of which any must match, where one rule cannot ask for all of them: each becomes a block of rules that set a
 * bit of the mark, and the rule asks for the bit.
 *
 * Models: felix/rules/policy.go matchBlockBuilder.
 */
class Blocks {
  readonly rules: Rule[] = [];
  private readonly config: RulesConfig;
  private positive = false;

  constructor(config: RulesConfig) {
    this.config = config;
  }

  private begin(initially: number): void {
    if (this.rules.length > 0) return;
    const { scratch0, scratch1 } = this.config.marks;
    this.rules.push({ action: setMark(initially, (scratch0 | scratch1) >>> 0) });
  }

  /** Passed when any of the matches is met. The first block writes the result, the others take away from it. */
  any(matches: readonly (readonly string[])[]): void {
    const { scratch0: all, scratch1: this_ } = this.config.marks;
    this.begin(0);
    const mark = this.positive ? this_ : all;
    this.rules.push(...matches.map((match) => ({ match, action: setMark(mark) })));
    if (this.positive) this.rules.push({ match: [markClear(this_)], action: clearMark(all) });
    this.positive = true;
  }

  none(matches: readonly (readonly string[])[]): void {
    const { scratch0: all } = this.config.marks;
    this.begin(all);
    this.rules.push(...matches.map((match) => ({ match, action: clearMark(all) })));
  }
}

const NOTHING: Pick<ParsedSide, "ports" | "portSets"> = { ports: [], portSets: [] };

/** What is too much for one rule goes into blocks; the rest of the rule is given back. */
function moveToBlocks(rule: ParsedRule, blocks: Blocks): ParsedRule {
  const protocol = rule.protocol === undefined ? [] : [`-p ${rule.protocol}`];
  let { source, destination } = rule;
  const ports = (name: SideName, side: ParsedSide): ParsedSide => {
    const splits = splitPorts(side.ports);
    if (splits.length + side.portSets.length <= 1) return side;
    const numbers = splits.map((split) => [...protocol, multiport(name, split)]);
    blocks.any([...numbers, ...side.portSets.map((id) => [matchPortSet(name, id)])]);
    return { ...side, ...NOTHING };
  };
  const nets = (name: SideName, side: ParsedSide): ParsedSide => {
    if (side.nets.length <= 1) return side;
    blocks.any(side.nets.map((net) => [`--${name} ${net}`]));
    return { ...side, nets: [] };
  };
  const notNets = (name: SideName, side: ParsedSide): ParsedSide => {
    if (side.nets.length + side.notNets.length <= 1) return side;
    blocks.none(side.notNets.map((net) => [`--${name} ${net}`]));
    return { ...side, notNets: [] };
  };
  for (const step of [ports, nets, notNets]) {
    source = step("source", source);
    destination = step("destination", destination);
  }
  return { ...rule, source, destination };
}

function positive(name: SideName, side: ParsedSide): readonly string[] {
  return [
    ...side.nets.map((net) => `--${name} ${net}`),
    ...side.sets.map((id) => matchSet(name, id)),
    ...side.servicePortSets.map((id) => matchPortSet(name, id)),
    ...(side.ports.length > 0 ? [multiport(name, side.ports)] : []),
    ...side.portSets.map((id) => matchPortSet(name, id)),
  ];
}

function negative(name: SideName, side: ParsedSide): readonly string[] {
  return [
    ...side.notNets.map((net) => `! --${name} ${net}`),
    ...side.notSets.map((id) => matchSet(name, id, "! ")),
    ...splitPorts(side.notPorts).map((split) => multiport(name, split, "! ")),
    ...side.notPortSets.map((id) => matchPortSet(name, id, "! ")),
  ];
}

/** Models: CalculateRuleMatch. */
function matchOf(rule: ParsedRule): readonly string[] {
  const { protocol, notProtocol, icmp, notIcmp, source, destination } = rule;
  return [
    ...(protocol === undefined ? [] : [`-p ${protocol}`]),
    ...positive("source", source),
    ...positive("destination", destination),
    ...(icmp === undefined ? [] : [matchIcmp(icmp)]),
    ...(notProtocol === undefined ? [] : [`! -p ${notProtocol}`]),
    ...negative("source", source),
    ...negative("destination", destination),
    ...(notIcmp === undefined ? [] : [matchIcmp(notIcmp, "! ")]),
  ];
}

/** Sets the bit of the verdict, then acts on the bit. Models: CombineMatchAndActionsForProtoRule. */
function verdict(
  config: RulesConfig,
  action: ParsedRule["action"],
  match: readonly string[],
): readonly Rule[] {
  const { marks, deny, logPrefix } = config;
  switch (action) {
    case "log":
      return [{ match, action: logPacket(logPrefix) }];
    case "allow":
      return [
        { match, action: setMark(marks.accept) },
        { match: [markSet(marks.accept)], action: RETURN },
      ];
    case "pass":
      return [
        { match, action: setMark(marks.pass) },
        { match: [markSet(marks.pass)], action: RETURN },
      ];
    case "deny":
      return [
        { match, action: setMark(marks.drop) },
        { match: [markSet(marks.drop)], action: deny },
      ];
  }
}

/** Models: ProtoRuleToIptablesRules. */
export function renderRule(config: RulesConfig, rule: ParsedRule): readonly Rule[] {
  const blocks = new Blocks(config);
  const match = matchOf(moveToBlocks(rule, blocks));
  const all = blocks.rules.length > 0 ? [...match, markSet(config.marks.scratch0)] : match;
  return [...blocks.rules, ...verdict(config, rule.action, all)];
}

/** The rules of one direction; returning at the end of a chain says nothing. Models: ProtoRulesToIptablesRules. */
function renderRules(
  config: RulesConfig,
  rules: readonly ParsedRule[],
  comment: string,
  owner: string,
): readonly Rule[] {
  const out = rules.flatMap((rule) => renderRule(config, rule));
  while (out.at(-1)?.action === RETURN) out.pop();
  const [first = {}, ...rest] = out;
  return [{ ...first, comments: [comment] }, ...rest].map((rule) => ({ ...rule, owner }));
}

/** A policy or profile with its rules for IPv4. */
export interface RuleSet {
  readonly name: string;
  readonly title: string;
  readonly ingress: readonly ParsedRule[];
  readonly egress: readonly ParsedRule[];
}

const DIRECTION_NAMES: readonly Direction[] = ["ingress", "egress"];

export function policyChains(
  config: RulesConfig,
  policy: RuleSet & { readonly tier: string },
): readonly Chain[] {
  return DIRECTION_NAMES.map((direction) => ({
    name: policyChain(direction, policy),
    rules: renderRules(config, policy[direction], `Policy ${policy.name} ${direction}`, policy.title),
  }));
}

export function profileChains(config: RulesConfig, profile: RuleSet): readonly Chain[] {
  return DIRECTION_NAMES.map((direction) => ({
    name: profileChain(direction, profile.name),
    rules: renderRules(config, profile[direction], `Profile ${profile.name} ${direction}`, profile.title),
  }));
}
