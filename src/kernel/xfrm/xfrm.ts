import { ipv4, IPV4_ANY } from "../../wire/address.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import { type OutputKey, type OutputRoute, routeKey } from "../ipv4/route.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { XfrmDirection } from "../uapi/index.ts";
import { flowOf, selects, type XfrmFlow } from "./flow.ts";
import { receiveEsp } from "./input.ts";
import { protect } from "./output.ts";
import type { XfrmState } from "./state.ts";
import { XfrmTables } from "./table.ts";
import type { XfrmWay } from "./way.ts";

/** IPsec in one namespace, as the IP stack asks for it. Models: net/xfrm/xfrm_policy.c, xfrm_output.c, xfrm_input.c. */
export class Xfrm {
  readonly ns: Netns;
  readonly tables: XfrmTables;

  constructor(ns: Netns) {
    this.ns = ns;
    this.tables = new XfrmTables(ns);
  }

  // ------------------------------------------------------------------------------------------------------- leaving

  /**
   * A route for packets of a known protocol was found: does a policy want them protected? "EPERM": it forbids them.
   * Models: xfrm_lookup_route in ip_route_output_flow.
   */
  route(found: OutputRoute, key: OutputKey): OutputRoute | "EPERM" {
    const { generation } = this.tables;
    if (this.exempt(found.dev)) return { ...found, xfrm: null, xfrmGeneration: generation };
    const { protocol = 0, sport = 0, dport = 0 } = key;
    const dev = found.dev.index;
    const way = this.decide({ src: found.source, dst: key.dst, protocol, sport, dport, dev }, found);
    if (way === "block") return "EPERM";
    const mtu = way === null ? found.mtu : way.mtu;
    return { ...found, mtu, xfrm: way, xfrmGeneration: generation };
  }

  /** A packet made here got its header: what becomes of it? False: a policy forbids it. */
  attach(skb: Skb, route: OutputRoute): boolean {
    if (route.xfrmGeneration === this.tables.generation) {
      skb.xfrm = route.xfrm ?? null;
      return true;
    }
    return this.lookup(skb, route);
  }

  /** The same for a packet whose way was found without asking, or whose addresses changed since. */
  lookup(skb: Skb, route: OutputRoute): boolean {
    skb.xfrm = null;
    if (this.exempt(route.dev)) return true;
    const way = this.decide(flowOf(skb, route.dev.index), route);
    if (way === "block") return false;
    skb.xfrm = way;
    if (way !== null) skb.mtu = way.mtu;
    return true;
  }

  /** A packet that is passed on; why it is not. Models: xfrm4_route_forward. */
  forward(skb: Skb, out: NetDevice, mtu: number): "XFRM_POLICY" | "XFRM_OUT_NO_STATE" | undefined {
    skb.xfrm = null;
    if (this.exempt(out)) return undefined;
    const way = this.decide(flowOf(skb, out.index), { ...plainRoute(out, skb.hop, skb.nexthop), mtu });
    if (way === "block") return "XFRM_POLICY";
    if (way?.state === null) return "XFRM_OUT_NO_STATE";
    skb.xfrm = way;
    return undefined;
  }

  /** SNAT gave a packet another source: another policy may be meant. Models: nf_xfrm_me_harder. */
  reconsider(skb: Skb, out: NetDevice): boolean {
    const { hop, nexthop } = skb;
    const mtu = skb.xfrm?.outer?.mtu ?? skb.mtu;
    return this.lookup(skb, { ...plainRoute(out, hop, nexthop), mtu: mtu === 0 ? out.mtu : mtu });
  }

  private exempt(dev: NetDevice): boolean {
    const off = dev.isLoopback || dev.conf.disable_xfrm !== 0 || this.ns.confAll.disable_xfrm !== 0;
    return off || this.tables.policyCount.out === 0;
  }

  /** Models: xfrm_lookup. */
  private decide(flow: XfrmFlow, route: OutputRoute): XfrmWay | "block" | null {
    const { tables, ns } = this;
    const policy = tables.policy("out", flow);
    if (policy === undefined) return null;
    policy.used = ns.kernel.queue.now;
    if (policy.spec.action === "block") {
      tables.count("OutPolBlock");
      return "block";
    }
    const { template } = policy.spec;
    if (template === undefined) return null;
    const tunnel = template.mode === "tunnel";
    const src = tunnel && template.src !== 0 ? template.src : flow.src;
    const dst = tunnel && template.dst !== 0 ? template.dst : flow.dst;
    const state = tables.find(template, src, dst, flow);
    const { generation } = tables;
    if (state === undefined) {
      if (template.optional) return null;
      tables.count("OutNoStates");
      tables.acquire(policy, template, src, dst, flow);
      return { policy, state: null, outer: null, mtu: route.mtu, generation };
    }
    const outer = tunnel ? routeKey(ns, { dst, src }) : route;
    if (typeof outer === "string") {
      tables.count("OutBundleGenError");
      return { policy, state: null, outer: null, mtu: route.mtu, generation };
    }
    const mtu = Math.min(state.innerMtu(outer.mtu), route.mtu);
    return { policy, state, outer, mtu, generation };
  }

  /** POSTROUTING let it go: it is protected now. Models: xfrm_output. */
  output(skb: Skb, way: XfrmWay, forwarded: boolean): XmitResult {
    return protect(this, skb, way, forwarded);
  }

  // ------------------------------------------------------------------------------------------------------ arriving

  /** May this packet come in or be passed on in the form in which it came? Models: __xfrm_policy_check. */
  allows(dir: Exclude<XfrmDirection, "out">, dev: NetDevice, skb: Skb): boolean {
    const { tables } = this;
    const path = skb.secpath;
    if (path === null && (tables.policyCount[dir] === 0 || this.unchecked(dev))) return true;
    const flow = flowOf(skb, dev.index);
    const refuse = (counter: string): boolean => {
      tables.count(counter);
      return false;
    };
    if (path !== null && !selects(path.spec.selector, flow)) return refuse("InStateMismatch");
    const policy = tables.policy(dir, flow);
    const tunnelled = path?.spec.mode === "tunnel";
    if (policy === undefined) return tunnelled ? refuse("InNoPols") : true;
    policy.used = this.ns.kernel.queue.now;
    if (policy.spec.action === "block") return refuse("InPolBlock");
    const { template } = policy.spec;
    if (template === undefined) return tunnelled ? refuse("InTmplMismatch") : true;
    if (path !== null && satisfies(path, template)) return true;
    return template.optional && !tunnelled ? true : refuse("InTmplMismatch");
  }

  private unchecked(dev: NetDevice): boolean {
    return dev.isLoopback || dev.conf.disable_policy !== 0 || this.ns.confAll.disable_policy !== 0;
  }

  /** A packet of protocol 50 for this host; `skb.data` is at the ESP header. Models: xfrm4_esp_rcv. */
  receive(dev: NetDevice, skb: Skb, overUdp = false): void {
    receiveEsp(this, dev, skb, overUdp);
  }

  /** An ICMP error about a protected packet of ours: was it one of a state that is there? Models: esp4_err. */
  knows(dst: XfrmState["spec"]["dst"], spi: number): boolean {
    return this.tables.state(dst, spi) !== undefined;
  }

  close(): void {
    this.tables.close();
  }
}

/** The way that a packet is on, as a lookup would have answered it. */
function plainRoute(dev: NetDevice, hop: Skb["hop"], nexthop: number): OutputRoute {
  return {
    type: "unicast",
    dev,
    hop,
    nexthop: ipv4(nexthop),
    source: IPV4_ANY,
    mtu: dev.mtu,
    mtuLocked: false,
  };
}

/** Models: xfrm_state_ok. */
function satisfies({ spec }: XfrmState, t: NonNullable<XfrmWay["policy"]["spec"]["template"]>): boolean {
  if (t.spi !== 0 && t.spi !== spec.spi) return false;
  if (t.reqid !== 0 && t.reqid !== spec.reqid) return false;
  if (t.mode !== spec.mode) return false;
  return (
    t.mode === "transport" || ((t.dst === 0 || t.dst === spec.dst) && (t.src === 0 || t.src === spec.src))
  );
}
