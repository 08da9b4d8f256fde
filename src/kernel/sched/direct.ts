import type { NetDevice, XmitResult } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { QdiscOptions } from "../uapi/qdisc.ts";
import { Qdisc } from "./qdisc.ts";

/**
 * Disciplines that only order what a busy device cannot take at once. The devices here are never busy, so every frame
 * leaves as it comes: pfifo, bfifo, pfifo_fast, fq_codel, and noqueue itself.
 */
export class Direct extends Qdisc {
  options: QdiscOptions;

  constructor(
    dev: NetDevice,
    handle: number,
    leave: (dev: NetDevice, skb: Skb) => XmitResult,
    options: QdiscOptions,
  ) {
    super(dev, handle, leave);
    this.options = options;
  }

  change(options: QdiscOptions): boolean {
    if (options.kind !== this.options.kind) return false;
    this.options = options;
    return true;
  }

  enqueue(skb: Skb): XmitResult {
    return this.send(skb);
  }

  reset(): void {
    // Nothing waits here.
  }
}
