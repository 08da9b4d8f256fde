import { getU32, setU32 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";

/** Virtual eXtensible Local Area Network (RFC 7348, section 5). */

export const VXLAN_HEADER = 8;
/** The port that IANA gave it (RFC 7348, section 5). */
export const VXLAN_PORT = 4789;
/** The port Linux used before, still the default of `ip link add type vxlan` and of flannel. */
export const VXLAN_PORT_LINUX = 8472;
/** The I flag: the VNI is valid. The only bit of the first byte that RFC 7348 defines. */
export const VXLAN_FLAG_VNI = 0x08;

export function vxlanFlags(b: Uint8Array, o: number): number {
  return b[o]!;
}

/** VXLAN network identifier, 24 bits. */
export function vxlanVni(b: Uint8Array, o: number): number {
  return (b[o + 4]! << 16) | (b[o + 5]! << 8) | b[o + 6]!;
}

export function writeVxlan(b: Uint8Array, o: number, vni: number): void {
  setU32(b, o, VXLAN_FLAG_VNI << 24);
  setU32(b, o + 4, vni << 8);
}

/** Why Linux's vxlan_rcv would drop it, or undefined: without the I flag, or with any other bit set that no extension was switched on for. */
export function vxlanFault(b: Uint8Array, o: number, end: number): VxlanError | undefined {
  if (end - o < VXLAN_HEADER) return "truncated";
  if ((b[o]! & VXLAN_FLAG_VNI) === 0) return "no-vni";
  if (getU32(b, o) !== VXLAN_FLAG_VNI << 24 || b[o + 7] !== 0) return "reserved-bits";
  return undefined;
}

export interface Vxlan {
  readonly vni: number;
  /** The Ethernet frame inside. */
  readonly payload: Uint8Array;
}

export type VxlanError = "truncated" | "no-vni" | "reserved-bits";

export function decodeVxlan(b: Uint8Array, from = 0, to = b.length): Result<Vxlan, VxlanError> {
  const fault = vxlanFault(b, from, to);
  if (fault !== undefined) return err(fault);
  return ok({ vni: vxlanVni(b, from), payload: b.subarray(from + VXLAN_HEADER, to) });
}

export function encodeVxlan(v: Vxlan): Uint8Array {
  const out = new Uint8Array(VXLAN_HEADER + v.payload.length);
  writeVxlan(out, 0, v.vni);
  out.set(v.payload, VXLAN_HEADER);
  return out;
}

/** As tcpdump prints it: `VXLAN, flags [I] (0x08), vni 1`. */
export function vxlanSummary(v: Vxlan): string {
  return `VXLAN, flags [I] (0x08), vni ${v.vni}`;
}
