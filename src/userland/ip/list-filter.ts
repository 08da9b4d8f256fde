import type { Address6Info, AddressInfo, LinkInfo } from "../../kernel/uapi/index.ts";
import { inPrefix, type Ipv4Prefix } from "../../wire/address.ts";
import type { Ipv6Prefix } from "../../wire/address6.ts";
import { fail } from "../args/exit.ts";
import { garbage, invalidArgument, matches, type Words } from "../args/words.ts";
import { parseWrittenPrefix } from "../netlink/addresses.ts";
import { looksLikeIpv6, parseWrittenPrefix6 } from "../netlink/addresses6.ts";
import { GROUPS, SCOPES } from "../netlink/names.ts";
import { addressFamily, type Ip } from "./context.ts";

/** What `ip link show` and `ip addr show|flush` select. Models: ip/ipaddress.c ipaddr_list_flush_or_save. */
export interface ListFilter {
  /** "inet": only devices with a matching IPv4 address, and no link-layer line; undefined: everything. */
  family: "inet" | "inet6" | undefined;
  prefix?: Ipv4Prefix;
  prefix6?: Ipv6Prefix;
  scope?: number;
  up: boolean;
  /** Each must hold. */
  flags: ((address: AddressInfo) => boolean)[];
  flags6: ((address: Address6Info) => boolean)[];
  label?: string;
  group?: number;
  master?: number;
  noMaster: boolean;
  kind?: string;
  slaveKind?: string;
  device?: LinkInfo;
}

export function isDynamic(address: AddressInfo): boolean {
  return address.validLifetime !== undefined;
}

function isDeprecated(address: AddressInfo): boolean {
  return address.preferredLifetime === 0;
}

const FLAGS: ReadonlyMap<string, (address: AddressInfo) => boolean> = new Map([
  ["dynamic", isDynamic],
  ["permanent", (address) => !isDynamic(address)],
  ["primary", (address) => !address.secondary],
  ["secondary", (address) => address.secondary],
  ["temporary", (address) => address.secondary],
  ["deprecated", isDeprecated],
  ["-deprecated", (address) => !isDeprecated(address)],
  ["noprefixroute", (address) => address.noPrefixRoute ?? false],
  ["tentative", () => false],
  ["-tentative", () => true],
  ["dadfailed", () => false],
  ["-dadfailed", () => true],
  ["home", () => false],
  ["nodad", () => false],
  ["mngtmpaddr", () => false],
  ["autojoin", () => false],
]);

const FLAGS6 = new Map<string, (address: Address6Info) => boolean>([
  ["dynamic", (address) => !address.permanent],
  ["permanent", (address) => address.permanent],
  ["primary", () => true],
  ["deprecated", (address) => address.deprecated],
  ["-deprecated", (address) => !address.deprecated],
  ["noprefixroute", (address) => address.noPrefixRoute === true || address.managed],
  ["tentative", (address) => address.tentative],
  ["-tentative", (address) => !address.tentative],
  ["dadfailed", (address) => address.dadFailed],
  ["-dadfailed", (address) => !address.dadFailed],
  ["nodad", (address) => address.noDad === true],
  ["mngtmpaddr", (address) => address.managed],
]);

function masterIndex(ip: Ip, name: string): number {
  return ip.net.link.byName(name)?.index ?? invalidArgument("Device does not exist\n", name);
}

/** Reads one keyword with its value; false when the word is none. */
function readKeyword(ip: Ip, word: string, words: Words, filter: ListFilter): boolean {
  const flag = FLAGS.get(word);
  if (flag !== undefined) {
    filter.flags.push(flag);
    filter.flags6.push(FLAGS6.get(word) ?? ((): boolean => false));
  } else if (word === "to") {
    const prefix = words.value();
    if (filter.family === "inet6" || (filter.family === undefined && looksLikeIpv6(prefix))) {
      filter.prefix6 = parseWrittenPrefix6(prefix);
      filter.family = "inet6";
    } else {
      filter.prefix = parseWrittenPrefix(prefix, filter.family);
      filter.family ??= "inet";
    }
  } else if (word === "scope") {
    const name = words.value();
    const scope = SCOPES.parse(name, 255);
    if (scope === undefined && name !== "all") invalidArgument('invalid "scope"\n', name);
    if (scope !== undefined) filter.scope = scope;
  } else if (word === "up") filter.up = true;
  else if (word === "label") filter.label = words.value();
  else if (word === "group") {
    const name = words.value();
    filter.group = GROUPS.parse(name, 0xffffffff) ?? invalidArgument('Invalid "group" value\n', name);
  } else if (word === "master" || word === "vrf") filter.master = masterIndex(ip, words.value());
  else if (word === "nomaster" || word === "novrf") filter.noMaster = true;
  else if (word === "type") {
    const kind = words.value();
    if (kind.endsWith("_slave")) filter.slaveKind = kind.slice(0, -"_slave".length);
    else filter.kind = kind;
  } else return false;
  return true;
}

/** Reads a selection; a word that is no keyword names the device. `usage` is what "help" asks for. */
export function readListFilter(ip: Ip, words: Words, usage: string): ListFilter {
  const filter: ListFilter = { family: addressFamily(ip), up: false, flags: [], flags6: [], noMaster: false };
  let name: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (readKeyword(ip, word, words, filter)) continue;
    if (word === "dev") word = words.value();
    else if (matches(word, "help")) fail(255, usage);
    if (name !== undefined) garbage("dev", word);
    name = word;
  }
  if (name !== undefined)
    filter.device = ip.net.link.byName(name) ?? fail(1, `Device "${name}" does not exist.\n`);
  return filter;
}

export function linkMatches(filter: ListFilter, link: LinkInfo): boolean {
  if (filter.device !== undefined && filter.device.index !== link.index) return false;
  if (filter.up && !link.up) return false;
  if (filter.group !== undefined && filter.group !== (link.group ?? 0)) return false;
  if (filter.master !== undefined && filter.master !== link.master) return false;
  if (filter.noMaster && link.master !== undefined) return false;
  if (filter.kind !== undefined && (link.kind === "loopback" || filter.kind !== link.kind)) return false;
  return filter.slaveKind === undefined || (filter.slaveKind === "bridge" && link.port !== undefined);
}

/** fnmatch(3) with `*` and `?`. */
export function globMatches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

export function addressMatches(filter: ListFilter, address: AddressInfo): boolean {
  if (filter.family === "inet6") return false;
  if (filter.scope !== undefined && filter.scope !== address.scope) return false;
  if (!filter.flags.every((holds) => holds(address))) return false;
  if (filter.label !== undefined && !globMatches(filter.label, address.label)) return false;
  const { prefix } = filter;
  return prefix === undefined || inPrefix(address.local, prefix.address, prefix.length);
}

/** Any filter that is about addresses. */
export function selectsAddresses(filter: ListFilter): boolean {
  return (
    filter.family !== undefined ||
    filter.scope !== undefined ||
    filter.flags.length > 0 ||
    filter.label !== undefined ||
    filter.prefix !== undefined ||
    filter.prefix6 !== undefined
  );
}
