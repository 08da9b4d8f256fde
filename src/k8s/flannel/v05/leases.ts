import type { Random } from "../../../sim/random.ts";
import { type Signal, sleep, type Task } from "../../../sim/task.ts";
import { seconds } from "../../../sim/time.ts";
import { background } from "../../../container/background.ts";
import type { EventQueue } from "../../../sim/queue.ts";
import { formatIpv4, formatPrefix, ipv4, type Ipv4Prefix } from "../../../wire/address.ts";
import type { LeaseAttributes } from "../backend.ts";
import { type EtcdStore, fits, freeSubnets, keyOf, leaseOf, rangesOf } from "../etcd.ts";
import type { Klog } from "../klog.ts";
import type { Lease, LeaseEvent } from "../lease.ts";

const RETRY = seconds(1);

/** The range that etcd has for this address, or a free one. Models: flannel v0.5.5 subnet/etcd.go AcquireLease. */
export function* acquireLease(
  etcd: EtcdStore,
  log: Klog,
  random: Random,
  prefix: string,
  network: Ipv4Prefix,
  attributes: LeaseAttributes,
): Task<Lease> {
  const node = formatIpv4(attributes.publicIp);
  const { backendType, backendData } = attributes;
  const value = `{"PublicIP":"${node}","BackendType":"${backendType}","BackendData":${backendData}}`;
  for (; ; yield* sleep(RETRY)) {
    const leases = etcd.below(`${prefix}/subnets/`).flatMap(([key, text]) => leaseOf(key, text) ?? []);
    const own = leases.find((lease) => lease.publicIp === attributes.publicIp)?.subnet;
    let subnet = own;
    if (own !== undefined) {
      const found = `Found lease (${formatPrefix(own)}) for current IP (${node})`;
      if (fits(network, own)) yield* log.info("etcd.go:129", `${found}, reusing`);
      else {
        yield* log.info("etcd.go:139", `${found} but not compatible with current config, deleting`);
        etcd.delete(`${prefix}/subnets/${keyOf(own)}`);
        subnet = undefined;
      }
    }
    if (subnet === undefined) {
      const { first, last } = rangesOf(network);
      const range = `${formatIpv4(ipv4(first))} ... ${formatIpv4(ipv4(last))}`;
      yield* log.info("etcd.go:204", `Picking subnet in range ${range}`);
      const free = freeSubnets(network, new Set(leases.map((lease) => keyOf(lease.subnet))));
      subnet = free[random.below(Math.max(free.length, 1))];
    }
    if (subnet === undefined) {
      yield* log.error("etcd.go:91", "Failed to acquire subnet: out of subnets");
      continue;
    }
    etcd.put(`${prefix}/subnets/${keyOf(subnet)}`, value);
    yield* log.info("etcd.go:84", `Subnet lease acquired: ${formatPrefix(subnet)}`);
    return { ...attributes, node, subnet };
  }
}

/** What becomes of the other machines' leases. Models: flannel v0.5.5 subnet/watch.go WatchLeases. */
export class LeaseWatch {
  private readonly etcd: EtcdStore;
  private readonly below: string;
  private readonly own: string;
  private readonly known = new Map<string, string>();
  private readonly listener: ReturnType<typeof background>;

  /** `work` is fired whenever etcd changes. */
  constructor(etcd: EtcdStore, prefix: string, own: Ipv4Prefix, queue: EventQueue, work: Signal) {
    this.etcd = etcd;
    this.below = `${prefix}/subnets/`;
    this.own = keyOf(own);
    this.listener = background(
      queue,
      (function* (): Task<never> {
        for (;;) {
          yield* etcd.changed.wait();
          work.fire();
        }
      })(),
    );
  }

  stop(): void {
    this.listener.kill("KILL");
  }

  /** Differences between what etcd holds and what was told last. */
  changes(): readonly LeaseEvent[] {
    const now = new Map(this.etcd.below(this.below));
    const out: LeaseEvent[] = [];
    const tell = (type: LeaseEvent["type"], key: string, value: string): void => {
      const lease = key.endsWith(`/${this.own}`) ? undefined : leaseOf(key, value);
      if (lease !== undefined) out.push({ type, lease });
    };
    for (const [key, value] of this.known) if (!now.has(key)) tell("removed", key, value);
    for (const [key, value] of now) if (this.known.get(key) !== value) tell("added", key, value);
    this.known.clear();
    for (const [key, value] of now) this.known.set(key, value);
    return out;
  }
}
