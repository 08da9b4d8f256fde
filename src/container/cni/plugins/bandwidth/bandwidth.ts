import * as v from "valibot";
import { err, ok, type Result } from "../../../../base/result.ts";
import type { LinkInfo, TbfOptions } from "../../../../kernel/uapi/index.ts";
import type { Task } from "../../../../sim/task.ts";
import { goErrno } from "../../../errno.ts";
import { type CniArgs, type CniPlugin, EMPTY_RESULT, type PluginContext } from "../../plugin.ts";
import { type CniResult, firstIssue, parseResult } from "../../result.ts";

/** Bits a second, and bits. */
const EntrySchema = v.object({
  ingressRate: v.optional(v.number(), 0),
  ingressBurst: v.optional(v.number(), 0),
  egressRate: v.optional(v.number(), 0),
  egressBurst: v.optional(v.number(), 0),
});
const ConfSchema = v.object({
  ...v.partial(EntrySchema).entries,
  runtimeConfig: v.optional(v.object({ bandwidth: v.optional(EntrySchema) })),
});

type Entry = v.InferOutput<typeof EntrySchema>;

const KEYS = ["ingressRate", "ingressBurst", "egressRate", "egressBurst"] as const;
/** How long a packet may wait for tokens. */
const LATENCY_S = 0.025;
const MICROS_PER_S = 1_000_000;
/** A tick of the packet scheduler: 64 ns. */
const TICKS_PER_MICRO = 15.625;
const NANOS_PER_TICK = 64;
/** 1: */
const HANDLE = 1;

function fault(rate: number, burst: number): string | undefined {
  if (burst === 0 && rate !== 0) return "if rate is set, burst must also be set";
  if (rate === 0 && burst !== 0) return "if burst is set, rate must also be set";
  return burst / 8 >= 0xffff_ffff ? "burst cannot be more than 4GB" : undefined;
}

interface BandwidthConfig {
  readonly entry: Entry;
  readonly previous: CniResult | undefined;
}

/** Models: bandwidth parseConfig: what stands in the configuration itself goes before runtimeConfig. */
function load(args: CniArgs): Result<BandwidthConfig, string> {
  const parsed = v.safeParse(ConfSchema, args.config);
  if (!parsed.success) return err(`failed to parse network configuration: ${firstIssue(parsed.issues)}`);
  const n = parsed.output;
  const none: Entry = { ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 };
  const own = KEYS.some((key) => args.config[key] !== undefined);
  const { ingressRate = 0, ingressBurst = 0, egressRate = 0, egressBurst = 0 } = n;
  const entry = own
    ? { ingressRate, ingressBurst, egressRate, egressBurst }
    : (n.runtimeConfig?.bandwidth ?? none);
  const wrong = fault(entry.ingressRate, entry.ingressBurst) ?? fault(entry.egressRate, entry.egressBurst);
  if (wrong !== undefined) return err(wrong);
  const raw = args.config["prevResult"];
  const previous = raw === undefined ? undefined : parseResult(raw);
  if (previous?.ok === false) return err(`could not parse prevResult: ${previous.error}`);
  return ok({ entry, previous: previous?.value });
}

/** What `tc` would be told. The burst is what is left of it after the kernel's ticks. Models: createTBF. */
function tbf(rateBits: number, burstBits: number): TbfOptions {
  const rate = Math.floor(rateBits / 8);
  const burst = Math.floor(burstBits / 8);
  // Both are 32 bits wide, and what does not fit is cut off.
  const micros = Math.floor((burst * MICROS_PER_S) / rate) % 2 ** 32;
  const ticks = Math.floor(micros * TICKS_PER_MICRO) % 2 ** 32;
  return {
    kind: "tbf",
    rate,
    burst: Math.floor((rate * ticks * NANOS_PER_TICK) / 1e9),
    limit: Math.floor(rate * LATENCY_S) + burst,
  };
}

/** The other end of the pod's veth, which is in the host and in the result. Models: getHostInterface. */
function hostInterface(args: CniArgs, context: PluginContext, previous: CniResult): Result<LinkInfo, string> {
  if (previous.interfaces.length === 0) return err("no interfaces provided");
  const pod = context.openNetns(args.netns);
  if (!pod.ok) return err(`failed to open netns "${args.netns}": ${pod.error}`);
  const link = pod.value.link.byName(args.ifName);
  if (link?.peer === undefined) {
    const why = link === undefined ? "Link not found" : `link ${args.ifName} is not a veth`;
    return err(`container interface ${args.ifName} has no veth peer: ${why}`);
  }
  const peer = context.net.link.byIndex(link.peer.index);
  if (peer === undefined || link.peer.netns !== context.net.netns)
    return err(`veth peer with index ${link.peer.index} is not in host ns`);
  const known = previous.interfaces.some((i) => i.sandbox === undefined && i.name === peer.name);
  return known ? ok(peer) : err("no veth peer of container interface found in host ns");
}

const EGRESS = "flannelgraph: bandwidth's egress limit (ifb, mirred) is not modelled yet";

/**
 * Limits what comes to the pod, by a token bucket on the host's end of its veth.
 *
 * Models: containernetworking/plugins v1.9.1 plugins/meta/bandwidth. Not modelled: egress.
 */
export const bandwidth: CniPlugin = {
  type: "bandwidth",
  kind: "meta",
  versions: ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"],

  *add(args, context): Task<Result<CniResult, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const { entry, previous } = config.value;
    if (KEYS.every((key) => entry[key] === 0)) return ok(previous ?? EMPTY_RESULT);
    if (previous === undefined) return err("must be called as chained plugin");
    if (entry.egressRate > 0) return err(EGRESS);
    const host = hostInterface(args, context, previous);
    if (!host.ok) return host;
    const options = tbf(entry.ingressRate, entry.ingressBurst);
    const set = context.net.qdisc.set(host.value.index, options, "add", HANDLE);
    return set.ok ? ok(previous) : err(`create qdisc: ${goErrno(set.error)}`);
  },

  *del(args): Task<Result<void, string>> {
    const config = load(args);
    return config.ok ? ok() : config;
  },

  *check(args, context): Task<Result<void, string>> {
    const config = load(args);
    if (!config.ok) return config;
    const { entry, previous } = config.value;
    if (previous === undefined) return err("must be called as a chained plugin");
    const host = hostInterface(args, context, previous);
    if (!host.ok) return host;
    if (entry.egressRate > 0) return err(EGRESS);
    if (entry.ingressRate === 0) return ok();
    const wanted = tbf(entry.ingressRate, entry.ingressBurst);
    const found = context.net.qdisc.list().find((q) => q.dev === host.value.index)?.options;
    if (found === undefined) return err("Failed to find qdisc");
    if (found.kind !== "tbf") return ok();
    if (found.rate !== wanted.rate) return err("Rate doesn't match");
    if (found.limit !== wanted.limit) return err("Limit doesn't match");
    return found.burst === wanted.burst ? ok() : err("Buffer doesn't match");
  },
};
