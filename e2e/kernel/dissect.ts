// A pcap file as text: one line per frame, with what the comparison looks at and nothing else.
// The judge of the engine must not share its mistakes, so this reads bytes by itself and imports nothing.

/** Reads big-endian fields; past the end it throws, which makes the frame "malformed". */
class Bytes {
  private readonly view: DataView;
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }
  get length(): number {
    return this.data.length;
  }
  u8(at: number): number {
    return this.view.getUint8(at);
  }
  u16(at: number): number {
    return this.view.getUint16(at);
  }
  u32(at: number): number {
    return this.view.getUint32(at);
  }
  from(at: number, to = this.length): Bytes {
    return new Bytes(this.data.subarray(at, Math.max(at, Math.min(to, this.length))));
  }
  mac(at: number): string {
    return [...this.from(at, at + 6).data].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  }
  ip4(at: number): string {
    return this.from(at, at + 4).data.join(".");
  }
  ip6(at: number): string {
    return compressIpv6(Array.from({ length: 8 }, (_, i) => this.u16(at + 2 * i)));
  }
}

type Layers = string[];

const vxlanPorts = new Set([8472, 4789]);
const isTracerouteProbe = (port: number): boolean => port >= 33434 && port < 33600;
/** Marks what the comparison leaves out: IGMP and IPv6's multicast listener reports, router and neighbour chatter. */
const leftOut = "proto 2";

export function dissectCapture(file: Uint8Array): string[] {
  const lines: string[] = [];
  for (const { linkType, frame } of packets(file)) {
    const line = dissectFrame(frame, linkType);
    if (!line.includes(leftOut)) lines.push(line);
  }
  return distinctTcp(lines);
}

function* packets(file: Uint8Array): Generator<{ linkType: number; frame: Uint8Array }> {
  if (file.length < 24) return;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const linkType = view.getUint32(20, little) & 0xffff;
  for (let at = 24; at + 16 <= file.length;) {
    const length = view.getUint32(at + 8, little);
    yield { linkType, frame: file.subarray(at + 16, at + 16 + length) };
    at += 16 + length;
  }
}

function dissectFrame(frame: Uint8Array, linkType: number): string {
  const layers: Layers = [];
  try {
    if (linkType === 1) ethernet(new Bytes(frame), layers);
    else if (linkType === 101 || linkType === 12 || linkType === 228) ipv4(new Bytes(frame), layers);
    else if (linkType === 113) {
      layers.push("cooked");
      ipv4(new Bytes(frame).from(16), layers);
    } else layers.push(`linktype ${String(linkType)}`);
  } catch {
    layers.push("malformed");
  }
  return layers.join(" | ");
}

function ethernet(b: Bytes, layers: Layers): void {
  layers.push(`${b.mac(6)}>${b.mac(0)}`);
  let [type, header] = [b.u16(12), 14];
  for (; type === 0x8100; header += 4) {
    layers.push(`vlan ${String(b.u16(header) & 0xfff)}`);
    type = b.u16(header + 2);
  }
  const payload = b.from(header);
  if (type === 0x0806) layers.push(arp(payload));
  else if (type === 0x0800) ipv4(payload, layers);
  else if (type === 0x86dd) ipv6(payload, layers);
  else layers.push(`type ${type.toString(16).padStart(4, "0")}`);
}

function arp(b: Bytes): string {
  const operation = b.u16(6);
  const answered = operation === 2 ? ` ${b.mac(18)}` : "";
  return `arp ${String(operation)} ${b.mac(8)}/${b.ip4(14)} ${b.ip4(24)}${answered}`;
}

function ipv4(b: Bytes, layers: Layers): void {
  const headerLength = (b.u8(0) & 15) * 4;
  const [total, fragment, ttl, protocol] = [b.u16(2), b.u16(6), b.u8(8), b.u8(9)];
  const dontFragment = fragment & 0x4000 ? " DF" : "";
  const more = fragment & 0x2000 ? "+" : "";
  const part = fragment & 0x3fff ? ` frag ${String((fragment & 0x1fff) * 8)}${more}` : "";
  layers.push(`ip ${b.ip4(12)}>${b.ip4(16)} ttl ${String(ttl)} len ${String(total)}${dontFragment}${part}`);
  if (fragment & 0x1fff) return;
  const payload = b.from(headerLength, total);
  if (protocol === 1) icmp(payload, layers);
  else if (protocol === 17) udp(payload, layers);
  else if (protocol === 6) layers.push(tcp(payload));
  else if (protocol === 4) ipv4(payload, layers);
  else if (protocol === 50) layers.push(espText(payload));
  else layers.push(`proto ${String(protocol)}`);
}

function icmp(b: Bytes, layers: Layers): void {
  const [type, code] = [b.u8(0), b.u8(1)];
  let detail = "";
  if (type === 3 && code === 4) detail = ` mtu ${String(b.u16(6))}`;
  if (type === 0 || type === 8) detail = ` seq ${String(b.u16(6))}`;
  layers.push(`icmp ${String(type)}/${String(code)}${detail}`);
  if ((type === 3 || type === 11 || type === 5) && b.length >= 28) {
    layers.push("quoting", `${b.ip4(20)}>${b.ip4(24)} proto ${String(b.u8(17))}`);
  }
}

const ESP_IN_UDP = 4500;
const WIREGUARD = 51820;

/** What is encrypted begins with an IV that is drawn by chance. */
const espText = (b: Bytes): string => `esp spi 0x${b.u32(0).toString(16)} seq ${String(b.u32(4))}`;

function udp(b: Bytes, layers: Layers): void {
  const [from, to, length] = [b.u16(0), b.u16(2), b.u16(4)];
  if (vxlanPorts.has(to)) {
    const vni = b.u32(12) >>> 8;
    layers.push(`udp >${String(to)} vni ${String(vni)}`);
    ethernet(b.from(16), layers);
  } else if (from === WIREGUARD && to === WIREGUARD) {
    // What is inside nobody can tell, and keys are new each time: the kind of message and its size.
    layers.push(`wireguard ${String(b.u8(8))} size ${String(length - 8)}`);
  } else if (to === ESP_IN_UDP && length >= 16 && b.u32(8) !== 0) {
    layers.push(`udp ${String(from)}>${String(to)}`, espText(b.from(8)));
  } else {
    layers.push(udpText(isTracerouteProbe(to) ? "any" : String(from), to, b.from(8, length)));
  }
}

const udpText = (from: string, to: number, payload: Bytes): string =>
  `udp ${from}>${String(to)} ${quoted(payload.data.subarray(0, 16))}`;

function tcp(b: Bytes): string {
  const flags = b.u8(13);
  const names = [
    [2, "S"],
    [1, "F"],
    [4, "R"],
    [16, "A"],
  ] as const;
  return `tcp ${String(b.u16(0))}>${String(b.u16(2))} ${names.map(([bit, name]) => (flags & bit ? name : "")).join("")}`;
}

function ipv6(b: Bytes, layers: Layers): void {
  const [length, next, hopLimit] = [b.u16(4), b.u8(6), b.u8(7)];
  layers.push(`ip6 ${b.ip6(8)}>${b.ip6(24)} hlim ${String(hopLimit)} len ${String(length)}`);
  const payload = b.from(40, 40 + length);
  if (next === 0)
    layers.push(leftOut); // hop-by-hop options: a multicast listener report
  else if (next === 58) layers.push(icmpv6(payload));
  else if (next === 17)
    layers.push(udpText(String(payload.u16(0)), payload.u16(2), payload.from(8, payload.u16(4))));
  else if (next === 6) layers.push(tcp(payload));
  else layers.push(`next header ${String(next)}`);
}

function icmpv6(b: Bytes): string {
  const [type, code] = [b.u8(0), b.u8(1)];
  if ([130, 131, 132, 133, 143].includes(type)) return leftOut;
  let detail = "";
  if (type === 135 || type === 136) detail = ` target ${b.ip6(8)}`;
  if (type === 2) detail = ` mtu ${String(b.u32(4))}`;
  if (type === 128 || type === 129) detail = ` seq ${String(b.u16(6))}`;
  return `icmp6 ${String(type)}/${String(code)}${detail}`;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
function compressIpv6(groups: number[]): string {
  let [start, size] = [0, 0];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > size) [start, size] = [at, end - at];
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  return size < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + size))}`;
}

/** As Python writes bytes, because the recordings came from there: b'text\n\x00'. */
function quoted(bytes: Uint8Array): string {
  const named: Partial<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let text = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (named[byte] !== undefined) text += named[byte];
    else if (char === quote) text += `\\${char}`;
    else if (byte >= 32 && byte < 127) text += char;
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `b${quote}${text}${quote}`;
}

/** How TCP cuts a stream into segments depends on timing: of each 5-tuple only the distinct sets of flags count, in order. */
function distinctTcp(lines: string[]): string[] {
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const line of lines) {
    if (!line.includes(" tcp ")) {
      kept.push(line);
      continue;
    }
    const flow = line.replace(/ttl \d+ len \d+( DF)?/g, "");
    if (!seen.has(flow)) kept.push(flow);
    seen.add(flow);
  }
  return kept;
}
