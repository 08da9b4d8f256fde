import { addTime, NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Actor } from "../uapi/index.ts";
import { addLocalRoute, addressRow6, type Inet6Address, writeJournal } from "./address.ts";
import { LEAST_RETRANS } from "./conf.ts";
import { ALL_NODES6, ANY6 } from "./intern.ts";
import { joinGroup, reportGroups } from "./mld.ts";
import { sendAdvertisement, sendSolicitation } from "./ndisc-send.ts";
import { startSolicitations } from "./router-discovery.ts";

/**
 * Duplicate address detection: RFC 4862, section 5.4. A new address is tentative; after a random wait of at most a second
 * its group is asked who has it; if nobody answers within a second it is ours. Models: addrconf_dad_start, _work, _completed.
 */

const DAD: Actor = { name: "kernel", detail: "nobody else has the address" };

/** Models: addrconf_dad_begin. */
export function dadStart(a: Inet6Address): void {
  const { dev } = a;
  const { in6, ns } = dev;
  if (!a.joined && !dev.isLoopback && !dev.noArp) {
    joinGroup(dev, ns.ip6.book.solicitedNode(a.address));
    a.joined = true;
  }
  const off = ns.ip6.confAll.accept_dad < 1 && in6.conf.accept_dad < 1;
  if (dev.noArp || dev.isLoopback || dev.headerLength === 0 || off || !a.tentative || a.noDad) {
    dadCompleted(a);
    return;
  }
  if (!in6.ready) return;
  if (ns.ip6.confAll.optimistic_dad !== 0 || in6.conf.optimistic_dad !== 0) a.optimistic = true;
  if (a.optimistic) addLocalRoute(a);
  const window = Math.max(in6.conf.router_solicitation_delay, 1) * NANOS_PER_SECOND;
  const wait = a.optimistic ? 0 : ns.kernel.random.unit() * window;
  a.probesLeft = in6.conf.dad_transmits;
  a.nonce = in6.conf.enhanced_dad !== 0 ? randomBytes(() => ns.kernel.random.below(256)) : null;
  schedule(a, Math.floor(wait) as Nanos);
}

/** Six octets, as the option's length of 8 has room for. */
function randomBytes(draw: () => number): Uint8Array {
  return Uint8Array.from({ length: 6 }, draw);
}

function schedule(a: Inet6Address, wait: Nanos): void {
  const { queue } = a.dev.ns.kernel;
  a.dadTimer?.cancel();
  a.dadTimer = queue.at(addTime(queue.now, wait), () => {
    a.dadTimer = null;
    dadWork(a);
  });
}

/** Models: addrconf_dad_work. */
function dadWork(a: Inet6Address): void {
  const { dev } = a;
  if (!dev.up || a.dadFailed) return;
  if (a.probesLeft <= 0) {
    dadCompleted(a);
    return;
  }
  a.probesLeft--;
  schedule(a, Math.max(dev.in6.neighParams.retransTime, LEAST_RETRANS) as Nanos);
  sendSolicitation(dev, a.address, dev.ns.ip6.book.solicitedNode(a.address), ANY6, a.nonce);
}

/** The address is ours. Models: addrconf_dad_completed. */
function dadCompleted(a: Inet6Address): void {
  const { dev } = a;
  const { in6, ns } = dev;
  const before = addressRow6(a);
  const was = a.tentative;
  a.tentative = false;
  a.optimistic = false;
  a.dadFailed = false;
  if (was) writeJournal(a, before, addressRow6(a), DAD);
  addLocalRoute(a);
  if (ns.ip6.book.isLinkLocal(a.address) && !dev.isLoopback) {
    const only = in6.addresses.filter((o) => ns.ip6.book.isLinkLocal(o.address)).length === 1;
    if (only) reportGroups(dev);
    if (only) startSolicitations(dev);
  }
  if (in6.conf.ndisc_notify !== 0 || ns.ip6.confAll.ndisc_notify !== 0)
    sendAdvertisement(dev, ALL_NODES6, a.address, in6.conf.forwarding !== 0, false, true, true);
}

/** Somebody else has it or wants it too. Models: addrconf_dad_failure, addrconf_dad_stop. */
export function dadFailure(a: Inet6Address): void {
  const before = addressRow6(a);
  a.dadTimer?.cancel();
  a.dadTimer = null;
  a.tentative = true;
  a.dadFailed = true;
  a.optimistic = false;
  writeJournal(a, before, addressRow6(a), { name: "kernel", detail: "somebody else has the address" });
}
