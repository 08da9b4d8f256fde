import type { Nanos } from "../../../sim/time.ts";
import { NANOS_PER_SECOND } from "../../../sim/time.ts";
import type { Endpoint } from "../endpoint.ts";

interface Stuck {
  readonly endpoint: Endpoint;
  readonly used: Nanos;
}

/** Whose turn it is, and who stays with whom. Models: pkg/proxy/userspace/roundrobin.go. */
export class LoadBalancer {
  private endpoints: readonly Endpoint[] = [];
  private index = 0;
  private readonly affinity = new Map<string, Stuck>();
  /** Seconds that a client stays with its server; 0 for none. */
  private readonly stickySeconds: number;

  constructor(stickySeconds: number) {
    this.stickySeconds = stickySeconds;
  }

  /** Clients of servers that are gone get another one. */
  update(endpoints: readonly Endpoint[]): void {
    if (JSON.stringify(this.endpoints) === JSON.stringify(endpoints)) return;
    this.endpoints = endpoints;
    this.index = 0;
    for (const [client, { endpoint }] of this.affinity) {
      const there = endpoints.some((e) => e.address === endpoint.address && e.port === endpoint.port);
      if (!there) this.affinity.delete(client);
    }
  }

  /** The next server for a client; `reset` when the one it stayed with did not answer. */
  next(client: string, now: Nanos, reset: boolean): Endpoint | undefined {
    const stuck = this.affinity.get(client);
    const fresh = stuck !== undefined && now - stuck.used < this.stickySeconds * NANOS_PER_SECOND;
    if (stuck !== undefined && fresh && !reset) {
      this.affinity.set(client, { endpoint: stuck.endpoint, used: now });
      return stuck.endpoint;
    }
    const endpoint = this.endpoints[this.index % Math.max(this.endpoints.length, 1)];
    if (endpoint === undefined) return undefined;
    this.index = (this.index + 1) % this.endpoints.length;
    if (this.stickySeconds > 0) this.affinity.set(client, { endpoint, used: now });
    return endpoint;
  }
}
