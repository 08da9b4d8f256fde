import { type Ipv4, parseIpv4 } from "../../wire/address.ts";
import { parseIpv6 } from "../../wire/address6.ts";
import { type DnsName, parseDnsName } from "../../wire/dns-name.ts";

/** Names as the tools of BIND make them of what was typed. */

/** `10.0.0.1` as `1.0.0.10.in-addr.arpa.`, IPv6 addresses below ip6.arpa; undefined for anything else. */
export function reverseName(text: string): DnsName | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined)
    return parseDnsName(`${[0, 8, 16, 24].map((shift) => (v4 >>> shift) & 255).join(".")}.in-addr.arpa.`);
  const v6 = text.includes(":") ? parseIpv6(text) : undefined;
  if (v6 === undefined) return undefined;
  const digits = v6.map((group) => group.toString(16).padStart(4, "0")).join("");
  return parseDnsName(`${Array.from(digits).reverse().join(".")}.ip6.arpa.`);
}

export function isAddress(text: string): boolean {
  return reverseName(text) !== undefined;
}

/** Without the final dot, as most lines show it. */
export function shortName(name: string): string {
  return name === "." ? name : name.replace(/\.$/, "");
}

/** What a server is called by: an address of its own. */
export interface NameServer {
  readonly address: Ipv4;
  /** As it was given. */
  readonly name: string;
}

/** The names to ask for, in order: a name with enough dots stands for itself, another one is searched for first. */
export function searchNames(
  name: string,
  config: { readonly search: readonly string[]; readonly ndots: number },
): readonly string[] {
  if (name.endsWith(".") || name.split(".").length - 1 >= config.ndots) return [name];
  return [...config.search.map((domain) => `${name}.${domain}`), name];
}
