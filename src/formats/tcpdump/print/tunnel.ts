import { printIke } from "./ike.ts";
import { etherTypeName, printEtherType, printEthernet } from "./link.ts";
import { type Payload, printPayload } from "./payload.ts";
import { bitNames, hexNumber, type Printer } from "./printer.ts";

/** Encapsulations: VXLAN, OTV, Geneve, GRE, ESP and AH. */

const VXLAN_HEADER = 8;
const VNI_VALID = 0x08;

/** RFC 7348. */
export function printVxlan(p: Printer, at: number, length: number): void {
  p.protocol = "vxlan";
  p.out += "VXLAN";
  if (length < VXLAN_HEADER) {
    p.out += " (invalid)";
    return;
  }
  p.need(at, VXLAN_HEADER);
  const flags = p.u8(at);
  p.out += `, flags [${(flags & VNI_VALID) === 0 ? "invalid" : "I"}] (0x${hexNumber(flags, 2)})`;
  p.out += `, vni ${p.u32(at + 4) >>> 8}\n`;
  printEthernet(p, at + VXLAN_HEADER, length - VXLAN_HEADER);
}

/** draft-hasmit-otv: its port is the one that Linux's vxlan began with, so that flannel's packets are read as OTV. */
export function printOtv(p: Printer, at: number, length: number): void {
  p.protocol = "otv";
  p.out += "OTV, ";
  if (length < VXLAN_HEADER) {
    p.out += `[length ${length} < ${VXLAN_HEADER}] (invalid)`;
    return;
  }
  const flags = p.u8(at);
  p.out += `flags [${(flags & VNI_VALID) === 0 ? "." : "I"}] (0x${hexNumber(flags, 2)}), `;
  p.out += `overlay ${p.u32(at) & 0xffffff}, instance ${p.u32(at + 4) >>> 8}\n`;
  printEthernet(p, at + VXLAN_HEADER, length - VXLAN_HEADER);
}

/** RFC 8926, without options. */
export function printGeneve(p: Printer, at: number, length: number): void {
  p.protocol = "geneve";
  p.out += "Geneve";
  if (length < 8) p.refuse("a broken Geneve header");
  const flags = p.u8(at + 1);
  const type = p.u16(at + 2);
  if (p.u8(at) !== 0) p.refuse("Geneve options");
  const names = [
    [0x80, "O"],
    [0x40, "C"],
  ] as const;
  p.out += `, Flags [${bitNames(flags, names)}], vni 0x${hexNumber(p.u32(at + 4) >>> 8)}`;
  if (p.options.link) p.out += `, proto ${etherTypeName(type) ?? "unknown"} (0x${hexNumber(type, 4)})`;
  if (type !== 0x6558) p.refuse("Geneve around anything but Ethernet");
  p.out += p.verbose > 0 ? "\n\t" : ": ";
  printEthernet(p, at + 8, length - 8);
}

const GRE_FLAGS = [
  [0x8000, "checksum present"],
  [0x4000, "routing present"],
  [0x2000, "key present"],
  [0x1000, "sequence# present"],
  [0x0800, "source routing present"],
] as const;

/** RFC 2784 and 2890. */
export function printGre(p: Printer, at: number, length: number): void {
  p.protocol = "gre";
  p.out += "GRE";
  const flags = p.u16(at);
  const version = flags & 7;
  p.out += `v${version}`;
  if (version !== 0) p.refuse("GRE version 1");
  if ((flags & 0x4000) !== 0) p.refuse("GRE source routes");
  if (p.verbose > 0) p.out += `, Flags [${bitNames(flags, GRE_FLAGS)}]`;
  const type = p.u16(at + 2);
  let o = at + 4;
  if ((flags & 0x8000) !== 0) {
    if (p.verbose > 0) p.out += `, sum 0x${hexNumber(p.u16(o))}`;
    p.out += `, off 0x${hexNumber(p.u16(o + 2))}`;
    o += 4;
  }
  if ((flags & 0x2000) !== 0) {
    p.out += `, key=0x${hexNumber(p.u32(o))}`;
    o += 4;
  }
  if ((flags & 0x1000) !== 0) {
    p.out += `, seq ${p.u32(o)}`;
    o += 4;
  }
  if (p.options.link) p.out += `, proto ${etherTypeName(type) ?? "unknown"} (0x${hexNumber(type, 4)})`;
  p.out += `, length ${length}`;
  p.out += p.verbose > 0 ? "\n\t" : ": ";
  const left = length - (o - at);
  if (type === 0x6558) printEthernet(p, o, left);
  else if (type === 0x0800 || type === 0x86dd) printEtherType(p, type, o, left);
  else p.out += `gre-proto-0x${hexNumber(type)}`;
}

/** RFC 4303: without the keys, all that can be told. */
export function printEsp(p: Printer, at: number, length: number): void {
  p.protocol = "esp";
  p.need(at, 8);
  p.out += `ESP(spi=0x${hexNumber(p.u32(at), 8)},seq=0x${hexNumber(p.u32(at + 4))}), length ${length}`;
}

/** RFC 3948: ESP and its key exchange share UDP's port 4500. */
export function printUdpEsp(p: Printer, at: number, length: number): void {
  p.protocol = "isakmp";
  if (length === 1 && p.u8(at) === 0xff) p.out += "isakmp-nat-keep-alive";
  else if (length < 9) p.refuse("ISAKMP");
  else if (p.u32(at) === 0) {
    p.out += "NONESP-encap: ";
    printIke(p, at + 4);
  } else {
    p.out += "UDP-encap: ";
    printEsp(p, at, length);
  }
}

/** RFC 4302. */
export function printAh(p: Printer, payload: Payload): void {
  const { at, length } = payload;
  p.protocol = "ah";
  p.need(at, 12);
  const words = p.u8(at + 1);
  const size = (words + 2) * 4;
  let icv = "";
  for (let o = at + 12; o < at + size; o++) icv += hexNumber(p.u8(o), 2);
  p.out += "AH(";
  if (p.verbose > 0) p.out += `length=${words}(${size}-bytes),`;
  p.out += `spi=0x${hexNumber(p.u32(at + 4), 8)},seq=0x${hexNumber(p.u32(at + 8))},icv=0x${icv}): `;
  printPayload(p, { ...payload, protocol: p.u8(at), at: at + size, length: length - size });
}
