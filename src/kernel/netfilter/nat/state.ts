import type { Conntrack } from "../conntrack/entry.ts";
import { IPS_SRC_NAT_DONE } from "../conntrack/entry.ts";
import type { Key } from "../conntrack/tuple.ts";

/** Which flows go out from one source address and port: they share a mapping. Models: nf_nat_bysource. */
export class NatState {
  private readonly sources = new Map<number, Conntrack[]>();

  remember(ct: Conntrack): void {
    const at = hash(ct.original.src, ct.original.sport, ct.protocol);
    const known = this.sources.get(at);
    if (known === undefined) this.sources.set(at, [ct]);
    else known.unshift(ct);
  }

  forget(ct: Conntrack): void {
    if ((ct.status & IPS_SRC_NAT_DONE) === 0) return;
    const at = hash(ct.original.src, ct.original.sport, ct.protocol);
    const known = this.sources.get(at);
    if (known === undefined) return;
    const i = known.indexOf(ct);
    if (i < 0) return;
    if (known.length === 1) this.sources.delete(at);
    else known.splice(i, 1);
  }

  /** A confirmed flow of the same source, if any. Models: find_appropriate_src. */
  bySource(key: Key): Conntrack | undefined {
    return this.sources
      .get(hash(key.src, key.sport, key.protocol))
      ?.find(
        (ct) =>
          ct.confirmed &&
          ct.original.src === key.src &&
          ct.original.sport === key.sport &&
          ct.protocol === key.protocol &&
          ct.family === key.family &&
          ct.zone === key.zone,
      );
  }
}

function hash(src: number, sport: number, protocol: number): number {
  return (Math.imul(src ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul((sport << 8) | protocol, 0xc2b2ae35)) >>> 0;
}
