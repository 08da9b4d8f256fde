import { NANOS_PER_MICRO, NANOS_PER_SECOND, type Nanos } from "../../sim/time.ts";
import type { Timer } from "../../sim/queue.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { NetemOptions, QdiscOptions } from "../uapi/qdisc.ts";
import { Qdisc } from "./qdisc.ts";

interface Waiting {
  readonly skb: Skb;
  readonly due: Nanos;
}

/** A bad wire: delay with jitter, loss and duplicates by the simulation's own chance, a rate. Models: net/sched/sch_netem.c. */
export class Netem extends Qdisc {
  options: NetemOptions;
  /** By due time; those due together in the order in which they came. */
  private readonly waiting: Waiting[] = [];
  private timer: Timer | null = null;

  constructor(
    dev: NetDevice,
    handle: number,
    leave: (dev: NetDevice, skb: Skb) => XmitResult,
    options: NetemOptions,
  ) {
    super(dev, handle, leave);
    this.options = options;
  }

  change(options: QdiscOptions): boolean {
    if (options.kind !== "netem") return false;
    // A rate that is not named stays (netem_change).
    this.options = { ...options, rate: options.rate === 0 ? this.options.rate : options.rate };
    return true;
  }

  /** True with the given chance in percent; the sure cases draw nothing. */
  private happens(percent: number): boolean {
    if (percent <= 0) return false;
    return percent >= 100 || this.dev.ns.kernel.random.unit() * 100 < percent;
  }

  /** Models: netem_enqueue. A lost frame counts as sent for its sender. */
  enqueue(skb: Skb): XmitResult {
    const { kernel } = this.dev.ns;
    const twice = this.happens(this.options.duplicate);
    const lost = this.happens(this.options.loss);
    if (lost && !twice) {
      this.drop(skb, "netem_enqueue");
      return 0;
    }
    if (twice && !lost) this.keep(kernel.copy(this.dev.ns, skb));
    return this.keep(skb);
  }

  private keep(skb: Skb): XmitResult {
    if (this.waiting.length >= this.options.limit) {
      this.drop(skb, "netem_enqueue");
      return "ENOBUFS";
    }
    const due = this.due(skb);
    let at = this.waiting.length;
    while (at > 0 && this.waiting[at - 1]!.due > due) at--;
    this.waiting.splice(at, 0, { skb, due });
    this.backlogBytes += skb.length;
    this.backlogPackets++;
    this.schedule();
    return 0;
  }

  /** When the frame may leave: after its delay, and no faster than the rate behind the one before. */
  private due(skb: Skb): Nanos {
    const { kernel } = this.dev.ns;
    const { delay, jitter, rate } = this.options;
    const spread = jitter === 0 ? 0 : Math.floor(kernel.random.unit() * 2 * jitter) - jitter;
    let wait = Math.max(0, (delay + spread) * NANOS_PER_MICRO);
    let from: number = kernel.queue.now;
    if (rate > 0) {
      const last = this.waiting.at(-1);
      if (last !== undefined) {
        wait = Math.max(0, wait - (last.due - from));
        from = last.due;
      }
      wait += Math.floor((skb.length * NANOS_PER_SECOND) / rate);
    }
    return (from + wait) as Nanos;
  }

  private schedule(): void {
    this.timer?.cancel();
    this.timer = null;
    const first = this.waiting[0];
    if (first !== undefined) this.timer = this.dev.ns.kernel.queue.at(first.due, () => this.release());
  }

  private release(): void {
    this.timer = null;
    const { now } = this.dev.ns.kernel.queue;
    for (let first = this.waiting[0]; first !== undefined && first.due <= now; first = this.waiting[0]) {
      this.waiting.shift();
      this.backlogBytes -= first.skb.length;
      this.backlogPackets--;
      this.sendLater(first.skb);
    }
    this.schedule();
  }

  reset(): void {
    this.timer?.cancel();
    this.timer = null;
    this.backlogBytes = this.backlogPackets = 0;
    for (const { skb } of this.waiting.splice(0)) this.drop(skb, "netem_reset");
  }
}
