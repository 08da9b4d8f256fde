import type { IfIndex, NeighInfo, NeighSpec, NeighState } from "../../kernel/uapi/index.ts";
import { toSeconds } from "../../sim/time.ts";
import { formatIpv4, formatMac, inPrefix, type Ipv4, type Ipv4Prefix, type Mac } from "../../wire/address.ts";
import type { Ipv6, Ipv6Prefix } from "../../wire/address6.ts";
import { fail, refuse } from "../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseAddress, parseLinkAddress, parseWrittenPrefix } from "../netlink/addresses.ts";
import { looksLikeIpv6, parseAddress6, parseWrittenPrefix6 } from "../netlink/addresses6.ts";
import { done } from "../netlink/answer.ts";
import { NEIGH_BITS } from "../netlink/names.ts";
import { addressFamily, device, deviceName, type Ip } from "./context.ts";
import {
  addNeighbour6,
  deleteNeighbour6,
  flushNeighbours6,
  getNeighbour6,
  showNeighbours6,
} from "./ipv6/neighbour.ts";
import { NEIGH_USAGE } from "./usage.ts";

/** `ip neigh`. Models: ip/ipneigh.c. */

export const ALL_BITS = 0xff;
export const NOARP = 0x40;
export const PERMANENT = 0x80;

export function bitsOf(state: NeighState): number {
  return NEIGH_BITS.find(([, name]) => name === state)?.[0] ?? 0;
}

/** Addresses of other lengths than Ethernet's go to the kernel, which minds too short ones. */
function readLinkAddress(word: string): Mac {
  const bytes = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i.test(word) ? word.split(":").length : 6;
  if (bytes < 6) fail(2, "Error: Invalid link address.\n");
  return parseLinkAddress(word);
}

/** nud_state_a2n(): a name, in part, or a number. */
function parseState(word: string): number {
  for (const name of [
    "permanent",
    "reachable",
    "noarp",
    "none",
    "stale",
    "incomplete",
    "delay",
    "probe",
    "failed",
  ])
    if (matches(word, name)) return NEIGH_BITS.find(([, state]) => state === name.toUpperCase())?.[0] ?? 0;
  return parseUnsigned(word, 255) ?? invalidArgument("nud state is bad", word);
}

export function stateOf(bits: number): NeighState {
  return NEIGH_BITS.find(([bit]) => bit === bits)?.[1] ?? "NONE";
}

export interface NeighSelector {
  dev?: IfIndex;
  prefix?: Ipv4Prefix;
  prefix6?: Ipv6Prefix;
  states?: number;
  none: boolean;
  proxy: boolean;
  unused: boolean;
}

function readSelector(ip: Ip, words: Words): NeighSelector {
  const selector: NeighSelector = { none: false, proxy: false, unused: false };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "dev") selector.dev = device(ip.net, words.value()).index;
    else if (word === "master" || word === "vrf") refuse(`the neighbour selector "${word}"`);
    else if (matches(word, "unused")) selector.unused = true;
    else if (word === "nud") {
      const name = words.value();
      const state = name === "all" ? undefined : parseState(name);
      if (state === undefined) selector.none = true;
      selector.states = (selector.states ?? 0) | (state ?? ALL_BITS);
      if (state === 0) selector.none = true;
    } else if (word === "proxy") selector.proxy = true;
    else if (word === "nomaster" || word === "protocol") refuse(`the neighbour selector "${word}"`);
    else {
      if (word === "to") word = words.value();
      if (matches(word, "help")) fail(255, NEIGH_USAGE);
      if (speaksIpv6(ip, word)) selector.prefix6 = parseWrittenPrefix6(word);
      else selector.prefix = parseWrittenPrefix(word, addressFamily(ip));
    }
  }
  return selector;
}

function selects(selector: NeighSelector, neigh: NeighInfo, states: number): boolean {
  const { prefix } = selector;
  const bits = bitsOf(neigh.state);
  if (neigh.proxy !== selector.proxy || selector.prefix6 !== undefined) return false;
  if (selector.dev !== undefined && selector.dev !== neigh.dev) return false;
  if (prefix !== undefined && !inPrefix(neigh.dst, prefix.address, prefix.length)) return false;
  if (selector.unused && neigh.refcount > 0) return false;
  return neigh.proxy || (bits === 0 ? selector.none : (bits & states) !== 0);
}

function chosen(ip: Ip, selector: NeighSelector, states: number): readonly NeighInfo[] {
  if (ip.options.family === "inet6" || ip.options.family === "link") return [];
  return ip.net.neigh.list().filter((neigh) => selects(selector, neigh, selector.states ?? states));
}

/** An entry of either family, its address as text. */
export type PrintedNeigh = Omit<NeighInfo, "dst"> & { readonly dst: string; readonly router?: boolean };

function sayStatistics(ip: Ip, neigh: PrintedNeigh): void {
  const { out } = ip;
  const now = ip.process.host.queue.now;
  const age = (time: number): number => Math.floor(toSeconds((now - time) as typeof neigh.used));
  const [used, confirmed, updated] = [age(neigh.used), age(neigh.confirmed), age(neigh.updated)];
  if (neigh.refcount > 0) out.add("refcnt", neigh.refcount, ` ref ${neigh.refcount}`);
  out.add("used", used, ` used ${used}`);
  out.add("confirmed", confirmed, `/${confirmed}`);
  out.add("updated", updated, `/${updated}`);
  out.add("probes", neigh.probes, `probes ${neigh.probes} `);
}

export function printNeigh(ip: Ip, neigh: PrintedNeigh, withDevice: boolean): void {
  const { out } = ip;
  out.object(null, () => {
    out.add("dst", neigh.dst, `${neigh.dst} `);
    const name = deviceName(ip.net, neigh.dev);
    if (withDevice) out.add("dev", name, `dev ${name} `);
    if (neigh.lladdr !== undefined) {
      const mac = formatMac(neigh.lladdr);
      out.add("lladdr", mac, `lladdr ${mac} `);
    }
    if (ip.options.statistics > 0 && !neigh.proxy) sayStatistics(ip, neigh);
    if (neigh.router === true) out.add("router", null, "router ");
    if (neigh.proxy) out.add("proxy", null, "proxy ");
    if (neigh.state !== "NONE" && !neigh.proxy)
      out.array("state", () => out.item(neigh.state, `${neigh.state} `));
  });
  out.say("\n");
}

export function showNeighbours(ip: Ip, words: Words): number {
  const selector = readSelector(ip, words);
  ip.out.begin();
  const byDefault = ALL_BITS & ~NOARP;
  for (const neigh of chosen(ip, selector, byDefault))
    printNeigh(ip, { ...neigh, dst: formatIpv4(neigh.dst) }, selector.dev === undefined);
  showNeighbours6(ip, selector);
  return 0;
}

export function flushNeighbours(ip: Ip, words: Words): number {
  if (words.left === 0) fail(1, "Flush requires arguments.\n");
  const selector = readSelector(ip, words);
  const list = chosen(ip, selector, ALL_BITS & ~(PERMANENT | NOARP));
  for (const neigh of list) ip.net.neigh.delete(neigh.dev, neigh.dst, neigh.proxy);
  const count = list.length + flushNeighbours6(ip, selector);
  if (ip.options.statistics > 0)
    ip.out.say(
      count === 0
        ? "Nothing to flush.\n"
        : `\n*** Round 1, deleting ${count} entries ***\n*** Flush is complete after 1 round ***\n`,
    );
  return 0;
}

interface NeighWords {
  dst?: Ipv4;
  dst6?: Ipv6;
  router: boolean;
  proxy: boolean;
  dev?: string;
  lladdr?: NeighSpec["lladdr"];
  state?: number;
}

function readNeighWords(ip: Ip, words: Words): NeighWords {
  const draft: NeighWords = { proxy: false, router: false };
  const readDst = (word: string): void => {
    if (draft.dst !== undefined || draft.dst6 !== undefined) garbage("to", word);
    if (speaksIpv6(ip, word)) draft.dst6 = parseAddress6(word);
    else draft.dst = parseAddress(word, addressFamily(ip));
  };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (matches(word, "lladdr")) draft.lladdr = readLinkAddress(words.value());
    else if (word === "nud") draft.state = parseState(words.value());
    else if (matches(word, "proxy")) {
      draft.proxy = true;
      readDst(words.value());
    } else if (word === "router") draft.router = true;
    else if (["use", "managed", "extern_learn", "protocol"].includes(word))
      refuse(`the neighbour option "${word}"`);
    else if (word === "dev") draft.dev = words.value();
    else if (word === "to") readDst(words.value());
    else if (matches(word, "help")) fail(255, NEIGH_USAGE);
    else readDst(word);
  }
  return draft;
}

/** Whether an address is to be read as IPv6. */
function speaksIpv6(ip: Ip, word: string): boolean {
  const { family } = ip.options;
  return family === "inet6" || (family === undefined && looksLikeIpv6(word));
}

/** What a change is about. */
export interface NeighTarget<A> extends Omit<NeighWords, "dst" | "dst6" | "dev"> {
  readonly dev: IfIndex;
  readonly dst: A;
}

function target(ip: Ip, draft: NeighWords): { dev: IfIndex; dst: Ipv4 } {
  if (draft.dev === undefined || draft.dst === undefined)
    fail(255, "Device and destination are required arguments.\n");
  return { dev: device(ip.net, draft.dev).index, dst: draft.dst };
}

/** The same for IPv6; undefined when the address is none. */
function target6(ip: Ip, draft: NeighWords): NeighTarget<Ipv6> | undefined {
  if (draft.dev === undefined || draft.dst6 === undefined) return undefined;
  return { ...draft, dev: device(ip.net, draft.dev).index, dst: draft.dst6 };
}

/** A neighbour in this state is of use without a link-layer address. */
export const NEEDS_ADDRESS = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80;

export function addNeighbour(verb: "add" | "replace" | "change"): (ip: Ip, words: Words) => number {
  return (ip, words) => {
    const draft = readNeighWords(ip, words);
    const six = target6(ip, draft);
    if (six !== undefined) {
      addNeighbour6(ip, six, verb);
      return 0;
    }
    const { dev, dst } = target(ip, draft);
    const state = draft.state ?? 0x80;
    const spec: NeighSpec = {
      dev,
      dst,
      ...(draft.lladdr !== undefined && { lladdr: draft.lladdr }),
      ...(draft.proxy ? { proxy: true } : { state: stateOf(state) }),
    };
    done(ip.net.neigh.add(spec, verb));
    return 0;
  };
}

export function deleteNeighbour(ip: Ip, words: Words): number {
  const draft = readNeighWords(ip, words);
  const six = target6(ip, draft);
  if (six !== undefined) {
    deleteNeighbour6(ip, six);
    return 0;
  }
  const { dev, dst } = target(ip, draft);
  done(ip.net.neigh.delete(dev, dst, draft.proxy));
  return 0;
}

export function getNeighbour(ip: Ip, words: Words): number {
  const draft = readNeighWords(ip, words);
  const six = target6(ip, draft);
  if (six !== undefined) {
    getNeighbour6(ip, six);
    return 0;
  }
  if (draft.dev === undefined || draft.dst === undefined)
    fail(1, "Device and address are required arguments.\n");
  const { dev, dst } = target(ip, draft);
  const found = ip.net.neigh.list().find((n) => n.dev === dev && n.dst === dst && n.proxy === draft.proxy);
  if (found === undefined) fail(2, "Error: Neighbour entry not found.\n");
  printNeigh(ip, { ...found, dst: formatIpv4(found.dst) }, true);
  return 0;
}
