import type { NetDevice, XmitResult } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { QdiscOptions, QdiscStats } from "../uapi/qdisc.ts";

/** A queueing discipline at the root of a device's egress: it decides when a frame leaves, if at all. Models: struct Qdisc. */
export abstract class Qdisc {
  readonly dev: NetDevice;
  /** Major number of the handle; 0 for the one that nobody added. */
  readonly handle: number;
  abstract readonly options: QdiscOptions;
  private sentBytes = 0;
  private sentPackets = 0;
  protected drops = 0;
  protected overlimits = 0;
  protected backlogBytes = 0;
  protected backlogPackets = 0;
  /** What hands a frame to the device. Models: dev_hard_start_xmit. */
  private readonly leave: (dev: NetDevice, skb: Skb) => XmitResult;

  constructor(dev: NetDevice, handle: number, leave: (dev: NetDevice, skb: Skb) => XmitResult) {
    this.dev = dev;
    this.handle = handle;
    this.leave = leave;
  }

  abstract enqueue(skb: Skb): XmitResult;

  /** Drops what waits: the device went down, or the discipline is replaced. */
  abstract reset(): void;

  /** Other options for the same discipline; false: it is of another kind. */
  abstract change(options: QdiscOptions): boolean;

  get stats(): QdiscStats {
    return {
      bytes: this.sentBytes,
      packets: this.sentPackets,
      drops: this.drops,
      overlimits: this.overlimits,
      backlogBytes: this.backlogBytes,
      backlogPackets: this.backlogPackets,
    };
  }

  /** The frame leaves now. */
  protected send(skb: Skb): XmitResult {
    this.sentBytes += skb.length;
    this.sentPackets++;
    return this.leave(this.dev, skb);
  }

  /** As `send`, from the queue, when the sender is long gone. */
  protected sendLater(skb: Skb): void {
    const { kernel } = this.dev.ns;
    kernel.current = skb.id;
    this.send(skb);
    kernel.current = 0;
  }

  protected drop(skb: Skb, where: string): void {
    this.drops++;
    this.dev.ns.kernel.drop(this.dev.ns, this.dev, skb, "QDISC_DROP", where);
  }
}
