import type { EventQueue } from "../sim/queue.ts";
import type { Random } from "../sim/random.ts";
import type { Mac } from "../wire/address.ts";
import type { DropReason, OriginName } from "../trace/record.ts";
import type { TraceWriter } from "../trace/writer.ts";
import type { NetDevice } from "./device/device.ts";
import type { Netns } from "./netns.ts";
import { AddressBook } from "./netfilter/address-book.ts";
import { Backlog } from "./backlog.ts";
import { type Addr6, AddressBook6 } from "./ipv6/intern.ts";
import { type Skb, SkbPool } from "./skb.ts";

/** Lines that the kernel's log keeps. */
const LOG_LINES = 2000;

/** A line of the kernel's log; levels as in syslog(2). */
export interface LogLine {
  readonly time: number;
  readonly level: number;
  readonly line: string;
}

/** What one machine's kernel consists of beside its namespaces: the clock, chance, the trace, packet memory. */
export class Kernel {
  readonly queue: EventQueue;
  readonly random: Random;
  /** Null when nobody watches: then nothing is recorded and nothing is spent on it. */
  trace: TraceWriter | null;
  readonly pool: SkbPool = new SkbPool();
  readonly namespaces = new Map<number, Netns>();
  /** Every IPv6 address that this kernel has met. */
  readonly addresses6 = new AddressBook6();
  /** Started with ipv6.disable_ipv6=1: devices have no IPv6 until somebody turns it on. */
  readonly ipv6Off: boolean;
  /** IPv6 addresses by number, for conntrack and rules. */
  readonly addresses: AddressBook = new AddressBook();
  /** Modules with something of their own in every namespace. */
  readonly modules = new Set<string>();
  /** Queueing disciplines made so far whose handle the kernel chose. */
  qdiscs = 0;
  /** Where the numbers of IPsec policies stand (idx_generator), and whether esp4 is loaded. */
  xfrmIndex = 0;
  esp = false;
  /** skb that softirq work is about at this moment: the cause of packets made meanwhile. */
  current = 0;
  /** How many listen to changes of tables (Monitor), in all namespaces. */
  listeners = 0;
  /** Secret of the multipath hash, drawn when it is first needed. */
  multipathKey: number | undefined = undefined;
  readonly backlog: Backlog;
  private readonly texts6: (number | undefined)[] = [];
  private lastRouteId = 0;
  private lastSocketId = 0;
  private lastRuleId = 0;
  /** What dmesg(1) shows. */
  readonly log: LogLine[] = [];
  /** net.netfilter.nf_log_all_netns */
  logAllNetns = false;
  private lastNetns = 0;

  constructor(queue: EventQueue, random: Random, trace: TraceWriter | null, ipv6Off = false) {
    this.ipv6Off = ipv6Off;
    this.queue = queue;
    this.random = random;
    this.trace = trace;
    this.backlog = new Backlog(queue);
  }

  /** The trace's number for the text of an IPv6 address; 0 when nobody watches. */
  text6(address: Addr6): number {
    if (this.trace === null) return 0;
    const known = this.texts6[address];
    return known ?? (this.texts6[address] = this.trace.text(this.addresses6.text(address)));
  }

  nextRouteId(): number {
    return ++this.lastRouteId;
  }

  nextSocketId(): number {
    return ++this.lastSocketId;
  }

  /**
   * What a LOG rule of a namespace says. The log is the first namespace's; others write to it only if
   * net.netfilter.nf_log_all_netns says so. Models: nf_log_buf_close.
   */
  nfLog(ns: Netns, line: string, level: number): void {
    if (ns.id !== 1 && !this.logAllNetns) return;
    this.printk(line, level);
  }

  /** Writes a line to the kernel's log, which forgets the oldest. Models: printk. */
  printk(line: string, level: number): void {
    this.log.push({ time: this.queue.now, level, line });
    if (this.log.length > LOG_LINES) this.log.shift();
  }

  /** Numbers of iptables rules, by which the trace names them. */
  nextRuleId(): number {
    return ++this.lastRuleId;
  }

  nextNetnsId(): number {
    return ++this.lastNetns;
  }

  /** A locally administered unicast address by chance. Models: eth_random_addr. */
  randomMac(): Mac {
    const high = (this.random.below(0x10000) & 0xfeff) | 0x0200;
    return (high * 0x1_0000_0000 + this.random.u32()) as Mac;
  }

  /** A new skb of this namespace with its lineage recorded: `from` is the packet that it comes of, else the one at hand. */
  alloc(
    ns: Netns,
    size: number,
    origin: OriginName,
    owner = "",
    from = origin === "socket" ? 0 : this.current,
  ): Skb {
    const skb = this.pool.alloc(size);
    if (this.trace !== null) this.trace.origin(ns.id, skb.id, origin, from, owner);
    return skb;
  }

  copy(ns: Netns, from: Skb): Skb {
    const skb = this.pool.copy(from);
    if (this.trace !== null) this.trace.origin(ns.id, skb.id, "clone", from.id, "");
    return skb;
  }

  /** The packet did its work here. Models: consume_skb. */
  consume(ns: Netns, skb: Skb, by: string): void {
    if (this.trace !== null) this.trace.consume(ns.id, skb.id, by);
    this.pool.release(skb);
  }

  /** The packet is lost, for a reason. `where` is Linux's function. Models: kfree_skb_reason. */
  drop(ns: Netns, dev: NetDevice | null, skb: Skb, reason: DropReason, where: string): void {
    if (this.trace !== null) this.trace.drop(ns.id, dev === null ? 0 : dev.index, skb.id, reason, where);
    this.pool.release(skb);
  }
}
