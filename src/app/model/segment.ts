import type { FrameRecord, OriginRecord, RewriteRecord, SkbId } from "../../trace/record.ts";
import { dissect, type Layer } from "../../wire/dissect.ts";
import { formatIpv4, type Ipv4 } from "../../wire/address.ts";
import { linkTypeOf } from "./link-type.ts";
import { isLoss } from "./loss.ts";
import type { PacketRecord, Packets } from "./packets.ts";
import { addressIn, endText, fieldIn as field } from "./packet-ends.ts";
import type { Tone } from "./hops.ts";
import { edited } from "./rewrite.ts";
import { editsBetween } from "./steps.ts";
import { programOf } from "./words.ts";

export type SegmentKind = "tcp" | "udp" | "dns" | "icmp" | "ip";

/** One packet of a conversation from its birth to its end, with what people call it. */
export interface Segment {
  readonly root: SkbId;
  readonly origin: OriginRecord;
  /** The packet and the copies that carried it on. */
  readonly line: readonly SkbId[];
  readonly records: readonly PacketRecord[];
  readonly kind: SegmentKind;
  /** In the protocol's own words, alike in every language: `SYN, ACK`, `GET /`, `A? frontend`. */
  readonly title: string;
  /** `tcp 10.244.1.4:46060 > 10.96.0.1:80` where it is born, and where it ends (NAT may have been between). */
  readonly born: Ends | undefined;
  readonly arrived: Ends | undefined;
  readonly tcp: { readonly flags: readonly string[]; readonly length: number } | undefined;
  /** Two packets with the same number are question and answer (DNS). */
  readonly query: string | undefined;
  readonly lost: boolean;
  readonly tone: Tone;
}

export interface Ends {
  readonly protocol: string;
  readonly src: string;
  readonly dst: string;
}

/** The name of a flow as seen in one place. */
export function flowKey({ protocol, src, dst }: Ends): string {
  return `${protocol} ${src} > ${dst}`;
}

export function reverseKey({ protocol, src, dst }: Ends): string {
  return `${protocol} ${dst} > ${src}`;
}

/** A packet of `packets`, read from its first and last frame. */
export function readSegment(packets: Packets, origin: OriginRecord): Segment {
  const line = packets.line(origin.skb);
  const records = packets.along(line);
  const frames = records.filter((record) => record.kind === "frame");
  const rewrites = records.filter((record) => record.kind === "rewrite");
  // As its sender made it, and as its receiver gets it: NAT may lie before the first frame and behind the last.
  const layers = innerLayers(frames[0], rewrites, 0);
  const kind = origin.origin === "icmp-error" ? "icmp" : kindOf(layers);
  return {
    root: origin.skb,
    origin,
    line,
    records,
    kind,
    title: titleOf(layers, origin),
    born: endsOf(layers) ?? routedEnds(records),
    arrived: endsOf(innerLayers(frames.at(-1), rewrites, Infinity)),
    tcp: kind === "tcp" ? tcpOf(layers) : undefined,
    query: field(layers, "dns.id"),
    lost: records.some(isLoss),
    tone: kind === "dns" || layers.at(-1)?.protocol === "http" ? "app" : "transport",
  };
}

/** Headers of the packet itself: what a tunnel put around it is left away. */
function innerLayers(
  frame: FrameRecord | undefined,
  rewrites: readonly RewriteRecord[],
  index: number,
): readonly Layer[] {
  if (frame === undefined) return [];
  const bytes = edited(frame.bytes, frame.raw === true, editsBetween(rewrites, frame, index));
  const layers = dissect(bytes, linkTypeOf(frame));
  const isError = layers.some(isIcmp);
  const depths = layers.filter(({ protocol }) => /^(ethernet|ipv4|ipv6)$/.test(protocol));
  // What an ICMP error quotes is not the packet itself.
  const depth = isError ? (layers.find(isIcmp)?.depth ?? 0) : (depths.at(-1)?.depth ?? 0);
  return layers.filter((layer) => layer.depth === depth);
}

const isIcmp = ({ protocol }: Layer): boolean => protocol === "icmp" || protocol === "icmpv6";

function kindOf(layers: readonly Layer[]): SegmentKind {
  const has = (name: Layer["protocol"]): boolean => layers.some(({ protocol }) => protocol === name);
  if (has("icmp") || has("icmpv6")) return "icmp";
  if (has("dns")) return "dns";
  if (has("tcp")) return "tcp";
  return has("udp") ? "udp" : "ip";
}

function endsOf(layers: readonly Layer[]): Ends | undefined {
  const src = addressIn(layers, "src");
  const dst = addressIn(layers, "dst");
  if (src === undefined || dst === undefined) return undefined;
  for (const protocol of ["tcp", "udp"] as const) {
    const sport = field(layers, `${protocol}.srcport`);
    const dport = field(layers, `${protocol}.dstport`);
    if (sport !== undefined) return { protocol, src: endText(src, sport), dst: endText(dst, dport) };
  }
  return { protocol: "ip", src, dst };
}

/** Of a packet that no device has seen: whom it was routed to. */
function routedEnds(records: readonly PacketRecord[]): Ends | undefined {
  const route = records.find((record) => record.kind === "route");
  if (route === undefined) return undefined;
  return { protocol: "ip", src: formatIpv4(route.src as Ipv4), dst: formatIpv4(route.dst as Ipv4) };
}

function tcpOf(layers: readonly Layer[]): Segment["tcp"] {
  const flags = (field(layers, "tcp.flags") ?? "").split(", ");
  const summary = layers.find(({ protocol }) => protocol === "tcp")?.summary ?? "";
  return { flags, length: Number(/length (\d+)/.exec(summary)?.[1] ?? 0) };
}

function titleOf(layers: readonly Layer[], origin: OriginRecord): string {
  const http = field(layers, "http.start_line");
  if (http !== undefined) return http.replace(/^HTTP\/[\d.]+ /, "").replace(/ HTTP\/[\d.]+$/, "");
  const question = field(layers, "dns.question");
  if (question !== undefined) return dnsTitle(layers, question);
  const tcp = field(layers, "tcp.flags");
  if (tcp !== undefined) {
    const length = tcpOf(layers)?.length ?? 0;
    return length === 0 ? tcp : `${tcp.replace("PSH, ", "")} ${length} B`;
  }
  const icmp = layers.find(isIcmp)?.summary;
  if (icmp !== undefined)
    return icmp
      .replace(/^ICMP6? ?(?:[\d.]+ )?,?/, "")
      .trim()
      .replace(/,.*$/, "");
  const udp = layers.find(({ protocol }) => protocol === "udp")?.summary;
  if (udp !== undefined) return udp.replace(/^UDP [^,]*, length (\d+).*$/, "UDP $1 B");
  // An error that was lost before it was ever seen on a device.
  if (origin.origin === "icmp-error") return "ICMP error";
  return programOf(origin.owner);
}

function dnsTitle(layers: readonly Layer[], question: string): string {
  const [name = "", type = ""] = question.split(" ");
  if (field(layers, "dns.response") !== "response") return `${type}? ${name.split(".")[0] ?? ""}`;
  const code = field(layers, "dns.rcode") ?? "";
  const summary = layers.find(({ protocol }) => protocol === "dns")?.summary ?? "";
  const answers = [...summary.matchAll(new RegExp(` ${type} ([^\\s,]+)`, "g"))].map(([, answer]) => answer);
  return answers.length > 0 ? answers.join(", ") : code === "NOERROR" ? "0" : code;
}
