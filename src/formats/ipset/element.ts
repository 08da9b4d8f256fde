import type { IpsetPart, IpsetSpec, IpsetType } from "../../kernel/uapi/index.ts";
import { type Ipv4, network, parseIpv4 } from "../../wire/address.ts";
import { parseIpv6, type Ipv6 } from "../../wire/address6.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../../wire/ipv4.ts";
import { protocolNumber } from "../protocols.ts";
import { servicePort } from "../services.ts";
import { IpsetFailure, syntax } from "./failure.ts";
import { parseIcmp } from "./icmp.ts";

/** Reads an element as ipset 7.17 does: `10.0.0.0/24,tcp:80-90`. Ranges of addresses and ports become several elements. */

const IPPROTO_UDPLITE = 136;
type Family = "inet" | "inet6";

/** What stands at each place, by type. */
export type Place = "ip" | "net" | "port" | "set";

export function placesOf(type: IpsetType): readonly Place[] {
  const [, rest = ""] = type.split(":");
  return rest.split(",").map((word) => (word === "ip" || word === "net" || word === "port" ? word : "set"));
}

/** A number within bounds, or the complaint about it. */
export function parseNumber(text: string, min: number, max: number): number {
  if (!/^-?(0x[0-9a-f]+|\d+)$/i.test(text)) syntax(`'${text}' is invalid as number`);
  const value = text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
  if (value < min || value > max) syntax(`'${text}' is out of range ${min}-${max}`);
  return value;
}

export function parseAddress(text: string, family: Family): Ipv4 | Ipv6 {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (family === "inet6") {
    const found = bare.includes(":") ? parseIpv6(bare) : undefined;
    return found ?? syntax(`cannot parse ${bare}: resolving to IPv6 address failed`);
  }
  if (bare === "localhost") return 0x7f000001 as Ipv4;
  return parseIpv4(bare) ?? syntax(`cannot parse ${bare}: resolving to IPv4 address failed`);
}

/** From and to of `A`, `A/N` and `A-B`, IPv4. */
function parseRange(text: string): { from: number; to: number; length: number | undefined } {
  const slash = text.indexOf("/");
  if (slash >= 0) {
    const address = parseAddress(text.slice(0, slash), "inet");
    const length = parseNumber(text.slice(slash + 1), 0, 32);
    const from = typeof address === "number" ? network(address, length) : 0;
    return { from, to: from + 2 ** (32 - length) - 1, length };
  }
  const dash = text.indexOf("-");
  const first = Number(parseAddress(dash < 0 ? text : text.slice(0, dash), "inet"));
  const last = dash < 0 ? first : Number(parseAddress(text.slice(dash + 1), "inet"));
  return { from: Math.min(first, last), to: Math.max(first, last), length: dash < 0 ? 32 : undefined };
}

function* parseIps(text: string, family: Family): Iterable<IpsetPart> {
  if (family === "inet6") {
    if (text.includes("/") || text.includes("-")) syntax(`plain IP address must be supplied: ${text}`);
    yield { kind: "address", address: parseAddress(text, family) };
    return;
  }
  const { from, to } = parseRange(text);
  for (let a = from; a <= to; a++) yield { kind: "address", address: a as Ipv4 };
}

function* parseNets(text: string, family: Family): Iterable<IpsetPart> {
  if (family === "inet6") {
    if (text.includes("-")) syntax(`IP address or IP/cidr must be specified: ${text}`);
    const slash = text.indexOf("/");
    const address = parseAddress(slash < 0 ? text : text.slice(0, slash), family);
    yield { kind: "net", address, length: slash < 0 ? 128 : parseNumber(text.slice(slash + 1), 0, 128) };
    return;
  }
  const { from, to, length } = parseRange(text);
  if (length !== undefined) {
    if (length === 0)
      throw new IpsetFailure(1, "The value of the CIDR parameter of the IP address is invalid");
    yield { kind: "net", address: from as Ipv4, length };
    return;
  }
  for (let a = from; a <= to;) {
    let bits = 0;
    while (bits < 31 && a % 2 ** (bits + 1) === 0 && a + 2 ** (bits + 1) - 1 <= to) bits++;
    yield { kind: "net", address: a as Ipv4, length: 32 - bits };
    a += 2 ** bits;
  }
}

const PORT_PROTOCOLS: ReadonlyMap<number, "tcp" | "udp" | "sctp"> = new Map([
  [IPPROTO_TCP, "tcp"],
  [IPPROTO_UDP, "udp"],
  [IPPROTO_SCTP, "sctp"],
  [IPPROTO_UDPLITE, "udp"],
]);

/** A port by number or service name. */
export function parsePort(text: string, protocol: "tcp" | "udp" | "sctp"): number {
  if (/^\d+$/.test(text) && Number(text) <= 65535) return Number(text);
  const named = servicePort(text, protocol);
  if (named !== undefined) return named;
  const first = /^\d+$/.test(text) ? "is out of range 0-65535" : "is invalid as number";
  const lines = [
    `'${text}' ${first}`,
    `Syntax error: '${protocol}' is invalid as number`,
    `cannot parse '${text}' as a ${protocol} port`,
  ];
  return syntax(lines.join("\n"));
}

function parseProtocol(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : protocolNumber(text);
  if (number === undefined || number > 255 || number === 0)
    return syntax(`cannot parse '${text}' as a protocol`);
  return number;
}

function* parsePorts(text: string, family: Family): Iterable<IpsetPart> {
  const colon = text.indexOf(":");
  const protocolText = colon < 0 ? "tcp" : text.slice(0, colon);
  const protocol = colon < 0 ? IPPROTO_TCP : parseProtocol(protocolText);
  const rest = text.slice(colon + 1);
  if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) {
    const v6 = protocol === IPPROTO_ICMPV6;
    if (v6 !== (family === "inet6"))
      syntax(`Protocol ${v6 ? "ICMPv6" : "ICMP"} can be used with family ${v6 ? "inet6" : "inet"} only`);
    const typecode = parseIcmp(rest, v6);
    if (typecode === undefined)
      throw new IpsetFailure(1, `Cannot parse ${rest} as an ${v6 ? "ICMPv6" : "ICMP"} type/code.`);
    yield { kind: "port", protocol, port: typecode };
    return;
  }
  const named = PORT_PROTOCOLS.get(protocol);
  if (named === undefined) {
    if (rest !== "0") syntax(`Protocol ${protocolText} can be used with pseudo port value 0 only.`);
    yield { kind: "port", protocol, port: 0 };
    return;
  }
  yield* portSpan(rest, named, protocol);
}

function* portSpan(text: string, named: "tcp" | "udp" | "sctp", protocol: number): Iterable<IpsetPart> {
  // A service's name may hold a dash.
  const dash = servicePort(text, named) !== undefined ? -1 : text.indexOf("-");
  const first = parsePort(dash < 0 ? text : text.slice(0, dash), named);
  const last = dash < 0 ? first : parsePort(text.slice(dash + 1), named);
  for (let port = Math.min(first, last); port <= Math.max(first, last); port++)
    yield { kind: "port", protocol, port };
}

const ORDINALS = ["First", "Second", "Third"] as const;
const COUNTS = ["none", "one", "two", "three"] as const;
const SEPARATORS = ["", "Elem separator", "Two elem separators", "Three elem separators"] as const;

/** The texts of the places. */
function splitElement(text: string, type: IpsetType, places: number): string[] {
  const parts = text.split(",");
  if (parts.length > places)
    syntax(
      `${SEPARATORS[places] ?? ""} in ${text}, but settype ${type} supports ${COUNTS[places - 1] ?? ""}.`,
    );
  for (let i = 1; i < places; i++)
    if ((parts[i] ?? "") === "") syntax(`${ORDINALS[i] ?? ""} element is missing from ${text}.`);
  return parts;
}

function expand(text: string, place: Place, spec: Pick<IpsetSpec, "type" | "family">): Iterable<IpsetPart> {
  const family = spec.family ?? "inet";
  switch (place) {
    case "set":
      return [{ kind: "set", name: text }];
    case "ip":
      return parseIps(text, family);
    case "net":
      return parseNets(text, family);
    case "port":
      if (spec.type !== "bitmap:port") return parsePorts(text, family);
      return portSpan(text.slice(text.indexOf(":") + 1), "tcp", 0);
  }
}

/** All elements that a text stands for, in the order in which the kernel takes them. What is wrong with it is said at once. */
export function parseElements(
  text: string,
  spec: Pick<IpsetSpec, "type" | "family">,
): Iterable<readonly IpsetPart[]> {
  const places = placesOf(spec.type);
  const texts = splitElement(text, spec.type, places.length);
  for (const [d, place] of places.entries()) expand(texts[d]!, place, spec)[Symbol.iterator]().next();
  return product(texts, places, spec, 0, []);
}

function* product(
  texts: readonly string[],
  places: readonly Place[],
  spec: Pick<IpsetSpec, "type" | "family">,
  d: number,
  before: readonly IpsetPart[],
): Iterable<readonly IpsetPart[]> {
  const place = places[d];
  if (place === undefined) {
    yield before;
    return;
  }
  for (const part of expand(texts[d]!, place, spec))
    yield* product(texts, places, spec, d + 1, [...before, part]);
}
