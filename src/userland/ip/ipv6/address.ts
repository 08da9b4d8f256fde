import type { Address6Info, Address6Spec } from "../../../kernel/uapi/index.ts";
import { formatIpv6, inPrefix6, type Ipv6 } from "../../../wire/address6.ts";
import { fail, refuse } from "../../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../../args/words.ts";
import { parseWrittenPrefix6, type WrittenPrefix6 } from "../../netlink/addresses6.ts";
import { done } from "../../netlink/answer.ts";
import { SCOPES } from "../../netlink/names.ts";
import { device, type Ip } from "../context.ts";
import type { ListFilter } from "../list-filter.ts";
import { ADDRESS_USAGE } from "../usage.ts";

/** `ip -6 addr`. Models: ip/ipaddress.c ipaddr_modify, print_addrinfo. */

interface AddressWords {
  local?: WrittenPrefix6;
  peer?: WrittenPrefix6;
  dev?: string;
  metric?: number;
  valid?: number;
  preferred?: number;
  flags: Set<string>;
}

const FOREVER = 0xffffffff;
const FLAG_WORDS = ["home", "nodad", "mngtmpaddr", "noprefixroute", "autojoin", "optimistic"];

function readLifetime(words: Words, key: string): number {
  const word = words.value();
  if (word === "forever") return FOREVER;
  return parseUnsigned(word) ?? invalidArgument(`${key} value`, word);
}

function readWord(draft: AddressWords, word: string, words: Words): void {
  if (word === "peer" || word === "remote") {
    const value = words.value();
    if (draft.peer !== undefined) garbage("peer", value);
    draft.peer = parseWrittenPrefix6(value);
  } else if (word === "anycast" || word === "proto") refuse(`the address option "${word}"`);
  // The kernel does not look at them.
  else if (word === "scope" || word === "broadcast" || word === "brd") words.value();
  else if (word === "dev") draft.dev = words.value();
  else if (["metric", "priority", "preference"].some((key) => matches(word, key))) {
    const value = words.value();
    draft.metric = parseUnsigned(value) ?? invalidArgument('"metric" value is invalid', value);
  } else if (matches(word, "valid_lft")) draft.valid = readLifetime(words, "valid_lft");
  else if (matches(word, "preferred_lft")) draft.preferred = readLifetime(words, "preferred_lft");
  else if (FLAG_WORDS.includes(word)) draft.flags.add(word);
  else if (word === "local") readLocal(draft, words.value());
  else if (matches(word, "help")) fail(255, ADDRESS_USAGE);
  else readLocal(draft, word);
}

function readLocal(draft: AddressWords, word: string): void {
  if (draft.local !== undefined) garbage("local", word);
  draft.local = parseWrittenPrefix6(word);
}

function readAddressWords(words: Words): AddressWords & { dev: string } {
  const draft: AddressWords = { flags: new Set() };
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(draft, word, words);
  if (draft.dev === undefined) fail(1, 'Not enough information: "dev" argument is required.\n');
  return { ...draft, dev: draft.dev };
}

function lifetimes(draft: AddressWords): Pick<Address6Spec, "validLifetime" | "preferredLifetime"> {
  const { valid = FOREVER, preferred = FOREVER } = draft;
  if (valid === 0) fail(1, "valid_lft is zero\n");
  if (valid < preferred && draft.preferred !== undefined)
    fail(1, "preferred_lft is greater than valid_lft\n");
  return {
    ...(valid !== FOREVER && { validLifetime: valid }),
    ...((preferred !== FOREVER || valid !== FOREVER) && { preferredLifetime: Math.min(preferred, valid) }),
  };
}

export function addAddress6(ip: Ip, words: Words, replace: boolean): number {
  const draft = readAddressWords(words);
  const times = lifetimes(draft);
  const link = device(ip.net, draft.dev);
  const { local, peer, flags } = draft;
  if (local === undefined) fail(2, "RTNETLINK answers: Operation not supported\n");
  for (const flag of ["home", "mngtmpaddr", "autojoin"])
    if (flags.has(flag)) refuse(`the address option "${flag}"`);
  done(
    ip.net.ipv6.address.add(
      {
        dev: link.index,
        local: local.address,
        prefixLength: (peer ?? local).length,
        ...(peer !== undefined && { peer: peer.address }),
        ...(flags.has("nodad") && { noDad: true }),
        ...(flags.has("optimistic") && { optimistic: true }),
        ...(flags.has("noprefixroute") && { noPrefixRoute: true }),
        ...(draft.metric !== undefined && { metric: draft.metric }),
        ...times,
      },
      replace,
    ),
  );
  return 0;
}

export function deleteAddress6(ip: Ip, words: Words): number {
  const draft = readAddressWords(words);
  const { local } = draft;
  const link = device(ip.net, draft.dev);
  if (local === undefined) fail(2, "RTNETLINK answers: Operation not supported\n");
  const length = draft.peer?.length ?? local.length;
  done(ip.net.ipv6.address.delete(link.index, local.address, length));
  return 0;
}

/** Whether a listing's filter takes an address. Models: ipaddr_filter, print_addrinfo. */
export function addressMatches6(filter: ListFilter, address: Address6Info): boolean {
  if (filter.family === "inet") return false;
  if (filter.scope !== undefined && filter.scope !== address.scope) return false;
  if (filter.label !== undefined) return false;
  if (!filter.flags6.every((holds) => holds(address))) return false;
  const prefix = filter.prefix6;
  if (filter.prefix !== undefined) return false;
  return prefix === undefined || inPrefix6(address.local, prefix.address, prefix.length);
}

function sayLocal(ip: Ip, address: Address6Info): void {
  const { out } = ip;
  const local = formatIpv6(address.local);
  if (!ip.options.brief) out.add("family", "inet6", "    inet6 ");
  out.add("local", local, local);
  if (address.peer !== undefined && !same(address.peer, address.local)) {
    const peer = formatIpv6(address.peer);
    out.add("address", peer, ` peer ${peer}`);
  }
  out.add("prefixlen", address.prefixLength, `/${address.prefixLength} `);
  if (address.metric !== undefined && address.metric !== 0)
    out.add("metric", address.metric, `metric ${address.metric} `);
}

function same(a: Ipv6, b: Ipv6): boolean {
  return formatIpv6(a) === formatIpv6(b);
}

function sayFlags(ip: Ip, address: Address6Info): void {
  const flags: readonly (readonly [boolean, string])[] = [
    [address.noDad === true, "nodad"],
    [address.optimistic === true, "optimistic"],
    [address.dadFailed, "dadfailed"],
    [address.deprecated, "deprecated"],
    [address.tentative, "tentative"],
    [!address.permanent, "dynamic"],
    [address.managed, "mngtmpaddr"],
    [address.noPrefixRoute === true || address.managed, "noprefixroute"],
  ];
  for (const [set, name] of flags) if (set) ip.out.add(name, true, `${name} `);
}

function lifetime(seconds: number | undefined): string {
  return seconds === undefined ? "forever" : `${seconds}sec`;
}

/** The lines of one address; `heading` is what `-o` begins with. */
export function printAddress6(ip: Ip, heading: string, address: Address6Info): void {
  const { out } = ip;
  if (ip.options.brief) {
    sayLocal(ip, address);
    return;
  }
  if (ip.options.oneLine) out.say(heading);
  sayLocal(ip, address);
  const scope = ip.options.numeric ? String(address.scope) : SCOPES.text(address.scope);
  out.add("scope", scope, `scope ${scope} `);
  sayFlags(ip, address);
  out.breakLine();
  const { validLifetime: valid, preferredLifetime: preferred } = address;
  out.add("valid_life_time", valid ?? FOREVER, `       valid_lft ${lifetime(valid)}`);
  out.add("preferred_life_time", preferred ?? FOREVER, ` preferred_lft ${lifetime(preferred)}`);
  out.say("\n");
}
