import type { FrameRecord } from "../../../trace/record.ts";
import { excerpt, fdbTable, neighTable } from "../tables.ts";
import type { TextKey } from "../../i18n/en.ts";
import {
  commandAt,
  type Context,
  fieldOf,
  layersOf,
  mac,
  packetOf,
  neighbourOf,
  placeName,
  question,
} from "./context.ts";
import { type Explanation, phrase } from "./phrase.ts";

const ROWS = 5;
/** Index of `lo`. */
const LOOPBACK = 1;

/** A frame passes a device. */
export function explainFrame(c: Context, frame: FrameRecord): Explanation {
  const role = c.cast.role(frame.netns, frame.dev);
  const check = commandAt(c, frame.netns, `tcpdump -eni ${c.cast.deviceName(frame.netns, frame.dev)}`);
  if (frame.dev === LOOPBACK) {
    const key = frame.direction === "out" ? "lo.out" : "lo.in";
    const values = basics(c, frame);
    return { headline: phrase(key, values), reason: [phrase(`${key}.why`, values)], check };
  }
  if (frame.direction === "out") {
    if (role === "cable" && c.cast.device(frame.netns, frame.dev)?.link.master === undefined)
      return fromNeighbour(c, frame, "uplink.out");
    if (role === "cable" || role === "port") return chosenPort(c, frame, role === "port");
    if (role === "bridge" || role === "switch") return { ...fromNeighbour(c, frame, "bridge.out"), check };
    if (role === "tunnel") return fromNeighbour(c, frame, "tunnel.out");
    if (role === "nic") return fromNeighbour(c, frame, "nic.out");
    return fromNeighbour(c, frame, "uplink.out");
  }
  const names = { ...basics(c, frame), peer: peerName(c, frame) };
  switch (role) {
    case "bridge":
    case "switch":
      return intoBridge(c, frame);
    case "cable": {
      const master = c.cast.device(frame.netns, frame.dev)?.link.master;
      const bridge = master === undefined ? "" : c.cast.deviceName(frame.netns, master);
      const key = bridge === "" ? "cable.in.routed" : "cable.in.why";
      return { headline: phrase("cable.in", names), reason: [phrase(key, { ...names, bridge })], check };
    }
    case "port":
      return { headline: phrase("port.in", names), reason: [phrase("port.in.why", names)], check };
    case "tunnel":
      return fromTunnel(c, frame, names, check);
    case "nic":
      return {
        headline: phrase("nic.in", names),
        reason: [phrase(inKey(names) ?? "nic.in.why", names)],
        check,
      };
    default:
      return {
        headline: phrase("uplink.in", names),
        reason: [phrase(inKey(names) ?? "uplink.in.why", names)],
        check,
      };
  }
}

/** A tunnel of IP packets has no Ethernet inside. */
function fromTunnel(c: Context, frame: FrameRecord, names: Basics, check: string): Explanation {
  const key = frame.raw === true ? "tunnel.in.ip" : "tunnel.in";
  const values = { ...names, dst: packetOf(c.step).dst };
  return { headline: phrase(key, values), reason: [phrase(`${key}.why`, values)], check };
}

interface Basics {
  readonly [name: string]: string;
  readonly place: string;
  readonly dev: string;
  readonly mac: string;
  readonly src: string;
}

function basics(c: Context, frame: FrameRecord): Basics {
  const layers = layersOf(c.step);
  return {
    place: placeName(c),
    dev: c.cast.deviceName(frame.netns, frame.dev),
    mac: fieldOf(layers, "ethernet.dst") ?? "?",
    src: fieldOf(layers, "ethernet.src") ?? "?",
  };
}

function isBroadcast({ mac: address }: Basics): boolean {
  return address === "ff:ff:ff:ff:ff:ff" || isGroup6(address);
}

/** To those who listen to an IPv6 group with such an end (RFC 2464 7). */
function isGroup6(address: string): boolean {
  return address.startsWith("33:33:");
}

/** Why a frame that is not for one machine alone is taken. */
function inKey(names: Basics): TextKey | undefined {
  if (isGroup6(names.mac)) return "in.group.why";
  return isBroadcast(names) ? "in.broadcast.why" : undefined;
}

/** Who is at the other end of the cable. */
function peerName(c: Context, frame: FrameRecord): string {
  const peer = c.cast.device(frame.netns, frame.dev)?.link.peer;
  return peer === undefined ? "?" : c.cast.name(peer.netns);
}

type OutKey = "uplink.out" | "nic.out" | "bridge.out" | "tunnel.out";

/** The link header was just written: its destination comes from the neighbour table. */
function fromNeighbour(c: Context, frame: FrameRecord, key: OutKey): Explanation {
  const { neigh } = c.step;
  const names = { ...basics(c, frame), peer: peerName(c, frame) };
  const headline = phrase(key, names);
  if (c.step.lane === "arp" && (neigh === undefined || neigh.ip6 !== undefined))
    return { headline, reason: [phrase(arpKey(c, names), names)] };
  if (key === "tunnel.out" && frame.raw === true)
    return { headline, reason: [phrase("tunnel.out.ip.why", names)] };
  if (neigh === undefined || neigh.mac === 0) return { headline, reason: [phrase("out.plain.why", names)] };
  const values = { ...names, nexthop: neighbourOf(neigh), mac: mac(neigh.mac) };
  const used = `${neigh.dev}/${values.nexthop}`;
  const entry = c.world.row("neigh", frame.netns, used);
  const isTyped = entry?.row.state === "PERMANENT";
  const command = `ip neigh add ${values.nexthop} lladdr ${values.mac} dev ${values.dev} nud permanent`;
  return {
    headline,
    reason: [phrase(`${key}.why`, values)],
    table: excerpt(neighTable(question(c, used), neigh.dev), ROWS),
    install: isTyped ? command : undefined,
    check: commandAt(c, frame.netns, `ip neigh show dev ${values.dev}`),
  };
}

/** ARP, and neighbour discovery for IPv6: a question to everybody, one to an address that only has to be confirmed, or an answer. */
function arpKey(c: Context, names: Basics): TextKey {
  const operation = fieldOf(layersOf(c.step), "arp.operation") ?? "";
  const type = fieldOf(layersOf(c.step), "icmpv6.type") ?? "";
  if (operation.startsWith("Reply")) return "arp.out.answer.why";
  if (type.endsWith("(136)")) return "ndp.out.answer.why";
  if (type !== "") return isBroadcast(names) ? "ndp.out.ask.why" : "arp.out.probe.why";
  return isBroadcast(names) ? "arp.out.ask.why" : "arp.out.probe.why";
}

/** A bridge or the switch picked one port. */
function chosenPort(c: Context, frame: FrameRecord, isSwitch: boolean): Explanation {
  const names = { ...basics(c, frame), peer: peerName(c, frame) };
  const { fdb } = c.step;
  const bridge = c.cast.device(frame.netns, frame.dev)?.link.master ?? fdb?.dev ?? 0;
  const values = { ...names, bridge: c.cast.deviceName(frame.netns, bridge) };
  const headline = phrase(isSwitch ? "port.out" : "cable.out", values);
  const used = `${bridge}/${names.mac}`;
  const known = c.world.row("fdb", frame.netns, used) !== undefined;
  const isFlood = fdb?.result === "flood" || !known;
  if (isBroadcast(names)) return { headline, reason: [phrase("port.broadcast.why", values)] };
  return {
    headline,
    reason: [phrase(isFlood ? "port.flood.why" : "port.out.why", values)],
    table: excerpt(fdbTable(question(c, used), bridge), ROWS),
    check: commandAt(c, frame.netns, `bridge fdb show br ${values.bridge}`),
  };
}

/** A bridge hands the frame to its own port: up into the machine. */
function intoBridge(c: Context, frame: FrameRecord): Explanation {
  const names = basics(c, frame);
  const isFlood = c.step.fdb?.result === "flood";
  const key = isFlood ? "bridge.flood" : "bridge.in";
  return {
    headline: phrase(key, names),
    reason: [phrase(`${key}.why`, names)],
    table: excerpt(fdbTable(question(c, `${frame.dev}/${names.mac}`), frame.dev), ROWS),
    check: commandAt(c, frame.netns, `bridge fdb show br ${names.dev}`),
  };
}
