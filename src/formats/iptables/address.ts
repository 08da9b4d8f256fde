import type { XtAddress, XtFamily, XtInterface } from "../../kernel/uapi/xtables.ts";
import { formatIpv4, type Ipv4, ipv4, mask } from "../../wire/address.ts";
import { formatIpv6, type Ipv6, parseIpv6 } from "../../wire/address6.ts";
import type { RuleContext } from "./extension.ts";
import { wrong } from "./failure.ts";
import { wholeNumber } from "./values.ts";

export type Address = Ipv4 | Ipv6;

export function isV4(address: Address): address is Ipv4 {
  return typeof address === "number";
}

function groups(of: (i: number) => number): Ipv6 {
  return [0, 1, 2, 3, 4, 5, 6, 7].map(of) as readonly number[] as Ipv6;
}

/** The mask of a prefix length. */
export function prefixMask(family: XtFamily, length: number): Address {
  if (family === "ip") return ipv4(mask(length));
  return groups((i) => (0xffff << (16 - Math.min(16, Math.max(0, length - 16 * i)))) & 0xffff);
}

export function masked(address: Address, by: Address): Address {
  if (isV4(address)) return ipv4(isV4(by) ? address & by : 0);
  return groups((i) => (address[i] ?? 0) & (isV4(by) ? 0 : (by[i] ?? 0)));
}

/** `address` with the bits outside `by` set. */
export function filled(address: Address, by: Address): Address {
  if (isV4(address)) return ipv4(address | ~(isV4(by) ? by : 0));
  return groups((i) => ((address[i] ?? 0) | ~(isV4(by) ? 0 : (by[i] ?? 0))) & 0xffff);
}

export function sameAddress(a: Address, b: Address): boolean {
  if (isV4(a) || isV4(b)) return a === b;
  return a.every((group, i) => group === b[i]);
}

/** The prefix length of a mask; undefined when it has holes. */
export function maskLength(of: Address): number | undefined {
  const family = isV4(of) ? "ip" : "ip6";
  const bits = isV4(of)
    ? Math.clz32(~of)
    : of.reduce((n, group, i) => (n === 16 * i ? n + Math.clz32(~(group << 16)) : n), 0);
  const length = Math.min(bits, family === "ip" ? 32 : 128);
  return sameAddress(prefixMask(family, length), of) ? length : undefined;
}

/** inet_ntop(3) of glibc: RFC 5952, and a dotted tail also behind six zero groups. */
export function formatAddress(address: Address): string {
  if (isV4(address)) return formatIpv4(address);
  const compatible = address.slice(0, 6).every((group) => group === 0) && address[6] !== 0;
  if (!compatible) return formatIpv6(address);
  return `::${formatIpv4(ipv4((address[6] ?? 0) * 0x10000 + (address[7] ?? 0)))}`;
}

/** `/24`, or the mask in full when it has holes. */
export function formatMask(of: Address): string {
  const length = maskLength(of);
  return length === undefined ? `/${formatAddress(of)}` : `/${length}`;
}

/** xtables_numeric_to_ipaddr: up to four numbers of any base; what is missing at the end is 0 unless all are asked for. */
function numericV4(text: string, whole: boolean): Ipv4 | undefined {
  const parts = text.split(".");
  if (parts.length > 4 || (whole && parts.length < 4)) return undefined;
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const part = parts[i] === undefined ? 0 : wholeNumber(parts[i] ?? "", 0, 255);
    if (part === undefined) return undefined;
    value = value * 256 + part;
  }
  return ipv4(value);
}

/** An address in figures. */
export function numericAddress(family: XtFamily, text: string): Address | undefined {
  return family === "ip" ? numericV4(text, false) : parseIpv6(text);
}

/** inet_aton(3), which getaddrinfo(3) uses: the last number fills what is left. */
export function atonAddress(family: XtFamily, text: string): Address | undefined {
  if (family === "ip6") return parseIpv6(text);
  const parts = text.split(".");
  let value = 0;
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const got = wholeNumber(part, 0, last ? 2 ** (8 * (4 - i)) - 1 : 255);
    if (got === undefined || i > 3) return undefined;
    value += last ? got : got * 2 ** (24 - 8 * i);
  }
  return ipv4(value);
}

/** networks(5) of Debian. */
const NETWORKS: Readonly<Record<string, Ipv4>> = {
  default: ipv4(0),
  loopback: ipv4(0x7f000000),
  "link-local": ipv4(0xa9fe0000),
};

function hostAddresses(context: RuleContext, name: string): readonly Address[] {
  const { family } = context;
  const numeric = numericAddress(family, name);
  if (numeric !== undefined) return [numeric];
  const network = family === "ip" && Object.hasOwn(NETWORKS, name) ? NETWORKS[name] : undefined;
  const aton = network ?? (name === "" ? undefined : atonAddress(family, name));
  if (aton !== undefined) return [aton];
  return context.resolve(name) ?? wrong(`host/network \`${name}' not found`);
}

function parseMask(family: XtFamily, text: string): Address {
  const whole = family === "ip" ? numericV4(text, true) : parseIpv6(text);
  const length = wholeNumber(text, 0, family === "ip" ? 32 : 128);
  if (whole === undefined && length === undefined) wrong(`invalid mask \`${text}' specified`);
  return whole ?? prefixMask(family, length ?? 0);
}

/** The addresses of `-s` and `-d`, commas between them, names looked up. Models: xtables_ipparse_multiple. */
export function parseAddresses(context: RuleContext, text: string): readonly Omit<XtAddress, "invert">[] {
  const found: Omit<XtAddress, "invert">[] = [];
  for (const one of text.split(",")) {
    const [name = "", ...rest] = one.trimStart().split("/");
    const by =
      rest.length === 0
        ? prefixMask(context.family, context.family === "ip" ? 32 : 128)
        : parseMask(context.family, rest.join("/"));
    const any = maskLength(by) === 0;
    for (const host of any ? [by] : hostAddresses(context, name)) {
      found.push({ address: masked(host, by), mask: by });
    }
  }
  return found;
}

/** The host or network of an extension's option: kept as given. Models: libxtables xtopt_parse_hostmask. */
export function parseHostMask(
  context: RuleContext,
  self: string,
  option: string,
  text: string,
): Omit<XtAddress, "invert"> {
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  const address =
    atonAddress(context.family, name) ??
    context.resolve(name)?.[0] ??
    wrong("getaddrinfo: Temporary failure in name resolution\n");
  const full = context.family === "ip" ? 32 : 128;
  if (slash < 0) return { address, mask: prefixMask(context.family, full) };
  const length = wholeNumber(text.slice(slash + 1), 0, full);
  const whole = length === undefined ? numericAddress(context.family, text.slice(slash + 1)) : undefined;
  if (length === undefined && whole === undefined)
    wrong(
      `${self}: bad value for option "--${option}", neither a valid network mask nor valid CIDR (${text.slice(slash + 1)}).\n`,
    );
  return { address, mask: whole ?? prefixMask(context.family, length ?? 0) };
}

/** IFNAMSIZ, without the final zero. */
const MAX_INTERFACE = 15;

/** Models: libxtables xtables_parse_interface. */
export function parseInterface(context: RuleContext, text: string): Omit<XtInterface, "invert"> {
  if (text.length > MAX_INTERFACE)
    wrong(`interface name \`${text}' must be shorter than IFNAMSIZ (${MAX_INTERFACE})`);
  const wildcard = text.endsWith("+");
  const name = wildcard ? text.slice(0, -1) : text;
  if (/[/ ]/.test(text))
    context.warn(
      `Warning: weird character in interface \`${text}' ('/' and ' ' are not allowed by the kernel).\n`,
    );
  return { name, wildcard };
}

export function formatInterface(of: XtInterface): string {
  return of.wildcard ? `${of.name}+` : of.name;
}
