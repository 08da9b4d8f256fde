import { err, ok, type Result } from "../../base/result.ts";
import { broadcast, inPrefix, type Ipv4, ipv4, type Ipv4Prefix, mask, network } from "../../wire/address.ts";

/** The pools that networks get their subnets from. Models: moby daemon/libnetwork/ipamutils. */
export const DEFAULT_POOLS: readonly Ipv4Prefix[] = [
  ...Array.from({ length: 15 }, (_, i) => ({ address: ipv4(0xac110000 + i * 0x10000), length: 16 })),
  ...Array.from({ length: 16 }, (_, i) => ({ address: ipv4(0xc0a80000 + i * 0x1000), length: 20 })),
];

export function overlaps(a: Ipv4Prefix, b: Ipv4Prefix): boolean {
  return inPrefix(a.address, b.address, b.length) || inPrefix(b.address, a.address, a.length);
}

/** The first pool that neither a network nor the host itself uses. */
export function freePool(taken: readonly Ipv4Prefix[]): Ipv4Prefix | undefined {
  return DEFAULT_POOLS.find((pool) => !taken.some((prefix) => overlaps(pool, prefix)));
}

/** Addresses of one network: the lowest free one is handed out next. */
export class AddressPool {
  private readonly subnet: Ipv4Prefix;
  private readonly used = new Set<number>();

  constructor(subnet: Ipv4Prefix) {
    this.subnet = subnet;
  }

  get inUse(): number {
    return this.used.size;
  }

  /** Usable addresses that are free. */
  get free(): number {
    return 2 ** (32 - this.subnet.length) - 2 - this.used.size;
  }

  /** A given address, or the next one. */
  take(wanted?: Ipv4): Result<Ipv4, string> {
    const first = network(this.subnet.address, this.subnet.length) + 1;
    const last = broadcast(this.subnet.address, this.subnet.length);
    if (wanted !== undefined) {
      if (wanted < first || wanted >= last) return err("Requested address is out of range");
      if (this.used.has(wanted)) return err("Address already in use");
      this.used.add(wanted);
      return ok(wanted);
    }
    for (let address = first; address < last; address++) {
      if (this.used.has(address)) continue;
      this.used.add(address);
      return ok(ipv4(address));
    }
    return err("no available IPv4 addresses on this network's address pools");
  }

  release(address: Ipv4): void {
    this.used.delete(address);
  }
}

/** The prefix without host bits, as IPAM keeps it. */
export function subnetOf(prefix: Ipv4Prefix): Ipv4Prefix {
  return { address: network(prefix.address, prefix.length), length: prefix.length };
}

export function hasHostBits(prefix: Ipv4Prefix): boolean {
  return (prefix.address & ~mask(prefix.length)) >>> 0 !== 0;
}
