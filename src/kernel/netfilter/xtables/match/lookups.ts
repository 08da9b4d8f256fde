import type { Ipv4 } from "../../../../wire/address.ts";
import type { Nanos } from "../../../../sim/time.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../../../wire/ipv4.ts";
import type { XtMatch } from "../../../uapi/index.ts";
import { type Conntrack, IPS_DYING } from "../../conntrack/entry.ts";
import { TCP_CLOSE, TCP_TIME_WAIT } from "../../conntrack/tcp.ts";
import type { Matcher } from "../header.ts";
import { masked } from "./rate.ts";

/** Matches that ask other tables: `socket` the sockets, `connlimit` the flows. */

/** A socket of this host would take the packet. Models: socket_mt. */
export function socketMatcher(m: Extract<XtMatch, { kind: "socket" }>): Matcher {
  return (v) => {
    if (v.v6 || v.protocol !== IPPROTO_UDP || v.dport < 0) return false;
    const dev = v.state.in?.index ?? 0;
    const found = v.ns.sockets.findUdp(v.src as Ipv4, v.sport, v.dst as Ipv4, v.dport, dev);
    if (found === undefined || m.transparent === true) return false;
    return m.nowildcard === true || found.source.address !== 0;
  };
}

/** How many flows there are from (or to) the packet's own network, its own included. Models: connlimit_mt. */
export function connlimitMatcher(m: Extract<XtMatch, { kind: "connlimit" }>): Matcher {
  const { above, mask, side, invert = false } = m;
  const seen = new Map<string, Set<Conntrack>>();
  return (v) => {
    const key = masked(v, side === "source", mask);
    let flows = seen.get(key);
    if (flows === undefined) {
      flows = new Set();
      seen.set(key, flows);
    }
    for (const flow of flows) if (isOver(flow, v.ns.kernel.queue.now)) flows.delete(flow);
    if (v.skb.ct !== null) flows.add(v.skb.ct);
    return flows.size > above !== invert;
  };
}

/** Models: already_closed, and what gc_worker would find. */
function isOver(flow: Conntrack, now: Nanos): boolean {
  if (!flow.confirmed || (flow.status & IPS_DYING) !== 0 || flow.expires <= now) return true;
  return flow.protocol === IPPROTO_TCP && (flow.tcpState === TCP_TIME_WAIT || flow.tcpState === TCP_CLOSE);
}
