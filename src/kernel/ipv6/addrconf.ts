import { linkLocalOf } from "../../wire/address6.ts";
import type { NetDevice } from "../device/device.ts";
import { type Actor, PROTO_KERNEL, TABLE_LOCAL, TABLE_MAIN } from "../uapi/index.ts";
import {
  addAddress6,
  addPrefixRoute,
  deleteAddress6,
  type Inet6Address,
  joinSubnetAnycast,
  leaveSubnetAnycast,
  removeRoutes,
  stopTimers,
} from "./address.ts";
import { dadStart } from "./dad.ts";
import { addRoute6, METRIC_ADDRCONF } from "./fib6-change.ts";
import { Inet6Device } from "./inet6.ts";
import { ALL_NODES6, ALL_ROUTERS6, LOOPBACK6 } from "./intern.ts";
import { joinGroup, leaveGroup, reportGroups } from "./mld.ts";
import { flushNeighbours6 } from "./ndisc.ts";
import { startSolicitations } from "./router-discovery.ts";

/** What IPv6 does as devices come and go, and as its switches are turned. Models: addrconf_notify and its kin. */

const KERNEL: Actor = { name: "kernel", detail: "the device came up" };

/** The device is up; without a carrier addresses have to wait. Models: addrconf_notify(NETDEV_UP). */
export function ip6Up(dev: NetDevice): void {
  const { in6 } = dev;
  if (!in6.enabled) return;
  drawReachableTime6(dev);
  listen(dev);
  if (dev.isLoopback) {
    in6.ready = true;
    const given = [...in6.addresses];
    if (in6.address(LOOPBACK6) === undefined)
      addAddress6(dev, {
        address: LOOPBACK6,
        length: 128,
        tentative: false,
        noPrefixRoute: true,
        by: KERNEL,
      });
    resume(given);
  } else if (dev.carrier) ip6CarrierOn(dev);
}

/** reachable_time is uniform between half and one and a half of its base. Models: neigh_rand_reach_time. */
export function drawReachableTime6(dev: NetDevice): void {
  const base = dev.in6.neighParams.baseReachableTime;
  const drawn = base / 2 + Math.floor(dev.ns.kernel.random.unit() * base);
  dev.in6.reachableTime = drawn as typeof dev.in6.reachableTime;
}

/** The carrier is there. Models: addrconf_notify(NETDEV_CHANGE). */
export function ip6CarrierOn(dev: NetDevice): void {
  const { in6 } = dev;
  if (!dev.up || !in6.enabled || dev.isLoopback) return;
  listen(dev);
  if (in6.ready) {
    reportGroups(dev);
    return;
  }
  in6.ready = true;
  const given = [...in6.addresses];
  configure(dev);
  resume(given);
}

/** Groups that every host is in. Models: ipv6_mc_init_dev. */
function listen(dev: NetDevice): void {
  if (dev.in6.groups.has(ALL_NODES6)) return;
  joinGroup(dev, dev.ns.ip6.book.intern(0xff010000, 0, 0, 1));
  joinGroup(dev, ALL_NODES6);
  if (dev.in6.conf.forwarding !== 0) setRouterGroups(dev, true);
}

/** Groups that routers are in besides: ff02::2, ff01::2, ff05::2. */
function setRouterGroups(dev: NetDevice, on: boolean): void {
  const { book } = dev.ns.ip6;
  const groups = [ALL_ROUTERS6, book.intern(0xff010000, 0, 0, 2), book.intern(0xff050000, 0, 0, 2)];
  for (const group of groups) {
    if (on) joinGroup(dev, group);
    else leaveGroup(dev, group);
  }
}

/** The link-local address and what goes with it. Models: addrconf_dev_config. */
function configure(dev: NetDevice): void {
  const { ns, in6 } = dev;
  const { ip6 } = ns;
  const own = (table: number, type: "multicast" | "unicast", dst: number, length: number): void => {
    addRoute6(
      ip6,
      {
        type,
        dst: ip6.book.intern(dst, 0, 0, 0),
        length,
        table,
        protocol: PROTO_KERNEL,
        metric: METRIC_ADDRCONF,
        nexthops: [{ dev: ns.indexOf(dev) }],
      },
      "append",
      KERNEL,
    );
  };
  if (dev.multicastFlag) own(TABLE_LOCAL, "multicast", 0xff000000, 8);
  if (dev.linkType !== "ether") return;
  if (in6.conf.addr_gen_mode === 1) own(TABLE_MAIN, "unicast", 0xfe800000, 64);
  else {
    const address = ip6.book.of(linkLocalOf(dev.mac));
    if (in6.address(address) === undefined) addAddress6(dev, { address, length: 64, by: KERNEL });
  }
}

/** Addresses that were given before the device was ready. Models: addrconf_permanent_addr, addrconf_dad_run. */
function resume(addresses: readonly Inet6Address[]): void {
  for (const a of addresses) {
    addPrefixRoute(a);
    if (!a.dadFailed) dadStart(a);
  }
}

/** The carrier is gone; addresses stay. */
export function ip6CarrierOff(dev: NetDevice): void {
  if (dev.in6.conf.ndisc_evict_nocarrier !== 0 && dev.ns.ip6.confAll.ndisc_evict_nocarrier !== 0)
    flushNeighbours6(dev, true, "the carrier is lost");
}

/** The device is down: its addresses go too, unless keep_addr_on_down. Models: addrconf_ifdown. */
export function ip6Down(dev: NetDevice, gone = false): void {
  const { in6, ns } = dev;
  in6.ready = false;
  in6.solicitations?.cancel();
  in6.solicitations = null;
  in6.reports?.cancel();
  in6.reports = null;
  in6.pendingReports.clear();
  const why: Actor = { name: "kernel", detail: gone ? `${dev.name} is gone` : `${dev.name} went down` };
  const keeps = !gone && Math.max(in6.conf.keep_addr_on_down, ns.ip6.confAll.keep_addr_on_down) > 0;
  for (const a of [...in6.addresses]) {
    const stays = keeps && a.validLifetime === undefined && !ns.ip6.book.isLinkLocal(a.address);
    if (stays) {
      stopTimers(a);
      removeRoutes(a);
      a.tentative = !a.noDad;
      a.joined = false;
    } else deleteAddress6(a, why);
  }
  ns.ip6.fib.removeDevice(dev, why.detail ?? "");
  flushNeighbours6(dev, false, why.detail ?? "");
  in6.anycast.clear();
  in6.groups.clear();
}

/** The device has a new hardware address: the link-local address follows only when it comes up again. */
export function ip6MacChanged(dev: NetDevice): void {
  flushNeighbours6(dev, false, "the device's address changed");
}

/** A link that carries less than 1280 bytes carries no IPv6 (RFC 8200, section 5). Models: NETDEV_CHANGEMTU. */
export function ip6MtuChanged(dev: NetDevice): void {
  const { in6 } = dev;
  if (dev.mtu < 1280) {
    if (in6.ready || in6.addresses.length > 0) ip6Down(dev, true);
  } else if (dev.up && !in6.ready && in6.enabled) ip6Up(dev);
}

/** Another namespace: everything anew, from that namespace's `default`. */
export function ip6Moved(dev: NetDevice): void {
  dev.in6 = new Inet6Device(dev);
}

/** net.ipv6.conf.DEV.disable_ipv6 was written. Models: addrconf_disable_change. */
export function setDisabled(dev: NetDevice, disabled: boolean): void {
  const { in6 } = dev;
  if ((in6.conf.disable_ipv6 !== 0) === disabled) return;
  if (disabled) ip6Down(dev);
  in6.conf = { ...in6.conf, disable_ipv6: disabled ? 1 : 0 };
  if (!disabled && dev.up) ip6Up(dev);
}

/** net.ipv6.conf.DEV.forwarding was written. Models: dev_forward_change. */
export function setForwarding(dev: NetDevice, value: number): void {
  const { in6 } = dev;
  const was = in6.conf.forwarding !== 0;
  in6.conf = { ...in6.conf, forwarding: value };
  if (was === (value !== 0)) return;
  if (in6.groups.size > 0 && dev.multicastFlag) setRouterGroups(dev, value !== 0);
  for (const a of in6.addresses) {
    if (a.tentative) continue;
    if (value !== 0) joinSubnetAnycast(a);
    else leaveSubnetAnycast(a);
  }
  if (value !== 0) {
    in6.solicitations?.cancel();
    in6.solicitations = null;
  } else if (dev.up && in6.ready && !dev.isLoopback) startSolicitations(dev);
}

/** net.ipv6.conf.DEV.addr_gen_mode was written: a device that is up gets what it lacks. */
export function setAddressMode(dev: NetDevice, value: number): void {
  dev.in6.conf = { ...dev.in6.conf, addr_gen_mode: value };
  if (value === 0 && dev.in6.ready && !dev.isLoopback) configure(dev);
}
