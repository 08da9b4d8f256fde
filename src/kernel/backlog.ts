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
  private devices: NetDevice[] = [];
  private packets: Skb[] = [];
  private dues: Nanos[] = [];
  private head = 0;
  private readonly work = (): void => this.deliver();

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** The frame will come in by `dev`. */
  add(dev: NetDevice, skb: Skb): void {
    this.devices.push(dev);
    this.packets.push(skb);
    this.dues.push(addTime(this.queue.now, LATENCY));
    if (this.packets.length - this.head === 1) this.queue.after(LATENCY, this.work);
  }

  private deliver(): void {
    const i = this.head++;
    const dev = this.devices[i]!;
    const skb = this.packets[i]!;
    if (this.head < this.packets.length) this.queue.at(this.dues[this.head]!, this.work);
    else this.clear();
    netifReceive(dev, skb);
  }

  private clear(): void {
    this.devices.length = 0;
    this.packets.length = 0;
    this.dues.length = 0;
    this.head = 0;
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
