import { err, ok } from "../../base/result.ts";
import { walk } from "../hooks.ts";
import { HOOK_OUTPUT, NF_ACCEPT } from "../netfilter/hooks.ts";
import type { QueueEntry, QueueInstance } from "../netfilter/queue.ts";
import type { Netns } from "../netns.ts";
import type { IfIndex, KernelResult } from "./types.ts";

/** A packet of which a program decides. */
export interface QueuedPacket {
  readonly id: number;
  readonly family: "ip" | "ip6";
  /** Number of the hook, as in enum nf_inet_hooks. */
  readonly hook: number;
  /** The packet from its network header on, no more than was asked for. */
  readonly payload: Uint8Array;
  readonly mark: number;
  readonly inDev: IfIndex | undefined;
  readonly outDev: IfIndex | undefined;
}

export interface QueueOptions {
  /** Packets are let through while the queue is full. */
  readonly failOpen?: boolean;
  readonly maxLength?: number;
  /** How much of a packet is copied. */
  readonly copyRange?: number;
}

export interface QueueVerdict {
  readonly verdict: "accept" | "drop" | "repeat";
  readonly mark?: number;
  /** Bits that the flow's label becomes. */
  readonly labels?: readonly number[];
}

/** A bound queue. */
export interface QueueSocket {
  /** ENOENT when no such packet waits. */
  decide(id: number, verdict: QueueVerdict): KernelResult<void>;
  /** Packets that still wait are dropped. */
  close(): void;
}

/** A line of /proc/net/netfilter/nfnetlink_queue. */
export interface QueueInfo {
  readonly number: number;
  readonly portId: number;
  readonly waiting: number;
  readonly copyRange: number;
  readonly dropped: number;
  readonly sequence: number;
}

/** nfnetlink_queue: programs that have a say at the hooks (nft `queue`, iptables `-j NFQUEUE`). */
export interface NfQueueApi {
  /** Binds a queue; EPERM when another program has it. `reader` must not decide before it returns. */
  open(
    number: number,
    options: QueueOptions,
    reader: (packet: QueuedPacket) => void,
  ): KernelResult<QueueSocket>;
  list(): readonly QueueInfo[];
}

const LONGEST = 65_531;
const MOST = 1024;

function describe({ id, state, skb }: QueueEntry, copyRange: number): QueuedPacket {
  const { ns } = state;
  return {
    id,
    family: state.family === 0 ? "ip" : "ip6",
    hook: state.hook,
    payload: skb.buf.slice(skb.net, Math.min(skb.end, skb.net + copyRange)),
    mark: skb.mark,
    inDev: state.in === null ? undefined : ns.indexOf(state.in),
    outDev: state.out === null ? undefined : ns.indexOf(state.out),
  };
}

/** Models: nf_reinject. */
function reinject(
  ns: Netns,
  number: number,
  entry: QueueEntry,
  { verdict, mark, labels }: QueueVerdict,
): void {
  const { state, list, at, skb, go } = entry;
  const { kernel } = ns;
  kernel.trace?.rule(ns.id, skb.id, state.family, "nfqueue", String(number), 0, 0, verdict.toUpperCase());
  if (mark !== undefined) skb.mark = mark >>> 0;
  if (labels !== undefined && skb.ct !== null) {
    skb.ct.labels.clear();
    for (const bit of labels) skb.ct.labels.add(bit);
  }
  if (verdict === "drop") {
    const dev = state.out !== null && state.hook >= HOOK_OUTPUT ? state.out : state.in;
    kernel.drop(ns, dev, skb, "NETFILTER_DROP", "nf_reinject");
    return;
  }
  if (go === null) {
    const text = "flannelgraph: queueing packets of bridges and ipvlan is not modelled yet";
    kernel.nfLog(ns, text, 3);
    kernel.drop(ns, state.in, skb, "NETFILTER_DROP", "nf_reinject");
    return;
  }
  kernel.current = skb.id;
  if (walk(state, list, skb, verdict === "repeat" ? at : at + 1) === NF_ACCEPT) go();
  else ns.netfilter.queues.onAccept(skb, go);
  kernel.current = 0;
}

export function nfQueueApi(ns: Netns): NfQueueApi {
  const { queues } = ns.netfilter;
  return {
    open(number, options, reader) {
      if (queues.instances.has(number)) return err({ errno: "EPERM" });
      const copyRange = Math.min(options.copyRange ?? LONGEST, LONGEST);
      const instance: QueueInstance = {
        number,
        portId: queues.nextPortId++,
        maxLength: options.maxLength ?? MOST,
        failOpen: options.failOpen ?? false,
        copyRange,
        waiting: new Map(),
        deliver: (entry) => reader(describe(entry, copyRange)),
        sequence: 0,
        dropped: 0,
      };
      queues.instances.set(number, instance);
      return ok({
        decide(id, verdict) {
          const entry = instance.waiting.get(id);
          if (entry === undefined) return err({ errno: "ENOENT" });
          instance.waiting.delete(id);
          reinject(ns, number, entry, verdict);
          return ok();
        },
        close() {
          if (queues.instances.get(number) !== instance) return;
          queues.instances.delete(number);
          for (const entry of instance.waiting.values()) reinject(ns, number, entry, { verdict: "drop" });
          instance.waiting.clear();
        },
      });
    },
    list: () =>
      [...queues.instances.values()].map(({ number, portId, waiting, copyRange, dropped, sequence }) => ({
        number,
        portId,
        waiting: waiting.size,
        copyRange,
        dropped,
        sequence,
      })),
  };
}
