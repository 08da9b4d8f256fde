import { dissectDns, dissectHttp, dissectPayload } from "./dissect/application.ts";
import { dissectTls } from "./dissect/tls.ts";
import { dissectBgp } from "./dissect/bgp.ts";
import { dissectIcmp, dissectIcmpv6 } from "./dissect/control.ts";
import type { Dissector, Field, Found, Layer, LayerName, Next, Span } from "./dissect/layer.ts";
import { dissectArp, dissectEthernet, dissectVlan } from "./dissect/link.ts";
import { dissectIpv4, dissectIpv6 } from "./dissect/network.ts";
import { dissectTcp, dissectUdp } from "./dissect/transport.ts";
import { dissectEsp, dissectGre, dissectVxlan } from "./dissect/tunnel.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "./pcap.ts";

/** A frame as people read it: its headers in order, each with a line and its fields. For the board and the command line, not for the kernel. */

export type { Field, Layer, LayerName };

/** The list of dissectors; a new protocol is one more line here. */
const DISSECTORS: Readonly<Record<Exclude<LayerName, "malformed">, Dissector>> = {
  ethernet: dissectEthernet,
  vlan: dissectVlan,
  arp: dissectArp,
  ipv4: dissectIpv4,
  ipv6: dissectIpv6,
  icmp: dissectIcmp,
  icmpv6: dissectIcmpv6,
  udp: dissectUdp,
  tcp: dissectTcp,
  vxlan: dissectVxlan,
  gre: dissectGre,
  esp: dissectEsp,
  dns: dissectDns,
  http: dissectHttp,
  bgp: dissectBgp,
  tls: dissectTls,
  payload: dissectPayload,
};

/** A frame can hold no more headers than this; deeper nesting is somebody's bomb. */
const MOST_LAYERS = 64;
/** Quotations in quotations: RFC 1122 forbids errors about errors, so two is already generous. */
const MOST_QUOTES = 2;

/** What is read next, and how deep. */
interface Cursor extends Next {
  readonly depth: number;
}

function malformed(at: Cursor, from: number, why: string): Layer {
  return {
    protocol: "malformed",
    depth: at.depth,
    offset: from,
    length: Math.max(0, at.to - from),
    summary: why,
    fields: [],
  };
}

/** Reads one header at the cursor. */
function read(b: Uint8Array, at: Cursor, quotes: number): ReturnType<Dissector> {
  if (at.protocol === "malformed") return { missing: "" };
  const span: Span = {
    b,
    from: at.from,
    to: at.to,
    partial: at.partial ?? false,
    ...(at.addresses === undefined ? {} : { addresses: at.addresses }),
    quote: (protocol, from) =>
      quotes >= MOST_QUOTES
        ? []
        : walk(b, { protocol, from, to: at.to, depth: at.depth, partial: true }, quotes + 1),
  };
  return DISSECTORS[at.protocol](span);
}

/** Where to go on behind a header; nothing when nothing is there. */
function step(at: Cursor, found: Found): Cursor | undefined {
  const next = found.next;
  if (next === undefined || (next.protocol === "payload" && next.from >= next.to)) return undefined;
  const partial = (at.partial ?? false) || (next.partial ?? false);
  return { ...next, partial, depth: at.depth + (next.deeper === true ? 1 : 0) };
}

function walk(b: Uint8Array, start: Cursor, quotes: number): Layer[] {
  const layers: Layer[] = [];
  let cut: { readonly at: Cursor; readonly why: string } | undefined;
  for (let at: Cursor | undefined = start; at !== undefined && layers.length < MOST_LAYERS;) {
    const found = read(b, at, quotes);
    if ("missing" in found) {
      layers.push(malformed(at, at.from, found.missing));
      return layers;
    }
    const { length, summary, fields } = found;
    layers.push({ protocol: at.protocol, depth: at.depth, offset: at.from, length, summary, fields });
    if (found.cut !== undefined) cut ??= { at, why: found.cut };
    at = step(at, found);
  }
  if (cut !== undefined) layers.push(malformed(cut.at, cut.at.to, cut.why));
  return layers;
}

/** The first header of a frame of this link type; raw frames tell by the version in their first byte. */
function firstLayer(frame: Uint8Array, linkType: number): LayerName {
  if (linkType === LINKTYPE_ETHERNET) return "ethernet";
  if (linkType !== LINKTYPE_RAW) return "payload";
  return frame.length > 0 && frame[0]! >>> 4 === 6 ? "ipv6" : "ipv4";
}

/**
 * The headers of a frame, outermost first; `depth` grows inside every tunnel. Never throws: where bytes are missing or
 * make no sense the last layer is `malformed` and says what was expected.
 */
export function dissect(frame: Uint8Array, linkType: number = LINKTYPE_ETHERNET): Layer[] {
  const protocol = firstLayer(frame, linkType);
  return walk(frame, { protocol, from: 0, to: frame.length, depth: 0 }, 0);
}
