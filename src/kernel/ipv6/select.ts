import type { NetDevice } from "../device/device.ts";
import { type Inet6Address, isDeprecated } from "./address.ts";
import type { Inet6 } from "./inet6.ts";
import { type Addr6, type AddressBook6, ANY6, LOOPBACK6, SCOPE6_LINK } from "./intern.ts";

/** Default source address selection (RFC 6724, section 5). Models: ipv6_dev_get_saddr. */

/** What decides between two candidates, most important first; larger is better. */
const RULES = 6;

/** Reused: a choice is made in one go. */
const points = new Int32Array(RULES);
const bestPoints = new Int32Array(RULES);

/**
 * The address to send to `dst` from, when it leaves by `dev`; `::` when there is none. For a destination on the link only
 * the device's own are candidates.
 */
export function sourceFor(ip6: Inet6, dev: NetDevice | null, dst: Addr6): Addr6 {
  const { book } = ip6;
  const scope = book.scope(dst);
  const near =
    dev !== null && (book.isMulticast(dst) || scope <= SCOPE6_LINK || dev.in6.conf.use_oif_addrs_only !== 0);
  let best: Inet6Address | undefined;
  for (const other of near ? [dev] : ip6.ns.devices()) {
    for (const a of other.in6.addresses) {
      if (a.tentative && !a.optimistic) continue;
      judge(book, a, dev, dst, scope, points);
      if (best !== undefined && !better(points, bestPoints)) continue;
      best = a;
      bestPoints.set(points);
    }
  }
  return best === undefined ? ANY6 : best.address;
}

function better(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < RULES; i++) if (a[i] !== b[i]) return a[i]! > b[i]!;
  return false;
}

function judge(
  book: AddressBook6,
  a: Inet6Address,
  dev: NetDevice | null,
  dst: Addr6,
  scope: number,
  out: Int32Array,
): void {
  const own = a.address === LOOPBACK6 ? 1 : book.scope(a.address);
  // Rule 1: the destination itself.
  out[0] = a.address === dst ? 1 : 0;
  // Rule 2: the narrowest scope that reaches, or else the widest.
  out[1] = own >= scope ? 100 - own : own - 100;
  // Rule 3: not deprecated, not optimistic.
  out[2] = isDeprecated(a) || a.optimistic ? 0 : 1;
  // Rule 5: of the outgoing device.
  out[3] = dev === null || a.dev === dev ? 1 : 0;
  // Rule 6: the same label.
  out[4] = label(book, a.address) === label(book, dst) ? 1 : 0;
  // Rule 8: the longest common prefix, within the address's own.
  out[5] = Math.min(book.commonBits(a.address, dst), a.length);
}

/** Models: ip6addrlbl_init_table. */
function label(book: AddressBook6, address: Addr6): number {
  const first = book.word(address, 0);
  const second = book.word(address, 1);
  if (first === 0 && second === 0) {
    if (address === LOOPBACK6) return 0;
    if (book.isMapped(address)) return 4;
    if (book.word(address, 2) === 0) return 3;
  }
  if (first === 0x20010000) return 6;
  if (first >>> 4 === 0x2001001) return 7;
  if (first >>> 16 === 0x2002) return 2;
  return first >>> 25 === 0x7e ? 5 : 1;
}
