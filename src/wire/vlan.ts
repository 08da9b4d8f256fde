import { getU16, setU16 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { etherTypeName } from "./ethernet.ts";

/** The IEEE 802.1Q tag (802.1Q, clause 9): the four bytes after a type of ETH_P_8021Q, counted from the tag control. */

export const VLAN_HEADER = 4;

/** Priority code point, 0 to 7. */
export function vlanPriority(b: Uint8Array, o: number): number {
  return b[o]! >>> 5;
}

/** Drop eligible indicator. */
export function vlanDropEligible(b: Uint8Array, o: number): boolean {
  return (b[o]! & 0x10) !== 0;
}

/** VLAN identifier, 0 to 4095; 0 carries a priority only. */
export function vlanId(b: Uint8Array, o: number): number {
  return getU16(b, o) & 0xfff;
}

/** EtherType of what follows. */
export function vlanType(b: Uint8Array, o: number): number {
  return getU16(b, o + 2);
}

export function writeVlan(b: Uint8Array, o: number, id: number, type: number, priority = 0): void {
  setU16(b, o, (priority << 13) | id);
  setU16(b, o + 2, type);
}

export interface Vlan {
  readonly priority: number;
  readonly dropEligible: boolean;
  readonly id: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

export type VlanError = "truncated";

export function decodeVlan(b: Uint8Array, from = 0, to = b.length): Result<Vlan, VlanError> {
  if (to - from < VLAN_HEADER) return err("truncated");
  return ok({
    priority: vlanPriority(b, from),
    dropEligible: vlanDropEligible(b, from),
    id: vlanId(b, from),
    type: vlanType(b, from),
    payload: b.subarray(from + VLAN_HEADER, to),
  });
}

export function encodeVlan(v: Vlan): Uint8Array {
  const out = new Uint8Array(VLAN_HEADER + v.payload.length);
  writeVlan(out, 0, v.id, v.type, v.priority);
  if (v.dropEligible) out[0]! |= 0x10;
  out.set(v.payload, VLAN_HEADER);
  return out;
}

/** As tcpdump prints it: `vlan 7, p 0, ethertype ARP (0x0806)`. */
export function vlanSummary(v: Vlan): string {
  const type = v.type.toString(16).padStart(4, "0");
  return `vlan ${v.id}, p ${v.priority}${v.dropEligible ? ", DEI" : ""}, ethertype ${etherTypeName(v.type)} (0x${type})`;
}
