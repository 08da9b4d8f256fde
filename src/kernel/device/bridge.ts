import type { Mac } from "../../wire/address.ts";
import { ethDest, ethIsBroadcast, ethIsGroup, ethSource, ETHERNET_HEADER } from "../../wire/ethernet.ts";
import { isGroupMac } from "../../wire/address.ts";
import { NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Actor, BridgeOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { bridgeForward, bridgeFragments, bridgePrerouting, resumeBridgedDnat } from "../netfilter/bridge.ts";
import { BridgeFdb } from "./bridge-fdb.ts";
import type { BridgePort } from "./bridge-port.ts";
import { NetDevice, type XmitResult } from "./device.ts";
import { devQueueXmit, netifReceive } from "./receive.ts";

/** 01:80:c2:00:00:0X, IEEE 802.1D table 7-10: for bridges themselves, not forwarded. */
const LINK_LOCAL_BASE = 0x0180c2000000;

const DEFAULTS: BridgeOptions = {
  stp: false,
  ageingTime: 30_000,
  forwardDelay: 1_500,
  helloTime: 200,
  maxAge: 2_000,
  priority: 32_768,
  vlanFiltering: false,
  mcastSnooping: true,
  nfCallIptables: false,
};

/**
 * A Linux bridge with one port into its own host. Models: net/bridge: br_device.c, br_input.c, br_forward.c.
 *
 *   port.in ─ learn ─┬─ known: forward to the port ── port.out
 *                    ├─ local address: up the stack as if it came in by the bridge device
 *                    └─ unknown or group: flood to all others (group also up the stack)
 */
export class Bridge extends NetDevice {
  readonly kind = "bridge";
  options: BridgeOptions;
  readonly fdb: BridgeFdb = new BridgeFdb(this);
  /** Newest first, as Linux keeps and floods them. */
  readonly ports: BridgePort[] = [];
  /** Somebody set the MTU: it no longer follows the ports'. */
  mtuSet = false;

  constructor(ns: Netns, name: string, mac: Mac, mtu: number, by: Actor, options: Partial<BridgeOptions>) {
    super(ns, name, mac, mtu, by);
    this.options = { ...DEFAULTS, ...options };
  }

  /** The Ethernet header is off when it counts. */
  override get uncounted(): number {
    return ETHERNET_HEADER;
  }

  get carrier(): boolean {
    return this.ports.some((p) => p.dev.running);
  }

  /** FDB entries live this long without being heard of. */
  get ageing(): Nanos {
    return (this.options.ageingTime * (NANOS_PER_SECOND / 100)) as Nanos;
  }

  /** Models: br_dev_xmit: the host sends through the bridge. */
  xmit(skb: Skb): XmitResult {
    if (skb.bridgedDnat !== null) {
      bridgeFrame(resumeBridgedDnat(skb), skb);
      return 0;
    }
    this.txPackets++;
    this.txBytes += skb.length;
    const dest = ethDest(skb.buf, skb.data);
    if (ethIsGroup(skb.buf, skb.data)) {
      this.traceFdb(skb, dest, "flood", 0);
      this.flood(skb, null, false);
      return 0;
    }
    const entry = this.fdb.find(dest);
    if (entry !== undefined && entry.port !== null && !entry.local) {
      entry.used = this.ns.kernel.queue.now;
      this.traceFdb(skb, dest, "port", entry.port.dev.index);
      this.forward(entry.port, null, skb);
    } else if (entry !== undefined && entry.local) {
      // br_forward to the entry's port; for the bridge itself there is none.
      if (entry.port !== null) this.forward(entry.port, null, skb);
      else this.ns.kernel.drop(this.ns, this, skb, "LOCAL_MAC", "br_dev_xmit");
    } else {
      this.traceFdb(skb, dest, "flood", 0);
      this.flood(skb, null, false);
    }
    return 0;
  }

  /** Whether a frame from `from` (null: the host) may leave by `port`. Models: should_deliver. */
  private mayLeave(port: BridgePort, from: BridgePort | null): boolean {
    if (port === from && !port.hairpin) return false;
    if (from !== null && from.isolated && port.isolated) return false;
    return port.forwarding;
  }

  /** Models: br_forward. */
  forward(port: BridgePort, from: BridgePort | null, skb: Skb): void {
    if (!this.mayLeave(port, from)) {
      this.ns.kernel.drop(this.ns, this, skb, "BRIDGE_NO_EGRESS_PORT", "br_forward");
      return;
    }
    this.deliver(port, from, skb);
  }

  /** Models: __br_forward, br_dev_queue_push_xmit: too long a frame is dropped, a bridge does not fragment. */
  private deliver(port: BridgePort, from: BridgePort | null, skb: Skb): void {
    if (from !== null && skb.physIn !== null) {
      if (!bridgeForward(this, port, skb)) return;
      const parts = bridgeFragments(this, port, skb);
      if (parts !== null) {
        for (const part of parts) devQueueXmit(port.dev, part);
        return;
      }
    }
    if (skb.length - ETHERNET_HEADER > port.dev.mtu && from !== null) {
      this.ns.kernel.drop(this.ns, port.dev, skb, "PKT_TOO_BIG", "br_dev_queue_push_xmit");
      return;
    }
    devQueueXmit(port.dev, skb);
  }

  /** To every port but the one it came from; a copy goes up the stack last when `up`. Models: br_flood. */
  flood(skb: Skb, from: BridgePort | null, up: boolean): void {
    const broadcast = ethIsBroadcast(skb.buf, skb.data);
    const group = ethIsGroup(skb.buf, skb.data);
    let previous: BridgePort | null = null;
    for (const port of this.ports) {
      if (!this.mayLeave(port, from)) continue;
      // A port may not want others' broadcasts, but it gets the bridge's own.
      if (!group ? !port.flood : from !== null && (broadcast ? !port.bcastFlood : !port.mcastFlood)) continue;
      if (previous !== null) this.deliver(previous, from, this.ns.kernel.copy(this.ns, skb));
      previous = port;
    }
    if (previous !== null) this.deliver(previous, from, up ? this.ns.kernel.copy(this.ns, skb) : skb);
    else if (!up) this.ns.kernel.drop(this.ns, this, skb, "BRIDGE_NO_EGRESS_PORT", "br_flood");
    if (up) this.passUp(skb);
  }

  /** Models: br_pass_frame_up: from here on the frame came in by the bridge device. */
  passUp(skb: Skb): void {
    netifReceive(this, skb);
  }

  traceFdb(skb: Skb, mac: Mac, result: "local" | "port" | "flood", port: number): void {
    const { trace } = this.ns.kernel;
    if (trace !== null) trace.fdb(this.ns.id, this.index, skb.id, mac, result, port, 0);
  }

  /** The bridge's address follows its lowest port's until somebody sets it. Models: br_stp_recalculate_bridge_id. */
  recalculateMac(): boolean {
    if (this.macSet) return false;
    let lowest: Mac | null = null;
    for (const port of this.ports) if (lowest === null || port.dev.mac < lowest) lowest = port.dev.mac;
    const mac = lowest ?? (0 as Mac);
    if (mac === this.mac) return false;
    this.mac = mac;
    return true;
  }
}

/** A frame comes in by a bridge port. Models: br_handle_frame. */
export function bridgeReceive(port: BridgePort, skb: Skb): void {
  const { bridge, dev } = port;
  const { kernel } = bridge.ns;
  const source = ethSource(skb.buf, skb.data);
  if (isGroupMac(source) || source === 0) {
    kernel.drop(bridge.ns, dev, skb, "MAC_INVALID_SOURCE", "br_handle_frame");
    return;
  }
  const dest = ethDest(skb.buf, skb.data);
  if (dest >= LINK_LOCAL_BASE && dest < LINK_LOCAL_BASE + 16) {
    kernel.drop(bridge.ns, dev, skb, "NOT_MODELLED", "br_handle_frame");
    return;
  }
  if (!port.forwarding) {
    kernel.drop(bridge.ns, dev, skb, "BRIDGE_INGRESS_STP_STATE", "br_handle_frame");
    return;
  }
  const shown = bridgePrerouting(port, skb);
  if (shown !== null) bridgeFrame(port, shown);
}

/** Netfilter let the frame in. Models: br_handle_frame_finish. */
function bridgeFrame(port: BridgePort, skb: Skb): void {
  const { bridge } = port;
  const { kernel } = bridge.ns;
  const dest = ethDest(skb.buf, skb.data);
  if (port.learning) bridge.fdb.learn(port, ethSource(skb.buf, skb.data));
  if (ethIsGroup(skb.buf, skb.data)) {
    bridge.traceFdb(skb, dest, "flood", 0);
    if (!ethIsBroadcast(skb.buf, skb.data)) bridge.multicast++;
    bridge.flood(skb, port, true);
    return;
  }
  const entry = bridge.fdb.find(dest);
  const promisc = bridge.promiscuity > 0;
  if (entry === undefined) {
    bridge.traceFdb(skb, dest, "flood", 0);
    bridge.flood(skb, port, promisc);
  } else if (entry.local || entry.port === null) {
    bridge.traceFdb(skb, dest, "local", bridge.index);
    bridge.passUp(skb);
  } else {
    entry.used = kernel.queue.now;
    bridge.traceFdb(skb, dest, "port", entry.port.dev.index);
    if (promisc) {
      bridge.forward(entry.port, port, kernel.copy(bridge.ns, skb));
      bridge.passUp(skb);
    } else bridge.forward(entry.port, port, skb);
  }
}
