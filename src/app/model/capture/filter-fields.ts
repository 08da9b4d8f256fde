import { getU16 } from "../../../base/bytes.ts";
import type { Field, Layer, LayerName } from "../../../wire/dissect.ts";
import type { Packet } from "./packet.ts";

/** The fields of Wireshark's filter language that this one knows, each with its type and where it is read. */

export type FilterType = "protocol" | "number" | "text" | "ipv4" | "ipv6" | "mac" | "flag" | "bytes";

export interface FilterField {
  readonly type: FilterType;
  readonly read: (packet: Packet) => readonly string[];
}

/** A header with its fields: of the packet itself, or of one that an ICMP error quotes. */
interface Header {
  readonly protocol: string;
  readonly fields: readonly Field[];
  readonly offset: number;
  readonly length: number;
}

/** Wireshark's filter names of protocols, and ours. */
const PROTOCOLS: Readonly<Record<string, LayerName>> = {
  eth: "ethernet",
  vlan: "vlan",
  arp: "arp",
  ip: "ipv4",
  ipv6: "ipv6",
  icmp: "icmp",
  icmpv6: "icmpv6",
  udp: "udp",
  tcp: "tcp",
  vxlan: "vxlan",
  gre: "gre",
  esp: "esp",
  dns: "dns",
  http: "http",
  bgp: "bgp",
  data: "payload",
};

const headersOf = new WeakMap<readonly Layer[], readonly Header[]>();

function headers({ whole: { layers } }: Packet): readonly Header[] {
  let found = headersOf.get(layers);
  if (found === undefined) {
    found = layers.flatMap((layer): Header[] => [layer, ...layer.fields.flatMap(quoted)]);
    headersOf.set(layers, found);
  }
  return found;
}

/** The headers inside a quoted packet, which count as the packet's own. */
function quoted(field: Field): readonly Header[] {
  if (!field.name.endsWith(".quoted")) return [];
  return (field.fields ?? []).flatMap((part) => {
    const { name: protocol, fields = [], offset, length } = part;
    return [{ protocol, fields, offset, length }, ...fields.flatMap(quoted)];
  });
}

function of(packet: Packet, protocol: LayerName): readonly Header[] {
  return headers(packet).filter((header) => header.protocol === protocol);
}

/** Values of these fields of these headers; `number` takes the number out of `TCP (6)` and `0x1c46 [correct]`. */
function values(names: readonly string[], kind: "plain" | "number" = "plain") {
  const protocol = names[0]?.split(".")[0] as LayerName;
  return (packet: Packet): readonly string[] =>
    of(packet, protocol).flatMap(({ fields }) =>
      fields.flatMap(({ name, value }) => {
        if (!names.includes(name)) return [];
        return [
          kind === "plain" ? value : (/\((0x[0-9a-f]+|\d+)\)$/.exec(value)?.[1] ?? value.split(" ")[0]!),
        ];
      }),
    );
}

/** Something computed from each header of a protocol and the frame's bytes. */
function computed(protocol: LayerName, read: (b: Uint8Array, header: Header) => string | undefined) {
  return (packet: Packet): readonly string[] =>
    of(packet, protocol).flatMap((header) => {
      const value = read(packet.whole.bytes, header);
      return value === undefined ? [] : [value];
    });
}

const bit =
  (mask: number) =>
  (b: Uint8Array, { offset }: Header): string =>
    ((b[offset + 13] ?? 0) & mask) !== 0 ? "1" : "0";

function payloadOfTcp(packet: Packet): readonly string[] {
  const { bytes, layers } = packet.whole;
  return layers.flatMap((layer, i) => {
    if (layer.protocol !== "tcp") return [];
    const ip = layers[i - 1];
    const end = ip?.protocol === "ipv4" ? ip.offset + getU16(bytes, ip.offset + 2) : bytes.length;
    return [String(Math.max(0, end - layer.offset - layer.length))];
  });
}

const startLine = (pattern: RegExp) =>
  computed(
    "http",
    (_, { fields }) => pattern.exec(fields.find(({ name }) => name === "http.start_line")?.value ?? "")?.[1],
  );

const number = (read: FilterField["read"]): FilterField => ({ type: "number", read });
const flag = (read: FilterField["read"]): FilterField => ({ type: "flag", read });
const text = (read: FilterField["read"]): FilterField => ({ type: "text", read });

const LINK: Readonly<Record<string, FilterField>> = {
  "frame.number": number((packet) => [String(packet.number)]),
  "frame.len": number(({ frame }) => [String(frame.length)]),
  "frame.cap_len": number(({ frame }) => [String(frame.bytes.length)]),
  "eth.addr": { type: "mac", read: values(["ethernet.src", "ethernet.dst"]) },
  "eth.src": { type: "mac", read: values(["ethernet.src"]) },
  "eth.dst": { type: "mac", read: values(["ethernet.dst"]) },
  "eth.type": number(values(["ethernet.type"], "number")),
  "vlan.id": number(values(["vlan.id"])),
  "arp.opcode": number(values(["arp.operation"], "number")),
  "arp.src.hw_mac": { type: "mac", read: values(["arp.sender_mac"]) },
  "arp.dst.hw_mac": { type: "mac", read: values(["arp.target_mac"]) },
  "arp.src.proto_ipv4": { type: "ipv4", read: values(["arp.sender_ip"]) },
  "arp.dst.proto_ipv4": { type: "ipv4", read: values(["arp.target_ip"]) },
};

const NETWORK: Readonly<Record<string, FilterField>> = {
  "ip.addr": { type: "ipv4", read: values(["ipv4.src", "ipv4.dst"]) },
  "ip.src": { type: "ipv4", read: values(["ipv4.src"]) },
  "ip.dst": { type: "ipv4", read: values(["ipv4.dst"]) },
  "ip.ttl": number(values(["ipv4.ttl"])),
  "ip.proto": number(values(["ipv4.protocol"], "number")),
  "ip.id": number(values(["ipv4.id"])),
  "ip.len": number(values(["ipv4.total_length"])),
  "ip.frag_offset": number(values(["ipv4.fragment_offset"])),
  "ip.flags.df": flag(computed("ipv4", (b, { offset }) => ((b[offset + 6]! & 0x40) !== 0 ? "1" : "0"))),
  "ip.flags.mf": flag(computed("ipv4", (b, { offset }) => ((b[offset + 6]! & 0x20) !== 0 ? "1" : "0"))),
  "ipv6.addr": { type: "ipv6", read: values(["ipv6.src", "ipv6.dst"]) },
  "ipv6.src": { type: "ipv6", read: values(["ipv6.src"]) },
  "ipv6.dst": { type: "ipv6", read: values(["ipv6.dst"]) },
  "ipv6.hlim": number(values(["ipv6.hop_limit"])),
  "icmp.type": number(values(["icmp.type"], "number")),
  "icmp.code": number(values(["icmp.code"])),
  "icmp.ident": number(values(["icmp.id"])),
  "icmp.seq": number(values(["icmp.sequence"])),
  "icmpv6.type": number(values(["icmpv6.type"], "number")),
  "icmpv6.code": number(values(["icmpv6.code"])),
};

const TRANSPORT: Readonly<Record<string, FilterField>> = {
  "udp.port": number(values(["udp.srcport", "udp.dstport"])),
  "udp.srcport": number(values(["udp.srcport"])),
  "udp.dstport": number(values(["udp.dstport"])),
  "udp.length": number(values(["udp.length"])),
  "tcp.port": number(values(["tcp.srcport", "tcp.dstport"])),
  "tcp.srcport": number(values(["tcp.srcport"])),
  "tcp.dstport": number(values(["tcp.dstport"])),
  "tcp.seq_raw": number(values(["tcp.seq"])),
  "tcp.ack_raw": number(values(["tcp.ack"])),
  "tcp.len": number(payloadOfTcp),
  "tcp.hdr_len": number(values(["tcp.header_length"])),
  "tcp.window_size_value": number(values(["tcp.window"])),
  "tcp.flags": number(
    computed("tcp", (b, { offset }) =>
      offset + 13 < b.length ? String(getU16(b, offset + 12) & 0xfff) : undefined,
    ),
  ),
  "tcp.flags.fin": flag(computed("tcp", bit(1))),
  "tcp.flags.syn": flag(computed("tcp", bit(2))),
  "tcp.flags.reset": flag(computed("tcp", bit(4))),
  "tcp.flags.push": flag(computed("tcp", bit(8))),
  "tcp.flags.ack": flag(computed("tcp", bit(16))),
  "tcp.flags.urg": flag(computed("tcp", bit(32))),
};

const ABOVE: Readonly<Record<string, FilterField>> = {
  "vxlan.vni": number(values(["vxlan.vni"])),
  "gre.proto": number(values(["gre.type"])),
  "esp.spi": number(values(["esp.spi"])),
  "dns.id": number(values(["dns.id"])),
  "dns.qry.name": text((packet) =>
    values(["dns.question"])(packet).map((value) => value.replace(/\.? \S+$/, "")),
  ),
  "dns.flags.response": flag((packet) =>
    values(["dns.response"])(packet).map((value) => (value === "response" ? "1" : "0")),
  ),
  "dns.flags.rcode": number(computed("dns", (b, { offset }) => String(getU16(b, offset + 2) & 15))),
  "http.request.method": text(startLine(/^([A-Z]+) /)),
  "http.request.uri": text(startLine(/^[A-Z]+ (\S+)/)),
  "http.response.code": number(startLine(/^HTTP\/\S+ (\d+)/)),
  "http.host": text(
    computed("http", (_, { fields }) => fields.find(({ label }) => label.toLowerCase() === "host")?.value),
  ),
};

/** Whether a message is there at all. */
const PRESENT: Readonly<Record<string, FilterField>> = {
  "http.request": { type: "protocol", read: startLine(/^([A-Z]+) /) },
  "http.response": { type: "protocol", read: startLine(/^HTTP\/\S+ (\d+)/) },
  frame: { type: "protocol", read: () => ["1"] },
};

const FIELDS: Readonly<Record<string, FilterField>> = {
  ...LINK,
  ...NETWORK,
  ...TRANSPORT,
  ...ABOVE,
  ...PRESENT,
};

/** All names, for completion. */
export const FILTER_NAMES: readonly string[] = [...Object.keys(PROTOCOLS), ...Object.keys(FIELDS)].toSorted();

export function filterField(name: string): FilterField | undefined {
  if (Object.hasOwn(FIELDS, name)) return FIELDS[name];
  if (!Object.hasOwn(PROTOCOLS, name)) return undefined;
  const protocol = PROTOCOLS[name]!;
  return { type: "protocol", read: (packet) => of(packet, protocol).map(() => "1") };
}

/** The bytes of a protocol's headers and what they carry, for `contains`. */
export function bytesOf(packet: Packet, name: string): readonly Uint8Array[] {
  if (name === "frame") return [packet.frame.bytes];
  const { bytes } = packet.whole;
  return of(packet, PROTOCOLS[name] ?? "malformed").map(({ offset }) => bytes.subarray(offset));
}
