import type { FrameRecord } from "../../../trace/record.ts";
import { dissect, type Layer } from "../../../wire/dissect.ts";
import { toneOfLayer } from "../frame.ts";
import type { Tone } from "../hops.ts";
import { linkTypeOf } from "../link-type.ts";
import { fragmentIn, Reassembly } from "./reassembly.ts";
import { Info } from "./info.ts";
import { valueOf } from "./layers.ts";

/** A row of a packet list, as tshark would print it, and what it was read from. */
export interface Packet {
  /** From 1. */
  readonly number: number;
  readonly frame: FrameRecord;
  readonly layers: readonly Layer[];
  /** What the packet is read as: with its last fragment, the whole of it. */
  readonly whole: { readonly bytes: Uint8Array; readonly layers: readonly Layer[] };
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly info: string;
  /** Colour of the innermost layer. */
  readonly tone: Tone;
}

/** tshark's names in its column of protocols. */
const NAMES: Readonly<Partial<Record<Layer["protocol"], string>>> = {
  ethernet: "Ethernet",
  vlan: "VLAN",
  arp: "ARP",
  ipv4: "IPv4",
  ipv6: "IPv6",
  icmp: "ICMP",
  icmpv6: "ICMPv6",
  udp: "UDP",
  tcp: "TCP",
  vxlan: "VXLAN",
  gre: "GRE",
  esp: "ESP",
  dns: "DNS",
  http: "HTTP",
  bgp: "BGP",
};

/** Reads the frames of one interface in order: what a row says may depend on those before it. */
export class PacketList {
  readonly packets: Packet[] = [];
  private readonly info = new Info();
  private readonly reassembly = new Reassembly();

  /** Appends a frame. Rows before it may change: a ping is told which reply came for it. */
  add(frame: FrameRecord): Packet {
    const number = this.packets.length + 1;
    const layers = dissect(frame.bytes, linkTypeOf(frame));
    const piece = fragmentIn(layers);
    const whole = piece && this.reassembly.add(number, frame.bytes, piece);
    const read = whole === undefined ? layers : dissect(whole.frame, linkTypeOf(frame));
    const bytes = whole?.frame ?? frame.bytes;
    const top = whole === undefined ? (piece ?? topLayer(layers)) : topLayer(read);
    const [source, destination] = ends(layers);
    const packet: Packet = {
      number,
      frame,
      layers,
      whole: { bytes, layers: wholeLayers(read, piece, whole !== undefined) },
      source,
      destination,
      protocol: top === undefined ? "?" : (NAMES[top.protocol] ?? "Data"),
      info: this.info.of(number, bytes, read, top),
      tone: top === undefined ? "wire" : toneOfLayer(top),
    };
    this.packets.push(packet);
    for (const row of whole?.rows ?? []) this.amend(row, number);
    for (const { at, text } of this.info.takeCorrections()) {
      const old = this.packets[at - 1];
      if (old !== undefined) this.packets[at - 1] = { ...old, info: text };
    }
    return packet;
  }

  /** A piece of a packet that is whole now. */
  private amend(row: number, whole: number): void {
    const piece = this.packets[row - 1];
    if (piece !== undefined && row !== whole)
      this.packets[row - 1] = { ...piece, info: `${piece.info} [Reassembled in #${whole}]` };
  }
}

/** A piece of a packet says nothing of what is inside; the last one says all of it, and is still a piece. */
function wholeLayers(read: readonly Layer[], piece: Layer | undefined, isWhole: boolean): readonly Layer[] {
  if (piece === undefined) return read;
  if (!isWhole) return read.slice(0, read.indexOf(piece) + 1);
  return read.map((layer) => (layer.offset === piece.offset && layer.protocol === "ipv4" ? piece : layer));
}

/** The innermost layer that has a name: bytes that nobody claims are their transport's. */
function topLayer(layers: readonly Layer[]): Layer | undefined {
  return (
    layers.findLast(({ protocol }) => protocol !== "payload" && protocol !== "malformed") ?? layers.at(-1)
  );
}

/** The addresses of the innermost network header, else of the link. */
function ends(layers: readonly Layer[]): readonly [string, string] {
  const ip = layers.findLast(({ protocol }) => protocol === "ipv4" || protocol === "ipv6");
  const ethernet = layers.findLast(({ protocol }) => protocol === "ethernet");
  const inner = ip !== undefined && (ethernet === undefined || ip.offset > ethernet.offset) ? ip : ethernet;
  const { protocol = "ethernet" } = inner ?? {};
  return [valueOf(inner, `${protocol}.src`), valueOf(inner, `${protocol}.dst`)];
}
