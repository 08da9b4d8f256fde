import type { FdbInfo, FdbSpec, IfIndex, LinkInfo } from "../../kernel/uapi/index.ts";
import { toSeconds } from "../../sim/time.ts";
import { formatIpv4, formatMac, type Ipv4, type Mac, parseMac } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseAddress } from "../netlink/addresses.ts";
import { done } from "../netlink/answer.ts";
import { type Bridge, bridgeDevice, device, FAILED } from "./context.ts";
import { FDB_USAGE } from "./usage.ts";

/** `bridge fdb`. Models: bridge/fdb.c. */

type State = "permanent" | "static" | "stale" | "reachable";

function nameOf(bridge: Bridge, index: IfIndex): string {
  return bridge.net.link.byIndex(index)?.name ?? `if${index}`;
}

/** fdb_to_nud(): a learnt entry that is older than the bridge's ageing time is stale until it is collected. */
function stateOf(bridge: Bridge, entry: FdbInfo): State {
  if (entry.state !== "dynamic") return entry.state;
  const ageing =
    entry.master === undefined ? undefined : bridge.net.link.byIndex(entry.master)?.bridge?.ageingTime;
  const age = toSeconds((bridge.process.host.queue.now - entry.updated) as FdbInfo["updated"]);
  return ageing !== undefined && age >= ageing / 100 ? "stale" : "reachable";
}

function printStatistics(bridge: Bridge, entry: FdbInfo): void {
  const { now } = bridge.process.host.queue;
  const age = (time: FdbInfo["used"]): number => Math.floor(toSeconds((now - time) as FdbInfo["used"]));
  bridge.out.add("used", age(entry.used), `used ${age(entry.used)}/`);
  bridge.out.add("updated", age(entry.updated), `${age(entry.updated)} `);
}

/** Addresses that the device itself listens to have no times. */
function hasTimes(entry: FdbInfo): boolean {
  return entry.target === "master" || entry.dst !== undefined;
}

/** The device that an entry's packets leave by, which is a number where the tunnel was made elsewhere. */
function printWay(bridge: Bridge, { via, home }: FdbInfo): void {
  const { out } = bridge;
  if (via !== undefined && home !== undefined) out.add("viaIfIndex", via, `via ifindex ${via} `);
  else if (via !== undefined) out.add("viaIf", nameOf(bridge, via), `via ${nameOf(bridge, via)} `);
  if (home === undefined) return;
  const id = bridge.process.host.kernel.peerNetnsId(bridge.netns, home);
  out.add("linkNetNsId", id, `link-netnsid ${id} `);
}

function printEntry(bridge: Bridge, entry: FdbInfo, withDevice: boolean): void {
  const { out } = bridge;
  out.object(null, () => {
    const mac = formatMac(entry.mac);
    out.add("mac", mac, `${mac} `);
    const name = nameOf(bridge, entry.dev);
    if (withDevice) out.add("ifname", name, `dev ${name} `);
    if (entry.dst !== undefined) out.add("dst", formatIpv4(entry.dst), `dst ${formatIpv4(entry.dst)} `);
    if (entry.vlan !== undefined) out.add("vlan", entry.vlan, `vlan ${entry.vlan} `);
    if (entry.port !== undefined) out.add("port", entry.port, `port ${entry.port} `);
    if (entry.vni !== undefined) out.add("vni", entry.vni, `vni ${entry.vni} `);
    printWay(bridge, entry);
    if (bridge.statistics && hasTimes(entry)) printStatistics(bridge, entry);
    out.array("flags", () => {
      if (entry.target === "self") out.item("self", "self ");
    });
    if (entry.master !== undefined && entry.target === "master") {
      const master = nameOf(bridge, entry.master);
      out.add("master", master, `master ${master} `);
    }
    const state = stateOf(bridge, entry);
    const text = state === "reachable" ? "" : state;
    out.add("state", text, text);
    out.say("\n");
  });
}

interface Selector {
  dev?: LinkInfo;
  bridge?: LinkInfo;
  state?: State;
  dynamic: boolean;
}

function readState(word: string): State {
  const names: readonly State[] = ["permanent", "static", "stale", "reachable"];
  if (matches(word, "dynamic")) return "reachable";
  return names.find((name) => matches(word, name)) ?? invalidArgument("invalid state", word);
}

function readSelector(bridge: Bridge, words: Words): Selector {
  const selector: Selector = { dynamic: false };
  let br: string | undefined;
  let dev: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "brport" || word === "dev") dev = words.value();
    else if (word === "br") br = words.value();
    else if (word === "vlan") refuse("VLANs (bridge fdb show vlan)");
    else if (word === "state") selector.state = readState(words.value());
    else if (word === "dynamic") selector.dynamic = true;
    else if (matches(word, "help")) fail(FAILED, FDB_USAGE);
  }
  if (br !== undefined) selector.bridge = bridgeDevice(bridge, br);
  if (dev !== undefined) selector.dev = device(bridge, dev);
  return selector;
}

function selects(context: Bridge, selector: Selector, entry: FdbInfo): boolean {
  const { dev, bridge } = selector;
  if (dev !== undefined && entry.dev !== dev.index) return false;
  if (selector.dynamic && entry.state !== "dynamic") return false;
  if (selector.state !== undefined && selector.state !== stateOf(context, entry)) return false;
  if (bridge === undefined || entry.dev === bridge.index) return true;
  return context.net.link.byIndex(entry.dev)?.master === bridge.index;
}

export function showFdb(bridge: Bridge, words: Words): number {
  const selector = readSelector(bridge, words);
  bridge.out.begin();
  for (const entry of bridge.net.fdb.list())
    if (selects(bridge, selector, entry)) printEntry(bridge, entry, selector.dev === undefined);
  return 0;
}

interface EntryWords {
  address?: string;
  dev?: string;
  br?: string;
  self: boolean;
  master: boolean;
  state?: NonNullable<FdbSpec["state"]>;
  dst?: Ipv4;
  port?: number;
  vni?: number;
  via?: IfIndex;
}

const UNMODELLED = ["nhid", "src_vni", "router", "vlan", "use", "extern_learn", "sticky"];

function readAddressWord(draft: EntryWords, first: string, words: Words): void {
  const word = first === "to" ? words.value() : first;
  if (matches(word, "help")) fail(FAILED, FDB_USAGE);
  if (draft.address !== undefined) garbage("to", word);
  draft.address = word;
}

function readWord(bridge: Bridge, draft: EntryWords, word: string, words: Words): void {
  const number = (why: string, max: number): number => {
    const value = words.value();
    return parseUnsigned(value, max) ?? invalidArgument(why, value);
  };
  if (word === "dev" || word === "brport") draft.dev = words.value();
  else if (word === "br") draft.br = words.value();
  else if (word === "dst") draft.dst = parseAddress(words.value());
  else if (word === "port") draft.port = number("invalid port\n", 65535);
  else if (word === "vni") draft.vni = number("invalid VNI\n", 0xffffff);
  else if (word === "via") draft.via = device(bridge, words.value()).index;
  else if (word === "self") draft.self = true;
  else if (matches(word, "master")) draft.master = true;
  else if (UNMODELLED.includes(word)) refuse(`the fdb option "${word}"`);
  else if (matches(word, "local") || matches(word, "permanent")) draft.state = "permanent";
  else if (matches(word, "temp") || matches(word, "static")) draft.state = "static";
  else if (matches(word, "dynamic")) draft.state = "dynamic";
  else readAddressWord(draft, word, words);
}

function readEntryWords(bridge: Bridge, words: Words): EntryWords {
  const draft: EntryWords = { self: false, master: false };
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(bridge, draft, word, words);
  return draft;
}

function macOf(word: string): Mac {
  return parseMac(word) ?? fail(FAILED, `Invalid mac address ${word}\n`);
}

function specs(bridge: Bridge, draft: EntryWords): readonly FdbSpec[] {
  if (draft.dev === undefined || draft.address === undefined)
    fail(FAILED, "Device and address are required arguments.\n");
  const mac = macOf(draft.address);
  const dev = device(bridge, draft.dev).index;
  const self = draft.self || !draft.master;
  const targets: readonly FdbSpec["target"][] = [
    ...(draft.master ? (["master"] as const) : []),
    ...(self ? (["self"] as const) : []),
  ];
  return targets.map((target) => ({
    dev,
    mac,
    target,
    state: draft.state ?? "permanent",
    ...(draft.dst !== undefined && { dst: draft.dst }),
    ...(draft.port !== undefined && { port: draft.port }),
    ...(draft.vni !== undefined && { vni: draft.vni }),
    ...(draft.via !== undefined && { via: draft.via }),
  }));
}

export function addEntry(verb: "add" | "append" | "replace"): (bridge: Bridge, words: Words) => number {
  return (bridge, words) => {
    for (const spec of specs(bridge, readEntryWords(bridge, words)))
      done(bridge.net.fdb.add(spec, verb), FAILED);
    return 0;
  };
}

export function deleteEntry(bridge: Bridge, words: Words): number {
  for (const spec of specs(bridge, readEntryWords(bridge, words))) done(bridge.net.fdb.delete(spec), FAILED);
  return 0;
}

/** rtnl_talk's -2 as an exit status. */
const GET_FAILED = 254;

export function getEntry(bridge: Bridge, words: Words): number {
  const draft = readEntryWords(bridge, words);
  if (draft.address === undefined || (draft.dev === undefined && draft.br === undefined))
    fail(FAILED, "Device or master and address are required arguments.\n");
  const mac = macOf(draft.address);
  const dev = draft.dev === undefined ? undefined : device(bridge, draft.dev);
  const br = draft.br === undefined ? undefined : bridgeDevice(bridge, draft.br);
  if (dev !== undefined && !draft.self && dev.master === undefined)
    fail(GET_FAILED, "Error: Device is not a bridge port.\n");
  const found = bridge.net.fdb.list().find((entry) => {
    if (entry.mac !== mac || (entry.target === "self") !== draft.self) return false;
    return draft.self ? entry.dev === dev?.index : entry.master === (br?.index ?? dev?.master);
  });
  if (found === undefined) fail(GET_FAILED, "Error: Fdb entry not found.\n");
  printEntry(bridge, found, true);
  return 0;
}

/** `fdb flush dev BRIDGE`: everything in the bridge's table. */
export function flushEntries(bridge: Bridge, words: Words): number {
  let name: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "dev") name = words.value();
    else if (matches(word, "help")) fail(FAILED, FDB_USAGE);
    else if (word !== "self") refuse(`the fdb flush option "${word}"`);
  }
  if (name === undefined) fail(FAILED, "Device is required.\n");
  const link = device(bridge, name);
  if (link.kind !== "bridge") refuse("bridge fdb flush of a port or a vxlan device");
  for (const entry of bridge.net.fdb.list())
    if (entry.master === link.index && entry.target === "master") bridge.net.fdb.delete(entry);
  return 0;
}
