import { isGroupMac, type Mac } from "../../wire/address.ts";
import type { NetDevice } from "../device/device.ts";
import { drawReachableTime, journalLink, linkRow } from "../device/state.ts";
import type { Netns } from "../netns.ts";
import type { Actor, KernelError } from "./types.ts";

/** What every kind of device is checked for before it is made, and how it enters its namespace. */

export type Lookup = (id: number) => Netns | undefined;

/** IFNAMSIZ - 1. */
const NAME_MAX = 15;

/** Models: dev_valid_name. */
export function nameFault(name: string): KernelError | undefined {
  if (name === "" || name.length > NAME_MAX || name === "." || name === "..") return { errno: "EINVAL" };
  return /[/:\s]/.test(name) ? { errno: "EINVAL" } : undefined;
}

/** Models: dev_validate_mtu. A `most` of 0 is no bound. */
export function mtuFault(mtu: number | undefined, most: number, least = 68): KernelError | undefined {
  if (mtu === undefined) return undefined;
  if (mtu < least) return { errno: "EINVAL", extack: "mtu less than device minimum" };
  return most !== 0 && mtu > most
    ? { errno: "EINVAL", extack: "mtu greater than device maximum" }
    : undefined;
}

/** A name that the kernel makes: the first number that is free. Models: dev_alloc_name. */
export function freeName(ns: Netns, stem: string): string {
  for (let i = 0; ; i++) if (ns.deviceByName(`${stem}${i}`) === undefined) return `${stem}${i}`;
}

export function macFault(mac: Mac | undefined): KernelError | undefined {
  return mac !== undefined && (isGroupMac(mac) || mac === 0) ? { errno: "EADDRNOTAVAIL" } : undefined;
}

/** Models: register_netdevice. */
export function enter(ns: Netns, dev: NetDevice, macGiven: boolean): void {
  ns.insert(dev);
  dev.macSet = macGiven;
  drawReachableTime(dev);
}

/** As `enter`, and tells the journal. */
export function register(ns: Netns, dev: NetDevice, macGiven: boolean, by: Actor): void {
  enter(ns, dev, macGiven);
  journalLink(dev, null, linkRow(dev), by);
}
