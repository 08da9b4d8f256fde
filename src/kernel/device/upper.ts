import type { Mac } from "../../wire/address.ts";
import type { Actor } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import { NetDevice } from "./device.ts";

/** A device that stands on a lower one and takes part in its traffic: macvlan, ipvlan, vlan. */
export abstract class UpperDevice extends NetDevice {
  override lower: NetDevice;

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor, lower: NetDevice) {
    super(ns, name, mac, mtu, by);
    this.lower = lower;
  }

  override get pathCost(): number {
    return this.lower.pathCost;
  }

  /** As the lower device's. Models: netif_stacked_transfer_operstate. */
  get carrier(): boolean {
    return this.lower.carrier;
  }

  /** Takes its place on the lower device. */
  attach(): void {
    this.lower.uppers.push(this);
  }

  /** Leaves it. */
  detach(): void {
    const at = this.lower.uppers.indexOf(this);
    if (at >= 0) this.lower.uppers.splice(at, 1);
  }

  /** What the kind does when it goes up or down, beyond what every device does. */
  opened(): void {
    // Nothing by default.
  }

  closed(): void {
    // Nothing by default.
  }
}

/**
 * Adds an address that the device must hear beside its own (dev_uc_add). A device without such a filter becomes
 * promiscuous with the first of them. Models: __dev_set_rx_mode.
 */
export function addUnicast(dev: NetDevice, mac: Mac, by: Actor): void {
  if (dev.unicast.size === 0 && !dev.filtersUnicast) dev.promiscuity++;
  dev.unicast.set(mac, by);
}

/** The reverse; false: it was not there. */
export function dropUnicast(dev: NetDevice, mac: Mac): boolean {
  if (!dev.unicast.delete(mac)) return false;
  if (dev.unicast.size === 0 && !dev.filtersUnicast) dev.promiscuity--;
  return true;
}
