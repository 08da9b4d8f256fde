import { setU16 } from "../../base/bytes.ts";
import { micros, millis, type Nanos, NANOS_PER_MILLI } from "../../sim/time.ts";
import type { Mac } from "../../wire/address.ts";
import { ICMPV6_HEADER, ICMPV6_MLD2_REPORT, setIcmpv6Checksum } from "../../wire/icmpv6.ts";
import { IPPROTO_ICMPV6 } from "../../wire/ipv4.ts";
import { IPPROTO_HOPOPTS } from "../../wire/ipv6.ts";
import type { NetDevice } from "../device/device.ts";
import { type Addr6, ALL_NODES6, ANY6, SCOPE6_LINK } from "./intern.ts";
import { ip6LocalOut, pushHeader6 } from "./output.ts";

/**
 * Groups that devices listen to, and telling routers of them: MLDv2, RFC 3810, as a host. Queries are not answered.
 * Models: net/ipv6/mcast.c.
 */
export interface MldGroup {
  users: number;
}

/** Record types of a report (RFC 3810, section 5.2.12). */
const MODE_IS_EXCLUDE = 2;
const CHANGE_TO_INCLUDE = 3;
const CHANGE_TO_EXCLUDE = 4;

/** Hop-by-hop header with the router alert and two octets of padding, as reports carry it. */
const ROUTER_ALERT = [IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0];

/** Models: ipv6_chk_mcast_addr. */
export function listens(dev: NetDevice, group: Addr6): boolean {
  return dev.in6.groups.has(group);
}

/** Whether an Ethernet group carries one that the device listens to: 33:33 and its last 32 bits (RFC 2464, section 7). */
export function hearsGroupFrame(dev: NetDevice, dest: Mac): boolean {
  const low = dest - 0x3333_0000_0000;
  if (low < 0 || low > 0xffff_ffff) return false;
  const { book } = dev.ns.ip6;
  for (const group of dev.in6.groups.keys()) if (book.word(group, 3) === low) return true;
  return false;
}

/** Models: __ipv6_dev_mc_inc. */
export function joinGroup(dev: NetDevice, group: Addr6): void {
  const { groups } = dev.in6;
  const known = groups.get(group);
  if (known !== undefined) {
    known.users++;
    return;
  }
  groups.set(group, { users: 1 });
  announce(dev, group, CHANGE_TO_EXCLUDE);
}

/** Models: __ipv6_dev_mc_dec. */
export function leaveGroup(dev: NetDevice, group: Addr6): void {
  const { groups } = dev.in6;
  const known = groups.get(group);
  if (known === undefined) return;
  if (--known.users > 0) return;
  groups.delete(group);
  announce(dev, group, CHANGE_TO_INCLUDE);
}

/** Nobody is told of all-nodes and of what stays on the host (RFC 3810, section 6). */
function isReported(dev: NetDevice, group: Addr6): boolean {
  return group !== ALL_NODES6 && dev.ns.ip6.book.scope(group) >= SCOPE6_LINK;
}

function announce(dev: NetDevice, group: Addr6, type: number): void {
  if (!dev.up || dev.isLoopback || !dev.multicastFlag || !isReported(dev, group)) return;
  dev.in6.pendingReports.set(group, type);
  schedule(dev);
}

/** All groups anew: once there is an address to send from. Models: ipv6_mc_dad_complete. */
export function reportGroups(dev: NetDevice): void {
  for (const group of dev.in6.groups.keys())
    if (isReported(dev, group)) dev.in6.pendingReports.set(group, MODE_IS_EXCLUDE);
  if (dev.in6.pendingReports.size > 0) schedule(dev);
}

/** At once, and once more within a second. Models: mld_ifc_event, mld_ifc_start_work. */
function schedule(dev: NetDevice): void {
  const { in6 } = dev;
  const { queue } = dev.ns.kernel;
  in6.reportsLeft = 2;
  in6.reports?.cancel();
  in6.reports = queue.after(millis(10), () => work(dev));
}

function work(dev: NetDevice): void {
  const { in6, ns } = dev;
  in6.reports = null;
  if (!dev.up || !dev.carrier || !in6.enabled) return;
  send(dev);
  if (--in6.reportsLeft > 0) {
    const window = in6.conf.mldv2_unsolicited_report_interval * NANOS_PER_MILLI;
    const wait = Math.floor(ns.kernel.random.unit() * window) as Nanos;
    in6.reports = ns.kernel.queue.after(Math.max(wait, micros(10)) as Nanos, () => work(dev));
  } else in6.pendingReports.clear();
}

/** One report with all that is pending. Models: mld_send_report. */
function send(dev: NetDevice): void {
  const { in6, ns } = dev;
  const records = [...in6.pendingReports].reverse();
  const length = ROUTER_ALERT.length + ICMPV6_HEADER + 20 * records.length;
  const skb = ns.kernel.alloc(ns, length, "mld-report");
  skb.end = skb.data + length;
  const at = skb.data + ROUTER_ALERT.length;
  skb.buf.fill(0, skb.data, skb.end);
  skb.buf.set(ROUTER_ALERT, skb.data);
  skb.buf[at] = ICMPV6_MLD2_REPORT;
  setU16(skb.buf, at + 6, records.length);
  let o = at + ICMPV6_HEADER;
  for (const [group, type] of records) {
    skb.buf[o] = type;
    ns.ip6.book.write(skb.buf, o + 4, group);
    o += 20;
  }
  const group = ns.ip6.book.intern(0xff020000, 0, 0, 0x16);
  const header = { nextHeader: IPPROTO_HOPOPTS, hopLimit: 1, trafficClass: 0, flowLabel: 0 };
  pushHeader6(ns, skb, linkLocal(dev), group, header);
  setIcmpv6Checksum(skb.buf, at, skb.end, skb.net + 8);
  ip6LocalOut(ns, skb, { type: "multicast", dev, hop: null, nexthop: group, source: ANY6, mtu: in6.mtu });
}

/** A link-local address that may be used, or `::`. Models: ipv6_get_lladdr. */
export function linkLocal(dev: NetDevice): Addr6 {
  const { book } = dev.ns.ip6;
  return dev.in6.addresses.find((a) => !a.tentative && book.isLinkLocal(a.address))?.address ?? ANY6;
}
