import { parsePrefix } from "../../wire/address.ts";
import { nftMembers } from "./nft.ts";
import type { RuleLine } from "./netfilter.ts";
import { ipsetMember } from "./tables.ts";
import type { WorldState } from "./world.ts";

/** What a rule can ask of a packet when it looks into a set. */
export interface Flow {
  readonly src: string;
  readonly dst: string;
  /** `tcp`, `udp`, `icmp`. */
  readonly protocol: string;
  readonly sport: number | undefined;
  readonly dport: number | undefined;
}

/** The entry of a set that a packet was found in. */
export interface Member {
  readonly set: string;
  readonly text: string;
  /** How many entries there are. */
  readonly of: number;
}

function covers(entry: string, address: string): boolean {
  const [low = "", high] = entry.split("-");
  const at = parsePrefix(address.includes("/") ? address : `${address}/32`)?.address;
  if (at === undefined) return false;
  if (high !== undefined) {
    const [from, to] = [parsePrefix(`${low}/32`), parsePrefix(`${high}/32`)];
    return from !== undefined && to !== undefined && at >= from.address && at <= to.address;
  }
  const net = parsePrefix(low.includes("/") ? low : `${low}/32`);
  if (net === undefined) return false;
  const size = 2 ** (32 - net.length);
  return Math.floor(at / size) === Math.floor(net.address / size);
}

function coversPort(entry: string, port: number | undefined): boolean {
  const [low = "", high = low] = entry.split("-");
  return port !== undefined && port >= Number(low) && port <= Number(high);
}

/** One part of an ipset entry: an address, a network, `tcp:80`, `80-90`. */
function fitsIpset(part: string, side: string, flow: Flow): boolean {
  const port = side === "src" ? flow.sport : flow.dport;
  const [, protocol, ports] = /^([a-z]+):([\d-]+)$/.exec(part) ?? [];
  if (protocol !== undefined) return protocol === flow.protocol && coversPort(ports ?? "", port);
  if (/^\d+(-\d+)?$/.test(part)) return coversPort(part, port);
  return covers(part, side === "src" ? flow.src : flow.dst);
}

const FIELDS: Readonly<Record<string, (part: string, flow: Flow) => boolean>> = {
  "ip daddr": (part, { dst }) => covers(part, dst),
  "ip saddr": (part, { src }) => covers(part, src),
  "meta l4proto": (part, { protocol }) => part === protocol,
  "ip protocol": (part, { protocol }) => part === protocol,
  "th dport": (part, { dport }) => coversPort(part, dport),
  "tcp dport": (part, { dport }) => coversPort(part, dport),
  "udp dport": (part, { dport }) => coversPort(part, dport),
  "th sport": (part, { sport }) => coversPort(part, sport),
};

/** Members of an ipset as `ipset list` prints them: protocols by their names. */
export function ipsetMembers(world: WorldState, netns: number, set: string): readonly string[] {
  return world.rows("ipset", netns).flatMap(({ key, row }) => {
    if (!("member" in row) || key !== `${set}/${row.member}`) return [];
    return [ipsetMember(row.member)];
  });
}

function inIpset(world: WorldState, netns: number, line: RuleLine, flow: Flow): Member | undefined {
  const [, not, set, sides = ""] = /(! )?--match-set (\S+) (\S+)/.exec(line.text) ?? [];
  if (set === undefined || not !== undefined) return undefined;
  const dims = sides.split(",");
  const members = ipsetMembers(world, netns, set);
  const found = members.find((member) =>
    member.split(",").every((part, i) => fitsIpset(part, dims[i] ?? dims.at(-1) ?? "", flow)),
  );
  return found === undefined ? undefined : { set, text: found, of: members.length };
}

function inNftSet(world: WorldState, netns: number, line: RuleLine, flow: Flow): Member | undefined {
  const [, key = "", set] =
    /((?:ip|th|tcp|udp|meta) \w+(?: \. (?:\w+ )+?\w+)*) (?:vmap |== )?@(\S+)/.exec(line.text) ?? [];
  if (set === undefined) return undefined;
  const asked = key.split(" . ").map((name) => FIELDS[name]);
  const members = nftMembers(world, netns, line.table, set);
  const found = members.find(({ parts }) => asked.every((fits, i) => fits?.(parts[i] ?? "", flow) === true));
  return found === undefined ? undefined : { set, text: found.text, of: members.length };
}

/** The entry of the rule's set that this packet matched; undefined when the rule asks no set, or asks what a set has not. */
export function memberOf(world: WorldState, netns: number, line: RuleLine, flow: Flow): Member | undefined {
  return line.tool === "nft" ? inNftSet(world, netns, line, flow) : inIpset(world, netns, line, flow);
}
