import { ICMPV6_PARAMPROB } from "../../wire/icmpv6.ts";
import type { NetDevice } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import { icmpSend6 } from "./icmp-send.ts";

const PAD1 = 0;
const ROUTER_ALERT = 5;
/** Code of "parameter problem": an option that the host does not know. */
const UNKNOWN_OPTION = 2;

/**
 * Walks the options of a hop-by-hop or destination options header at `at`. What is unknown is handled as its two highest
 * bits demand (RFC 8200, section 4.2). False: the packet is gone. Models: ip6_parse_tlv.
 */
export function parseOptions(dev: NetDevice, skb: Skb, at: number): boolean {
  const { ns } = dev;
  const { buf } = skb;
  const fail = (): false => {
    ns.kernel.drop(ns, dev, skb, "IP_INHDR", "ip6_parse_tlv");
    return false;
  };
  if (at + 8 > skb.end) return fail();
  const end = at + ((buf[at + 1]! + 1) << 3);
  if (end > skb.end) return fail();
  for (let o = at + 2; o < end;) {
    const type = buf[o]!;
    if (type === PAD1) {
      o++;
      continue;
    }
    if (o + 2 > end || o + 2 + buf[o + 1]! > end) return fail();
    if (type > 1 && type !== ROUTER_ALERT && !skipsUnknown(dev, skb, o, type)) return false;
    o += 2 + buf[o + 1]!;
  }
  return true;
}

/** Models: ip6_tlvopt_unknown. */
function skipsUnknown(dev: NetDevice, skb: Skb, o: number, type: number): boolean {
  const { ns } = dev;
  const action = type >>> 6;
  if (action === 0) return true;
  const toGroup = ns.ip6.book.isMulticast(ns.ip6.book.read(skb.buf, skb.net + 24));
  if (action === 2 || (action === 3 && !toGroup))
    icmpSend6(ns, skb, ICMPV6_PARAMPROB, UNKNOWN_OPTION, o - skb.net);
  ns.kernel.drop(ns, dev, skb, "IP_INHDR", "ip6_tlvopt_unknown");
  return false;
}
