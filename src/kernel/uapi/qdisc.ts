import { err, ok } from "../../base/result.ts";
import { hardStartXmit } from "../device/receive.ts";
import type { NetDevice } from "../device/device.ts";
import type { Netns } from "../netns.ts";
import { Direct } from "../sched/direct.ts";
import { Netem } from "../sched/netem.ts";
import type { Qdisc } from "../sched/qdisc.ts";
import { Tbf } from "../sched/tbf.ts";
import type { IfIndex, KernelResult } from "./types.ts";

/** tc-netem(8). Times in microseconds, rates in bytes a second (0: none), chances in percent. */
export interface NetemOptions {
  readonly kind: "netem";
  readonly limit: number;
  readonly delay: number;
  readonly jitter: number;
  readonly loss: number;
  readonly duplicate: number;
  readonly rate: number;
}

/** tc-tbf(8): bytes a second, bytes. */
export interface TbfOptions {
  readonly kind: "tbf";
  readonly rate: number;
  readonly burst: number;
  readonly limit: number;
}

/** `limit` in packets, for bfifo in bytes; absent is the kernel's default. */
export interface FifoOptions {
  readonly kind: "pfifo" | "bfifo";
  readonly limit?: number;
}

export type QdiscOptions =
  NetemOptions | TbfOptions | FifoOptions | { readonly kind: "noqueue" | "noop" | "pfifo_fast" | "fq_codel" };

export interface QdiscStats {
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly overlimits: number;
  readonly backlogBytes: number;
  readonly backlogPackets: number;
}

/** The root discipline of a device. */
export interface QdiscInfo {
  readonly dev: IfIndex;
  readonly handle: number;
  readonly options: QdiscOptions;
  readonly stats: QdiscStats;
}

/** The netlink flags of RTM_NEWQDISC as `tc qdisc` uses them. */
export type QdiscVerb = "add" | "change" | "replace";

export interface QdiscApi {
  /** Devices that were never up have none. */
  list(): readonly QdiscInfo[];
  set(dev: IfIndex, options: QdiscOptions, verb: QdiscVerb, handle?: number): KernelResult<void>;
  delete(dev: IfIndex): KernelResult<void>;
}

const NOTHING: QdiscStats = {
  bytes: 0,
  packets: 0,
  drops: 0,
  overlimits: 0,
  backlogBytes: 0,
  backlogPackets: 0,
};

/** First major number that the kernel gives out itself. Models: qdisc_alloc_handle. */
const FIRST_HANDLE = 0x8001;

/** Models: net/sched/sch_api.c for root disciplines. */
export function qdiscApi(ns: Netns): QdiscApi {
  return {
    list: () => ns.devices().flatMap((dev) => info(ns, dev)),
    set(index, options, verb, handle) {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      return graft(dev, options, verb, handle);
    },
    delete(index) {
      const dev = ns.device(index);
      if (dev === undefined) return err({ errno: "ENODEV" });
      if (dev.qdisc === null)
        return err({ errno: "ENOENT", extack: "Cannot delete qdisc with handle of zero" });
      dev.qdisc.reset();
      dev.qdisc = null;
      return ok();
    },
  };
}

function info(ns: Netns, dev: NetDevice): QdiscInfo[] {
  if (dev.qdisc === null && !dev.wasUp) return [];
  const { qdisc } = dev;
  return [
    {
      dev: ns.indexOf(dev),
      handle: qdisc?.handle ?? 0,
      options: qdisc?.options ?? { kind: dev.defaultQdisc },
      stats: qdisc?.stats ?? NOTHING,
    },
  ];
}

/** Models: tc_modify_qdisc, qdisc_graft. */
function graft(
  dev: NetDevice,
  options: QdiscOptions,
  verb: QdiscVerb,
  handle: number | undefined,
): KernelResult<void> {
  const old = dev.qdisc;
  if (verb === "change" && old === null)
    return err({ errno: "ENOENT", extack: "Qdisc not found. To create specify NLM_F_CREATE flag" });
  if (verb === "add" && old !== null) {
    const extack =
      handle === undefined || handle === old.handle
        ? "Exclusivity flag on, cannot modify"
        : "NLM_F_REPLACE needed to override";
    return err({ errno: "EEXIST", extack });
  }
  const same = handle === undefined || handle === old?.handle;
  if (old !== null && same && old.change(options)) return ok();
  old?.reset();
  dev.qdisc = make(dev, options, handle ?? nextHandle(dev));
  return ok();
}

function nextHandle(dev: NetDevice): number {
  const { kernel } = dev.ns;
  kernel.qdiscs++;
  return FIRST_HANDLE + kernel.qdiscs - 1;
}

function make(dev: NetDevice, options: QdiscOptions, handle: number): Qdisc {
  switch (options.kind) {
    case "netem":
      return new Netem(dev, handle, hardStartXmit, options);
    case "tbf":
      return new Tbf(dev, handle, hardStartXmit, options);
    default:
      return new Direct(dev, handle, hardStartXmit, options);
  }
}
