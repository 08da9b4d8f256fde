import { utf8Decode } from "../../base/utf8.ts";
import { formatIpv4, type Ipv4, parseIpv4 } from "../../wire/address.ts";
import type { Host } from "../os/host.ts";

/** hosts(5) and resolv.conf(5) of a host. */

function lines(host: Host, path: string): readonly (readonly string[])[] {
  const bytes = host.fs.read(path);
  if (!bytes.ok) return [];
  return utf8Decode(bytes.value)
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim().split(/\s+/))
    .filter((words) => words[0] !== "");
}

/** The IPv4 addresses that /etc/hosts gives a name, and the name's first spelling there. */
export function lookupHosts(
  host: Host,
  name: string,
): { addresses: readonly Ipv4[]; canonical: string } | undefined {
  const wanted = name.toLowerCase();
  const addresses: Ipv4[] = [];
  let canonical: string | undefined;
  for (const [address, ...names] of lines(host, "/etc/hosts")) {
    const parsed = parseIpv4(address ?? "");
    if (parsed === undefined || !names.some((n) => n.toLowerCase() === wanted)) continue;
    canonical ??= names[0];
    addresses.push(parsed);
  }
  return canonical === undefined ? undefined : { addresses, canonical };
}

/** The name that /etc/hosts gives an address. */
export function reverseHosts(host: Host, address: Ipv4): string | undefined {
  const text = formatIpv4(address);
  return lines(host, "/etc/hosts").find((words) => words[0] === text)?.[1];
}

export interface ResolverConfig {
  readonly servers: readonly Ipv4[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutSeconds: number;
  readonly attempts: number;
}

function option(words: readonly string[], name: string): number | undefined {
  const word = words.find((w) => w.startsWith(`${name}:`));
  return word === undefined ? undefined : Number(word.slice(name.length + 1));
}

/** At most three servers, as glibc has it. */
const MAX_SERVERS = 3;

export function resolverConfig(host: Host): ResolverConfig {
  const servers: Ipv4[] = [];
  let search: readonly string[] = [];
  let options: readonly string[] = [];
  for (const [key, ...words] of lines(host, "/etc/resolv.conf")) {
    if (key === "nameserver") {
      const address = parseIpv4(words[0] ?? "");
      if (address !== undefined && servers.length < MAX_SERVERS) servers.push(address);
    } else if (key === "search" || key === "domain") search = words;
    else if (key === "options") options = [...options, ...words];
  }
  return {
    servers,
    search,
    ndots: option(options, "ndots") ?? 1,
    timeoutSeconds: option(options, "timeout") ?? 5,
    attempts: option(options, "attempts") ?? 2,
  };
}
