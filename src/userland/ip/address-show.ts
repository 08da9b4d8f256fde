import type { Address6Info, AddressInfo, IfIndex, LinkInfo } from "../../kernel/uapi/index.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { Words } from "../args/words.ts";
import { SCOPES } from "../netlink/names.ts";
import type { Ip } from "./context.ts";
import { addressMatches6, printAddress6 } from "./ipv6/address.ts";
import { printBrief, printLink, printLink6 } from "./link-print.ts";
import {
  addressMatches,
  isDynamic,
  linkMatches,
  type ListFilter,
  readListFilter,
  selectsAddresses,
} from "./list-filter.ts";
import { ADDRESS_USAGE } from "./usage.ts";

/** `ip addr show`. Models: ip/ipaddress.c print_addrinfo, ipaddr_filter. */

/** INFINITY_LIFE_TIME of include/uapi/linux/if_addr.h. */
const FOREVER = 0xffffffff;

function scopeText(ip: Ip, scope: number): string {
  return ip.options.numeric ? String(scope) : SCOPES.text(scope);
}

function printLocal(ip: Ip, address: AddressInfo): void {
  const { out } = ip;
  const local = formatIpv4(address.local);
  if (!ip.options.brief) out.add("family", "inet", "    inet ");
  out.add("local", local, local);
  if (address.peer !== undefined && address.peer !== address.local) {
    const peer = formatIpv4(address.peer);
    out.add("address", peer, ` peer ${peer}`);
  }
  out.add("prefixlen", address.prefixLength, `/${address.prefixLength} `);
  if (address.metric !== undefined && address.metric !== 0)
    out.add("metric", address.metric, `metric ${address.metric} `);
}

function printFlags(ip: Ip, address: AddressInfo): void {
  const flags: readonly (readonly [boolean, string])[] = [
    [address.secondary, "secondary"],
    [address.preferredLifetime === 0, "deprecated"],
    [isDynamic(address), "dynamic"],
    [address.noPrefixRoute ?? false, "noprefixroute"],
  ];
  for (const [set, name] of flags) if (set) ip.out.add(name, true, `${name} `);
}

function lifetime(seconds: number | undefined): string {
  return seconds === undefined || seconds === FOREVER ? "forever" : `${seconds}sec`;
}

export function printAddress(ip: Ip, link: LinkInfo, address: AddressInfo): void {
  const { out } = ip;
  if (ip.options.brief) {
    printLocal(ip, address);
    return;
  }
  if (ip.options.oneLine) out.say(`${link.index}: ${link.name}`);
  printLocal(ip, address);
  if (address.broadcast !== undefined) {
    const broadcast = formatIpv4(address.broadcast);
    out.add("broadcast", broadcast, `brd ${broadcast} `);
  }
  const scope = scopeText(ip, address.scope);
  out.add("scope", scope, `scope ${scope} `);
  printFlags(ip, address);
  out.add("label", address.label, address.label);
  const valid = address.validLifetime;
  const preferred = valid === undefined ? undefined : address.preferredLifetime;
  out.breakLine();
  out.add("valid_life_time", valid ?? FOREVER, `       valid_lft ${lifetime(valid)}`);
  out.add("preferred_life_time", preferred ?? FOREVER, ` preferred_lft ${lifetime(preferred)}`);
  out.say("\n");
}

/** The addresses of every device, each in the kernel's order. */
function byDevice<A extends { readonly dev: IfIndex }>(
  addresses: readonly A[],
): ReadonlyMap<IfIndex, readonly A[]> {
  const map = new Map<IfIndex, A[]>();
  for (const address of addresses) {
    const list = map.get(address.dev);
    if (list === undefined) map.set(address.dev, [address]);
    else list.push(address);
  }
  return map;
}

function printDevice(
  ip: Ip,
  filter: ListFilter,
  link: LinkInfo,
  addresses: readonly AddressInfo[],
  addresses6: readonly Address6Info[],
): void {
  const { out } = ip;
  const noLink = filter.label !== undefined || (ip.options.oneLine && ip.options.family !== "link");
  out.object(null, () => {
    // Without a device `-6` asks the kernel another question, which is answered in other words.
    const six = filter.family === "inet6" && filter.device === undefined && !ip.options.details;
    if (ip.options.brief) {
      if (six) printLink6(ip, link);
      else printBrief(ip, link, true);
    } else if (!noLink) {
      if (six) printLink6(ip, link);
      else printLink(ip, link, true, filter.family === undefined);
      out.say("\n");
    }
    if (ip.options.family === "link") return;
    out.array("addr_info", () => {
      for (const address of addresses)
        if (addressMatches(filter, address)) out.object(null, () => printAddress(ip, link, address));
      const heading = `${link.index}: ${link.name}`;
      for (const address of addresses6)
        if (addressMatches6(filter, address)) out.object(null, () => printAddress6(ip, heading, address));
    });
    if (ip.options.brief) out.say("\n");
  });
}

export function showAddresses(ip: Ip, words: Words): number {
  const filter = readListFilter(ip, words, ADDRESS_USAGE);
  ip.out.begin();
  const addresses = byDevice(ip.net.address.list());
  const addresses6 = byDevice(ip.net.ipv6.address.list());
  const onlyMatching = ip.options.family !== "link" && selectsAddresses(filter);
  const links = filter.device === undefined ? ip.net.link.list() : [filter.device];
  for (const link of links) {
    if (!linkMatches(filter, link)) continue;
    const own = addresses.get(link.index) ?? [];
    const own6 = addresses6.get(link.index) ?? [];
    const none = own.length + own6.length === 0;
    const shown = own.some((a) => addressMatches(filter, a)) || own6.some((a) => addressMatches6(filter, a));
    const hidden = none ? filter.family !== undefined : !shown;
    if (onlyMatching && hidden) continue;
    printDevice(ip, filter, link, own, own6);
  }
  return 0;
}
