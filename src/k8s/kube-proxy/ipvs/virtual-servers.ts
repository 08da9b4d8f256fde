import { ok, type Result } from "../../../base/result.ts";
import type { IpvsDestinationInfo, IpvsKey, NetApi } from "../../../kernel/uapi/index.ts";
import { addTime, type Nanos, seconds } from "../../../sim/time.ts";
import type { Protocol } from "../service-port.ts";
import type { VirtualServer } from "./service-objects.ts";

/** How often servers that are to go are looked at: rsCheckDeleteInterval. */
const CHECK_EVERY = seconds(60);

interface Leaving {
  readonly key: IpvsKey;
  readonly protocol: Protocol;
  readonly server: string;
}

/** Keeps virtual servers and the servers behind them. Models: syncService, syncEndpoint, graceful_termination.go. */
export class VirtualServers {
  private readonly net: NetApi;
  private written = new Map<string, VirtualServer>();
  /** Servers that get no new connection and go when their last one has ended, by `service server`. */
  private readonly leaving = new Map<string, Leaving>();
  private checkAt: Nanos | undefined;

  constructor(net: NetApi) {
    this.net = net;
  }

  get due(): Nanos | undefined {
    return this.checkAt;
  }

  sync(wanted: Map<string, VirtualServer>, now: Nanos): Result<void, string> {
    for (const [name, server] of wanted) {
      const done = this.syncServer(name, server, now);
      if (!done.ok) return done;
    }
    for (const [name, { spec }] of this.written) {
      if (wanted.has(name)) continue;
      this.net.ipvs.deleteService(spec.key);
      for (const id of this.leaving.keys()) if (id.startsWith(`${name} `)) this.leaving.delete(id);
    }
    this.written = wanted;
    if (this.checkAt !== undefined && now >= this.checkAt) this.check(now);
    return ok();
  }

  private syncServer(name: string, wanted: VirtualServer, now: Nanos): Result<void, string> {
    const { ipvs } = this.net;
    const { spec, servers } = wanted;
    const before = this.written.get(name);
    if (before === undefined) {
      const made = ipvs.addService(spec);
      if (!made.ok && made.error.errno !== "EEXIST")
        return { ok: false, error: `add virtual server ${name}: ${made.error.errno}` };
      if (!made.ok) ipvs.editService(spec);
    } else if (JSON.stringify(before.spec) !== JSON.stringify(spec)) ipvs.editService(spec);
    for (const [id, { address, port }] of servers) {
      if (before?.servers.has(id) === true) continue;
      // One that comes back while it is leaving is made anew.
      if (this.leaving.delete(`${name} ${id}`)) ipvs.deleteDestination(spec.key, address, port);
      const made = ipvs.addDestination(spec.key, { address, port, forward: "masq", weight: 1 });
      if (!made.ok && made.error.errno !== "EEXIST")
        return { ok: false, error: `add real server ${id}: ${made.error.errno}` };
    }
    for (const id of before?.servers.keys() ?? [])
      if (!servers.has(id)) this.leave(name, { key: spec.key, protocol: wanted.protocol, server: id }, now);
    return ok();
  }

  private find({ key, server }: Leaving): IpvsDestinationInfo | undefined {
    const text = JSON.stringify(key);
    const service = this.net.ipvs.list().find((one) => JSON.stringify(one.key) === text);
    return service?.destinations.find(({ address, port }) => `${address}:${port}` === server);
  }

  /** Gone at once when nobody is connected, and for UDP and SCTP; otherwise it only finishes what it has. */
  private leave(name: string, leaving: Leaving, now: Nanos): void {
    const found = this.find(leaving);
    if (found === undefined || this.remove(leaving, found)) return;
    this.net.ipvs.editDestination(leaving.key, { ...found, weight: 0 });
    this.leaving.set(`${name} ${leaving.server}`, leaving);
    this.checkAt ??= addTime(now, CHECK_EVERY);
  }

  private remove({ key, protocol }: Leaving, found: IpvsDestinationInfo): boolean {
    if (protocol === "TCP" && found.active + found.inactive > 0) return false;
    this.net.ipvs.deleteDestination(key, found.address, found.port);
    return true;
  }

  private check(now: Nanos): void {
    for (const [id, leaving] of this.leaving) {
      const found = this.find(leaving);
      if (found === undefined || this.remove(leaving, found)) this.leaving.delete(id);
    }
    this.checkAt = this.leaving.size > 0 ? addTime(now, CHECK_EVERY) : undefined;
  }
}
