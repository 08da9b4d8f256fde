import type { Mac } from "../../wire/address.ts";
import { ethDest, ethIsBroadcast, ethIsGroup, ethSource } from "../../wire/ethernet.ts";
import { hearsGroupFrame } from "../ipv6/mld.ts";
import type { Actor, MacvlanMode, MacvlanOptions } from "../uapi/index.ts";
import type { Netns } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { NetDevice, RxHandler, XmitResult } from "./device.ts";
import { devQueueXmit, netifReceive } from "./receive.ts";
import { addUnicast, dropUnicast, UpperDevice } from "./upper.ts";

/** Multicast that every host listens to: all nodes of IPv4 and of IPv6. */
const ALL_NODES: ReadonlySet<number> = new Set([0x01005e000001, 0x333300000001]);

/** The macvlans of one lower device. Models: struct macvlan_port. */
export class MacvlanPort implements RxHandler {
  readonly lower: NetDevice;
  /** Those that are up, by address. */
  readonly byMac = new Map<Mac, Macvlan>();
  readonly all = new Set<Macvlan>();

  constructor(lower: NetDevice) {
    this.lower = lower;
  }

  /** passthru: the one device of this port takes everything. */
  get passthru(): Macvlan | undefined {
    for (const dev of this.all) return dev.options.mode === "passthru" ? dev : undefined;
    return undefined;
  }

  /** A frame came in by the lower device. Models: macvlan_handle_frame. */
  receive(skb: Skb): boolean {
    const { ns } = this.lower;
    if (ethIsGroup(skb.buf, skb.data)) {
      const source = this.byMac.get(ethSource(skb.buf, skb.data));
      const mode = source?.options.mode;
      if (source !== undefined && mode !== "vepa" && mode !== "bridge") {
        netifReceive(source, skb);
        return true;
      }
      this.reflect(skb, source);
      return false;
    }
    const dev = this.passthru ?? this.byMac.get(ethDest(skb.buf, skb.data));
    if (dev === undefined) return false;
    if (!dev.up) ns.kernel.drop(ns, dev, skb, "DEV_READY", "macvlan_handle_frame");
    else netifReceive(dev, skb);
    return true;
  }

  /** A group frame from outside: bridge ports saw their siblings' frames on the way out. Models: macvlan_multicast_rx. */
  private reflect(skb: Skb, source: Macvlan | undefined): void {
    if (source === undefined) this.broadcast(skb, null, undefined);
    else if (source.options.mode === "vepa") this.broadcast(skb, source, ["vepa", "bridge"]);
    else this.broadcast(skb, source, ["vepa"]);
  }

  /** Copies a group frame to the devices of these modes (undefined: all). Models: macvlan_broadcast. */
  broadcast(skb: Skb, from: Macvlan | null, modes: readonly MacvlanMode[] | undefined): void {
    const dest = ethDest(skb.buf, skb.data);
    const everyone = ethIsBroadcast(skb.buf, skb.data) || ALL_NODES.has(dest);
    const { kernel } = this.lower.ns;
    for (const dev of this.byMac.values()) {
      if (!everyone && !hearsGroupFrame(dev, dest)) continue;
      if (dev === from || (modes !== undefined && !modes.includes(dev.options.mode))) continue;
      kernel.backlog.add(dev, kernel.copy(dev.ns, skb));
    }
  }
}

/**
 * A device with an address of its own on a lower device's wire. Models: drivers/net/macvlan.c.
 *
 * private: hears only the wire; vepa: talks to its siblings by way of a switch that sends frames back; bridge: talks to
 * siblings directly; passthru: alone on the lower device. None of them talks to the lower device's own host.
 */
export class Macvlan extends UpperDevice {
  readonly kind = "macvlan";
  options: MacvlanOptions;
  readonly portOf: MacvlanPort;

  constructor(
    ns: Netns,
    name: string,
    mac: Mac,
    mtu: number,
    by: Actor,
    port: MacvlanPort,
    options: MacvlanOptions,
  ) {
    super(ns, name, mac, mtu, by, port.lower);
    this.portOf = port;
    this.options = options;
    this.maxMtu = port.lower.maxMtu;
  }

  override get filtersUnicast(): boolean {
    return true;
  }

  override attach(): void {
    super.attach();
    this.portOf.all.add(this);
    this.lower.rxHandler = this.portOf;
  }

  override detach(): void {
    super.detach();
    this.portOf.all.delete(this);
    if (this.portOf.all.size === 0) this.lower.rxHandler = null;
  }

  /** Models: macvlan_open. */
  override opened(): void {
    if (this.options.mode === "passthru") this.lower.promiscuity++;
    else addUnicast(this.lower, this.mac, this.by);
    this.portOf.byMac.set(this.mac, this);
  }

  override closed(): void {
    if (this.options.mode === "passthru") this.lower.promiscuity--;
    else dropUnicast(this.lower, this.mac);
    this.portOf.byMac.delete(this.mac);
  }

  /** Whether another device of the port, or the lower device, has the address. Models: macvlan_addr_busy. */
  addressBusy(mac: Mac): boolean {
    return this.lower.mac === mac || (this.portOf.byMac.has(mac) && this.portOf.byMac.get(mac) !== this);
  }

  override mtuRefusal(mtu: number): "EINVAL" | undefined {
    return mtu > this.lower.mtu ? "EINVAL" : undefined;
  }

  override get mtuWithLower(): number {
    return Math.min(this.mtu, this.lower.mtu);
  }

  /** Models: macvlan_queue_xmit. */
  xmit(skb: Skb): XmitResult {
    const { length } = skb;
    const result = this.send(skb);
    if (result === 0) {
      this.txPackets++;
      this.txBytes += length;
    } else this.txDropped++;
    return result;
  }

  private send(skb: Skb): XmitResult {
    if (this.options.mode === "bridge") {
      if (ethIsGroup(skb.buf, skb.data)) this.portOf.broadcast(skb, this, ["bridge"]);
      else {
        const sibling = this.portOf.byMac.get(ethDest(skb.buf, skb.data));
        if (sibling?.options.mode === "bridge") {
          // To the lower device first, where captures see it.
          skb.dev = this.lower;
          this.ns.kernel.backlog.add(this.lower, skb);
          return 0;
        }
      }
    }
    return devQueueXmit(this.lower, skb);
  }
}
