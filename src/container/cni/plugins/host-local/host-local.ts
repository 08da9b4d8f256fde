import { err, must, ok, type Result } from "../../../../base/result.ts";
import type { Task } from "../../../../sim/task.ts";
import { formatIpv4, type Ipv4, ipv4, parseIpv4 } from "../../../../wire/address.ts";
import { cniArgument } from "../../args.ts";
import type { CniArgs, CniPlugin } from "../../plugin.ts";
import type { CniIp, CniResult } from "../../result.ts";
import { loadIpamConfig, type Range, rangeContains, type RangeSet, rangeSetText } from "./ranges.ts";
import { AddressStore } from "./store.ts";

/**
 * Every address of the set once, beginning after `last`: a container that crashes in a loop does not get its old
 * address again until all others have had their turn.
 */
function* candidates(set: RangeSet, last: Ipv4 | undefined): Generator<{ range: Range; address: Ipv4 }> {
  let index = last === undefined ? -1 : set.findIndex((range) => rangeContains(range, last));
  const fromLast = index >= 0 && last !== undefined;
  if (!fromLast) index = 0;
  const size = set.reduce((n, range) => n + (range.end - range.start + 1), 0);
  let at = fromLast ? last : ipv4(set[0]!.start - 1);
  for (let i = 0; i < size; i++) {
    let range = set[index]!;
    if (at === range.end) {
      index = (index + 1) % set.length;
      range = set[index]!;
      at = range.start;
    } else at = ipv4(at + 1);
    if (at !== range.gateway) yield { range, address: at };
  }
}

/** The address that was asked for, or why it cannot be had. */
function reserveRequested(
  store: AddressStore,
  set: RangeSet,
  rangeId: number,
  args: CniArgs,
  requested: Ipv4,
): Result<CniIp, string> {
  const range = must(
    set.find((each) => rangeContains(each, requested)),
    "range of the requested address",
  );
  const text = formatIpv4(requested);
  if (requested === range.gateway) return err(`requested ip ${text} is subnet's gateway`);
  if (!store.reserve(args.containerId, args.ifName, requested, rangeId))
    return err(`requested IP address ${text} is not available in range set ${rangeSetText(set)}`);
  return ok({ address: { address: requested, length: range.subnet.length }, gateway: range.gateway });
}

/** Models: host-local allocator IPAllocator.Get. */
function allocate(
  store: AddressStore,
  set: RangeSet,
  rangeId: number,
  args: CniArgs,
  requested: Ipv4 | undefined,
): Result<CniIp, string> {
  if (requested !== undefined) return reserveRequested(store, set, rangeId, args, requested);
  const { containerId: id, ifName } = args;
  for (const address of store.byId(id, ifName))
    if (set.some((range) => rangeContains(range, address)))
      return err(`${formatIpv4(address)} has been allocated to ${id}, duplicate allocation is not allowed`);
  for (const { range, address } of candidates(set, store.lastReserved(rangeId)))
    if (store.reserve(id, ifName, address, rangeId))
      return ok({ address: { address, length: range.subnet.length }, gateway: range.gateway });
  return err(`no IP addresses available in range set: ${rangeSetText(set)}`);
}

/**
 * Addresses from the node's own range, remembered in files; `IP=` of CNI_ARGS asks for a certain one.
 *
 * Models: containernetworking/plugins plugins/ipam/host-local.
 */
export const hostLocal: CniPlugin = {
  type: "host-local",
  kind: "ipam",

  *add(args, context): Task<Result<CniResult, string>> {
    const config = loadIpamConfig(args.config);
    if (!config.ok) return config;
    const store = new AddressStore(context.host.fs, config.value.dataDir, config.value.network);
    const requested = new Set(cniArgument(args, "IP").flatMap((text) => parseIpv4(text) ?? []));
    const ips: CniIp[] = [];
    for (const [i, set] of config.value.ranges.entries()) {
      const wanted = [...requested].find((address) => set.some((range) => rangeContains(range, address)));
      if (wanted !== undefined) requested.delete(wanted);
      const ip = allocate(store, set, i, args, wanted);
      if (!ip.ok) {
        if (ips.length > 0) store.release(args.containerId, args.ifName);
        return err(`failed to allocate for range ${i}: ${ip.error}`);
      }
      ips.push(ip.value);
    }
    if (requested.size > 0) {
      store.release(args.containerId, args.ifName);
      return err(`failed to allocate all requested IPs: ${[...requested].map(formatIpv4).join(" ")}`);
    }
    return ok({ interfaces: [], ips, routes: config.value.routes, dns: {} });
  },

  *del(args, context): Task<Result<void, string>> {
    const config = loadIpamConfig(args.config);
    if (!config.ok) return config;
    new AddressStore(context.host.fs, config.value.dataDir, config.value.network).release(
      args.containerId,
      args.ifName,
    );
    return ok();
  },

  *check(args, context): Task<Result<void, string>> {
    const config = loadIpamConfig(args.config);
    if (!config.ok) return config;
    const store = new AddressStore(context.host.fs, config.value.dataDir, config.value.network);
    if (store.byId(args.containerId, args.ifName).length > 0) return ok();
    return err(`host-local: Failed to find address added by container ${args.containerId}`);
  },
};
