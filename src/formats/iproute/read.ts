import { parseIpv4, parsePrefix } from "../../wire/address.ts";
import { isLinkLocal6, isMulticast6, parseIpv6, parsePrefix6 } from "../../wire/address6.ts";

/**
 * Reads what `ip addr`, `ip route`, `ip rule` and `sysctl` print, for people who paste it. Models: iproute2 6.1's output,
 * without `-d` and without `-j`. What is not understood is kept by line, never guessed.
 */

/** A line that nobody could read, from 1, and why. */
export interface Unread {
  readonly line: number;
  readonly text: string;
  readonly why: "form" | "multipath" | "value";
}

export interface ReadResult<T> {
  readonly items: readonly T[];
  readonly unread: readonly Unread[];
}

/** A device with its addresses. */
export interface PastedDevice {
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  readonly mtu: number;
  readonly mac: string | undefined;
  /** The bridge that it is a port of. */
  readonly master: string | undefined;
  /** `10.244.1.1/24`. */
  readonly addresses: readonly string[];
  /** `fd00:1::1/64`; those of the link alone (fe80::) are left out, the kernel makes them itself. */
  readonly addresses6: readonly string[];
}

/** Which of the two IPs a line belongs to. */
export type IpFamily = "ip" | "ip6";

/** A route or a policy rule as the words after `ip route add` and `ip rule add`. */
export interface PastedWords {
  readonly family: IpFamily;
  readonly words: string;
  readonly line: number;
}

export interface PastedSysctl {
  readonly name: string;
  readonly value: string;
}

function linesOf(text: string): readonly (readonly [number, string])[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => [i + 1, line] as const)
    .filter(([, line]) => line.trim() !== "" && !/^\s*[#$]/.test(line));
}

type Draft = { -readonly [K in keyof PastedDevice]: PastedDevice[K] } & {
  addresses: string[];
  addresses6: string[];
};

const HEAD = /^\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)> mtu (\d+)(.*)$/;
const DETAIL = /^\s+(valid_lft|altname|vxlan|veth|bridge|link-netns|promiscuity|RX|TX|\d)/;

/** `ip addr`. */
export function readAddresses(text: string): ReadResult<PastedDevice> {
  const items: Draft[] = [];
  const unread: Unread[] = [];
  for (const [line, content] of linesOf(text)) {
    const head = HEAD.exec(content);
    const device = items.at(-1);
    if (head !== null) {
      const [, name = "", flags = "", mtu = "1500", rest = ""] = head;
      items.push({
        name,
        up: flags.split(",").includes("UP"),
        loopback: flags.split(",").includes("LOOPBACK"),
        mtu: Number(mtu),
        mac: undefined,
        master: / master (\S+)/.exec(rest)?.[1],
        addresses: [],
        addresses6: [],
      });
      continue;
    }
    const [, address] = /^\s+inet (\S+)(?: peer \S+)? /.exec(`${content} `) ?? [];
    const [, six] = /^\s+inet6 (\S+)(?: peer \S+)? /.exec(`${content} `) ?? [];
    const [, mac] = /^\s+link\/ether ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b/.exec(content) ?? [];
    if (device === undefined) unread.push({ line, text: content, why: "form" });
    else if (address !== undefined) {
      const full = address.includes("/") ? address : `${address}/32`;
      if (parsePrefix(full) === undefined) unread.push({ line, text: content, why: "value" });
      else device.addresses.push(full);
    } else if (six !== undefined) {
      const full = six.includes("/") ? six : `${six}/128`;
      const prefix = parsePrefix6(full);
      if (prefix === undefined) unread.push({ line, text: content, why: "value" });
      else if (!isLinkLocal6(prefix.address)) device.addresses6.push(full);
    } else if (mac !== undefined) device.mac = mac;
    else if (!/^\s+link\//.test(content) && !DETAIL.test(content))
      unread.push({ line, text: content, why: "form" });
  }
  return { items, unread };
}

const TYPES = /^(unicast|blackhole|unreachable|prohibit|throw|local|broadcast|multicast|anycast)$/;
/** Words that say how a route stands at the moment, not what it is. */
const STATES: ReadonlySet<string> = new Set([
  "linkdown",
  "dead",
  "offload",
  "trap",
  "rt_offload",
  "pervasive",
]);
/** Words of a route that take a value which is kept. */
const KEPT: ReadonlySet<string> = new Set([
  "via",
  "dev",
  "scope",
  "src",
  "metric",
  "table",
  "proto",
  "mtu",
  "tos",
]);

/** The IP of an address or a range; undefined when it is neither's. */
export function familyOf(text: string): IpFamily | undefined {
  if (parsePrefix(text.includes("/") ? text : `${text}/32`) !== undefined) return "ip";
  return parsePrefix6(text.includes("/") ? text : `${text}/128`) === undefined ? undefined : "ip6";
}

/** The words of a route line that `ip route add` takes; undefined when one is not known. */
function routeWords(content: string): { readonly words: string; readonly family: IpFamily } | undefined {
  const words = content.trim().split(/\s+/);
  const out: string[] = [];
  if (TYPES.test(words[0] ?? "")) out.push(words.shift() ?? "");
  const to = words.shift() ?? "";
  // IPv6's routes alone have a preference (RFC 4191), also those whose addresses do not tell.
  const isSix =
    words.includes("pref") ||
    words.some((word, i) => /^(via|src)$/.test(words[i - 1] ?? "") && word.includes(":"));
  const family = to === "default" ? (isSix ? "ip6" : "ip") : familyOf(to);
  if (family === undefined) return undefined;
  const parse = family === "ip" ? parseIpv4 : parseIpv6;
  out.push(to);
  while (words.length > 0) {
    const word = words.shift() ?? "";
    if (STATES.has(word)) continue;
    if (word === "onlink") out.push(word);
    else if (KEPT.has(word)) {
      let value = words.shift();
      if (word === "via" && value === "inet6") return undefined;
      if (word === "via" && value === "inet") value = words.shift();
      if (value === undefined) return undefined;
      if ((word === "via" || word === "src") && parse(value) === undefined) return undefined;
      out.push(word, value);
    } else if (/^(expires|advmss|initcwnd|rto_min|pref|nhid|error|hoplimit)$/.test(word)) words.shift();
    else return undefined;
  }
  return { words: out.join(" "), family };
}

/** One of several next hops, on a line of its own under its route. */
function nexthopWords(content: string): string | undefined {
  const [, via, dev, weight] =
    /^\s+nexthop (?:via (\S+) )?dev (\S+)(?: weight (\d+))?(?: onlink)?(?: linkdown| dead| pref \w+)*\s*$/.exec(
      content,
    ) ?? [];
  if (
    dev === undefined ||
    (via !== undefined && parseIpv4(via) === undefined && parseIpv6(via) === undefined)
  )
    return undefined;
  const to = via === undefined ? "" : ` via ${via}`;
  return `nexthop${to} dev ${dev} weight ${weight ?? "1"}`;
}

/** What the kernel has by itself on every device with IPv6: the link's own network, and groups. */
function isOwnOfIpv6(content: string): boolean {
  const [, to] = /^(?:multicast |anycast )?(\S+) /.exec(content) ?? [];
  const prefix = to === undefined ? undefined : parsePrefix6(to.includes("/") ? to : `${to}/128`);
  if (prefix === undefined) return false;
  return isLinkLocal6(prefix.address) || isMulticast6(prefix.address) || to === "::1";
}

/** `ip route`, also of all tables. Routes of the table local come with the addresses. */
export function readRoutes(text: string): ReadResult<PastedWords> {
  const items: PastedWords[] = [];
  const unread: Unread[] = [];
  for (const [line, content] of linesOf(text)) {
    if (/^\s+nexthop\b/.test(content)) {
      const route = items.at(-1);
      const hop = nexthopWords(content);
      if (route === undefined || hop === undefined) unread.push({ line, text: content, why: "multipath" });
      else {
        const family = hop.includes(" via ") && hop.includes(":") ? "ip6" : route.family;
        items[items.length - 1] = { words: `${route.words} ${hop}`, line: route.line, family };
      }
      continue;
    }
    if (/\btable local\b|^(local|broadcast|anycast) /.test(content) || isOwnOfIpv6(content)) continue;
    const [own = "", ...hops] = content.split(/\s+(?=nexthop )/);
    const route = routeWords(own);
    const ways = hops.map((hop) => nexthopWords(` ${hop}`));
    if (hops.length > 0 && ways.includes(undefined)) unread.push({ line, text: content, why: "multipath" });
    else if (route === undefined) unread.push({ line, text: content, why: "form" });
    else {
      const isSix = ways.some((way) => / via \S*:/.test(way ?? ""));
      const family = isSix ? "ip6" : route.family;
      items.push({ words: [route.words, ...ways].join(" "), line, family });
    }
  }
  return { items, unread };
}

const SELECTORS =
  /^(from|to|fwmark|iif|oif|tos|lookup|table|not|all|ipproto|sport|dport|blackhole|unreachable|prohibit|goto|nop)$/;

/** `ip rule` and behind it `ip -6 rule`; the three that every machine has are left out. */
export function readRules(text: string): ReadResult<PastedWords> {
  const items: PastedWords[] = [];
  const unread: Unread[] = [];
  // Each list begins with the rule for the table local.
  let lists = 0;
  for (const [line, content] of linesOf(text)) {
    const [, priority, rest = ""] = /^(\d+):\s+(.*?)\s*$/.exec(content) ?? [];
    if (priority === undefined) {
      unread.push({ line, text: content, why: "form" });
      continue;
    }
    if (priority === "0") lists++;
    if (/^from all lookup (local|main|default)$/.test(rest) && /^(0|32766|32767)$/.test(priority)) continue;
    const known = rest
      .split(/\s+/)
      .filter((word) => /^[a-z]+$/.test(word) && !/^(main|local|default|lo)$/.test(word));
    const strange = known.some(
      (word) => !SELECTORS.test(word) && !/^(iif|oif) /.test(word) && !/^(tcp|udp|icmp)$/.test(word),
    );
    if (strange) unread.push({ line, text: content, why: "form" });
    else {
      const named = /\b(?:from|to) (?!all\b)(\S+)/.exec(rest)?.[1];
      const family = (named === undefined ? undefined : familyOf(named)) ?? (lists > 1 ? "ip6" : "ip");
      items.push({ words: `pref ${priority} ${rest}`, line, family });
    }
  }
  return { items, unread };
}

/** `sysctl -a`, or a part of it: `net.ipv4.ip_forward = 1`. */
export function readSysctls(text: string): ReadResult<PastedSysctl> {
  const items: PastedSysctl[] = [];
  const unread: Unread[] = [];
  for (const [line, content] of linesOf(text)) {
    const [, name, value] = /^\s*([\w.\-/]+)\s*=\s*(.*?)\s*$/.exec(content) ?? [];
    if (name === undefined || value === undefined) unread.push({ line, text: content, why: "form" });
    else items.push({ name: name.replaceAll("/", "."), value });
  }
  return { items, unread };
}
