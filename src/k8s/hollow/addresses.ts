import { formatIpv4, ipv4, type Ipv4Prefix } from "../../wire/address.ts";

/** The addresses that host-local would hand out: each in its turn, the gateway's left out. */
export class NodeAddresses {
  private readonly taken = new Set<number>();
  private readonly first: number;
  private readonly last: number;
  private latest: number;

  constructor(range: Ipv4Prefix) {
    this.first = range.address + 2;
    this.last = range.address + 2 ** (32 - range.length) - 2;
    this.latest = this.first - 1;
  }

  /** Undefined when all are taken. */
  take(): string | undefined {
    for (let n = this.last - this.first + 1; n > 0; n--) {
      this.latest = this.latest >= this.last ? this.first : this.latest + 1;
      if (this.taken.has(this.latest)) continue;
      this.taken.add(this.latest);
      return formatIpv4(ipv4(this.latest));
    }
    return undefined;
  }

  release(address: number): void {
    this.taken.delete(address);
  }
}
