import { dissect, type Field, type Layer } from "../../wire/dissect.ts";
import type { Tone } from "./hops.ts";
import { linkTypeOf } from "./link-type.ts";
import { bytesAt, bytesBefore, type Step } from "./steps.ts";

/** A field, and what it said a hop ago when that was something else. */
export interface FieldView {
  readonly field: Field;
  readonly before: string | undefined;
}

export interface LayerView {
  readonly layer: Layer;
  readonly tone: Tone;
  /** Name of the protocol, as it is written everywhere. */
  readonly title: string;
  /** What matters of it, in a few words. */
  readonly brief: string;
  readonly fields: readonly FieldView[];
  /** This header was not there a hop ago. */
  readonly isNew: boolean;
}

export interface FrameView {
  readonly bytes: Uint8Array;
  readonly layers: readonly LayerView[];
  readonly length: number;
  /** Bytes more (or less) than a hop ago. */
  readonly grown: number;
}

const TITLES: Readonly<Record<Layer["protocol"], readonly [string, Tone]>> = {
  ethernet: ["Ethernet", "l2"],
  vlan: ["802.1Q", "l2"],
  arp: ["ARP", "l2"],
  ipv4: ["IPv4", "l3"],
  ipv6: ["IPv6", "l3"],
  icmp: ["ICMP", "transport"],
  icmpv6: ["ICMPv6", "transport"],
  udp: ["UDP", "transport"],
  tcp: ["TCP", "transport"],
  vxlan: ["VXLAN", "tunnel"],
  gre: ["GRE", "tunnel"],
  esp: ["ESP", "tunnel"],
  dns: ["DNS", "app"],
  http: ["HTTP", "app"],
  bgp: ["BGP", "app"],
  tls: ["TLS", "app"],
  payload: ["Data", "app"],
  malformed: ["?", "drop"],
};

/** Which fields are told in one line, and what stands between them. */
const BRIEF: Readonly<Partial<Record<Layer["protocol"], readonly string[]>>> = {
  ethernet: ["ethernet.src", " → ", "ethernet.dst"],
  arp: ["arp.sender_ip", " → ", "arp.target_ip"],
  ipv4: ["ipv4.src", " → ", "ipv4.dst", " ttl ", "ipv4.ttl"],
  udp: ["udp.srcport", " → ", "udp.dstport"],
  tcp: ["tcp.srcport", " → ", "tcp.dstport", " ", "tcp.flags"],
  http: ["http.start_line"],
  vxlan: ["VNI ", "vxlan.vni"],
};

/** The headers of a frame, outermost first. Colours and names are those of the whole page. */
export function toneOfLayer(layer: Layer): Tone {
  return TITLES[layer.protocol][1];
}

/** Name of a layer's protocol, as it is written everywhere. */
export function titleOfLayer(layer: Layer): string {
  return TITLES[layer.protocol][0];
}

/** The frame after a step beside the frame before it. */
export function viewFrame(step: Step): FrameView | undefined {
  if (step.frame === undefined) return undefined;
  const bytes = bytesAt(step);
  const layers = dissect(bytes, linkTypeOf(step.frame));
  const past = bytesBefore(step);
  const old =
    step.before === undefined || past === undefined ? layers : dissect(past, linkTypeOf(step.before));
  const shift = depthShift(layers, old);
  const views = layers.map((layer, i) => viewLayer(layer, i, layers, old, shift));
  const grown = step.before === undefined ? 0 : step.frame.length - step.before.length;
  return { bytes, layers: views, length: step.frame.length, grown };
}

/** How much deeper the same packet lies now than before. */
function depthShift(now: readonly Layer[], before: readonly Layer[]): number {
  return (now.at(-1)?.depth ?? 0) - (before.at(-1)?.depth ?? 0);
}

function viewLayer(
  layer: Layer,
  at: number,
  all: readonly Layer[],
  old: readonly Layer[],
  shift: number,
): LayerView {
  const [title, tone] = TITLES[layer.protocol];
  const twin = twinOf(layer, at, all, old, shift);
  const fields = layer.fields.map((field, i) => {
    const past = twin?.fields[i];
    const same = past?.name !== field.name || past.value === field.value || field.name.endsWith("checksum");
    return { field, before: same ? undefined : past.value };
  });
  return { layer, title, tone, brief: brief(layer), fields, isNew: twin === undefined };
}

/** The same header in the frame before. Headers that another machine put around the packet are no twins. */
function twinOf(
  layer: Layer,
  at: number,
  all: readonly Layer[],
  old: readonly Layer[],
  shift: number,
): Layer | undefined {
  const isSame = (other: Layer, depth: number): boolean =>
    other.protocol === layer.protocol && other.depth === depth;
  const nth = all.slice(0, at).filter((other) => isSame(other, layer.depth)).length;
  return old.filter((other) => isSame(other, layer.depth - shift))[nth];
}

function brief(layer: Layer): string {
  const pattern = BRIEF[layer.protocol];
  if (pattern === undefined) return layer.summary.replace(/^[A-Z]+[ ,:]+/, "").replace(/, id \d+/, "");
  return pattern
    .map((part) =>
      part.includes(".") ? shorten(layer.fields.find(({ name }) => name === part)?.value ?? "") : part,
    )
    .join("");
}

/** `02:42:…:03` for a MAC address; other values as they are. */
function shorten(value: string): string {
  return value.replace(/^(\w\w:\w\w):(?:\w\w:){3}(\w\w)$/, "$1:…:$2");
}
