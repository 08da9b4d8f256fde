import { getU16, getU32 } from "../../base/bytes.ts";
import { ipv4FragmentOffset, ipv4HeaderLength, ipv4Protocol } from "../../wire/ipv4.ts";
import type { AddressBook } from "./address-book.ts";
import { NF_IP, type NfFamily } from "./hooks.ts";

/** IPv6 extension headers that are walked over (RFC 8200, section 4). */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

/** What netfilter's code wants to know of an IP packet at `net`; filled by `look`, valid until the next `look`. */
export class IpView {
  family: NfFamily = NF_IP;
  net = 0;
  /** Offset of the transport header; of nothing when `fragment`. */
  l4 = 0;
  protocol = 0;
  /** A second or further fragment: there is no transport header. */
  fragment = false;
  /** Source and destination: IPv4 addresses, or numbers of the book. */
  src = 0;
  dst = 0;

  /** False when the packet is cut short. */
  look(book: AddressBook, family: NfFamily, b: Uint8Array, net: number, end: number): boolean {
    this.family = family;
    this.net = net;
    if (family === NF_IP) {
      if (end - net < 20) return false;
      this.src = getU32(b, net + 12);
      this.dst = getU32(b, net + 16);
      this.protocol = ipv4Protocol(b, net);
      this.fragment = ipv4FragmentOffset(b, net) !== 0;
      this.l4 = net + ipv4HeaderLength(b, net);
      return this.l4 <= end;
    }
    if (end - net < 40) return false;
    this.src = book.number(b, net + 8);
    this.dst = book.number(b, net + 24);
    return this.skipExtensions(b, net, end);
  }

  /** Models: ipv6_skip_exthdr. */
  private skipExtensions(b: Uint8Array, net: number, end: number): boolean {
    let next = b[net + 6]!;
    let at = net + 40;
    this.fragment = false;
    for (;;) {
      if (
        next !== HOP_BY_HOP &&
        next !== ROUTING &&
        next !== DESTINATION_OPTIONS &&
        next !== FRAGMENT &&
        next !== AUTHENTICATION
      )
        break;
      if (at + 8 > end) return false;
      const kind = next;
      next = b[at]!;
      if (kind === FRAGMENT) {
        if ((getU16(b, at + 2) & 0xfff8) !== 0) this.fragment = true;
        at += 8;
        if (this.fragment) break;
      } else at += kind === AUTHENTICATION ? (b[at + 1]! + 2) << 2 : (b[at + 1]! + 1) << 3;
    }
    this.protocol = next;
    this.l4 = at;
    return at <= end;
  }
}
