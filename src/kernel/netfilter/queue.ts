import type { HookState, HookOps, NfVerdict } from "./hooks.ts";
import { NF_ACCEPT, NF_DROP, NF_STOLEN } from "./hooks.ts";
import type { Skb } from "../skb.ts";
import type { PacketView } from "./xtables/view.ts";

/** A packet that a program may decide about: NF_QUEUE with the queue's number above, and what if nobody listens. */
export const NF_QUEUE = 3;
const BYPASS = 0x8000;

/** Models: NF_QUEUE_NR, NF_VERDICT_FLAG_QUEUE_BYPASS. */
export function queueVerdict(number: number, bypass: boolean): NfVerdict {
  return number * 0x10000 + (bypass ? BYPASS : 0) + NF_QUEUE;
}

export function isQueue(verdict: number): boolean {
  return verdict >= NF_QUEUE && (verdict & 0xff) === NF_QUEUE;
}

const numberOf = (verdict: number): number => Math.floor(verdict / 0x10000);

/** Which of several queues a packet goes to: the same for both directions of a flow, as the kernel's is. */
export function flowHash({ skb, src, dst }: PacketView): number {
  const tuple = skb.ct === null ? { src, dst } : skb.ct.original;
  return (Math.imul(tuple.src ^ tuple.dst, 0x9e3779b1) >>> 0) % 65_521;
}

/** A packet on its way to a program and back. Models: struct nf_queue_entry. */
export interface QueueEntry {
  readonly id: number;
  readonly state: HookState;
  readonly list: readonly HookOps[];
  /** Of the hook function that sent it here. */
  readonly at: number;
  readonly skb: Skb;
  /** What the stack does with it after the last hook function; the caller of the hook says so. */
  go: (() => void) | null;
}

/** One queue, bound by a program. Models: struct nfqnl_instance. */
export interface QueueInstance {
  readonly number: number;
  readonly portId: number;
  readonly maxLength: number;
  readonly failOpen: boolean;
  readonly copyRange: number;
  readonly waiting: Map<number, QueueEntry>;
  /** Hears of every packet that came. */
  readonly deliver: (entry: QueueEntry) => void;
  sequence: number;
  dropped: number;
}

/** The queues of a namespace. Models: nfnetlink_queue. */
export class NfQueues {
  readonly instances = new Map<number, QueueInstance>();
  /** Netlink gives large numbers to sockets that did not ask for one. */
  nextPortId = 3_000_000_000;
  /** The packet that was queued last, until its caller has said how it goes on. */
  private last: QueueEntry | null = null;

  /** ACCEPT: on with the next hook function, nobody need decide. Models: nf_queue, nfqnl_enqueue_packet. */
  enqueue(state: HookState, list: readonly HookOps[], at: number, skb: Skb, verdict: NfVerdict): NfVerdict {
    const instance = this.instances.get(numberOf(verdict));
    if (instance === undefined) return (verdict & BYPASS) === 0 ? NF_DROP : NF_ACCEPT;
    if (instance.waiting.size >= instance.maxLength) {
      if (instance.failOpen) return NF_ACCEPT;
      instance.dropped++;
      return NF_DROP;
    }
    const entry: QueueEntry = { id: ++instance.sequence, state, list, at, skb, go: null };
    instance.waiting.set(entry.id, entry);
    this.last = entry;
    instance.deliver(entry);
    return NF_STOLEN;
  }

  /** Told after a hook kept a packet: how it goes on when a program lets it. Models: the okfn of NF_HOOK. */
  onAccept(skb: Skb, go: () => void): void {
    const { last } = this;
    if (last?.skb === skb) last.go = go;
    this.last = null;
  }
}
