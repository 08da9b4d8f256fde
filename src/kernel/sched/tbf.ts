import { NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Timer } from "../../sim/queue.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { QdiscOptions, TbfOptions } from "../uapi/qdisc.ts";
import { Qdisc } from "./qdisc.ts";

/** A token bucket: a rate with bursts, tc-tbf(8). Tokens are counted as time on the wire. Models: net/sched/sch_tbf.c. */
export class Tbf extends Qdisc {
  options: TbfOptions;
  private readonly waiting: Skb[] = [];
  private tokens: number;
  private last: Nanos;
  private timer: Timer | null = null;

  constructor(
    dev: NetDevice,
    handle: number,
    leave: (dev: NetDevice, skb: Skb) => XmitResult,
    options: TbfOptions,
  ) {
    super(dev, handle, leave);
    this.options = options;
    this.tokens = this.depth;
    this.last = dev.ns.kernel.queue.now;
  }

  /** The full bucket, in nanoseconds of sending. */
  private get depth(): number {
    return this.cost(this.options.burst);
  }

  private cost(bytes: number): number {
    return Math.floor((bytes * NANOS_PER_SECOND) / this.options.rate);
  }

  change(options: QdiscOptions): boolean {
    if (options.kind !== "tbf") return false;
    this.options = options;
    this.tokens = this.depth;
    return true;
  }

  /** Models: tbf_enqueue. */
  enqueue(skb: Skb): XmitResult {
    if (skb.length > this.options.burst || this.backlogBytes + skb.length > this.options.limit) {
      this.drop(skb, "tbf_enqueue");
      return "ENOBUFS";
    }
    this.waiting.push(skb);
    this.backlogBytes += skb.length;
    this.backlogPackets++;
    if (this.timer === null) this.run();
    return 0;
  }

  /** Sends what there are tokens for, and waits for more. Models: tbf_dequeue. */
  private run(): void {
    this.timer = null;
    const { queue } = this.dev.ns.kernel;
    for (let skb = this.waiting[0]; skb !== undefined; skb = this.waiting[0]) {
      const filled = Math.min(this.tokens + queue.now - this.last, this.depth);
      const left = filled - this.cost(skb.length);
      if (left < 0) {
        this.overlimits++;
        this.timer = queue.after(-left as Nanos, () => this.run());
        return;
      }
      this.tokens = left;
      this.last = queue.now;
      this.waiting.shift();
      this.backlogBytes -= skb.length;
      this.backlogPackets--;
      this.sendLater(skb);
    }
  }

  reset(): void {
    this.timer?.cancel();
    this.timer = null;
    this.backlogBytes = this.backlogPackets = 0;
    for (const skb of this.waiting.splice(0)) this.drop(skb, "tbf_reset");
    this.tokens = this.depth;
    this.last = this.dev.ns.kernel.queue.now;
  }
}
