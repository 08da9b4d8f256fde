import type { IfIndex, LinkChange, NetnsId } from "../../kernel/uapi/index.ts";
import type { Mac } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { duplicate, garbage, invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseLinkAddress } from "../netlink/addresses.ts";
import { GROUPS } from "../netlink/names.ts";
import type { Ip } from "./context.ts";
import { LINK_USAGE } from "./usage.ts";

/** What `ip link add`, `set` and `del` say about a device before its type. Models: ip/iplink.c iplink_parse. */
export interface LinkWords {
  name?: string;
  dev?: string;
  mac?: Mac;
  mtu?: number;
  netns?: NetnsId;
  up?: boolean;
  promisc?: boolean;
  arp?: boolean;
  multicast?: boolean;
  txQueueLength?: number;
  alias?: string;
  group?: number;
  allMulticast?: boolean;
  /** The lower device of a new one. */
  link?: IfIndex;
  /** The name of the bridge, or null for `nomaster`. */
  master?: string | null;
  type?: string;
}

/** IFNAMSIZ of include/uapi/linux/if.h, with its closing zero. */
const NAME_SIZE = 16;

/** check_ifname(). */
export function isDeviceName(name: string): boolean {
  return name !== "" && name.length < NAME_SIZE && !/[/\s]/.test(name);
}

/** The namespace of a name under /run/netns or of a process. */
function parseNetns(ip: Ip, word: string): NetnsId {
  const { host } = ip.process;
  const named = host.netnsNames.get(word);
  if (named !== undefined) return named;
  const pid = parseUnsigned(word, 0x7fffffff) ?? invalidArgument('Invalid "netns" value\n', word);
  if (pid === 1) return host.netns;
  return host.processes.get(pid)?.netns ?? fail(2, "RTNETLINK answers: No such process\n");
}

function integer(key: string, word: string): number {
  if (!/^-?\d+$/.test(word) && parseUnsigned(word) === undefined)
    invalidArgument(`Invalid "${key}" value\n`, word);
  return word.startsWith("-") ? Number(word) : parseUnsigned(word)!;
}

function flag(key: string, words: Words): boolean {
  const word = words.value();
  if (word === "on") return true;
  return word === "off"
    ? false
    : fail(1, `Error: argument of "${key}" must be "on" or "off", not "${word}"\n`);
}

type Reader = (draft: LinkWords, words: Words, ip: Ip) => void;

function readName(draft: LinkWords, words: Words): void {
  const word = words.value();
  if (draft.name !== undefined) duplicate("name", word);
  if (!isDeviceName(word)) invalidArgument('"name" not a valid ifname', word);
  draft.name = word;
}

function readMtu(draft: LinkWords, words: Words): void {
  const word = words.value();
  if (draft.mtu !== undefined) duplicate("mtu", word);
  draft.mtu = integer("mtu", word);
}

function readQueueLength(draft: LinkWords, words: Words): void {
  const word = words.value();
  if (draft.txQueueLength !== undefined) duplicate("txqueuelen", word);
  draft.txQueueLength = integer("txqueuelen", word);
}

function readNetns(draft: LinkWords, words: Words, ip: Ip): void {
  const word = words.value();
  if (draft.netns !== undefined) duplicate("netns", word);
  draft.netns = parseNetns(ip, word);
}

function readGroup(draft: LinkWords, words: Words): void {
  const word = words.value();
  draft.group = GROUPS.parse(word, 0x7fffffff) ?? invalidArgument('Invalid "group" value\n', word);
}

function readMaster(draft: LinkWords, words: Words, ip: Ip): void {
  const word = words.value();
  if (ip.net.link.byName(word) === undefined) invalidArgument("Device does not exist\n", word);
  draft.master = word;
}

/** The name of a device that is there, or its index as `if3`. */
function readLower(draft: LinkWords, words: Words, ip: Ip): void {
  const word = words.value();
  draft.link = ip.net.link.byName(word)?.index ?? fail(1, `Cannot find device "${word}"\n`);
}

/** Of PPP lines; a device whose name is "d" meets it too. */
function readDynamic(_: LinkWords, words: Words): void {
  flag("dynamic", words);
  refuse("ip link dynamic");
}

const UNMODELLED = [
  ...["parentdev", "index", "xdp", "xdpgeneric", "xdpdrv", "xdpoffload", "vf", "carrier"],
  ...["trailers", "state", "mode", "vrf", "link-netns", "link-netnsid", "protodown", "protodown_reason"],
  ...["gso_max_size", "gso_max_segs", "gro_max_size", "broadcast", "brd"],
];

/** Keywords in iproute2's order of trial; a star behind one: it may be cut short. */
const KEYWORDS: readonly (readonly [keyword: string, read: Reader])[] = [
  ["up", (draft) => void (draft.up = true)],
  ["down", (draft) => void (draft.up = false)],
  ["name", readName],
  ["link*", readLower],
  ["address*", (draft, words) => void (draft.mac = parseLinkAddress(words.value()))],
  ["broadcast*", () => refuse("the broadcast address of a device (ip link ... broadcast)")],
  ["txqueuelen*", readQueueLength],
  ["qlen", readQueueLength],
  ["txqlen*", readQueueLength],
  ["mtu", readMtu],
  ["netns", readNetns],
  ["multicast", (draft, words) => void (draft.multicast = flag("multicast", words))],
  ["allmulticast", (draft, words) => void (draft.allMulticast = flag("allmulticast", words))],
  ["promisc", (draft, words) => void (draft.promisc = flag("promisc", words))],
  ["arp", (draft, words) => void (draft.arp = flag("arp", words))],
  ["master*", readMaster],
  ["nomaster*", (draft) => void (draft.master = null)],
  ["dynamic*", readDynamic],
  ["type*", (draft, words) => void (draft.type = words.value())],
  ["alias*", (draft, words) => void (draft.alias = words.value())],
  ["group", readGroup],
  ["numtxqueues*", (_, words) => void words.value()],
  ["numrxqueues*", (_, words) => void words.value()],
  ["addrgenmode*", (_, words) => void words.value()],
];

function reader(word: string): Reader | undefined {
  const entry = KEYWORDS.find(([keyword]) =>
    keyword.endsWith("*") ? word !== "" && matches(word, keyword.slice(0, -1)) : word === keyword,
  );
  return entry?.[1];
}

function readDevice(draft: LinkWords, word: string, words: Words): void {
  const name = word === "dev" ? words.value() : word;
  if (UNMODELLED.includes(word)) refuse(`the option "${word}" of ip link`);
  if (matches(name, "help") && word !== "dev") fail(255, LINK_USAGE);
  if (draft.dev !== undefined) garbage("dev", name);
  if (!isDeviceName(name)) invalidArgument('"dev" not a valid ifname', name);
  draft.dev = name;
}

/** Reads up to and with `type TYPE`; the words of the type are left. */
export function readLinkWords(ip: Ip, words: Words): LinkWords {
  const draft: LinkWords = {};
  while (draft.type === undefined) {
    const word = words.next();
    if (word === undefined) break;
    const read = reader(word);
    if (read === undefined) readDevice(draft, word, words);
    else read(draft, words, ip);
  }
  return draft;
}

/** The part that may be said of a device that is there. */
export function changeOf(ip: Ip, draft: LinkWords): LinkChange {
  const { netns, mac, mtu, up, promisc, arp, multicast, txQueueLength, alias, group, master } = draft;
  const { allMulticast } = draft;
  const bridge = master == null ? master : ip.net.link.byName(master)?.index;
  return {
    ...(netns !== undefined && { netns }),
    ...(mac !== undefined && { mac }),
    ...(mtu !== undefined && { mtu }),
    ...(up !== undefined && { up }),
    ...(allMulticast !== undefined && { allMulticast }),
    ...(promisc !== undefined && { promisc }),
    ...(arp !== undefined && { arp }),
    ...(multicast !== undefined && { multicast }),
    ...(txQueueLength !== undefined && { txQueueLength }),
    ...(alias !== undefined && { alias }),
    ...(group !== undefined && { group }),
    ...(bridge !== undefined && { master: bridge }),
  };
}
