import type { Mac } from "../../wire/address.ts";
import { ETHERNET_HEADER } from "../../wire/ethernet.ts";
import type { Actor, VlanOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice, XmitResult } from "./device.ts";
import { devQueueXmit } from "./receive.ts";
import { addUnicast, dropUnicast, UpperDevice } from "./upper.ts";
import { insertTag, VLAN_PRESENT } from "./vlan-tag.ts";

/** One VLAN of a lower device: its frames carry a tag there, IEEE 802.1Q. Models: net/8021q. */
export class Vlan extends UpperDevice {
  readonly kind = "vlan";
  options: VlanOptions;

  constructor(
    ns: Netns,
    name: string,
    mac: Mac,
    mtu: number,
    by: Actor,
    lower: NetDevice,
    options: VlanOptions,
  ) {
    super(ns, name, mac, mtu, by, lower);
    this.options = options;
    this.minMtu = 0;
    this.noArp = lower.noArp;
    this.multicastFlag = lower.multicastFlag;
  }

  override get filtersUnicast(): boolean {
    return true;
  }

  /** The Ethernet header is off when it counts. */
  override get uncounted(): number {
    return ETHERNET_HEADER;
  }

  override attach(): void {
    super.attach();
    this.lower.vlans ??= new Map();
    this.lower.vlans.set(this.options.id, this);
  }

  override detach(): void {
    super.detach();
    this.lower.vlans?.delete(this.options.id);
    if (this.lower.vlans?.size === 0) this.lower.vlans = null;
  }

  /** Models: vlan_dev_open. */
  override opened(): void {
    if (this.mac !== this.lower.mac) addUnicast(this.lower, this.mac, this.by);
  }

  override closed(): void {
    if (this.mac !== this.lower.mac) dropUnicast(this.lower, this.mac);
  }

  override mtuRefusal(mtu: number): "ERANGE" | undefined {
    return mtu > this.lower.mtu ? "ERANGE" : undefined;
  }

  override get mtuWithLower(): number {
    return Math.min(this.mtu, this.lower.mtu);
  }

  /** Models: vlan_dev_hard_start_xmit. */
  xmit(skb: Skb): XmitResult {
    const { length } = skb;
    if (skb.vlan !== 0) insertTag(skb);
    skb.vlan = VLAN_PRESENT | this.options.id;
    const result = devQueueXmit(this.lower, skb);
    if (result === 0) {
      this.txPackets++;
      this.txBytes += length;
    } else this.txDropped++;
    return result;
  }
}
