import { formatMac, type Mac, MAC_ZERO } from "../../wire/address.ts";
import type { Timer } from "../../sim/queue.ts";
import { addTime, millis, type Nanos } from "../../sim/time.ts";
import type { NeighRow } from "../../trace/rows.ts";
import type { NeighParams } from "../conf.ts";
import type { NetDevice, XmitResult } from "../device/device.ts";
import type { Skb } from "../skb.ts";
import type { Actor, NeighState } from "../uapi/index.ts";

/** States whose entry has a link-layer address to use: NUD_VALID. */
const VALID: ReadonlySet<NeighState> = new Set([
  "PERMANENT",
  "NOARP",
  "REACHABLE",
  "PROBE",
  "STALE",
  "DELAY",
]);
/** States that need no question: NUD_CONNECTED. */
const CONNECTED: ReadonlySet<NeighState> = new Set(["PERMANENT", "NOARP", "REACHABLE"]);
/** States that a timer leaves: NUD_IN_TIMER. */
const IN_TIMER: ReadonlySet<NeighState> = new Set(["INCOMPLETE", "REACHABLE", "DELAY", "PROBE"]);

const KERNEL: Actor = { name: "kernel", detail: "neighbour state machine" };

/** An skb costs its neighbour's queue about this much beside its bytes (skb->truesize). */
const TRUESIZE = 768;

/** What the neighbours of one family do in their own way: ARP or neighbour discovery. Models: struct neigh_table. */
export interface NeighFamily<A extends number = number> {
  params(dev: NetDevice): NeighParams;
  reachableTime(dev: NetDevice): Nanos;
  /** Puts the link-layer header on and sends. */
  output(n: Neighbour<A>, skb: Skb): XmitResult;
  /** Nobody answered a packet's question. */
  failed(n: Neighbour<A>, skb: Skb): void;
  /** Asks; `tried` questions went out before. */
  solicit(n: Neighbour<A>, skb: Skb | null, tried: number): void;
  text(n: Neighbour<A>): string;
  /** How the trace is told of a packet that waits. */
  queued(n: Neighbour<A>, skb: Skb): void;
  /** Listeners hear of a change; not of INCOMPLETE and DELAY. Models: neigh_update_notify. */
  tell?(n: Neighbour<A>, gone: boolean): void;
}

export interface UpdateFlags {
  /** A differing address replaces the old one. */
  readonly override?: boolean;
  /** A differing address makes a sure entry doubtful, and replaces that of a doubtful one. */
  readonly weakOverride?: boolean;
  /** By the administrator: permanent entries may be changed. */
  readonly admin?: boolean;
}

/**
 * One neighbour on one link: its address, how sure we are of it, and the packets that wait for it.
 * Models: net/core/neighbour.c (neigh_timer_handler, __neigh_event_send, neigh_update); states as in RFC 4861, 7.3.2.
 */
export class Neighbour<A extends number = number> {
  readonly dev: NetDevice;
  readonly address: A;
  private readonly family: NeighFamily<A>;
  mac: Mac = MAC_ZERO;
  state: NeighState = "NONE";
  used: Nanos;
  confirmed: Nanos;
  updated: Nanos;
  probes = 0;
  by: Actor;
  dead = false;
  /** NTF_ROUTER: it said of itself that it forwards. */
  router = false;
  readonly waiting: Skb[] = [];
  private waitingBytes = 0;
  private timer: Timer | null = null;

  constructor(family: NeighFamily<A>, dev: NetDevice, address: A, by: Actor) {
    this.family = family;
    this.dev = dev;
    this.address = address;
    this.by = by;
    this.used = this.updated = this.now;
    this.confirmed = (this.now - 2 * this.params.baseReachableTime) as Nanos;
  }

  private get params(): NeighParams {
    return this.family.params(this.dev);
  }

  private get now(): Nanos {
    return this.dev.ns.kernel.queue.now;
  }

  /** A timer runs: it holds a reference. */
  get timed(): boolean {
    return this.timer !== null;
  }

  get valid(): boolean {
    return VALID.has(this.state);
  }

  get connected(): boolean {
    return CONNECTED.has(this.state);
  }

  /** Sends a packet to the neighbour, or keeps it until the address is known. `skb.data` is at the network header. */
  output(skb: Skb): XmitResult {
    if (this.state === "REACHABLE" || this.state === "PERMANENT" || this.state === "NOARP") {
      return this.family.output(this, skb);
    }
    this.used = this.now;
    if (this.state === "DELAY" || this.state === "PROBE") return this.family.output(this, skb);
    return this.eventSend(skb);
  }

  /** Models: __neigh_event_send. */
  private eventSend(skb: Skb | null): XmitResult {
    const p = this.params;
    let probe = false;
    if (this.state !== "STALE" && this.state !== "INCOMPLETE") {
      if (p.multicastProbes + p.appProbes === 0) {
        this.become("FAILED", KERNEL);
        if (skb !== null)
          this.dev.ns.kernel.drop(this.dev.ns, this.dev, skb, "NEIGH_FAILED", "__neigh_event_send");
        return 0;
      }
      this.probes = p.unicastProbes;
      this.stopTimer();
      this.become("INCOMPLETE", KERNEL);
      this.updated = this.now;
      this.startTimer(addTime(this.now, atLeast(p.retransTime)));
      probe = true;
    } else if (this.state === "STALE") {
      this.stopTimer();
      this.become("DELAY", KERNEL);
      this.updated = this.now;
      this.startTimer(addTime(this.now, p.delayProbeTime));
    }
    let result: XmitResult = 0;
    if (this.state === "INCOMPLETE") {
      if (skb !== null) this.enqueue(skb);
    } else if (skb !== null) result = this.family.output(this, skb);
    if (probe) this.probe();
    return result;
  }

  /** As if a packet had been sent: `ip neigh add ... nud probe`, managed entries. */
  poke(): void {
    this.eventSend(null);
  }

  private enqueue(skb: Skb): void {
    const { ns } = this.dev;
    const size = skb.length + TRUESIZE;
    while (this.waitingBytes + size > this.params.queueBytes) {
      const oldest = this.waiting.shift();
      if (oldest === undefined) break;
      this.waitingBytes -= oldest.length + TRUESIZE;
      ns.kernel.drop(ns, this.dev, oldest, "NEIGH_QUEUEFULL", "__neigh_event_send");
    }
    this.waiting.push(skb);
    this.waitingBytes += size;
    this.family.queued(this, skb);
  }

  /** Upper layers know that the neighbour answers (MSG_CONFIRM, TCP). */
  confirm(): void {
    this.confirmed = this.now;
  }

  private probe(): void {
    this.probes++;
    this.family.solicit(this, this.waiting[0] ?? null, this.probes - 1);
  }

  /** Models: neigh_timer_handler. */
  private expire(): void {
    this.timer = null;
    if (this.dead || !IN_TIMER.has(this.state)) return;
    const p = this.params;
    const { now } = this;
    let next: Nanos = addTime(now, atLeast(p.retransTime));
    if (this.state === "REACHABLE") {
      // Strictly: at the very instant it is over, or the timer would be set to now for ever.
      if (now < this.confirmed + this.family.reachableTime(this.dev))
        next = addTime(this.confirmed, this.family.reachableTime(this.dev));
      else if (now <= this.used + p.delayProbeTime) {
        this.updated = now;
        this.become("DELAY", KERNEL);
        next = addTime(now, p.delayProbeTime);
      } else {
        this.updated = now;
        this.become("STALE", KERNEL);
      }
    } else if (this.state === "DELAY") {
      if (now < this.confirmed + p.delayProbeTime) {
        this.updated = now;
        this.become("REACHABLE", KERNEL);
        next = addTime(this.confirmed, this.family.reachableTime(this.dev));
      } else {
        this.updated = now;
        this.probes = 0;
        this.become("PROBE", KERNEL);
      }
    }
    const asking = this.state === "INCOMPLETE" || this.state === "PROBE";
    if (asking && this.probes >= this.maxProbes()) {
      this.become("FAILED", KERNEL);
      this.invalidate();
      return;
    }
    if (IN_TIMER.has(this.state)) this.startTimer(next);
    if (asking) this.probe();
  }

  private maxProbes(): number {
    const p = this.params;
    return p.unicastProbes + p.appProbes + (this.state === "PROBE" ? p.multicastReprobes : p.multicastProbes);
  }

  /** Nobody answered: what waited is lost, and its senders are told. Models: neigh_invalidate. */
  private invalidate(): void {
    this.updated = this.now;
    this.waitingBytes = 0;
    const lost = this.waiting.splice(0);
    for (const skb of lost) this.family.failed(this, skb);
  }

  /**
   * Something was learnt about the neighbour. False: refused, a permanent entry is not changed by packets.
   * Models: neigh_update.
   */
  update(mac: Mac | null, wanted: NeighState, flags: UpdateFlags, by: Actor): boolean {
    const old = this.state;
    let state = wanted;
    if (flags.admin !== true && (old === "NOARP" || old === "PERMANENT")) return false;
    if (!VALID.has(state)) {
      this.stopTimer();
      this.become(state, by);
      if ((old === "INCOMPLETE" || old === "PROBE") && state === "FAILED") this.invalidate();
      return true;
    }
    const wasValid = VALID.has(old);
    let lladdr = mac ?? this.mac;
    if (mac === null && !wasValid) return false;
    if (wasValid && lladdr === this.mac) lladdr = this.mac;
    if (CONNECTED.has(state)) this.confirmed = this.now;
    if (wasValid) {
      if (lladdr !== this.mac && flags.override !== true) {
        if (flags.weakOverride !== true || !CONNECTED.has(old)) return true;
        lladdr = this.mac;
        state = "STALE";
      } else if (lladdr === this.mac && state === "STALE" && flags.admin !== true) state = old;
    }
    const changed = lladdr !== this.mac;
    if (state !== old || changed) this.updated = this.now;
    const before = this.row();
    if (changed) {
      this.mac = lladdr;
      if (!CONNECTED.has(state)) this.confirmed = (this.now - 2 * this.params.baseReachableTime) as Nanos;
    }
    if (state !== old) {
      this.stopTimer();
      if (state === "PROBE") this.probes = 0;
      this.state = state;
      if (IN_TIMER.has(state))
        this.startTimer(
          addTime(this.now, state === "REACHABLE" ? this.family.reachableTime(this.dev) : (0 as Nanos)),
        );
    }
    if (state !== old || changed) {
      if (flags.admin === true) this.by = by;
      this.journal(before, this.row(), by);
    }
    if (!wasValid) this.flush();
    if (state !== old || changed) this.family.tell?.(this, false);
    return true;
  }

  /** The address is known now: what waited goes. */
  private flush(): void {
    this.waitingBytes = 0;
    for (const skb of this.waiting.splice(0)) this.output(skb);
  }

  /** Leaves the table; what waited is lost without a word. Models: neigh_flush_one. */
  destroy(): void {
    this.dead = true;
    this.stopTimer();
    for (const skb of this.waiting.splice(0))
      this.dev.ns.kernel.drop(this.dev.ns, this.dev, skb, "NEIGH_DEAD", "neigh_purge");
  }

  private become(state: NeighState, by: Actor): void {
    if (state === this.state) return;
    const before = this.state === "NONE" ? null : this.row();
    this.state = state;
    this.journal(before, this.row(), by);
    if (state !== "INCOMPLETE" && state !== "DELAY" && state !== "NONE") this.family.tell?.(this, false);
  }

  private startTimer(due: Nanos): void {
    this.stopTimer();
    this.timer = this.dev.ns.kernel.queue.at(due, () => this.expire());
  }

  private stopTimer(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  row(): NeighRow {
    return {
      dev: this.dev.index,
      dst: this.family.text(this),
      ...(this.valid ? { lladdr: formatMac(this.mac) } : {}),
      state: this.state,
      proxy: false,
    };
  }

  journal(before: NeighRow | null, after: NeighRow | null, by: Actor): void {
    const { ns } = this.dev;
    const key = `${this.dev.index}/${this.family.text(this)}`;
    ns.kernel.trace?.change("neigh", ns.id, key, before, after, by.name, by.detail ?? "");
  }
}

function atLeast(retrans: Nanos): Nanos {
  return Math.max(retrans, millis(10)) as Nanos;
}
