import type { Random } from "../../sim/random.ts";
import { Signal, sleep, type Task } from "../../sim/task.ts";
import { seconds } from "../../sim/time.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { isObject, marshal, parseObject, stringOf } from "../../container/cni/json.ts";
import { fail, program, refuse } from "../../userland/args/exit.ts";
import type { Program } from "../../userland/os/process.ts";
import {
  formatIpv4,
  formatPrefix,
  ipv4,
  type Ipv4Prefix,
  network as maskNetwork,
  parseIpv4,
  parsePrefix,
} from "../../wire/address.ts";
import type { LeaseAttributes } from "./backend.ts";
import { field, type NetworkConfig, parseConfig } from "./config.ts";
import type { Klog } from "./klog.ts";
import type { SubnetManager } from "./subnet-manager.ts";
import { type Lease, type LeaseEvent, NO_BACKEND_DATA } from "./lease.ts";

/** How long flanneld rests before it asks for a configuration again that is not there. */
const CONFIG_RETRY = seconds(1);
/** SubnetLen of a network that is large enough. */
const SUBNET_LENGTH = 24;
/** Ranges that are looked at before one of the free ones is drawn. */
const CANDIDATES = 100;

/** What etcd keeps for all machines of a world. Departure: flanneld and etcdctl reach it without packets, as the API server is. */
export class EtcdStore {
  readonly changed = new Signal();
  private readonly values = new Map<string, string>();

  get(key: string): string | undefined {
    return this.values.get(key);
  }

  put(key: string, value: string): void {
    this.values.set(key, value);
    this.changed.fire();
  }

  delete(key: string): boolean {
    const was = this.values.delete(key);
    if (was) this.changed.fire();
    return was;
  }

  /** In the order of the keys, as etcd answers ranges. */
  below(prefix: string): readonly (readonly [string, string])[] {
    return [...this.values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** `etcdctl put|get|del`, with --prefix; endpoints are taken as they come. Models: etcdctl 3.5. */
export function etcdctl(store: EtcdStore): Program {
  return program(function* (process) {
    const words = process.argv.slice(1).filter((word) => !word.startsWith("--endpoints"));
    const flags = words.filter((word) => word.startsWith("--"));
    const [verb = "", key = "", value] = words.filter((word) => !word.startsWith("--"));
    const unknown = flags.find((flag) => !["--prefix", "--keys-only"].includes(flag));
    if (unknown !== undefined) refuse(`etcdctl ${unknown}`);
    if (key === "") fail(1, `Error: ${verb} command needs one argument as key\n`);
    if (verb === "put") {
      if (value === undefined)
        fail(1, "Error: put command needs 1 argument and input from stdin or 2 arguments\n");
      store.put(key, value);
      yield* process.print("OK\n");
      return 0;
    }
    const own = store.get(key);
    const found = flags.includes("--prefix")
      ? store.below(key)
      : own === undefined
        ? []
        : [[key, own] as const];
    if (verb === "get") {
      const text = found.map(([name, held]) =>
        flags.includes("--keys-only") ? `${name}\n\n` : `${name}\n${held}\n`,
      );
      yield* process.print(text.join(""));
      return 0;
    }
    if (verb !== "del") refuse(`etcdctl ${verb}`);
    for (const [name] of found) store.delete(name);
    yield* process.print(`${found.length}\n`);
    return 0;
  });
}

/** `172.30.76.0-24`, as the key of a lease ends. */
export const keyOf = (subnet: Ipv4Prefix): string => formatPrefix(subnet).replace("/", "-");

export function leaseOf(key: string, value: string): Lease | undefined {
  const subnet = parsePrefix(key.replace(/^.*\//, "").replace("-", "/"));
  const data = parseObject(value, "lease.LeaseAttrs");
  if (subnet === undefined || !data.ok) return undefined;
  const publicIp = parseIpv4(stringOf(field(data.value, "PublicIP")) ?? "");
  if (publicIp === undefined) return undefined;
  const backend = field(data.value, "BackendData");
  return {
    node: formatIpv4(publicIp),
    subnet,
    publicIp,
    backendType: stringOf(field(data.value, "BackendType")) ?? "",
    backendData: backend === undefined || !isObject(backend) ? NO_BACKEND_DATA : marshal(backend, "", false),
  };
}

/** SubnetMin, SubnetMax and SubnetLen as they are when nobody sets them: flannel leaves the first range of a network out. */
export function rangesOf(network: Ipv4Prefix): {
  readonly first: number;
  readonly last: number;
  readonly length: number;
} {
  const length = network.length <= 22 ? SUBNET_LENGTH : network.length + 2;
  const size = 2 ** (32 - length);
  const base = maskNetwork(network.address, network.length);
  return { first: base + size, last: base + 2 ** (32 - network.length) - size, length };
}

/** The first ranges that nobody has, of which one is drawn. Models: allocateSubnet. */
export function freeSubnets(network: Ipv4Prefix, taken: ReadonlySet<string>): readonly Ipv4Prefix[] {
  const { first, last, length } = rangesOf(network);
  const free: Ipv4Prefix[] = [];
  for (let address = first; address <= last && free.length < CANDIDATES; address += 2 ** (32 - length)) {
    const subnet = { address: ipv4(address), length };
    if (!taken.has(keyOf(subnet))) free.push(subnet);
  }
  return free;
}

/** Whether a range is one that this network would give out. Models: isSubnetConfigCompat. */
export function fits(network: Ipv4Prefix, subnet: Ipv4Prefix): boolean {
  const { first, last, length } = rangesOf(network);
  return subnet.length === length && subnet.address >= first && subnet.address <= last;
}

/**
 * Leases kept in etcd: each flanneld takes a range of its own out of the network, the one that it had before if it can.
 * Models: flannel pkg/subnet/etcd LocalManager. Not modelled: leases running out, reservations, SubnetMin and SubnetMax.
 */
export class EtcdSubnetManager implements SubnetManager {
  private readonly store: EtcdStore;
  private readonly log: Klog;
  private readonly random: Random;
  private readonly prefix: string;
  /** FLANNEL_SUBNET of an earlier run. */
  private readonly previous: Ipv4Prefix | undefined;
  private readonly known = new Map<string, string>();

  constructor(store: EtcdStore, log: Klog, random: Random, prefix: string, previous: Ipv4Prefix | undefined) {
    this.store = store;
    this.log = log;
    this.random = random;
    this.prefix = prefix;
    this.previous = previous;
  }

  get name(): string {
    const subnet = this.previous === undefined ? "None" : formatPrefix(this.previous);
    return `Etcd Local Manager with Previous Subnet: ${subnet}`;
  }

  /** The network's configuration, once somebody has written it. */
  *config(): Task<Result<NetworkConfig, string>> {
    for (;;) {
      const text = this.store.get(`${this.prefix}/config`);
      if (text !== undefined) return parseConfig(text);
      yield* this.log.error(
        "main.go:556",
        "Couldn't fetch network config: flannel config not found in etcd store. Did you create your config using etcdv3 API?",
      );
      yield* sleep(CONFIG_RETRY);
    }
  }

  *next(own: Lease): Task<LeaseEvent> {
    for (;;) {
      const event = this.change();
      if (event === undefined) yield* this.store.changed.wait();
      else if (formatPrefix(event.lease.subnet) !== formatPrefix(own.subnet)) return event;
    }
  }

  /** The first difference between what etcd holds and what was told. */
  private change(): LeaseEvent | undefined {
    const now = new Map(this.store.below(`${this.prefix}/subnets/`));
    for (const [key, value] of now) {
      if (this.known.get(key) === value) continue;
      this.known.set(key, value);
      const lease = leaseOf(key, value);
      if (lease !== undefined) return { type: "added", lease };
    }
    for (const [key, value] of this.known) {
      if (now.has(key)) continue;
      this.known.delete(key);
      const lease = leaseOf(key, value);
      if (lease !== undefined) return { type: "removed", lease };
    }
    return undefined;
  }

  *storedMac(): Task<string> {
    return "";
  }

  *storedPublicIp(): Task<string> {
    return "";
  }

  *acquireLease(attributes: LeaseAttributes, config: NetworkConfig): Task<Result<Lease, string>> {
    const { network } = config;
    if (network === undefined) return err("flannelgraph: a network without a range is not modelled");
    const leases = this.store
      .below(`${this.prefix}/subnets/`)
      .flatMap(([key, value]) => leaseOf(key, value) ?? []);
    const node = formatIpv4(attributes.publicIp);
    const own = leases.find(
      (lease) => lease.publicIp === attributes.publicIp && fits(network, lease.subnet),
    )?.subnet;
    if (own !== undefined)
      yield* this.log.info(
        "local_manager.go:139",
        `Found lease (ip: ${formatPrefix(own)} ipv6: ::/0) for current IP (${node}), reusing`,
      );
    const subnet = own ?? (yield* this.choose(network, new Set(leases.map((lease) => keyOf(lease.subnet)))));
    if (subnet === undefined) return err("out of subnets");
    const { backendType, backendData } = attributes;
    const head = `"PublicIP":"${node}","PublicIPv6":null,"BackendType":"${backendType}"`;
    const data = backendData === NO_BACKEND_DATA ? "" : `,"BackendData":${backendData}`;
    this.store.put(`${this.prefix}/subnets/${keyOf(subnet)}`, `{${head}${data}}`);
    if (own === undefined)
      yield* this.log.info(
        "local_manager.go:197",
        `Allocated lease (ip: ${formatPrefix(subnet)} ipv6: ::/0) to current node (${node}) `,
      );
    return ok({ ...attributes, node, subnet });
  }

  private *choose(network: Ipv4Prefix, taken: ReadonlySet<string>): Task<Ipv4Prefix | undefined> {
    const { previous } = this;
    if (previous !== undefined && !taken.has(keyOf(previous))) {
      const shown = formatPrefix(previous);
      if (fits(network, previous)) {
        yield* this.log.info("local_manager.go:175", `Found previously leased subnet (${shown}), reusing`);
        return previous;
      }
      yield* this.log.error(
        "local_manager.go:179",
        `Found previously leased subnet (${shown}) that is not compatible with the Etcd network config, ignoring`,
      );
    }
    const { first, last } = rangesOf(network);
    yield* this.log.info(
      "local_manager.go:217",
      `Picking subnet in range ${formatIpv4(ipv4(first))} ... ${formatIpv4(ipv4(last))}`,
    );
    const free = freeSubnets(network, taken);
    return free[this.random.below(Math.max(free.length, 1))];
  }

  completeLease(): void {
    // The lease is renewed a day later, beyond what a world lives.
  }

  stop(): void {
    // Nothing is watched between two calls of `next`.
  }
}
