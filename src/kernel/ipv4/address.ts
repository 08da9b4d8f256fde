import { broadcast, formatIpv4, inPrefix, type Ipv4, network } from "../../wire/address.ts";
import type { AddressRow } from "../../trace/rows.ts";
import { err, ok } from "../../base/result.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { flushNeighbours } from "../neigh/arp.ts";
import {
  type Actor,
  type KernelResult,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_UNIVERSE,
  TABLE_LOCAL,
  TABLE_MAIN,
  PROTO_KERNEL,
} from "../uapi/index.ts";

/** An IPv4 address of a device. Models: struct in_ifaddr. */
export interface InetAddress {
  readonly local: Ipv4;
  /** The far end of a point-to-point link; the address itself otherwise. */
  readonly peer: Ipv4;
  readonly length: number;
  readonly broadcast: Ipv4 | undefined;
  readonly scope: number;
  readonly label: string;
  secondary: boolean;
  readonly noPrefixRoute: boolean;
  validLifetime: number | undefined;
  preferredLifetime: number | undefined;
  by: Actor;
}

const AUTO: Actor = { name: "kernel", detail: "follows from an address" };

/** The source for packets to `dst` out of a device: a primary address, best one in the same subnet. Models: inet_select_addr. */
export function selectAddress(ns: Netns, dev: NetDevice | null, dst: Ipv4, scope: number): Ipv4 {
  let first = 0 as Ipv4;
  if (dev !== null) {
    for (const a of dev.addresses) {
      if (a.secondary || Math.min(a.scope, SCOPE_LINK) > scope) continue;
      if (dst === 0 || inPrefix(dst, a.peer, a.length)) return a.local;
      if (first === 0) first = a.local;
    }
    if (first !== 0) return first;
  }
  for (const other of ns.devices()) {
    for (const a of other.addresses) {
      if (!a.secondary && a.scope !== SCOPE_LINK && a.scope <= scope) return a.local;
    }
  }
  return 0 as Ipv4;
}

/** Puts an address on a device: order, secondaries, routes. Models: inet_insert_ifa. */
export function addAddress(dev: NetDevice, address: InetAddress): KernelResult<void> {
  const list = dev.addresses;
  let lastPrimary = 0;
  for (let i = 0; i < list.length; i++) {
    const other = list[i]!;
    if (!other.secondary && address.scope <= other.scope) lastPrimary = i + 1;
    if (other.length === address.length && inPrefix(other.peer, address.peer, address.length)) {
      if (other.local === address.local)
        return err({ errno: "EEXIST", extack: "ipv4: Address already assigned" });
      if (other.scope !== address.scope) return err({ errno: "EINVAL", extack: "ipv4: Invalid scope value" });
      address.secondary = true;
    }
  }
  list.splice(address.secondary ? list.length : lastPrimary, 0, address);
  dev.ns.localAddresses.add(address.local);
  journalAddress(dev, address, null, address, address.by);
  addAddressRoutes(dev, address);
  if (dev.up) dev.ns.fib.reviveDevice(dev);
  return ok();
}

/** The prefix of an address, as its connected route names it. */
function prefixOf(a: InetAddress): Ipv4 {
  return network(a.peer, a.length);
}

/** Routes that an address brings on a device. Models: fib_add_ifaddr. */
export function addAddressRoutes(dev: NetDevice, a: InetAddress): void {
  const { fib } = dev.ns;
  const prefSrc = a.secondary ? (primaryOf(dev, a)?.local ?? a.local) : a.local;
  const magic = (type: "local" | "broadcast" | "unicast", dst: Ipv4, length: number): void => {
    fib.add(
      {
        type,
        dst: { address: dst, length },
        table: type === "unicast" ? TABLE_MAIN : TABLE_LOCAL,
        protocol: PROTO_KERNEL,
        scope: type === "local" ? SCOPE_HOST : SCOPE_LINK,
        prefSrc,
        nexthops: [{ dev: dev.ns.indexOf(dev) }],
      },
      "append",
      AUTO,
    );
  };
  magic("local", a.local, 32);
  if (!dev.up) return;
  if (a.broadcast !== undefined && a.broadcast !== 0xffffffff) magic("broadcast", a.broadcast, 32);
  const prefix = prefixOf(a);
  if (prefix >>> 24 === 0 || a.secondary || (prefix === a.local && a.length === 32)) return;
  if (!a.noPrefixRoute) magic(dev.isLoopback ? "local" : "unicast", prefix, a.length);
  if (a.length < 31) magic("broadcast", broadcast(prefix, a.length), 32);
}

function primaryOf(dev: NetDevice, a: InetAddress): InetAddress | undefined {
  return dev.addresses.find(
    (p) => !p.secondary && p.length === a.length && inPrefix(p.peer, a.peer, a.length),
  );
}

/**
 * Takes an address away; a primary one takes its secondaries along unless promote_secondaries is set.
 * Models: __inet_del_ifa.
 */
export function deleteAddress(dev: NetDevice, a: InetAddress, by: Actor): void {
  dev.ns.netfilter.masqueradeGone(dev.index, a.local);
  const promote = dev.conf.promote_secondaries !== 0 || dev.ns.confAll.promote_secondaries !== 0;
  const dependants = a.secondary
    ? []
    : dev.addresses.filter((s) => s.secondary && s.length === a.length && inPrefix(s.peer, a.peer, a.length));
  if (!promote) for (const s of dependants) removeOne(dev, s, by);
  removeOne(dev, a, by);
  const heir = dependants[0];
  if (!promote || heir === undefined) return;
  for (const s of dependants) deleteAddressRoutes(dev, s, false);
  const before = addressRow(dev, heir);
  heir.secondary = false;
  dev.addresses.splice(dev.addresses.indexOf(heir), 1);
  const at = dev.addresses.findLastIndex((p) => !p.secondary && heir.scope <= p.scope);
  dev.addresses.splice(at + 1, 0, heir);
  writeJournal(dev, heir, before, addressRow(dev, heir), AUTO);
  for (const s of dependants) addAddressRoutes(dev, s);
}

function removeOne(dev: NetDevice, a: InetAddress, by: Actor): void {
  dev.addresses.splice(dev.addresses.indexOf(a), 1);
  dev.ns.recountLocalAddresses();
  journalAddress(dev, a, a, null, by);
  deleteAddressRoutes(dev, a, true);
  if (dev.addresses.length > 0) return;
  // The last address takes IPv4 off the device (fib_disable_ip).
  dev.ns.fib.removeDevice(dev, "bare");
  flushNeighbours(dev, false, `${dev.name} has no address`);
}

/** Takes back what `addAddressRoutes` put there, as far as no other address needs it. Models: fib_del_ifaddr. */
function deleteAddressRoutes(dev: NetDevice, a: InetAddress, gone: boolean): void {
  const { fib } = dev.ns;
  const prefix = prefixOf(a);
  const others = dev.addresses.filter((o) => o !== a);
  const sameNet = others.some((o) => !o.secondary && o.length === a.length && prefixOf(o) === prefix);
  if (!a.secondary && !sameNet) {
    fib.removeOwn(TABLE_MAIN, "unicast", prefix, a.length, dev, a.local);
    fib.removeOwn(TABLE_LOCAL, "local", prefix, a.length, dev, a.local);
    if (a.length < 31) fib.removeOwn(TABLE_LOCAL, "broadcast", broadcast(prefix, a.length), 32, dev, a.local);
  }
  if (a.broadcast !== undefined && !others.some((o) => o.broadcast === a.broadcast)) {
    fib.removeOwn(TABLE_LOCAL, "broadcast", a.broadcast, 32, dev, undefined);
  }
  if (others.some((o) => o.local === a.local)) return;
  fib.removeOwn(TABLE_LOCAL, "local", a.local, 32, dev, undefined);
  if (gone && !dev.ns.localAddresses.has(a.local)) fib.removePreferring(a.local);
}

export function addressRow(dev: NetDevice, a: InetAddress): AddressRow {
  return {
    dev: dev.index,
    local: formatIpv4(a.local),
    length: a.length,
    scope: a.scope,
    ...(a.broadcast === undefined ? {} : { broadcast: formatIpv4(a.broadcast) }),
    secondary: a.secondary,
  };
}

function journalAddress(
  dev: NetDevice,
  a: InetAddress,
  before: InetAddress | null,
  after: InetAddress | null,
  by: Actor,
): void {
  dev.ns.monitor.tell({ kind: "address", gone: after === null, dev, address: a });
  writeJournal(
    dev,
    a,
    before === null ? null : addressRow(dev, before),
    after === null ? null : addressRow(dev, after),
    by,
  );
}

function writeJournal(
  dev: NetDevice,
  a: InetAddress,
  before: AddressRow | null,
  after: AddressRow | null,
  by: Actor,
): void {
  const { trace } = dev.ns.kernel;
  const key = `${dev.index}/${formatIpv4(a.local)}/${a.length}`;
  trace?.change("address", dev.ns.id, key, before, after, by.name, by.detail ?? "");
}

/** Whether an address may be given by `scope`'s default: 127/8 is of host scope. */
export function defaultScope(local: Ipv4): number {
  return local >>> 24 === 127 ? SCOPE_HOST : SCOPE_UNIVERSE;
}
