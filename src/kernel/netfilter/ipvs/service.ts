import type { Ipv4 } from "../../../wire/address.ts";
import type { Actor, IpvsForward } from "../../uapi/index.ts";
import type { IpvsKey, IpvsScheduler, IpvsStats } from "../../uapi/ipvs.ts";
import type { Connection } from "./connection.ts";

const NOTHING: IpvsStats = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

/** What passed since the last zeroing. Readers see it as the estimator found it last. Models: ip_vs_est.c. */
export class Counters {
  private now: IpvsStats = NOTHING;
  private shown: IpvsStats = NOTHING;
  private estimate = 0;

  add(estimate: number, more: Partial<IpvsStats>): void {
    this.at(estimate);
    const { now } = this;
    this.now = {
      connections: now.connections + (more.connections ?? 0),
      inPackets: now.inPackets + (more.inPackets ?? 0),
      outPackets: now.outPackets + (more.outPackets ?? 0),
      inBytes: now.inBytes + (more.inBytes ?? 0),
      outBytes: now.outBytes + (more.outBytes ?? 0),
    };
  }

  /** The counters as of the estimate of this number. */
  at(estimate: number): IpvsStats {
    if (estimate > this.estimate) {
      this.estimate = estimate;
      this.shown = this.now;
    }
    return this.shown;
  }

  reset(): void {
    this.now = this.shown = NOTHING;
  }
}

/** A real server. Models: struct ip_vs_dest. */
export class Destination {
  readonly address: Ipv4;
  readonly port: number;
  forward: IpvsForward;
  weight: number;
  upper = 0;
  lower = 0;
  active = 0;
  inactive = 0;
  persistent = 0;
  /** Deleted from its service, but connections may still use it. */
  gone = false;
  readonly stats: Counters = new Counters();

  constructor(address: Ipv4, port: number, forward: IpvsForward, weight: number) {
    this.address = address;
    this.port = port;
    this.forward = forward;
    this.weight = weight;
  }

  /** It has as many connections as it may (`-x`). */
  get overloaded(): boolean {
    return this.upper > 0 && this.active + this.inactive >= this.upper;
  }
}

/** `top` is 0 where nobody has a weight. */
interface WeightSteps {
  readonly step: number;
  readonly top: number;
}

const NO_WEIGHTS: WeightSteps = { step: 1, top: 0 };

/** A virtual service. Models: struct ip_vs_service. */
export class Service {
  readonly key: IpvsKey;
  readonly by: Actor;
  scheduler: IpvsScheduler = "rr";
  schedulerFlags: readonly string[] = [];
  /** Seconds; 0 for none. */
  persistent = 0;
  netmask = 0xffffffff;
  onePacket = false;
  /** Newest first, as the kernel links them; schedulers walk this order. */
  readonly destinations: Destination[] = [];
  /** The schedulers' memory: who was last, and wrr's current weight. */
  last: Destination | null = null;
  currentWeight = 0;
  /** By what wrr's threshold falls, and where it starts. */
  steps: WeightSteps = NO_WEIGHTS;
  readonly stats: Counters = new Counters();

  constructor(key: IpvsKey, by: Actor) {
    this.key = key;
    this.by = by;
  }

  get port(): number {
    return "fwmark" in this.key ? 0 : this.key.port;
  }

  find(address: Ipv4, port: number): Destination | undefined {
    return this.destinations.find((d) => d.address === address && d.port === port);
  }

  /**
   * The list changed: wrr begins at its head again, with the threshold that it had reached where that still makes sense
   * (ip_vs_wrr_dest_changed); rr goes on behind the one that was last.
   */
  changed(): void {
    if (this.scheduler === "wrr") {
      this.steps = weightSteps(this.destinations);
      const { step, top } = this.steps;
      const current = this.currentWeight;
      if (current === 0 || current > top) this.currentWeight = top;
      else if (step > 1) this.currentWeight = Math.floor(current / step) * step + 1;
      this.last = null;
    }
    if (this.last !== null && !this.destinations.includes(this.last)) this.last = null;
  }
}

/** Models: ip_vs_wrr_gcd_weight, ip_vs_wrr_max_weight. */
function weightSteps(destinations: readonly Destination[]): WeightSteps {
  let step = 0;
  let most = 0;
  for (const { weight } of destinations) {
    if (weight > most) most = weight;
    let [a, b] = [step, weight];
    while (b > 0) [a, b] = [b, a % b];
    step = a;
  }
  if (step === 0) return NO_WEIGHTS;
  return { step, top: most - (step - 1) };
}

export function keyText(key: IpvsKey): string {
  return "fwmark" in key ? `fwmark/${key.fwmark}` : `${key.protocol}/${key.address}/${key.port}`;
}

/** Counts a packet of a connection in (`reply` false) or out. */
export function count(connection: Connection, estimate: number, reply: boolean, bytes: number): void {
  const more = reply ? { outPackets: 1, outBytes: bytes } : { inPackets: 1, inBytes: bytes };
  connection.destination.stats.add(estimate, more);
  connection.service.stats.add(estimate, more);
}
