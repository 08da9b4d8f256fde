import type { EventQueue } from "../sim/queue.ts";
import { addTime, micros, type Nanos } from "../sim/time.ts";
import type { NetDevice } from "./device/device.ts";
import { netifReceive } from "./device/receive.ts";
import type { Skb } from "./skb.ts";

/** From one end of a veth pair to the other, through the backlog of the receiving CPU. */
const LATENCY = micros(10);

/** Frames that all take equally long: they arrive in the order in which they left, and one event at a time suffices. */
class Lane {
  private readonly queue: EventQueue;
  /** Places are used again when the lane is empty: lists that were cut to nothing would have to grow anew each time. */
  private readonly devices: (NetDevice | null)[] = [];
  private readonly packets: (Skb | null)[] = [];
  private readonly dues: Nanos[] = [];
  private head = 0;
  private tail = 0;
  private readonly work = (): void => this.deliver();

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** The frame will come in by `dev`. */
  add(dev: NetDevice, skb: Skb): void {
    const i = this.tail++;
    this.devices[i] = dev;
    this.packets[i] = skb;
    this.dues[i] = addTime(this.queue.now, LATENCY);
    if (i === this.head) this.queue.after(LATENCY, this.work);
  }

  private deliver(): void {
    const i = this.head++;
    const dev = this.devices[i]!;
    const skb = this.packets[i]!;
    this.devices[i] = null;
    this.packets[i] = null;
    if (this.head < this.tail) this.queue.at(this.dues[this.head]!, this.work);
    else {
      this.head = 0;
      this.tail = 0;
    }
    netifReceive(dev, skb);
  }
}

/**
 * Frames on their way from one device to the next, in a lane of its own while the queue relives the past.
 * Models: softnet_data.input_pkt_queue, process_backlog.
 */
export class Backlog {
  private readonly queue: EventQueue;
  private readonly lanes: Lane[] = [];

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** The frame will come in by `dev`. */
  add(dev: NetDevice, skb: Skb): void {
    (this.lanes[this.queue.depth] ??= new Lane(this.queue)).add(dev, skb);
  }
}
