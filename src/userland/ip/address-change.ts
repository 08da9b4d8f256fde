import type { AddressInfo, AddressSpec } from "../../kernel/uapi/index.ts";
import { broadcast, formatIpv4, type Ipv4, isLoopback, mask } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseAddress, parseWrittenPrefix, type WrittenPrefix } from "../netlink/addresses.ts";
import { done } from "../netlink/answer.ts";
import { SCOPES } from "../netlink/names.ts";
import { addressFamily, device, type Ip } from "./context.ts";
import { addressMatches, linkMatches, readListFilter } from "./list-filter.ts";
import { addAddress6, addressMatches6, deleteAddress6 } from "./ipv6/address.ts";
import { isAboutIpv6 } from "./ipv6/family.ts";
import { ADDRESS_USAGE } from "./usage.ts";

/** `ip addr add|change|replace|del|flush`. Models: ip/ipaddress.c ipaddr_modify, ipaddr_flush. */

interface AddressWords {
  local?: WrittenPrefix;
  peer?: WrittenPrefix;
  broadcast?: Ipv4 | "+" | "-";
  scope?: number;
  dev?: string;
  label?: string;
  metric?: number;
  valid?: number;
  preferred?: number;
  noPrefixRoute?: boolean;
}

const FOREVER = 0xffffffff;

function readLifetime(words: Words, key: string): number {
  const word = words.value();
  if (word === "forever") return FOREVER;
  return parseUnsigned(word) ?? invalidArgument(`${key} value`, word);
}

function readBroadcast(ip: Ip, draft: AddressWords, words: Words): void {
  const word = words.value();
  if (draft.broadcast !== undefined) garbage("broadcast", word);
  if (word === "+" || word === "-") draft.broadcast = word;
  else draft.broadcast = parseAddress(word, draft.local === undefined ? addressFamily(ip) : "inet");
}

function readScope(draft: AddressWords, words: Words): void {
  const word = words.value();
  draft.scope = SCOPES.parse(word, 255) ?? invalidArgument("invalid scope value.", word);
}

const IPV6_ONLY = ["home", "nodad", "mngtmpaddr", "autojoin", "optimistic"];

function readLocal(ip: Ip, draft: AddressWords, word: string): void {
  if (draft.local !== undefined) garbage("local", word);
  draft.local = parseWrittenPrefix(word, addressFamily(ip));
}

function readWord(ip: Ip, draft: AddressWords, word: string, words: Words): void {
  if (word === "peer" || word === "remote") {
    const value = words.value();
    if (draft.peer !== undefined) garbage("peer", value);
    draft.peer = parseWrittenPrefix(value, addressFamily(ip));
  } else if (matches(word, "broadcast") || word === "brd") readBroadcast(ip, draft, words);
  else if (word === "anycast") refuse("anycast addresses");
  else if (word === "scope") readScope(draft, words);
  else if (word === "dev") draft.dev = words.value();
  else if (word === "label") draft.label = words.value();
  else if (["metric", "priority", "preference"].some((key) => matches(word, key))) {
    const value = words.value();
    draft.metric = parseUnsigned(value) ?? invalidArgument('"metric" value is invalid', value);
  } else if (matches(word, "valid_lft")) draft.valid = readLifetime(words, "valid_lft");
  else if (matches(word, "preferred_lft")) draft.preferred = readLifetime(words, "preferred_lft");
  else if (word === "noprefixroute") draft.noPrefixRoute = true;
  else if (IPV6_ONLY.includes(word) || word === "proto") refuse(`the address option "${word}"`);
  else if (word === "local") readLocal(ip, draft, words.value());
  else if (matches(word, "help")) fail(255, ADDRESS_USAGE);
  else readLocal(ip, draft, word);
}

function readAddressWords(ip: Ip, words: Words): AddressWords & { dev: string } {
  const draft: AddressWords = {};
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(ip, draft, word, words);
  if (draft.dev === undefined) fail(1, 'Not enough information: "dev" argument is required.\n');
  return { ...draft, dev: draft.dev };
}

function lifetimes(draft: AddressWords): Pick<AddressSpec, "validLifetime" | "preferredLifetime"> {
  if (draft.valid === undefined && draft.preferred === undefined) return {};
  const valid = draft.valid ?? FOREVER;
  const preferred = draft.preferred ?? FOREVER;
  if (valid === 0) fail(1, "valid_lft is zero\n");
  if (valid < preferred) fail(1, "preferred_lft is greater than valid_lft\n");
  return {
    ...(valid !== FOREVER && { validLifetime: valid }),
    ...(preferred !== FOREVER && { preferredLifetime: preferred }),
  };
}

function broadcastOf(draft: AddressWords, base: Ipv4, length: number): Ipv4 | undefined {
  if (draft.broadcast === "+") return length <= 30 ? broadcast(base, length) : undefined;
  if (draft.broadcast === "-") return length <= 30 ? (((base & mask(length)) >>> 0) as Ipv4) : undefined;
  return draft.broadcast === 0 ? undefined : draft.broadcast;
}

/** IFA_LABEL's size in the kernel's policy. */
const LABEL_SIZE = 16;

export function addAddress(replace: boolean): (ip: Ip, words: Words) => number {
  return (ip, words) => {
    if (isAboutIpv6(ip, words)) return addAddress6(ip, words, replace);
    const draft = readAddressWords(ip, words);
    const times = lifetimes(draft);
    const link = device(ip.net, draft.dev);
    const { local, peer, label } = draft;
    if (local === undefined) fail(2, "RTNETLINK answers: Operation not supported\n");
    if (label !== undefined && label.length >= LABEL_SIZE)
      fail(2, "Error: Attribute failed policy validation.\n");
    const far = peer ?? local;
    const brd = broadcastOf(draft, far.address, far.length);
    const spec: AddressSpec = {
      dev: link.index,
      local: local.address,
      prefixLength: far.length,
      scope: draft.scope ?? (isLoopback(local.address) ? 254 : 0),
      ...(peer !== undefined && { peer: peer.address }),
      ...(brd !== undefined && { broadcast: brd }),
      ...(label !== undefined && { label }),
      ...(draft.metric !== undefined && { metric: draft.metric }),
      ...(draft.noPrefixRoute === true && { noPrefixRoute: true }),
      ...times,
    };
    done(ip.net.address.add(spec, replace));
    return 0;
  };
}

function wildcardWarning(address: string): string {
  return `Warning: Executing wildcard deletion to stay compatible with old scripts.
         Explicitly specify the prefix length (${address}/32) to avoid this warning.
         This special behaviour is likely to disappear in further releases,
         fix your scripts!
`;
}

export function deleteAddress(ip: Ip, words: Words): number {
  if (isAboutIpv6(ip, words)) return deleteAddress6(ip, words);
  const draft = readAddressWords(ip, words);
  const { local } = draft;
  if (local === undefined) {
    device(ip.net, draft.dev);
    fail(2, "RTNETLINK answers: Operation not supported\n");
  }
  if (!local.explicit && draft.peer === undefined)
    ip.warnings.push(wildcardWarning(formatIpv4(local.address)));
  const link = device(ip.net, draft.dev);
  const length = draft.peer?.length ?? (local.explicit ? local.length : undefined);
  done(ip.net.address.delete(link.index, local.address, length));
  return 0;
}

export function flushAddresses(ip: Ip, words: Words): number {
  if (words.left === 0) fail(1, "Flush requires arguments.\n");
  const filter = readListFilter(ip, words, ADDRESS_USAGE);
  const links = new Set(
    ip.net.link
      .list()
      .filter((l) => linkMatches(filter, l))
      .map((l) => l.index),
  );
  const chosen = ip.net.address.list().filter((a) => links.has(a.dev) && addressMatches(filter, a));
  const drop = (address: AddressInfo): void => {
    ip.net.address.delete(address.dev, address.local, address.prefixLength);
  };
  // Secondary addresses first, so that none is promoted to a primary one on the way.
  chosen.filter((address) => address.secondary).forEach(drop);
  chosen.filter((address) => !address.secondary).forEach(drop);
  const six = ip.net.ipv6.address.list().filter((a) => links.has(a.dev) && addressMatches6(filter, a));
  for (const a of six) ip.net.ipv6.address.delete(a.dev, a.local, a.prefixLength);
  const count = chosen.length + six.length;
  if (ip.options.statistics > 0)
    ip.out.say(
      count === 0
        ? "Nothing to flush.\n"
        : `\n*** Round 1, deleting ${count} addresses ***\n*** Flush is complete after 1 round ***\n`,
    );
  return 0;
}
