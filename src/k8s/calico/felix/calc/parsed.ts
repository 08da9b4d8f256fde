import { parsePrefix } from "../../../../wire/address.ts";
import { uniqueId } from "../hash.ts";
import type { IcmpMatch, PolicyRule, PortMatch, Ports, RuleAction, Side } from "../model/types.ts";
import { parseSelector, type Selector } from "../selector/parse.ts";

/** A set of addresses that rules ask. */
export interface SetSpec {
  readonly id: string;
  /** Whose addresses; for a Service `NAMESPACE/NAME`. */
  readonly selector?: Selector;
  readonly service?: string;
  /** Only these of their ports: the set holds addresses with ports. */
  readonly port?: { readonly name: string; readonly protocol: string };
  readonly withPorts: boolean;
}

export interface ParsedSide {
  readonly nets: readonly string[];
  readonly notNets: readonly string[];
  readonly sets: readonly string[];
  readonly notSets: readonly string[];
  readonly ports: readonly Ports[];
  readonly notPorts: readonly Ports[];
  readonly portSets: readonly string[];
  readonly notPortSets: readonly string[];
  /** Sets of addresses with ports that must match beside all others. */
  readonly servicePortSets: readonly string[];
}

/** A rule whose selectors and named ports have become sets. Models: felix/calc/rule_scanner.go ParsedRule. */
export interface ParsedRule {
  readonly action: RuleAction;
  readonly protocol?: string;
  readonly notProtocol?: string;
  readonly icmp?: IcmpMatch;
  readonly notIcmp?: IcmpMatch;
  readonly source: ParsedSide;
  readonly destination: ParsedSide;
}

const EVERYTHING = parseSelector("all()");

/** The positive selector takes the negative one in, where there is one. Models: combineMatchesIfPossible. */
function selectorsOf({ selector, notSelector }: Side): { yes: string; no: string } {
  if (selector === "" || notSelector === "") return { yes: selector, no: notSelector };
  return { yes: `(${selector}) && (!(${notSelector}))`, no: "" };
}

function parsed(text: string): readonly Selector[] {
  if (text === "") return [];
  const selector = parseSelector(text);
  return selector.ok ? [selector.value] : [];
}

const isRange = (port: PortMatch): port is Ports => typeof port !== "string";
const isName = (port: PortMatch): port is string => typeof port === "string";

function selectorSet(selector: Selector): SetSpec {
  return { id: selector.id, selector, withPorts: false };
}

function portSets(names: readonly string[], selector: Selector | undefined, protocol: string): SetSpec[] {
  const of = selector ?? (EVERYTHING.ok ? EVERYTHING.value : undefined);
  if (of === undefined) return [];
  return names.map((name) => ({
    id: uniqueId("n", `${of.id},${protocol},${name}`),
    selector: of,
    port: { name, protocol },
    withPorts: true,
  }));
}

const serviceSet = (service: string, withPorts: boolean): SetSpec => ({
  id: uniqueId(withPorts ? "svc" : "svcnoport", service),
  service,
  withPorts,
});

/**
 * Named ports are filtered by the selector; where all ports have names, the selector needs no set of its own.
 *
 * Models: ruleToParsedRule, one side of it.
 */
function parseSide(side: Side, protocol: string, isSource: boolean, sets: SetSpec[]): ParsedSide {
  const { yes, no } = selectorsOf(side);
  const [selector] = parsed(yes);
  const names = side.ports.filter(isName);
  const ports = side.ports.filter(isRange);
  const keep = (wanted: readonly SetSpec[]): readonly string[] => {
    sets.push(...wanted);
    return wanted.map(({ id }) => id);
  };
  const wanted = selector !== undefined && (ports.length > 0 || names.length === 0) ? [selector] : [];
  const service = side.service === "" ? [] : [serviceSet(side.service, !isSource)];
  return {
    nets: side.nets,
    notNets: side.notNets,
    ports,
    notPorts: side.notPorts.filter(isRange),
    portSets: keep(portSets(names, selector, protocol)),
    notPortSets: keep(portSets(side.notPorts.filter(isName), selector, protocol)),
    sets: keep([...wanted.map(selectorSet), ...(isSource ? service : [])]),
    notSets: keep(parsed(no).map(selectorSet)),
    servicePortSets: keep(isSource ? [] : service),
  };
}

/** Named ports have a protocol; that of a rule without one is TCP. */
function namedPortProtocol(protocol: string | undefined): string {
  if (protocol === "udp" || protocol === "17") return "udp";
  return protocol === "sctp" || protocol === "132" ? "sctp" : "tcp";
}

/** Undefined: nothing is left of the list for IPv4, so the rule is not for IPv4. Models: filterNets. */
function ipv4Nets(nets: readonly string[], negated: boolean): readonly string[] | undefined {
  const own = nets.filter((net) => !net.includes(":"));
  if (nets.length > 0 && own.length === 0) return undefined;
  return negated && own.includes("0.0.0.0/0") ? undefined : own;
}

function ipv4Side(side: Side): Side | undefined {
  const nets = ipv4Nets(side.nets, false);
  const notNets = ipv4Nets(side.notNets, true);
  return nets === undefined || notNets === undefined ? undefined : { ...side, nets, notNets };
}

/** The rule for IPv4 with the sets that it needs; undefined when it is for IPv6 only. */
export function parseRule(rule: PolicyRule): {
  readonly rule: ParsedRule | undefined;
  readonly sets: readonly SetSpec[];
} {
  const { source, destination, ipVersion, action, protocol, notProtocol, icmp, notIcmp } = rule;
  const sets: SetSpec[] = [];
  const proto = namedPortProtocol(protocol);
  const from = parseSide(ipv4Side(source) ?? source, proto, true, sets);
  const to = parseSide(ipv4Side(destination) ?? destination, proto, false, sets);
  const version = ipVersion ?? (protocol === "icmpv6" ? 6 : 4);
  const fits = version === 4 && ipv4Side(source) !== undefined && ipv4Side(destination) !== undefined;
  if (!fits) return { rule: undefined, sets };
  return {
    rule: {
      action,
      ...(protocol === undefined ? {} : { protocol }),
      ...(notProtocol === undefined ? {} : { notProtocol }),
      ...(icmp === undefined ? {} : { icmp }),
      ...(notIcmp === undefined ? {} : { notIcmp }),
      source: from,
      destination: to,
    },
    sets,
  };
}

/** Whether the text is an IPv4 address or network. */
export function isIpv4Net(text: string): boolean {
  return parsePrefix(text.includes("/") ? text : `${text}/32`) !== undefined;
}
