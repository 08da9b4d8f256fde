import { ETH_P_8021Q } from "../../wire/ethernet.ts";
import { getU16, setU16 } from "../../base/bytes.ts";
import { VLAN_HEADER } from "../../wire/vlan.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice } from "./device.ts";
import { netifReceive } from "./receive.ts";

/** 802.1Q tags travel beside the frame (`skb.vlan`), as with Linux's tag offload; captures show them in their place. */

/** Bit of `skb.vlan` that tells VLAN 0 with priority 0 from no tag at all. */
export const VLAN_PRESENT = 0x10000;

/** Both Ethernet addresses. */
const ADDRESSES = 12;

/** Puts the tag into the bytes. Models: __vlan_hwaccel_push_inside. */
export function insertTag(skb: Skb): void {
  skb.ensureHeadroom(VLAN_HEADER);
  const at = skb.push(VLAN_HEADER);
  skb.buf.copyWithin(at, at + VLAN_HEADER, at + VLAN_HEADER + ADDRESSES);
  setU16(skb.buf, at + ADDRESSES, ETH_P_8021Q);
  setU16(skb.buf, at + ADDRESSES + 2, skb.vlan & 0xffff);
  skb.mac = at;
  skb.vlan = 0;
}

/** Takes the outermost tag out of the bytes. Models: skb_vlan_untag. */
export function takeTag(skb: Skb): void {
  const at = skb.data;
  skb.vlan = VLAN_PRESENT | getU16(skb.buf, at + ADDRESSES + 2);
  skb.buf.copyWithin(at + VLAN_HEADER, at, at + ADDRESSES);
  skb.data += VLAN_HEADER;
  skb.mac = skb.data;
}

/** Gives a tagged frame to the VLAN device that it belongs to; false when there is none. Models: vlan_do_receive. */
export function vlanReceive(dev: NetDevice, skb: Skb): boolean {
  const vlan = dev.vlans?.get(skb.vlan & 0xfff);
  if (vlan === undefined) return false;
  skb.vlan = 0;
  netifReceive(vlan, skb);
  return true;
}
