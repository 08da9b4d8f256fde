import { formatIpv4, formatMac, type Ipv4, type Mac, parseIpv4, parseMac } from "../../wire/address.ts";
import { formatIpv6, type Ipv6, parseIpv6 } from "../../wire/address6.ts";
import type { NftKey, NftPart, NftScalar, NftType } from "../../kernel/uapi/nft.ts";
import { NftError, type Token, type Tokens } from "./lexer.ts";
import { symbolOf, SYMBOLS } from "./symbols.ts";

/** What the language asks of the machine that it is spoken on. */
export interface Names {
  /** Interface index by name; undefined when there is none such. */
  index(name: string): number | undefined;
  interfaceName(index: number): string | undefined;
  /** services(5). */
  service(name: string): number | undefined;
  /** `-n`, `-S`: what is printed by its number, and ports that are printed by their service's name. */
  readonly numeric?: Numeric;
  readonly serviceName?: (port: number) => string | undefined;
}

/** What `nft list` is asked to leave in numbers. */
export interface Numeric {
  readonly symbols: boolean;
  readonly protocols: boolean;
  readonly priorities: boolean;
  /** False: ports by name. */
  readonly ports: boolean;
}

function whole(token: Token, most: number, complaint: string): number {
  const value = Number(token.text);
  if (token.kind !== "number" || value > most) throw new NftError(complaint, token.from, token.to);
  return value;
}

function symbol(type: NftType, token: Token): number {
  const found = SYMBOLS[type]?.[token.text];
  if (found !== undefined) return found;
  if (token.kind === "number") return Number(token.text);
  throw new NftError(`Could not parse ${TYPE_NAMES[type] ?? type}`, token.from, token.to);
}

const TYPE_NAMES: Partial<Record<NftType, string>> = {
  ct_state: "conntrack state",
  ct_status: "conntrack status",
  inet_proto: "Internet protocol",
  icmp_type: "ICMP type",
  icmpv6_type: "ICMPv6 type",
  tcp_flag: "TCP flag",
  fib_addrtype: "address type",
  pkt_type: "packet type",
  nf_proto: "netfilter protocol",
  ether_type: "EtherType",
};

/** Reads one value of a type. */
export function readScalar(t: Tokens, type: NftType, names: Names): NftScalar {
  const token = t.peek();
  if (token.kind === "newline" || token.kind === "end" || (token.kind === "sign" && token.text !== "["))
    t.unexpected();
  t.next();
  return { type, value: valueOf(token, type, names) };
}

function valueOf(token: Token, type: NftType, names: Names): number | Ipv6 | string {
  switch (type) {
    case "ipv4_addr":
      return (
        parseIpv4(token.text) ??
        fail(
          token,
          `Could not resolve hostname: ${token.kind === "ip4" ? "Name or service not known" : "Temporary failure in name resolution"}`,
        )
      );
    case "ipv6_addr":
      return parseIpv6(token.text) ?? fail(token, "Could not resolve hostname: Name or service not known");
    case "ether_addr":
      return parseMac(token.text) ?? fail(token, "Could not parse link layer address");
    case "inet_service": {
      if (token.kind === "number") return whole(token, 65535, "Service out of range");
      return (
        names.service(token.text) ??
        fail(token, "Could not resolve service: Servname not supported for ai_socktype")
      );
    }
    case "ifname":
      return token.text;
    case "iface_index":
      if (token.kind === "number") return Number(token.text);
      return names.index(token.text) ?? fail(token, "Interface does not exist");
    case "ct_label":
      return whole(token, 127, `${token.text}: bit ${token.text} out of range (128 max)`);
    case "mark":
    case "integer":
      return whole(token, 0xffffffff, `Could not parse integer`);
    default:
      return symbol(type, token);
  }
}

function fail(token: Token, message: string): never {
  throw new NftError(message, token.from, token.to);
}

/** A value, a range or a prefix. */
export function readPart(t: Tokens, type: NftType, names: Names): NftPart {
  const start = t.peek();
  const value = readScalar(t, type, names);
  if ((type === "ipv4_addr" || type === "ipv6_addr") && t.accept("/")) {
    const token = t.peek();
    const length = t.number();
    if (length > (type === "ipv4_addr" ? 32 : 128))
      throw new NftError(
        `Prefix length ${length} is invalid for type of ${type === "ipv4_addr" ? 32 : 128} bits width`,
        start.from,
        token.to,
      );
    return length === (type === "ipv4_addr" ? 32 : 128)
      ? { kind: "value", value }
      : { kind: "prefix", value, length };
  }
  if (t.accept("-")) return { kind: "range", low: value, high: readScalar(t, type, names) };
  return { kind: "value", value };
}

/** As many parts as there are types, with dots between them. */
export function readKey(t: Tokens, types: readonly NftType[], names: Names): NftKey {
  return types.map((type, i) => {
    if (i > 0) t.expect(".");
    return readPart(t, type, names);
  });
}

export function scalarText(scalar: NftScalar, names: Names): string {
  const { type, value } = scalar;
  if (typeof value === "object") return formatIpv6(value);
  if (typeof value === "string") return `"${value}"`;
  switch (type) {
    case "ipv4_addr":
      return formatIpv4(value as Ipv4);
    case "ether_addr":
      return formatMac(value as Mac);
    case "mark":
      return `0x${value.toString(16).padStart(8, "0")}`;
    case "iface_index":
      return `"${names.interfaceName(value) ?? value}"`;
    default:
      return symbolText(type, value, names) ?? numberText(type, value);
  }
}

function symbolText(type: NftType, value: number, { numeric, serviceName }: Names): string | undefined {
  if (type === "inet_service") {
    const name = numeric?.ports === false ? serviceName?.(value) : undefined;
    return name === undefined ? undefined : `"${name}"`;
  }
  const byNumber = type === "inet_proto" ? numeric?.protocols : numeric?.symbols;
  return byNumber === true ? undefined : symbolOf(type, value);
}

/** Digits of the types whose nameless values are printed in hexadecimal. */
const HEX_DIGITS: Partial<Readonly<Record<NftType, number>>> = {
  dscp: 2,
  ether_type: 4,
  tcp_flag: 1,
  ct_status: 1,
  ct_state: 1,
};

export function numberText(type: NftType, value: number): string {
  const digits = HEX_DIGITS[type];
  return digits === undefined ? String(value) : `0x${value.toString(16).padStart(digits, "0")}`;
}

export function partText(part: NftPart, names: Names): string {
  switch (part.kind) {
    case "value":
      return scalarText(part.value, names);
    case "range":
      return `${scalarText(part.low, names)}-${scalarText(part.high, names)}`;
    case "prefix":
      return `${scalarText(part.value, names)}/${part.length}`;
  }
}

export function keyText(key: NftKey, names: Names): string {
  return key.map((part) => partText(part, names)).join(" . ");
}

/** `1d2h3m4s5ms` in milliseconds; a bare number is seconds. */
export function readTime(t: Tokens): number {
  const token = t.peek();
  if (token.kind === "number") return t.number() * 1000;
  if (token.kind !== "time") t.unexpected("time");
  t.next();
  const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  let total = 0;
  for (const [, n, unit] of token.text.matchAll(/(\d+)(ms|[dhms])/g)) total += Number(n) * units[unit!]!;
  return total;
}

export function timeText(millis: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ];
  let left = millis;
  let text = "";
  for (const [unit, size] of units) {
    const n = Math.floor(left / size);
    if (n > 0) text += `${n}${unit}`;
    left -= n * size;
  }
  return text === "" ? "0s" : text;
}
