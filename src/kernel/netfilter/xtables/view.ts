import { getU16, getU32 } from "../../../base/bytes.ts";
import { IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../../../wire/ipv4.ts";
import { type HookState, NF_IP6 } from "../hooks.ts";
import type { Netns } from "../../netns.ts";
import type { Skb } from "../../skb.ts";

/** IPv6 extension headers that are walked over (RFC 8200, section 4). */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

const IPPROTO_DCCP = 33;
const IPPROTO_UDPLITE = 136;

/**
 * What the rules of one walk look at: header fields read once, and where the packet stands. One view serves all rules of
 * the walk; a walk within a walk (REJECT answers while it is being asked) has a view of its own. Models: struct nft_pktinfo.
 */
export class PacketView {
  state!: HookState;
  skb!: Skb;
  ns!: Netns;
  v6 = false;
  b: Uint8Array = new Uint8Array(0);
  net = 0;
  /** Offset of the transport header; past the end when there is none. */
  l4 = 0;
  end = 0;
  protocol = 0;
  /** A second or further fragment: no transport header. */
  fragment = false;
  /** IPv4 addresses, or the last words of IPv6 ones. */
  src = 0;
  dst = 0;
  /** IPv6: the words before the last, as signed 32-bit numbers. */
  src0 = 0;
  src1 = 0;
  src2 = 0;
  dst0 = 0;
  dst1 = 0;
  dst2 = 0;
  /** -1 when the protocol has no ports, or they are not here. */
  sport = -1;
  dport = -1;
  /** Bytes from the network header on: what counters count. */
  length = 0;

  /** Takes up a packet that stands at a hook of an IP family, `skb.net` at its header. */
  look(state: HookState, skb: Skb): void {
    this.state = state;
    this.skb = skb;
    this.ns = state.ns;
    this.b = skb.buf;
    this.net = skb.net;
    this.end = skb.end;
    this.length = skb.end - skb.net;
    this.fragment = false;
    this.v6 = state.family === NF_IP6;
    if (this.v6) this.lookV6();
    else this.lookV4();
    this.lookPorts();
  }

  private lookV4(): void {
    const { b, net } = this;
    this.src = getU32(b, net + 12);
    this.dst = getU32(b, net + 16);
    this.protocol = b[net + 9]!;
    this.fragment = (getU16(b, net + 6) & 0x1fff) !== 0;
    this.l4 = net + ((b[net]! & 15) << 2);
  }

  /** Models: ipv6_find_hdr. */
  private lookV6(): void {
    const { b, net, end } = this;
    this.src0 = getU32(b, net + 8) | 0;
    this.src1 = getU32(b, net + 12) | 0;
    this.src2 = getU32(b, net + 16) | 0;
    this.src = getU32(b, net + 20);
    this.dst0 = getU32(b, net + 24) | 0;
    this.dst1 = getU32(b, net + 28) | 0;
    this.dst2 = getU32(b, net + 32) | 0;
    this.dst = getU32(b, net + 36);
    let next = b[net + 6]!;
    let at = net + 40;
    while (isExtension(next) && at + 8 <= end) {
      const kind = next;
      next = b[at]!;
      if (kind === FRAGMENT) {
        this.fragment = (getU16(b, at + 2) & 0xfff8) !== 0;
        at += 8;
        if (this.fragment) break;
      } else if (kind === AUTHENTICATION) at += (b[at + 1]! + 2) << 2;
      else at += (b[at + 1]! + 1) << 3;
    }
    this.protocol = next;
    this.l4 = at;
  }

  private lookPorts(): void {
    const { protocol } = this;
    if (!this.fragment && hasPorts(protocol) && this.l4 + 4 <= this.end) {
      this.sport = getU16(this.b, this.l4);
      this.dport = getU16(this.b, this.l4 + 2);
    } else {
      this.sport = -1;
      this.dport = -1;
    }
  }
}

function isExtension(next: number): boolean {
  return (
    next === HOP_BY_HOP ||
    next === ROUTING ||
    next === FRAGMENT ||
    next === AUTHENTICATION ||
    next === DESTINATION_OPTIONS
  );
}

function hasPorts(protocol: number): boolean {
  return (
    protocol === IPPROTO_TCP ||
    protocol === IPPROTO_UDP ||
    protocol === IPPROTO_SCTP ||
    protocol === IPPROTO_DCCP ||
    protocol === IPPROTO_UDPLITE
  );
}
